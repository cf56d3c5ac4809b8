"""Erasing personal data at the end of its term: a list drawn up, agreed to by a second person, carried out, proven.

As records are destroyed at any authority: an opinion, an approval by somebody else, a list, and a witness. What is gone
is the text and the bytes; the list, its digests and the evidence stay, and anyone of the office can check the list
against the rows again (`what_still_stands`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Model

from applications.rules import works_in
from award_portal.lib import clock
from award_portal.lib.sealed import ERASED
from award_portal.lib.sweeping import Sweeper, register
from awards.workdays import date_zh
from awards.years import add_years
from documents.issuing import issue_document
from organizations import evidence
from organizations.files import erase_stored
from organizations.messages import people_of, send_message
from organizations.models import StoredFile, Unit, User

from .holdings import BY_KEY, HOLDINGS, Holding
from .models import Erasure, ErasureItem, RetentionTerm

TITLE = "个人信息到期清除清册"
LONGEST_TERM = 30


class ErasureRefused(Exception):
    """A step of an erasure that cannot be taken; the text is for people."""


@dataclass(frozen=True)
class Standing:
    """One holding with its term and how much of it is due."""

    holding: Holding
    years: int
    reason: str
    is_default: bool
    due: int


def terms_of(scheme_key: str) -> dict[str, RetentionTerm]:
    """The terms an office set, by holding; those it did not set are the portal's own."""
    found: dict[str, RetentionTerm] = {}
    for one in RetentionTerm.objects.filter(scheme_key=scheme_key).select_related("set_by"):
        found.setdefault(one.holding, one)
    return found


def standing_of(scheme_key: str, *, at: datetime) -> list[Standing]:
    """Every holding with what is due of it now."""
    terms = terms_of(scheme_key)
    return [
        Standing(
            one, terms[one.key].years if one.key in terms else one.years,
            terms[one.key].reason if one.key in terms else one.reason, one.key not in terms,
            _due(one, scheme_key, terms, at).count(),
        )
        for one in HOLDINGS
    ]  # fmt: skip


@transaction.atomic
def set_term(office: Unit, holding: str, *, years: int, reason: str, by: User, at: datetime) -> RetentionTerm:
    """Another term for a holding, with its reason; earlier lines stay."""
    _require_office(office, by)
    if holding not in BY_KEY or not 1 <= years <= LONGEST_TERM:
        raise ErasureRefused(f"保存年数应为1至{LONGEST_TERM}年的整数。")
    if not reason.strip():
        raise ErasureRefused("请写明为什么需要保存这么久：个人信息的保存期限应当为实现处理目的所必要的最短时间。")
    evidence.record(
        "retention.set", by=by, subject=f"scheme:{office.scheme_key}", at=at, data={"holding": holding, "years": years}
    )
    return RetentionTerm.objects.create(
        scheme_key=office.scheme_key, holding=holding, years=years, reason=reason.strip()[:200], set_at=at, set_by=by
    )


@transaction.atomic
def propose_erasure(office: Unit, holdings: Sequence[str], *, by: User, at: datetime) -> Erasure:
    """Draw up the list of everything due of the chosen holdings."""
    _require_office(office, by)
    if Erasure.objects.filter(scheme_key=office.scheme_key).undecided().exists():
        raise ErasureRefused("已有一份清册等待批准，处理后再提出新的清册。")
    terms = terms_of(office.scheme_key)
    rows = [
        (holding.key, row.pk, holding.subject(row)[:120])
        for holding in HOLDINGS
        if holding.key in holdings
        for row in _due(holding, office.scheme_key, terms, at).iterator(chunk_size=500)
    ]
    if not rows:
        raise ErasureRefused("所选种类没有到期的个人信息，不需要清除。")
    erasure = Erasure.objects.create(
        scheme_key=office.scheme_key, office=office, sha256=_digest(rows), proposed_at=at, proposed_by=by
    )
    ErasureItem.objects.bulk_create(
        ErasureItem(erasure=erasure, holding=key, row=pk, subject=subject) for key, pk, subject in rows
    )
    _record(erasure, "propose", by=by, at=at, items=len(rows))
    told = [one for one in people_of(office) if one != by]
    for unit in Unit.objects.active().of_scheme(office.scheme_key).of_kind("supervisor"):
        told += people_of(unit)
    send_message(
        told, subject="个人信息清除清册待批准", body=f"共{len(rows)}项。", url=erasure.get_absolute_url(), at=at
    )
    return erasure


def may_approve(erasure: Erasure, user: User) -> bool:
    """Another person of the office, or one of the supervising department."""
    units = Unit.objects.of_user(user).of_scheme(erasure.scheme_key).filter(kind__in=("office", "supervisor"))
    return user.pk != erasure.proposed_by_id and units.exists()


@transaction.atomic
def approve_erasure(erasure: Erasure, *, by: User, at: datetime) -> Erasure:
    """Agree to the list as it was drawn up; the next sweep carries it out."""
    erasure = _take(erasure, by)
    erasure.approved_at, erasure.approved_by = at, by
    erasure.save()
    _record(erasure, "approve", by=by, at=at)
    return erasure


@transaction.atomic
def decline_erasure(erasure: Erasure, *, because: str, by: User, at: datetime) -> Erasure:
    """Send the list back; nothing is erased."""
    erasure = _take(erasure, by)
    if not because.strip():
        raise ErasureRefused("请写明退回的理由。")
    erasure.declined_at, erasure.declined_by, erasure.declined_because = at, by, because.strip()[:300]
    erasure.save()
    _record(erasure, "decline", by=by, at=at)
    send_message([erasure.proposed_by], subject="个人信息清除清册被退回", url=erasure.get_absolute_url(), at=at)
    return erasure


def carry_out_erasures(at: datetime) -> int:
    """Every agreed list, value by value; stopped in the middle it goes on with the next value."""
    settled = 0
    for erasure in Erasure.objects.to_carry_out().select_related("office"):
        terms = terms_of(erasure.scheme_key)
        for pk in erasure.items.filter(erased_at=None, kept_because="").values_list("pk", flat=True):
            settled += _settle(pk, terms, at=at)
        settled += _finish(erasure, at=at)
    return settled


def what_still_stands(erasure: Erasure) -> list[ErasureItem]:
    """Items said to be erased whose text or bytes are there all the same; none is the proof."""
    items = [one for one in erasure.items.all() if one.erased_at is not None]
    left = []
    for key in {one.holding for one in items}:
        mine = {one.row: one for one in items if one.holding == key}
        for row in _model_of(BY_KEY[key])._default_manager.filter(pk__in=mine):
            if not _is_gone(row, BY_KEY[key]):
                left.append(mine[row.pk])
    return left


def _is_gone(row: Any, holding: Holding) -> bool:
    if isinstance(row, StoredFile) and not holding.field:
        return row.erased_at is not None and not row.content.storage.exists(row.content.name or "")
    return bool(getattr(row, holding.field) == ERASED)


@transaction.atomic
def _settle(pk: int, terms: dict[str, RetentionTerm], *, at: datetime) -> int:
    item = ErasureItem.objects.select_for_update(of=("self",)).select_related("erasure").get(pk=pk)
    if item.is_settled:
        return 0
    holding = BY_KEY[item.holding]
    locked = _model_of(holding)._default_manager.select_for_update(of=("self",)).get(pk=item.row)
    if not _due(holding, item.erasure.scheme_key, terms, at).filter(pk=item.row).exists():
        item.kept_because = "批准后情况有变，已不符合清除条件"
    elif isinstance(locked, StoredFile):
        item.was_sha256, item.erased_at = locked.sha256, at
        erase_stored(locked, at=at)
    else:
        token = getattr(locked, holding.field)
        item.was_sha256, item.erased_at = hashlib.sha256(token.encode()).hexdigest(), at
        type(locked)._default_manager.filter(pk=locked.pk).update(**{holding.field: ERASED})
    item.save()
    return 1


@transaction.atomic
def _finish(erasure: Erasure, *, at: datetime) -> int:
    erasure = Erasure.objects.select_for_update(of=("self",)).get(pk=erasure.pk)
    items = list(erasure.items.all())
    if erasure.done_at is not None or not all(one.is_settled for one in items):
        return 0
    erasure.done_at = at
    gone = [one for one in items if one.erased_at is not None]
    proof = _digest([(one.holding, one.row, one.was_sha256) for one in gone])
    erasure.document = issue_document(
        "erasure_list", title=TITLE, template="erasure_list.html", content=_content(erasure, items, proof, at),
        scheme_key=erasure.scheme_key, subject=f"erasure:{erasure.public_id}", issuer=erasure.office,
        by=erasure.approved_by, at=at,
    )  # fmt: skip
    erasure.save()
    _record(erasure, "carry_out", by=None, at=at, erased=len(gone), kept=len(items) - len(gone), proof=proof)
    return 1


def _content(erasure: Erasure, items: Iterable[ErasureItem], proof: str, at: datetime) -> dict[str, Any]:
    counted: dict[str, list[int]] = {}
    for one in items:
        row = counted.setdefault(one.holding, [0, 0])
        row[0 if one.erased_at else 1] += 1
    assert erasure.approved_by is not None
    assert erasure.approved_at is not None
    return {
        "title": TITLE, "issuer": erasure.office.name, "date": date_zh(clock.day_of(at)),
        "proposed_by": erasure.proposed_by.display_name, "proposed_on": date_zh(clock.day_of(erasure.proposed_at)),
        "approved_by": erasure.approved_by.display_name, "approved_on": date_zh(clock.day_of(erasure.approved_at)),
        "rows": [
            {"label": BY_KEY[key].label, "purpose": BY_KEY[key].purpose, "erased": gone, "kept": kept}
            for key, (gone, kept) in counted.items()
        ],
        "list_sha256": erasure.sha256, "proof": proof,
    }  # fmt: skip


def _due(holding: Holding, scheme_key: str, terms: dict[str, RetentionTerm], at: datetime):
    years = terms[holding.key].years if holding.key in terms else holding.years
    return holding.due(scheme_key, clock.at(add_years(clock.day_of(at), -years)))


def _model_of(holding: Holding) -> type[Model]:
    return holding.due("", clock.at(date(1970, 1, 1))).model


def _take(erasure: Erasure, by: User) -> Erasure:
    locked = Erasure.objects.select_for_update(of=("self",)).get(pk=erasure.pk)
    if not may_approve(locked, by):
        raise ErasureRefused("清册由提出人以外的办公室人员或者纪检监察机构批准。")
    if locked.approved_at or locked.declined_at:
        raise ErasureRefused("该清册已经处理，请刷新页面。")
    return locked


def _require_office(office: Unit, by: User) -> None:
    if office.kind != "office" or not works_in(by, office):
        raise ErasureRefused("个人信息到期清除由办公室提出。")


def _digest(rows: Iterable[tuple[str, int, str]]) -> str:
    return hashlib.sha256("\n".join(f"{key} {pk} {text}" for key, pk, text in rows).encode()).hexdigest()


def _record(erasure: Erasure, verb: str, *, by: User | None, at: datetime, **data: Any) -> None:
    evidence.record(
        f"erasure.{verb}", by=by, subject=f"erasure:{erasure.public_id}", at=at,
        data={"scheme": erasure.scheme_key, "list": erasure.sha256, **data},
    )  # fmt: skip


register(Sweeper("erasures", run=carry_out_erasures, next_due=lambda after: None, order=70))
