from django.urls import path

from . import views

app_name = "objections"
urlpatterns = [
    path("notices/<uuid:public_id>/file/", views.file, name="file"),
    path("receipts/<str:secret>/", views.receipt, name="receipt"),
    path("notices/<uuid:public_id>/situation/", views.tell_situation, name="tell_situation"),
    path("receipts/<str:secret>/reply.pdf", views.reply_paper, name="reply_paper"),
    path("receipts/<str:secret>/letters/<uuid:letter_id>/", views.letter, name="letter"),
    path("situations/", views.situations, name="situations"),
    path("situations/receipts/<str:secret>/", views.situation_receipt, name="situation_receipt"),
    path("situations/<uuid:public_id>/", views.situation, name="situation"),
    path("situations/<uuid:public_id>/contact/", views.situation_contact, name="situation_contact"),
    path("situations/<uuid:public_id>/files/<uuid:file_id>/", views.situation_file, name="situation_file"),
    path("explanations/", views.explanations, name="explanations"),
    path("explanations/<uuid:public_id>/", views.explain, name="explain"),
    path("questions/files/<uuid:public_id>/", views.question_paper, name="question_paper"),
    path("evidence/<uuid:public_id>/", views.evidence_paper, name="evidence_paper"),
    path("openings/", views.openings, name="openings"),
    path("inquiries/", views.expert_inquiries, name="expert_inquiries"),
    path("inquiries/<uuid:public_id>/", views.expert_inquiry, name="expert_inquiry"),
    path("outcomes/", views.outstanding, name="outstanding"),
    path("outcomes/<uuid:public_id>/", views.cancellation, name="cancellation"),
    path("cases/", views.cases, name="cases"),
    path("cases/<uuid:public_id>/", views.case, name="case"),
    path("cases/<uuid:public_id>/identity/", views.identity, name="identity"),
    path("cases/<uuid:public_id>/expert/", views.order_expert, name="order_expert"),
    path("cases/<uuid:public_id>/files/<uuid:file_id>/", views.paper, name="paper"),
    path("cases/<uuid:public_id>/<slug:step>/", views.act, name="act"),
]
