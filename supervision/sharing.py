"""Recording and reviewing what a winner does to share its methods (U17, U18)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from award_portal.lib import clock
from awards.models import Award
from awards.parameters import rulebook_for
from awards.workdays import date_zh
from documents.models import IssuedDocument
from organizations import evidence
from organizations.models import Claim, StoredFile, Unit, User

from .models import SharingRecord


class SharingRefused(Exception):
    """A record that cannot be filed or reviewed so; the text is for people, `field` is the one typed wrong."""

    def __init__(self, text: str, *, field: str = "") -> None:
        super().__init__(text)
        self.field = field


def awards_of(user: User) -> QuerySet[Award]:
    """The standing and past awards of the organisations the person acts for."""
    own = Claim.objects.filter(user=user, state=Claim.State.VERIFIED).values("organization")
    return Award.objects.filter(organization__in=own).select_related("scheme", "round__scheme", "round__edition")


def certificates_of(awards: Iterable[Award]) -> dict[int, list[IssuedDocument]]:
    """The certificates issued here that hold, by award, the newest first; an award of earlier years has none."""
    subjects = {f"award:{one.public_id}": one.pk for one in awards}
    papers: dict[int, list[IssuedDocument]] = {}
    for one in IssuedDocument.objects.filter(kind="certificate", subject__in=subjects, voided_at=None).order_by("-pk"):
        papers.setdefault(subjects[one.subject], []).append(one)
    return papers


def duties_of(award: Award) -> list[tuple[str, str, str]]:
    """What the winner owes under the edition it won by: (key, text, ground)."""
    if award.round is None:
        return []
    book = rulebook_for(award.round)
    return [(duty.key, duty.text, book.ground(duty)) for duty in book.supervision.duties]


def honour_rules_of(award: Award) -> list[tuple[str, bool, str]]:
    """How the honour may and may not be used (U19): (text, forbidden, ground)."""
    if award.round is None:
        return []
    book = rulebook_for(award.round)
    return [(rule.text, rule.forbidden, book.ground(rule)) for rule in book.supervision.honour_use]


@transaction.atomic
def file_sharing(
    award: Award,
    *,
    duty: str,
    held_on: date,
    title: str,
    content: str,
    audience: int,
    proof: StoredFile | None,
    by: User,
    at: datetime,
) -> SharingRecord:
    """File one activity under one of the duties; it cannot lie in the future or before the award."""
    if not awards_of(by).filter(pk=award.pk).exists():
        raise SharingRefused("只能为本组织的获奖记录填报。")
    if award.state == Award.State.REVOKED:
        raise SharingRefused("该奖励已经取消，不再填报推广交流。")
    if duty not in {key for key, _, _ in duties_of(award)}:
        raise SharingRefused("请选择对应的义务。")
    if held_on > clock.day_of(at):
        raise SharingRefused("活动日期不能晚于今天。", field="held_on")
    if held_on < award.awarded_on:
        raise SharingRefused(f"活动日期应在获奖（{date_zh(award.awarded_on)}）之后。", field="held_on")
    record = SharingRecord.objects.create(
        award=award, duty=duty, held_on=held_on, title=title, content=content, audience=audience, proof=proof,
        filed_by=by, filed_at=at,
    )  # fmt: skip
    evidence.record("sharing.file", by=by, subject=f"award:{award.public_id}", at=at, data={"duty": duty})
    return record


def may_review(record: SharingRecord, user: User) -> bool:
    """The office and the recommenders of the scheme look at it; never the winner itself (U18)."""
    units = Unit.objects.of_user(user).of_scheme(record.award.scheme.key).filter(kind__in=("office", "recommender"))
    return units.exists() and not awards_of(user).filter(pk=record.award_id).exists()


@transaction.atomic
def review_sharing(record: SharingRecord, *, note: str, by: User, at: datetime) -> SharingRecord:
    """The recommender or the office looks at a record once, with a note (U18)."""
    record = SharingRecord.objects.select_for_update(of=("self",)).get(pk=record.pk)
    if not may_review(record, by):
        raise SharingRefused("推广交流情况由行业主管部门、区（县）市场监督管理部门和办公室核实。")
    if record.reviewed_at is not None:
        raise SharingRefused("该记录已经核实。")
    if not note.strip():
        raise SharingRefused("请写明核实意见。", field="note")
    record.review_note, record.reviewed_by, record.reviewed_at = note.strip(), by, at
    record.save()
    evidence.record("sharing.review", by=by, subject=f"award:{record.award.public_id}", at=at)
    return record
