from django.urls import path

from .views import calendars, copying, editions, faces, imports, rounds

app_name = "awards"
urlpatterns = [
    path("rounds/", rounds.rounds, name="rounds"),
    path("rounds/new/", rounds.choose_edition, name="choose_edition"),
    path("rounds/new/<slug:scheme>/<str:edition>/", rounds.open_round, name="open_round"),
    path("rounds/<uuid:public_id>/", rounds.round_overview, name="round"),
    path("rounds/<uuid:public_id>/draft/", rounds.round_draft, name="round_draft"),
    path("rounds/<uuid:public_id>/criteria/", rounds.round_criteria, name="round_criteria"),
    path("rounds/<uuid:public_id>/values/", rounds.round_values, name="round_values"),
    path("rounds/<uuid:public_id>/values/set/", rounds.set_value, name="set_value"),
    path("rounds/<uuid:public_id>/dates/", rounds.round_dates, name="round_dates"),
    path("rounds/<uuid:public_id>/copy/", copying.copy_round, name="copy_round"),
    path("editions/", editions.editions, name="editions"),
    path("editions/import/", editions.import_edition, name="import_edition"),
    path("editions/keys/", editions.edition_keys, name="edition_keys"),
    path("editions/drafts/<uuid:public_id>/", editions.edition_draft, name="edition_draft"),
    path("editions/drafts/<uuid:public_id>/text/", editions.edition_draft_text, name="edition_draft_text"),
    path("editions/drafts/<uuid:public_id>/preview/", editions.edition_draft_preview, name="edition_draft_preview"),
    path("editions/drafts/<uuid:public_id>/changes/", editions.edition_draft_changes, name="edition_draft_changes"),
    path("editions/drafts/<uuid:public_id>/publish/", editions.publish_edition, name="publish_edition"),
    path("editions/<slug:scheme>/<str:edition>/", editions.edition, name="edition"),
    path("editions/<slug:scheme>/<str:edition>/text/", editions.edition_text, name="edition_text"),
    path("editions/<slug:scheme>/<str:edition>/changes/", editions.edition_changes, name="edition_changes"),
    path("editions/<slug:scheme>/<str:edition>/revise/", editions.revise_edition, name="revise_edition"),
    path("schemes/<slug:scheme>/face/", faces.face, name="face"),
    path("calendar/", calendars.calendar, name="calendar"),
    path("calendar/import/", calendars.import_calendar, name="import_calendar"),
    path("calendar/<int:year>/", calendars.calendar_year, name="calendar_year"),
    path("imports/", imports.imports, name="imports"),
    path("imports/awards/", imports.import_awards, name="import_awards"),
    path("imports/awards/<slug:scheme>/template.xlsx", imports.awards_template, name="awards_template"),
    path("imports/awards/<uuid:public_id>/", imports.register_preview, name="register_import"),
    path("imports/listed/", imports.import_listed, name="import_listed"),
]
