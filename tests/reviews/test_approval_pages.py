"""The government's decision at its pages: every name, refusals with their ground, read over, recorded once (U11.9)."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.models import Application
from applications.pipeline import State
from awards.models import Award
from reviews.deciding import carry_decision
from reviews.models import Approval, Meeting
from tests.factories import make_unit, make_user

from .meeting_builders import Deliberation, build_deliberation, clock
from .test_meeting_pages import at, said, signed_in, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def deliberation(frozen, calendars) -> Deliberation:
    """Three names for the first tier, one for the second, published without objection."""
    found = build_deliberation(applications=5, members=5)
    one = found.meeting()
    found.elect(one, "main", 5, 5, 4, 0, 0)
    found.elect(one, "nominee", 4, 0)
    carry_decision(one, by=found.officer, at=clock.now())
    Application.objects.filter(state=State.AWARD_PUBLICITY).update(state=State.APPROVAL)
    return found


def filled(deliberation: Deliberation, *, refused: dict[int, str] | None = None, **given) -> dict[str, str]:
    """The decision as a browser posts it; `refused` gives grounds by the place on the list."""
    form = {
        "meeting_number": "市政府第1次常务会议（虚构）",
        "document_number": "样政发〔2026〕1号",
        "decided_on": "2026-03-02",
    }
    for place, one in enumerate(Application.objects.filter(state=State.APPROVAL).order_by("number")):
        ground = (refused or {}).get(place)
        form[f"verdict-{one.public_id}"] = "approve" if ground is None else "refuse"
        form[f"ground-{one.public_id}"] = ground or ""
    return form | given


def test_u11_9_the_decision_is_filled_in_read_over_and_recorded(deliberation):
    government = signed_in(deliberation.clerk)
    assert "4家" in text(government.get(at("approvals")))
    url = at("approve", deliberation.round.public_id)
    page = text(government.get(url))
    assert Meeting.objects.get().minutes.title in page
    assert page.index("质量奖</td>") < page.index("质量奖提名奖</td>")
    form = filled(deliberation, refused={3: "近期发生环境违法，提请复核"})
    checked = text(government.post(url, form | {"step": "check"}))
    assert "批准的3家列入获奖名册" in checked
    assert "近期发生环境违法" in checked
    assert not Approval.objects.exists()
    result = said(government, url, form | {"step": "record"})
    assert "审定结果已登记" in result
    assert "近期发生环境违法" in result
    certificates = list(Award.objects.values_list("certificate_number", flat=True))
    assert len(certificates) == 3
    assert all(one in result for one in certificates)
    assert Approval.objects.get().commendation.title in result
    assert sorted(Application.objects.values_list("state", flat=True)) == [
        State.AWARDED, State.AWARDED, State.AWARDED, State.NOT_APPROVED, State.NOT_SELECTED,
    ]  # fmt: skip
    assert "样政发〔2026〕1号" in text(government.get(at("approvals")))


@pytest.mark.parametrize("step", ["check", "record"])
def test_a_name_is_not_refused_without_a_ground(deliberation, step):
    url = at("approve", deliberation.round.public_id)
    answer = text(signed_in(deliberation.clerk).post(url, filled(deliberation, refused={0: " "}) | {"step": step}))
    assert "不予批准的，请写明理由" in answer
    assert "样政发〔2026〕1号" in answer
    assert answer.count("checked") == 4
    assert not Approval.objects.exists()


def test_what_is_wrong_is_said_before_it_is_confirmed_and_everything_typed_is_kept(deliberation):
    url = at("approve", deliberation.round.public_id)
    form = filled(deliberation, refused={1: "保留的理由"}, decided_on="2026-03-05") | {"step": "check"}
    answer = text(signed_in(deliberation.clerk).post(url, form))
    assert "审定日期不能晚于今天" in answer
    assert "保留的理由" in answer
    assert 'value="2026-03-05"' in answer
    one = Application.objects.filter(state=State.APPROVAL).first()
    del form[f"verdict-{one.public_id}"]
    answer = text(signed_in(deliberation.clerk).post(url, form | {"document_number": ""}))
    assert "请选择批准或者不予批准" in answer
    assert "请填写这一项" in answer
    assert "保留的理由" in answer
    assert not Approval.objects.exists()


def test_an_objection_not_settled_stops_the_approval_and_keeps_what_was_typed(deliberation):
    one = Application.objects.filter(state=State.APPROVAL).order_by("number").first()
    one.holds.create(
        kind="confirmed", source="objection:x", reason="异议正在调查", steps=["approve"], placed_at=clock.now()
    )
    government, url = signed_in(deliberation.clerk), at("approve", deliberation.round.public_id)
    assert "异议正在调查" in text(government.get(url))
    answer = text(government.post(url, filled(deliberation) | {"step": "record"}))
    assert "异议正在调查，处理完毕前不能办理本步骤" in answer
    assert "样政发〔2026〕1号" in answer
    assert not Approval.objects.exists()
    assert not Award.objects.exists()


def test_a_decision_posted_twice_is_recorded_once(deliberation):
    office, url = signed_in(deliberation.officer), at("approve", deliberation.round.public_id)
    form = filled(deliberation) | {"step": "record", "form_key": str(uuid.uuid4())}
    first, second = office.post(url, form), office.post(url, form)
    assert first.status_code == 302
    assert first["Location"] == second["Location"]
    assert Approval.objects.count() == 1
    assert Award.objects.count() == 4
    # a stale tab without the key finds nothing left to decide
    assert "没有待审定的名单" in said(office, url, {"step": "record"})


def test_a_name_is_put_off_at_the_page_and_the_decisions_are_exported(deliberation):
    office, url = signed_in(deliberation.officer), at("approve", deliberation.round.public_id)
    later = Application.objects.filter(state=State.APPROVAL).order_by("number").first()
    form = filled(deliberation) | {f"verdict-{later.public_id}": "defer"}
    assert "暂缓的，请写明理由" in text(office.post(url, form | {"step": "check"}))
    form |= {f"ground-{later.public_id}": "需进一步核实（虚构）"}
    assert "暂缓的1家仍在" in text(office.post(url, form | {"step": "check"}))
    assert "需进一步核实（虚构）" in said(office, url, form | {"step": "record"})
    one = Approval.objects.get()
    for address in (at("approvals"), at("approval", one.public_id), at("meetings")):
        assert office.get(address, {"format": "xlsx"})["Content-Type"].endswith("sheet")


def test_only_the_office_and_the_government_record_and_the_supervisor_reads(deliberation):
    url = at("approve", deliberation.round.public_id)
    for user in (deliberation.members[0], make_user(make_unit("supervisor")), make_user(make_unit("recommender"))):
        assert signed_in(user).post(url, filled(deliberation) | {"step": "record"}).status_code == 404
    assert not Approval.objects.exists()
    signed_in(deliberation.officer).post(url, filled(deliberation) | {"step": "record"})
    result = at("approval", Approval.objects.get().public_id)
    assert signed_in(make_user(make_unit("supervisor"))).get(result).status_code == 200
    assert signed_in(deliberation.members[0]).get(result).status_code == 404


def test_a_page_costs_the_same_for_one_name_and_for_many(deliberation):
    waiting = list(Application.objects.filter(state=State.APPROVAL))
    Application.objects.filter(pk__in=[one.pk for one in waiting[1:]]).update(state=State.AWARD_PUBLICITY)
    government = signed_in(deliberation.clerk)

    def queries(url: str) -> int:
        government.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert government.get(url).status_code == 200
        return len(captured)

    url = at("approve", deliberation.round.public_id)
    few = queries(url)
    Application.objects.filter(state=State.AWARD_PUBLICITY).update(state=State.APPROVAL)
    assert queries(url) == few
