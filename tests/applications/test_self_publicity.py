"""The organisation's own publicity: computed dates, proof, no early end (U11.2)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from applications import self_publicity
from applications.filling import FillingRefused, save_section
from applications.models import Application
from applications.moves import StepRefused, blockers
from applications.pipeline import State
from applications.progress import latest_publicity_start
from award_portal.lib import clock
from tests.factories import fill_application, made_up_upload, make_draft, make_round, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen", "calendars")]


@pytest.fixture
def draft() -> Application:
    made = make_draft()
    fill_application(made)
    return Application.objects.get(pk=made.pk)


def begin(draft: Application):
    return self_publicity.start(draft, place="公告栏", by=draft.created_by, at=clock.now())


def prove(draft: Application, **given):
    values = {"proof": made_up_upload("照片"), "had_objections": False, "settlement": ""} | given
    return self_publicity.prove(draft, **values, by=draft.created_by, at=clock.now())


def why_not_submit(draft: Application) -> str:
    fresh = Application.objects.get(pk=draft.pk)
    return "".join(str(one) for one in blockers(fresh, "submit", by=draft.created_by, at=clock.now()))


def test_u11_2_the_day_of_posting_is_not_counted_and_the_fifth_working_day_ends_at_midnight(draft) -> None:
    own = begin(draft)
    assert (own.first_day, own.last_day, own.working_days) == (date(2026, 3, 3), date(2026, 3, 9), 5)
    assert own.ends_at == clock.at(date(2026, 3, 9), 24)


def test_u11_2_self_publicity_cannot_end_early(draft, frozen) -> None:
    own = begin(draft)
    prove(draft)
    frozen.travel_to(own.ends_at - timedelta(seconds=1))
    assert "内部公示至2026年3月9日24:00止" in why_not_submit(draft)
    assert "第十一条第（二）项" in why_not_submit(draft)
    frozen.travel_to(own.ends_at)
    assert why_not_submit(draft) == ""


def test_u11_2_submitting_waits_for_the_proof_and_the_word_on_objections(draft, frozen) -> None:
    own = begin(draft)
    frozen.travel_to(own.ends_at)
    told = why_not_submit(draft)
    assert "尚未上传内部公示的照片或者截图" in told
    assert "请填写公示期间有无异议" in told


def test_u11_2_an_objection_is_told_with_its_settlement(draft) -> None:
    begin(draft)
    with pytest.raises(FillingRefused, match=r"有异议的，请写明异议内容和处理情况.*第十一条第（二）项"):
        prove(draft, had_objections=True, settlement=" ")
    assert draft.self_publicities.get().proof_id is None
    own = prove(draft, had_objections=True, settlement="职工询问获奖情况，已当面说明")
    assert own.had_objections is True


def test_the_answers_are_frozen_while_it_runs_and_open_again_when_it_is_given_up(draft) -> None:
    begin(draft)
    version = draft.answers.get(section="overview").version
    with pytest.raises(FillingRefused, match="现处于“组织内部公示”，材料不能修改"):
        save_section(draft, "overview", {"model": "改"}, version=version, by=draft.created_by, at=clock.now())
    self_publicity.revise(draft, by=draft.created_by, at=clock.now())
    save_section(draft, "overview", {"model": "改"}, version=version, by=draft.created_by, at=clock.now())
    assert draft.self_publicities.get().abandoned_at == clock.now()
    assert "尚未在本组织内部公示" in why_not_submit(draft)


def test_a_publicity_given_up_does_not_shorten_the_next(draft, frozen) -> None:
    begin(draft)
    frozen.travel_to(clock.at(date(2026, 3, 10), 9))
    self_publicity.revise(draft, by=draft.created_by, at=clock.now())
    own = begin(draft)
    assert own.last_day == date(2026, 3, 17)
    assert "2026年3月17日24:00止" in why_not_submit(draft)


def test_an_incomplete_form_is_not_put_on_publicity() -> None:
    draft = make_draft()
    with pytest.raises(StepRefused, match="尚未填写"):
        begin(draft)
    assert Application.objects.get(pk=draft.pk).state == State.DRAFT


def test_the_place_is_asked_for(draft) -> None:
    with pytest.raises(FillingRefused, match="请写明在本组织内部公示的地点和方式"):
        self_publicity.start(draft, place=" ", by=draft.created_by, at=clock.now())


def test_only_who_acts_for_the_organisation_proves_it(draft) -> None:
    begin(draft)
    with pytest.raises(FillingRefused, match="授权书尚未核验通过"):
        self_publicity.prove(
            draft, proof=None, had_objections=False, settlement="", by=make_user(), at=clock.now()
        )  # fmt: skip


def test_the_last_day_to_begin_still_runs_out_inside_the_window() -> None:
    draft = make_draft(make_round(closes_at=clock.at(date(2026, 3, 31), 18)))
    last = latest_publicity_start(draft)
    assert last == date(2026, 3, 23)
    window = self_publicity.propose_window(draft, at=clock.at(last, 9))
    assert window.ends_at <= draft.round.closes_at
    later = self_publicity.propose_window(draft, at=clock.at(last + timedelta(days=1), 9))
    assert later.ends_at > draft.round.closes_at
