from django.urls import path

from .views import (
    approvals,
    balloting,
    criteria,
    cutting,
    drawing,
    experts,
    hearing,
    integrity,
    lists,
    meetings,
    packs,
    panels,
    recounting,
    recusal,
    reporting,
    scoring,
    sessions,
    visiting,
    visits,
)

app_name = "reviews"

# experts, meetings, panels, sheets, cuts, sessions, the report
panel_urls = [
    path("mine/", scoring.mine, name="mine"),
    path("mine/<uuid:assignment_id>/", scoring.sheet, name="sheet"),
    path("mine/<uuid:assignment_id>/autosave/", scoring.autosave, name="autosave"),
    path("mine/<uuid:assignment_id>/recuse/", recusal.recuse_self, name="recuse_self"),
    path("experts/", experts.experts, name="experts"),
    path("experts/<uuid:expert_id>/", experts.expert, name="expert"),
    path("criteria/<uuid:round_id>/", criteria.criteria, name="criteria"),
    path("criteria/versions/<uuid:version_id>/", criteria.criteria_version, name="criteria_version"),
    path("panels/", panels.panels, name="panels"),
    path("panels/new/<uuid:round_id>/<slug:stage>/", panels.new_panel, name="new_panel"),
    path("panels/recusals/", recusal.recusals, name="recusals"),
    path("panels/recusals/<uuid:recusal_id>/", recusal.decide, name="decide_recusal"),
    path("panels/recusals/<uuid:recusal_id>/proof/", recusal.recusal_proof, name="recusal_proof"),
    path("panels/reports/<uuid:round_id>/", reporting.report, name="report"),
    path("panels/reports/<uuid:round_id>/autosave/", reporting.report_autosave, name="report_autosave"),
    path("panels/reports/<uuid:round_id>/preview/", reporting.report_preview, name="report_preview"),
    path("panels/sessions/<uuid:session_id>/", sessions.session, name="session"),
    path("panels/sessions/<uuid:session_id>/print/", sessions.session_print, name="session_print"),
    path("panels/sessions/<uuid:session_id>/seat/", hearing.session_seat, name="session_seat"),
    path("panels/sessions/materials/<uuid:material_id>/", hearing.session_material, name="session_material"),
    path("panels/sessions/register/<uuid:round_id>/", sessions.sessions_export, name="sessions_export"),
    path("panels/calendar/<uuid:round_id>/", visits.review_calendar, name="calendar"),
    path("panels/visits/register/<uuid:round_id>/", visits.visits_export, name="visits_export"),
    path("panels/assignments/<uuid:assignment_id>/recuse/", recusal.recuse_by_order, name="recuse_by_order"),
    path("panels/assignments/<uuid:assignment_id>/move/", drawing.move, name="move_reader"),
    path("panels/<uuid:panel_id>/", panels.panel, name="panel"),
    path("panels/<uuid:panel_id>/draws/<uuid:draw_id>/", drawing.draw, name="draw"),
    path("panels/<uuid:panel_id>/members/<uuid:expert_id>/replace/", drawing.replace, name="replace_member"),
    path("panels/<uuid:panel_id>/sessions/", sessions.sessions, name="sessions"),
    path("panels/<uuid:panel_id>/cut/", cutting.cut, name="cut"),
    path("panels/<uuid:panel_id>/opinions/<uuid:public_id>/", panels.opinion, name="opinion"),
    path("panels/<uuid:panel_id>/visits/", visits.visits, name="visits"),
    path("applications/<uuid:public_id>/recusal/", recusal.ask, name="ask_recusal"),
    path("applications/<uuid:public_id>/session/", hearing.own_session, name="own_session"),
]

# the on-site visits, and the form that goes from the applicant straight to the supervising unit
visit_urls = [
    path("visits/<uuid:visit_id>/", visiting.visit, name="visit"),
    path("visits/<uuid:visit_id>/programme/", visits.programme, name="visit_programme"),
    path("visits/<uuid:visit_id>/print/", visiting.site_print, name="site_print"),
    path("visits/<uuid:visit_id>/record/", visiting.visit_record, name="visit_record"),
    path("visits/findings/<uuid:finding_id>/", visiting.finding, name="visit_finding"),
    path("visits/photos/<uuid:photo_id>/", visiting.visit_photo, name="visit_photo"),
    path("applications/<uuid:public_id>/visit/", visits.own_visit, name="own_visit"),
    path("applications/<uuid:public_id>/visit/record/", visits.own_record, name="own_visit_record"),
    path("applications/<uuid:public_id>/integrity/<slug:stage>/", integrity.integrity_form, name="integrity_form"),
    path("integrity/", integrity.integrity_list, name="integrity_list"),
    path("integrity/<uuid:feedback_id>/", integrity.integrity_feedback, name="integrity_feedback"),
]

# the leading body's meetings and ballots, the government's decision
meeting_urls = [
    path("meetings/", meetings.meetings, name="meetings"),
    path("meetings/new/<uuid:round_id>/", meetings.convene, name="convene"),
    path("meetings/ballots/<uuid:ballot_id>/", balloting.paper, name="paper"),
    path("meetings/ballots/<uuid:ballot_id>/close/", balloting.ballot_closing, name="ballot_closing"),
    path("meetings/ballots/<uuid:ballot_id>/void/", balloting.ballot_voiding, name="ballot_voiding"),
    path("meetings/<uuid:meeting_id>/", meetings.meeting, name="meeting"),
    path("meetings/<uuid:meeting_id>/ballots.json", recounting.ballots_json, name="ballots_json"),
    path("meetings/<uuid:meeting_id>/attendance/", meetings.attendance, name="attendance"),
    path("meetings/<uuid:meeting_id>/recusal/", meetings.member_recusal, name="member_recusal"),
    path("meetings/<uuid:meeting_id>/decision/", meetings.decision, name="decision"),
    path("meetings/<uuid:meeting_id>/open/<slug:tier>/", balloting.ballot_opening, name="ballot_opening"),
    path("meetings/<uuid:meeting_id>/proposal/", lists.proposal, name="proposal"),
    path("meetings/<uuid:meeting_id>/resolution/", lists.resolution, name="resolution"),
    path("meetings/<uuid:meeting_id>/ranking/", lists.ranking, name="ranking"),
    path("meetings/<uuid:meeting_id>/roll-call/<slug:tier>/", lists.roll_call, name="roll_call"),
    path("approvals/", approvals.approvals, name="approvals"),
    path("approvals/rounds/<uuid:round_id>/", approvals.approve, name="approve"),
    path("approvals/<uuid:approval_id>/", approvals.approval, name="approval"),
]

# the office's papers of the whole review: 方案, 请示, 告知书, 会议材料, and the registers
pack_urls = [
    path("packs/<uuid:round_id>/", packs.packs, name="packs"),
    path("packs/<uuid:round_id>/plan/", packs.work_plan, name="work_plan"),
    path("packs/meetings/<uuid:meeting_id>/", packs.meeting_materials, name="meeting_materials"),
    path("packs/draws/<uuid:panel_id>/", packs.draws, name="draws"),
    path("packs/experts/", packs.experts_export, name="experts_export"),
]

urlpatterns = [*pack_urls, *panel_urls, *visit_urls, *meeting_urls]
