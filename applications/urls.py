from django.urls import path

from .views import applicant, consents, consulted, dossier, examining, filling, listed, office, papers, recommender

app_name = "applications"

# the recommender's, the office's and the consulted departments' desks
desk_urls = [
    path("recommendation/", recommender.recommendation_desk, name="recommendation_desk"),
    path("recommendation/export.xlsx", recommender.recommendation_export, name="recommendation_export"),
    path("recommendation/summary/", recommender.recommendation_summary, name="recommendation_summary"),
    path("recommendation/credit/", recommender.credit_records, name="credit_records"),
    path("recommendation/opinion/", recommender.opinion, name="opinion"),
    path("office/", office.office, name="office"),
    path("office/qualification/", office.qualification_desk, name="qualification_desk"),
    path("office/intake/", office.intake, name="intake"),
    path("office/papers/", papers.papers, name="papers"),
    path("office/papers/<uuid:round_id>/<slug:kind>/", papers.papers_of_kind, name="papers_of_kind"),
    path("office/export.xlsx", office.office_export, name="office_export"),
    path("consultations/", consulted.consultations, name="consultations"),
    path("consultations/new/", consulted.new_letters, name="new_letters"),
    path("consultations/export/", consulted.consultations_export, name="consultations_export"),
    path("consultations/summary/<uuid:round_id>/<slug:stage>/", consulted.summary, name="consultation_summary"),
    path("consultations/<uuid:letter_id>/", consulted.consultation, name="consultation"),
    path("consultations/<uuid:letter_id>/remind/", consulted.remind_department, name="remind_department"),
    path("consultations/<uuid:letter_id>/<uuid:public_id>/note/", consulted.go_on_without, name="go_on_without"),
    path("consulted/", consulted.consulted_desk, name="consulted_desk"),
    path("consulted/<uuid:letter_id>/", consulted.consulted_letter, name="consulted_letter"),
    path("consents/", consents.consents_desk, name="consents_desk"),
    path("consents/<uuid:consent_id>/", consents.consent, name="consent"),
    path("consents/<uuid:consent_id>/paper/", consents.paper, name="consent_paper"),
    path("<uuid:public_id>/examine/consents/<slug:leg>/seek/", consents.seek, name="seek_consent"),
    path("<uuid:public_id>/examine/consents/<slug:leg>/enter/", consents.enter, name="enter_consent"),
    path("<uuid:public_id>/examine/", examining.examine, name="examine"),
    path("<uuid:public_id>/examine/checks/", examining.run_machine_checks, name="run_machine_checks"),
    path("<uuid:public_id>/examine/checklist/", examining.checklist, name="checklist"),
    path("<uuid:public_id>/examine/checklist/print/", papers.checklist_print, name="checklist_print"),
    path("<uuid:public_id>/examine/findings/<slug:check>/", examining.settle, name="settle"),
    path("<uuid:public_id>/examine/listed/", listed.listed_matches, name="listed_matches"),
    path("<uuid:public_id>/examine/credit/", examining.credit_check, name="credit_check"),
    path("<uuid:public_id>/examine/credit/<uuid:check_id>/", examining.credit_screenshot, name="credit_screenshot"),
    path("<uuid:public_id>/examine/pass/", examining.pass_on, name="pass_on"),
    path("<uuid:public_id>/examine/return/", examining.return_application, name="return_application"),
    path("<uuid:public_id>/examine/refuse/", examining.refuse, name="refuse"),
    path("<uuid:public_id>/disqualify/", office.disqualify_application, name="disqualify_application"),
    path("<uuid:public_id>/dossier/", dossier.dossier, name="dossier"),
    path("<uuid:public_id>/dossier/parts/<slug:key>/", dossier.dossier_part, name="dossier_part"),
    path("<uuid:public_id>/dossier/files/<uuid:file_id>/", dossier.dossier_file, name="dossier_file"),
    path("<uuid:public_id>/dossier/self-publicity/", dossier.self_publicity_proof, name="self_publicity_proof"),
]

# the applicant's pages
applicant_urls = [
    path("mine/", applicant.mine, name="mine"),
    path("rounds/<uuid:round_id>/", applicant.start, name="start"),
    path("<uuid:public_id>/", applicant.overview, name="overview"),
    path("<uuid:public_id>/check/", applicant.check, name="check"),
    path("<uuid:public_id>/print/", applicant.print_form, name="print"),
    path("<uuid:public_id>/compiled.pdf", applicant.compiled, name="compiled"),
    path("<uuid:public_id>/self-publicity/", applicant.publicity, name="publicity"),
    path("<uuid:public_id>/self-publicity/proof/", applicant.publicity_proof, name="publicity_proof"),
    path("<uuid:public_id>/self-publicity/revise/", applicant.revise, name="revise"),
    path("<uuid:public_id>/hand-in/", applicant.hand_in, name="hand_in"),
    path("<uuid:public_id>/withdraw/", applicant.withdraw, name="withdraw"),
    path("<uuid:public_id>/form/<slug:key>/", filling.section, name="section"),
    path("<uuid:public_id>/form/<slug:key>/autosave/", filling.autosave, name="autosave"),
    path("<uuid:public_id>/form/<slug:key>/secret/", filling.secret, name="secret"),
    path("<uuid:public_id>/attachments/<slug:key>/", filling.attach, name="attach"),
    path("<uuid:public_id>/files/<uuid:attachment_id>/remove/", filling.detach, name="detach"),
    path("<uuid:public_id>/files/<uuid:attachment_id>/", filling.own_file, name="own_file"),
]

urlpatterns = [*desk_urls, *applicant_urls]
