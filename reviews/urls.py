from django.urls import path

from .views import cutting, experts, panels, recusal, reporting, scoring, sessions

app_name = "reviews"

# experts, panels, sheets, cuts, sessions, the report
panel_urls = [
    path("mine/", scoring.mine, name="mine"),
    path("mine/<uuid:assignment_id>/", scoring.sheet, name="sheet"),
    path("mine/<uuid:assignment_id>/autosave/", scoring.autosave, name="autosave"),
    path("mine/<uuid:assignment_id>/recuse/", recusal.recuse_self, name="recuse_self"),
    path("experts/", experts.experts, name="experts"),
    path("experts/<uuid:expert_id>/", experts.expert, name="expert"),
    path("panels/", panels.panels, name="panels"),
    path("panels/new/<uuid:round_id>/<slug:stage>/", panels.new_panel, name="new_panel"),
    path("panels/recusals/", recusal.recusals, name="recusals"),
    path("panels/recusals/<uuid:recusal_id>/", recusal.decide, name="decide_recusal"),
    path("panels/recusals/<uuid:recusal_id>/proof/", recusal.recusal_proof, name="recusal_proof"),
    path("panels/reports/<uuid:round_id>/", reporting.report, name="report"),
    path("panels/sessions/<uuid:session_id>/", sessions.session, name="session"),
    path("panels/assignments/<uuid:assignment_id>/recuse/", recusal.recuse_by_order, name="recuse_by_order"),
    path("panels/<uuid:panel_id>/", panels.panel, name="panel"),
    path("panels/<uuid:panel_id>/sessions/", sessions.sessions, name="sessions"),
    path("panels/<uuid:panel_id>/cut/", cutting.cut, name="cut"),
    path("panels/<uuid:panel_id>/opinions/<uuid:public_id>/", panels.opinion, name="opinion"),
    path("applications/<uuid:public_id>/recusal/", recusal.ask, name="ask_recusal"),
]

urlpatterns = [*panel_urls]
