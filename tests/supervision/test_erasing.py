"""Personal data goes at the end of its term: on a second person's word, value by value, with a proof (PIPL 19, 47)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from award_portal.lib import clock
from award_portal.lib.sealed import ERASED, is_erased, sealed_fields, unseal
from awards.models import Round
from objections.models import Objection
from objections.models.files import ObjectionFile
from objections.pipeline import State
from organizations.models import AuditRecord, OnceKey, StoredFile
from supervision.erasing import (
    ErasureRefused,
    approve_erasure,
    carry_out_erasures,
    decline_erasure,
    propose_erasure,
    set_term,
    standing_of,
    what_still_stands,
)
from supervision.holdings import HOLDINGS
from supervision.models import Erasure
from tests.factories import make_user
from tests.objections.builders import SECRETS, make_case

CLOSED_ON = date(2026, 11, 30)


@pytest.fixture
def case(frozen, calendars, db):
    """An objection of a round closed on 2026-11-30, looked at on 2026-12-01."""
    case = make_case()
    case.objection = case.object_to()
    case.second = make_user(case.round.office)
    Objection.objects.update(state=State.TOLD)
    Round.objects.filter(pk=case.round.pk).update(closed_at=clock.at(CLOSED_ON))
    frozen.travel_to(clock.at(date(2026, 12, 1), 9))
    return case


def due(case) -> dict[str, int]:
    return {one.holding.key: one.due for one in standing_of(case.round.scheme.key, at=clock.now()) if one.due}


def proposed(case, *holdings: str) -> Erasure:
    keys = holdings or ("objector", "objector_papers")
    return propose_erasure(case.round.office, keys, by=case.officer, at=clock.now())


def five_years_on(frozen) -> None:
    frozen.travel_to(clock.at(date(2031, 12, 1), 9))


def test_nothing_is_due_before_its_term_is_over(case, frozen) -> None:
    assert due(case) == {}
    frozen.travel_to(clock.at(date(2031, 11, 30)))
    assert "objector" not in due(case)
    frozen.travel_to(clock.at(date(2031, 12, 1)))
    assert due(case)["objector"] == 1
    assert due(case)["objector_papers"] == ObjectionFile.objects.filter(tells_identity=True).count() == 2


def test_an_objection_not_yet_answered_keeps_its_objector(case, frozen) -> None:
    Objection.objects.update(state=State.DECIDED)
    five_years_on(frozen)
    assert "objector" not in due(case)


def test_what_is_agreed_to_is_erased_and_the_rest_of_the_case_stays(
    case, frozen, django_capture_on_commit_callbacks
) -> None:
    five_years_on(frozen)
    names = [one.file.content.name for one in ObjectionFile.objects.filter(tells_identity=True)]
    storage = StoredFile._meta.get_field("content").storage
    assert all(storage.exists(one) for one in names)
    erasure = approve_erasure(proposed(case), by=case.second, at=clock.now())
    with django_capture_on_commit_callbacks(execute=True):
        assert carry_out_erasures(clock.now()) == 4
    kept = Objection.objects.get()
    assert is_erased(kept, "identity")
    assert unseal(kept, "identity") == ""
    assert kept.text
    assert not any(storage.exists(one) for one in names)
    evidence = ObjectionFile.objects.get(tells_identity=False)
    assert storage.exists(evidence.file.content.name)
    erasure.refresh_from_db()
    assert erasure.document.title == "个人信息到期清除清册"
    assert what_still_stands(erasure) == []
    assert carry_out_erasures(clock.now()) == 0
    told = str(list(AuditRecord.objects.values_list("data", flat=True))) + str(erasure.document.content)
    assert not [one for one in SECRETS if one in told]


def test_whoever_drew_up_the_list_cannot_agree_to_it(case, frozen) -> None:
    five_years_on(frozen)
    erasure = proposed(case)
    with pytest.raises(ErasureRefused, match="提出人以外"):
        approve_erasure(erasure, by=case.officer, at=clock.now())
    with pytest.raises(ErasureRefused, match="提出人以外"):
        approve_erasure(erasure, by=case.applicant, at=clock.now())
    with pytest.raises(ErasureRefused, match="等待批准"):
        proposed(case)
    approve_erasure(erasure, by=case.supervisor, at=clock.now())


def test_a_list_sent_back_erases_nothing_and_says_why(case, frozen) -> None:
    five_years_on(frozen)
    erasure = proposed(case)
    with pytest.raises(ErasureRefused, match="理由"):
        decline_erasure(erasure, because=" ", by=case.second, at=clock.now())
    decline_erasure(erasure, because="案件尚在诉讼", by=case.second, at=clock.now())
    assert carry_out_erasures(clock.now()) == 0
    assert not is_erased(Objection.objects.get(), "identity")


def test_a_case_reopened_after_the_agreement_keeps_its_objector(case, frozen) -> None:
    five_years_on(frozen)
    erasure = approve_erasure(proposed(case), by=case.second, at=clock.now())
    Objection.objects.update(state=State.INVESTIGATING)
    carry_out_erasures(clock.now())
    assert not is_erased(Objection.objects.get(), "identity")
    assert {one.kept_because for one in erasure.items.all()} == {"批准后情况有变，已不符合清除条件"}
    assert Erasure.objects.get().done_at is not None


def test_stopped_in_the_middle_the_next_sweep_goes_on(case, frozen, monkeypatch) -> None:
    from supervision import erasing

    five_years_on(frozen)
    erasure = approve_erasure(proposed(case), by=case.second, at=clock.now())
    real, calls = erasing._settle, []

    def killed(pk, terms, *, at):
        if calls:
            raise KeyboardInterrupt
        calls.append(pk)
        return real(pk, terms, at=at)

    monkeypatch.setattr(erasing, "_settle", killed)
    with pytest.raises(KeyboardInterrupt):
        carry_out_erasures(clock.now())
    assert erasure.items.exclude(erased_at=None).count() == 1
    monkeypatch.setattr(erasing, "_settle", real)
    assert carry_out_erasures(clock.now()) == 3


def test_a_term_is_changed_with_a_reason_and_holds_at_once(case, frozen) -> None:
    frozen.travel_to(clock.at(CLOSED_ON) + timedelta(days=366))
    with pytest.raises(ErasureRefused, match="最短时间"):
        set_term(case.round.office, "objector", years=1, reason="", by=case.officer, at=clock.now())
    set_term(case.round.office, "objector", years=1, reason="本市没有诉讼（虚构）", by=case.officer, at=clock.now())
    assert due(case)["objector"] == 1


def test_the_check_names_what_came_back(case, frozen) -> None:
    five_years_on(frozen)
    erasure = approve_erasure(proposed(case, "objector"), by=case.second, at=clock.now())
    token = Objection.objects.get().identity
    carry_out_erasures(clock.now())
    Objection.objects.update(identity=token)
    assert [one.holding for one in what_still_stands(erasure)] == ["objector"]
    Objection.objects.update(identity=ERASED)
    assert what_still_stands(erasure) == []


def test_every_sealed_column_has_its_term() -> None:
    """A kind of personal data nobody set a term for would be kept for ever; a form's key lives three days."""
    held = {(one.due("", clock.at(date(2026, 1, 1))).model, one.field) for one in HOLDINGS if one.field}
    sealed = {(one.model, one.name) for one in sealed_fields() if one.model is not OnceKey}
    assert held == sealed


def test_the_pages_lead_from_what_is_due_to_the_proof(case, frozen, client) -> None:
    five_years_on(frozen)
    client.force_login(case.officer)
    url = reverse("supervision:erasures")
    page = client.get(url)
    assert "异议人信息" in page.content.decode()
    assert "请至少选择一种" in client.post(url, {"unit": case.round.office.public_id}).content.decode()
    answer = client.post(url, {"unit": case.round.office.public_id, "holdings": ["objector"]})
    erasure = Erasure.objects.get()
    assert answer.url == erasure.get_absolute_url()
    assert client.post(answer.url, {"answer": "approve"}).status_code == 422
    client.force_login(case.second)
    assert client.post(answer.url, {"answer": "approve"}).status_code == 302
    carry_out_erasures(clock.now())
    shown = client.get(answer.url).content.decode()
    assert "清册所列已清除的内容均已不在" in shown
    assert Objection.objects.get().number in shown
