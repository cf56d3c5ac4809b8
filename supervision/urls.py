from django.urls import path

from .views import allocation, archives, bonus, bonus_uses, duties, erasures, sharing

app_name = "supervision"
urlpatterns = [
    path("archives/", archives.archive_rounds, name="archive_rounds"),
    path("archives/<uuid:public_id>/", archives.archive, name="archive"),
    path("rounds/<uuid:public_id>/archives/", archives.archives, name="archives"),
    path("erasures/", erasures.erasures, name="erasures"),
    path("erasures/<uuid:public_id>/", erasures.erasure, name="erasure"),
    path("erasures/<uuid:unit_id>/terms/<slug:holding>/", erasures.term, name="retention_term"),
    path("honours/", sharing.honours, name="honours"),
    path("honours/<uuid:public_id>/share/", sharing.share, name="share"),
    path("honours/<uuid:public_id>/duties/", duties.award_duties, name="award_duties"),
    path("honours/<uuid:public_id>/bonus/", bonus_uses.own_bonus, name="own_bonus"),
    path("bonus-uses/<uuid:public_id>/", bonus_uses.bonus_use, name="bonus_use"),
    path("bonus-uses/<uuid:public_id>/review/", bonus_uses.use_review, name="use_review"),
    path("bonus-uses/<uuid:public_id>/lines/<uuid:line_id>/", bonus_uses.use_line, name="use_line"),
    path("bonus/<uuid:public_id>/", bonus.bonus, name="bonus"),
    path("bonus/<uuid:public_id>/facts/", bonus.establish, name="establish"),
    path("bonus/<uuid:public_id>/payments/", bonus.pay, name="pay"),
    path("bonus/<uuid:public_id>/inspections/", bonus.inspect, name="inspect"),
    path("bonus/<uuid:public_id>/clawbacks/", bonus.claw_back, name="claw_back"),
    path("bonus/<uuid:public_id>/files/<uuid:file_id>/", bonus.bonus_file, name="bonus_file"),
    path("bonus-payments/<uuid:public_id>/", bonus.payment, name="payment"),
    path("bonus-inspections/<uuid:public_id>/", bonus.close, name="close_inspection"),
    path("bonus-clawbacks/<uuid:public_id>/", bonus.returned, name="clawback_return"),
    path("duties/", duties.duties, name="duties"),
    path("yearly-reports/<uuid:public_id>/", duties.yearly_report, name="yearly_report"),
    path("yearly-reports/<uuid:public_id>/attach/", duties.report_attach, name="report_attach"),
    path("yearly-reports/<uuid:public_id>/review/", duties.report_review, name="report_review"),
    path("yearly-reports/<uuid:public_id>/files/<uuid:file_id>/", duties.report_file, name="report_file"),
    path("allocations/<uuid:round_id>/", allocation.allocation, name="allocation"),
    path("records/", sharing.records, name="records"),
    path("records/<uuid:public_id>/", sharing.record, name="record"),
    path("records/<uuid:public_id>/proof/", sharing.proof, name="proof"),
]
