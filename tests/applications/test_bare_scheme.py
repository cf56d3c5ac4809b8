"""A scheme with no publicity but the award's and no defense: every desk's pages without a word of what it lacks."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Application
from applications.pipeline import State
from applications.recommending import clear_review
from award_portal.lib import clock
from awards.criteria import record_approval
from awards.parameters import confirm_all
from awards.rounds import confirm_draft, prepare_round, set_dates
from awards.schemes import load_scheme
from publicity.call import publish_call
from tests.changed_schemes import bare, changed
from tests.factories import fill_application, make_draft, make_round, make_unit, make_user

from .desk_builders import build_desks

pytestmark = pytest.mark.django_db
FOREIGN = ("内部公示", "推荐公示", "受理名单公示", "陈述答辩")


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def read(client: Client, name: str, *args) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200, (name, answer.status_code)
    text = answer.content.decode()
    assert [word for word in FOREIGN if word in text] == [], name
    return text


@pytest.fixture
def draft(frozen, calendars) -> Application:
    one = make_draft(make_round(edition_text=changed(bare)))
    fill_application(one, recommender=make_unit("recommender", recommender_key="district_regulator"))
    return Application.objects.get(pk=one.pk)


def test_the_applicant_hands_in_straight_from_the_draft(draft):
    applicant = signed_in(draft.created_by)
    for page in ("overview", "check", "hand_in", "print"):
        read(applicant, f"applications:{page}", draft.public_id)
    assert applicant.get(reverse("applications:publicity", args=[draft.public_id])).status_code == 404
    answer = applicant.post(reverse("applications:hand_in", args=[draft.public_id]))
    assert answer.status_code == 302
    assert Application.objects.get(pk=draft.pk).state == State.RECOMMENDATION_REVIEW
    read(applicant, "applications:overview", draft.public_id)
    assert applicant.get(reverse("applications:compiled", args=[draft.public_id])).status_code in (200, 202, 302)


def test_the_recommender_reviews_and_recommends_without_a_list(frozen, calendars):
    desks = build_desks(changed(bare))
    application = desks.application()
    recommender = signed_in(desks.examiner)
    read(recommender, "applications:recommendation_desk")
    read(recommender, "applications:examine", application.public_id)
    desks.ready_to_pass(application)
    read(recommender, "applications:pass_on", application.public_id)
    clear_review(application, by=desks.examiner, at=clock.now())
    assert Application.objects.get(pk=application.pk).state == State.RECOMMENDATION
    read(recommender, "applications:opinion")
    told = recommender.get(reverse("publicity:open_publicity"))
    assert told.status_code == 403, "there is no list for this recommender to publish"
    answer = recommender.post(
        reverse("applications:opinion"),
        {"applications": [str(application.public_id)], "opinion": "同意推荐（虚构）。", "publicity_result": ""},
    )
    assert answer.status_code == 302
    assert Application.objects.get(pk=application.pk).state == State.QUALIFICATION


def test_the_office_accepts_straight_into_review(frozen, calendars):
    desks = build_desks(changed(bare))
    application = desks.application(State.QUALIFICATION)
    office = signed_in(desks.officer)
    read(office, "applications:qualification_desk")
    read(office, "applications:office")
    read(office, "applications:examine", application.public_id)
    desks.ready_to_pass(application, State.QUALIFICATION)
    read(office, "applications:pass_on", application.public_id)
    assert office.post(reverse("applications:pass_on", args=[application.public_id])).status_code == 302
    assert Application.objects.get(pk=application.pk).state == State.DOCUMENT_REVIEW
    read(office, "publicity:open_publicity")
    read(signed_in(desks.applicant_of(application)), "applications:overview", application.public_id)


def test_the_public_pages_tell_only_what_the_scheme_has(frozen, calendars):
    now, office = clock.now(), make_unit("office")
    officer = make_user(office)
    edition = load_scheme(changed(bare), at=now)
    round = prepare_round(edition, office=office, year=2026, ordinal=1, title="2026年样例奖", by=officer, at=now)
    confirm_all(round, by=officer, at=now)
    confirm_draft(round, by=officer, at=now)
    dates = {"opens_at": clock.at(date(2026, 3, 9)), "closes_at": clock.at(date(2026, 4, 10), 24)}
    set_dates(round, **dates, recommendation_due_on=date(2026, 5, 15), by=officer, at=now)
    record_approval(round, meeting="第1次会议（虚构）", approved_on=date(2026, 2, 10), by=officer, at=now)
    publish_call(round, by=officer, at=now)
    anybody = Client()
    for page in ("home", "publicity:calls", "publicity:notices", "publicity:how_to_object", "publicity:about"):
        read(anybody, page)
    read(anybody, "publicity:call", round.public_id)
