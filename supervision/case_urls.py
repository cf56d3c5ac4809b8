"""Addresses of cases, discipline and the supervising department's desk."""

from django.urls import path

from .views import case_public, cases, discipline, oversight, own_cases

CASE_PATHS = [
    path("awards/<uuid:public_id>/report/", case_public.report, name="report_award"),
    path("receipts/<str:secret>/", case_public.receipt, name="case_receipt"),
    path("receipts/<str:secret>/reply.pdf", case_public.reply_paper, name="case_reply"),
    path("cases/", cases.cases, name="cases"),
    path("cases/new/<slug:kind>/<uuid:public_id>/", cases.new_case, name="new_case"),
    path("cases/<uuid:public_id>/", cases.case, name="case"),
    path("cases/<uuid:public_id>/contact/", cases.contact, name="case_contact"),
    path("cases/<uuid:public_id>/scan/", cases.decision_scan, name="case_scan"),
    path("cases/<uuid:public_id>/evidence/<uuid:line>/", cases.evidence_file, name="case_evidence"),
    path("cases/<uuid:public_id>/<slug:step>/", cases.act, name="act_on_case"),
    path("recoveries/<uuid:public_id>/", cases.recover, name="settle_recovery"),
    path("own-cases/", own_cases.own_cases, name="own_cases"),
    path("own-cases/<uuid:public_id>/", own_cases.own_case, name="own_case"),
    path("own-cases/<uuid:public_id>/statement-file/", own_cases.own_statement, name="own_statement"),
    path("own-cases/<uuid:public_id>/<slug:step>/", own_cases.own_act, name="own_act"),
    path("discipline/", discipline.discipline_cases, name="discipline_cases"),
    path("discipline/new/<slug:scheme>/", discipline.report, name="report_person"),
    path("discipline/<uuid:public_id>/", discipline.discipline_case, name="discipline_case"),
    path("discipline/<uuid:public_id>/file/", discipline.discipline_file, name="discipline_file"),
    path("discipline/<uuid:public_id>/<slug:step>/", discipline.act, name="act_on_discipline"),
    path("oversight/", oversight.oversight, name="oversight"),
    path("oversight/<uuid:public_id>/draw/", oversight.draw, name="draw_spot_check"),
    path("oversight/<uuid:public_id>/export/<slug:wanted>/", oversight.export_log, name="export_log"),
    path("oversight/<uuid:public_id>/<slug:section>/", oversight.watched, name="watched"),
    path("spot-checks/<uuid:public_id>/", oversight.spot_check, name="spot_check"),
    path("advice/", oversight.advice_list, name="advice_list"),
    path("advice/new/<slug:scheme>/", oversight.new_advice, name="new_advice"),
    path("advice/<uuid:public_id>/", oversight.advice, name="advice"),
]
