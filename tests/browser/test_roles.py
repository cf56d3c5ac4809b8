"""The pages of the desks, role by role, in a real browser: axe, widths, large text, and that nothing leads nowhere."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse

from applications.models import Application
from applications.pipeline import State
from award_portal.lib import clock
from awards.models import Round
from organizations.models import User
from reviews.models import Assignment
from reviews.sessions import schedule_session
from tests.applications.desk_builders import build_desks
from tests.factories import make_round, make_unit, make_user
from tests.reviews.panel_builders import build_review, score

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("calendars")]


@pytest.fixture(autouse=True)
def frozen():
    with clock.frozen(clock.at(date(2026, 3, 2), 9)) as stood:
        yield stood


@pytest.fixture
def look(open_page, axe_faults):
    """Every page at 390, and at 1280 in large text: no fault, nothing wider than the page."""

    def look_at(user: User | None, visits: dict[str, str]) -> None:
        faults = []
        for width, large in ((390, False), (1280, True)):
            page = open_page(user=user, width=width, large_text=large)
            for name, where in visits.items():
                answer = page.goto(where)
                assert answer.status == 200, where
                faults += [f"{name} {width}: {fault}" for fault in axe_faults(page)]
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    faults.append(f"{name} {width}: wider than the page")
                if folder := os.environ.get("PORTAL_SHOTS"):
                    page.screenshot(path=Path(folder) / f"role-{name}-{width}.png", full_page=True)
        assert faults == []

    return look_at


def application_at(name: str, application: Application, *args: object) -> str:
    return reverse(f"applications:{name}", args=[application.public_id, *args])


def test_the_recommender_the_office_and_the_department(look) -> None:
    desks = build_desks()
    here = desks.application()
    ready = desks.application(State.QUALIFICATION)
    desks.consult_and_clear(ready, State.QUALIFICATION, desks.officer)
    letter = desks.round.consultations.get()
    look(desks.examiner, {
        "recommendation_desk": reverse("applications:recommendation_desk"),
        "examine": application_at("examine", here),
        "dossier": application_at("dossier", here),
        "opinion": reverse("applications:opinion"),
    })  # fmt: skip
    look(desks.officer, {
        "office": reverse("applications:office"),
        "qualification": application_at("examine", ready),
        "consultations": reverse("applications:consultations"),
        "new_letters": reverse("applications:new_letters"),
        "return": application_at("return_application", ready),
        "refuse": application_at("refuse", ready),
    })  # fmt: skip
    look(desks.tax_clerk, {
        "consulted_desk": reverse("applications:consulted_desk"),
        "consulted_letter": reverse("applications:consulted_letter", args=[letter.public_id]),
    })  # fmt: skip


def test_the_expert_and_the_office_that_organises_the_review(look) -> None:
    review = build_review(applications=2, stage=State.DEFENSE)
    panel = review.panel()
    review.assigned(panel)
    first, second = review.applications
    for one in review.readers(first):
        score(one)
    session = schedule_session(
        panel, applications=[first], starts_at=clock.at(clock.today() + timedelta(days=3), 9), place="三楼会议室",
        by=review.officer, at=clock.now(),
    )  # fmt: skip
    own = Assignment.objects.filter(application=second, expert=review.readers(second)[0].expert).get()
    look(own.expert.user, {
        "mine": reverse("reviews:mine"),
        "sheet": reverse("reviews:sheet", args=[own.public_id]),
        "recuse": reverse("reviews:recuse_self", args=[own.public_id]),
    })  # fmt: skip
    look(panel.chair.user, {"minutes": reverse("reviews:session", args=[session.public_id])})
    look(first.created_by, {
        "overview": first.get_absolute_url(),
        "ask_recusal": reverse("reviews:ask_recusal", args=[first.public_id]),
    })  # fmt: skip
    look(review.officer, {
        "board": reverse("reviews:panels"),
        "panel": reverse("reviews:panel", args=[panel.public_id]),
        "panel_opinion": reverse("reviews:opinion", args=[panel.public_id, first.public_id]),
        "cut": reverse("reviews:cut", args=[panel.public_id]),
        "expert": reverse("reviews:expert", args=[panel.chair.public_id]),
    })  # fmt: skip


def test_the_administrator_and_who_prepares_a_round(look) -> None:
    round = make_round()
    Round.objects.filter(pk=round.pk).update(published_at=None)
    officer = make_user(round.office)
    look(officer, {
        "rounds": reverse("awards:rounds"),
        "round": reverse("awards:round", args=[round.public_id]),
        "criteria": reverse("awards:round_criteria", args=[round.public_id]),
        "choose_edition": reverse("awards:choose_edition"),
    })  # fmt: skip
    administrator, unit = make_user(), make_unit("recommender", district="天山区")
    User.objects.filter(pk=administrator.pk).update(is_staff=True)
    clerk = make_user(unit)
    look(User.objects.get(pk=administrator.pk), {
        "units": reverse("organizations:units"),
        "unit": reverse("organizations:unit", args=[unit.public_id]),
        "new_unit": reverse("organizations:new_unit"),
        "end_place": reverse("organizations:end_place", args=[unit.public_id, clerk.public_id]),
        "people": reverse("organizations:people"),
        "person": reverse("organizations:person", args=[clerk.public_id]),
        "account": reverse("organizations:account"),
        "calendar": reverse("awards:calendar"),
    })  # fmt: skip
    link = reverse("organizations:set_password", args=[clerk.public_id, default_token_generator.make_token(clerk)])
    look(None, {"set_password": link, "sign_in": reverse("organizations:sign_in")})
