from django.urls import path

from .views import calendars, imports, rounds

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
    path("calendar/", calendars.calendar, name="calendar"),
    path("calendar/import/", calendars.import_calendar, name="import_calendar"),
    path("calendar/<int:year>/", calendars.calendar_year, name="calendar_year"),
    path("imports/", imports.imports, name="imports"),
    path("imports/awards/", imports.import_awards, name="import_awards"),
    path("imports/listed/", imports.import_listed, name="import_listed"),
]
