from django.urls import path

from . import views

app_name = "objections"
urlpatterns = [
    path("notices/<uuid:public_id>/file/", views.file, name="file"),
    path("receipts/<str:secret>/", views.receipt, name="receipt"),
    path("receipts/<str:secret>/reply.pdf", views.reply_paper, name="reply_paper"),
    path("explanations/", views.explanations, name="explanations"),
    path("explanations/<uuid:public_id>/", views.explain, name="explain"),
    path("cases/", views.cases, name="cases"),
    path("cases/<uuid:public_id>/", views.case, name="case"),
    path("cases/<uuid:public_id>/identity/", views.identity, name="identity"),
    path("cases/<uuid:public_id>/answer/", views.answer_paper, name="answer_paper"),
    path("cases/<uuid:public_id>/files/<uuid:file_id>/", views.paper, name="paper"),
    path("cases/<uuid:public_id>/<slug:step>/", views.act, name="act"),
]
