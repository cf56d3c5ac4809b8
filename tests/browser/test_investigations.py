"""The investigation desk and what a finding leaves to do, in a real browser: axe, a phone, large text."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from award_portal.lib import clock
from objections import explaining, handling
from objections.evidence_register import add_fact
from objections.identity import open_identity
from objections.outcomes import decide
from tests.changed_schemes import changed
from tests.factories import make_unit, make_user
from tests.objections.builders import POSITIVE, make_case
from tests.objections.test_handling import FINDING
from tests.objections.test_investigating import QUESTION, REPORT, ask, enter, expert_of, investigating, pledged
from tests.objections.test_outcomes import the_body_cancels
from tests.publicity.builders import at

from .test_meetings import look

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("calendars")]


@pytest.fixture
def frozen():
    with clock.frozen(clock.at(date(2026, 3, 4), 9)) as stood:
        yield stood


def test_every_page_of_an_investigation_is_axe_clean(frozen, calendars, open_page, axe_faults) -> None:
    with clock.frozen(at(3, 2)):
        case = make_case("award_publicity", edition_text=changed(the_body_cancels))
        make_user(make_unit("leading_body"))
        objection = case.object_to(condition=POSITIVE)
    objection = handling.forward(objection, by=case.officer, at=at(3, 3))
    objection = investigating.begin_investigation(objection, by=case.clerk, at=at(3, 3))
    first = ask(case, objection, QUESTION)
    explaining.explain(first, text="未发生过质量事故，附台账。", by=case.applicant, at=at(3, 4))
    ask(case, objection, "请提供2025年全年检验报告。")
    add_fact(objection, text="2025年台账完整。", evidence=[enter(case, objection)], by=case.clerk, at=at(3, 4))
    expert_of(case)
    inquiry = pledged(case, objection)
    open_identity(objection, ground="电话核对事项", by=case.officer, at=at(3, 4))
    page = objection.get_absolute_url()
    look(open_page, axe_faults, case.clerk, {"case": page}, "investigator")
    look(open_page, axe_faults, inquiry.expert.user, {
        "inquiries": reverse("objections:expert_inquiries"), "inquiry": inquiry.get_absolute_url(),
    }, "expert")  # fmt: skip
    ours = {"overview": reverse("applications:overview", args=[case.application.public_id])}
    look(open_page, axe_faults, case.applicant, ours, "held")
    order = {"order": reverse("objections:order_expert", args=[objection.public_id])}
    look(open_page, axe_faults, case.officer, order, "office")
    objection = investigating.report(objection, text=REPORT, by=case.clerk, at=at(3, 4))
    look(open_page, axe_faults, case.officer, {"reported": page}, "office")
    objection = decide(objection, finding="upheld", text=FINDING, by=case.officer, at=at(3, 4))
    look(open_page, axe_faults, case.officer, {
        "decided": page, "outstanding": reverse("objections:outstanding"),
        "cancellation": reverse("objections:cancellation", args=[objection.outcomes.get().public_id]),
        "openings": reverse("objections:openings"), "desk": reverse("applications:office"),
    }, "office")  # fmt: skip
