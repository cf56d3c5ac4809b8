"""Criteria drawn up by the office for one round: edited as a draft, approved by the leading body, then used (U5).

Only what was approved is used. Once readers have their sheets nothing of a stage's criteria changes; once the call is
out, the items applicants assess themselves by stay the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from applications.desk_rules import DeskRefused
from applications.gates import Blocker
from applications.rules import works_for
from awards.criteria import is_outline, put_in_force, stages_of, unapproved
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rulebook import Rubric, Rulebook, RulebookInvalid, canonical
from awards.rulebook.rubric_library import content_of, shipped_rubrics
from awards.schemes import rulebook_of
from organizations import evidence
from organizations.messages import send_message
from organizations.models import Membership, User

from .models import Assignment, CriteriaVersion
from .panels import require_office

State = CriteriaVersion.State
ON_SCREEN = "审议机构在线审定"


@dataclass(frozen=True)
class CriteriaRow:
    """One rubric of a round: what is used now, whether it is approved, and the version being worked on."""

    rubric: Rubric
    stages: list[str]
    is_approved: bool
    refusal: str
    versions: list[CriteriaVersion]

    @property
    def unfinished(self) -> CriteriaVersion | None:
        return next((one for one in self.versions if one.state != State.APPROVED), None)


def criteria_of(round: Round) -> list[CriteriaRow]:
    """Every rubric of the round's rulebook with its versions, newest first."""
    book = rulebook_for(round)
    versions = list(CriteriaVersion.objects.filter(round=round).order_by("-number"))
    waiting = {one.key for one in unapproved(round, book.rubrics)}
    return [
        CriteriaRow(
            rubric=one, stages=[book.label(state) for state in stages_of(book, one.key)],
            is_approved=one.key not in waiting, refusal=change_refusal(round, one.key),
            versions=[each for each in versions if each.rubric == one.key],
        )
        for one in book.rubrics
    ]  # fmt: skip


def change_refusal(round: Round, key: str) -> str:
    """Why these criteria cannot change any more, or nothing."""
    given = Assignment.objects.filter(panel__round=round, panel__stage__in=stages_of(rulebook_for(round), key))
    return "评分表已经发出，评价标准不再变更。" if given.exists() else ""


def bases_for(round: Round, key: str) -> list[tuple[str, str]]:
    """What a new version may start from: what is used now, the edition's, or a shipped rubric for the same subjects."""
    subjects = set(rulebook_for(round).rubric(key).subjects)
    shipped = [
        (f"{one.key}@{one.version}", f"{one.title}（{one.version}版）")
        for one, _ in shipped_rubrics()
        if set(one.subjects) == subjects
    ]
    return [("", "现行内容"), ("edition", "规则文件的内容"), *shipped]


@transaction.atomic
def begin_version(round: Round, key: str, *, base: str = "", by: User, at: datetime) -> CriteriaVersion:
    """A draft of the next version, from what is used now, from the edition, or from a shipped rubric."""
    require_office(round, by)
    Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    book = rulebook_for(round)
    if key not in {one.key for one in book.rubrics} or base not in dict(bases_for(round, key)):
        raise DeskRefused.because("没有这一项评价标准或者底稿。页面可能已过时，请刷新后再办。")
    if refusal := change_refusal(round, key):
        raise DeskRefused.because(refusal, book.ground(book.rubric(key)))
    earlier = CriteriaVersion.objects.filter(round=round, rubric=key)
    if earlier.unfinished().exists():
        raise DeskRefused.because("已有一版正在起草或者待审定，请先办结。", book.ground(book.rubric(key)))
    former = _content(book, key)
    content = former if not base else _content(rulebook_of(round.edition), key)
    if base and base != "edition":
        kept = {name: former[name] for name in ("key", "title", "cite", "assumed", "approval", "categories", "subjects")
                if name in former}  # fmt: skip
        content = content_of(base) | kept
    return CriteriaVersion.objects.create(
        round=round, rubric=key, number=earlier.count() + 1, content=content, former=former,
        base=dict(bases_for(round, key))[base], made_at=at, made_by=by, saved_at=at,
    )  # fmt: skip


def _content(book: Rulebook, key: str) -> dict[str, Any]:
    return next(one for one in book.plain_data()["rubrics"] if one["key"] == key)


@transaction.atomic
def save_version(
    version: CriteriaVersion, *, content: Mapping[str, Any], note: str, by: User, at: datetime, seen: int | None = None
) -> CriteriaVersion:
    """Keep what was typed, right or not; a returned version is a draft again."""
    version = _locked(version, by=by)
    if version.state not in (State.DRAFT, State.RETURNED):
        raise DeskRefused.because(f"本版{version.get_state_display()}，不能修改。")
    if seen is not None and seen != version.version:
        raise DeskRefused.because("本版刚在别处保存过。您填写的内容仍在本页，请核对后再保存。")
    version.content = {**version.content, **content}
    version.note, version.saved_at, version.state = note.strip()[:2000], at, State.DRAFT
    version.version += 1
    version.save()
    return version


def faults_in(version: CriteriaVersion) -> list[str]:
    """Everything wrong with a draft, in Chinese: points that do not sum, words missing, items that may not change."""
    round, key = version.round, version.rubric
    try:
        book = _with(round, version.content)
    except RulebookInvalid as invalid:
        return [_said(one.path, one.message_zh) for one in invalid.errors]
    found = []
    if round.published_at is not None and is_outline(book, key):
        before = [one["key"] for one in version.former["items"]]
        if [one.key for one in book.rubric(key).items] != before:
            found.append("申报通知已经发布，申报者按现有评分项撰写自评报告，评分项不得增减或者调整次序。")
        if book.rubric(key).total.value != version.former["total"]["value"]:
            found.append("申报通知已经发布，总分不得变更。")
    return found


def _with(round: Round, content: dict[str, Any]) -> Rulebook:
    return rulebook_for(round).with_parameters({f"rubrics.{content['key']}": content})


def _said(path: str, message: str) -> str:
    _, _, where = path.partition(".")
    return f"{where.partition('.')[2]}：{message}" if "." in where else message


@transaction.atomic
def submit_version(version: CriteriaVersion, *, by: User, at: datetime) -> CriteriaVersion:
    """Put a draft without faults before the leading body; its members are told."""
    version = _locked(version, by=by)
    book = rulebook_for(version.round)
    cite = book.ground(book.rubric(version.rubric))
    if version.state != State.DRAFT:
        raise DeskRefused.because(f"本版{version.get_state_display()}，不能提请审定。", cite)
    found = [one for one in (change_refusal(version.round, version.rubric), *faults_in(version)) if one]
    if found:
        raise DeskRefused([Blocker(one, cite) for one in found])
    version.state, version.submitted_at, version.submitted_by = State.SUBMITTED, at, by
    version.sha256 = hashlib.sha256(canonical(version.content).encode()).hexdigest()
    version.save()
    _record("criteria.submit", version, by=by, at=at)
    members = Membership.objects.current().filter(unit__scheme_key=version.round.scheme.key, unit__kind="leading_body")
    send_message(
        [one.user for one in members.select_related("user")],
        subject=f"{version.round.title}评价标准提请审定",
        url=reverse("reviews:criteria_version", args=[version.public_id]), at=at,
    )  # fmt: skip
    return version


@transaction.atomic
def approve_version(
    version: CriteriaVersion, *, approval: str, approved_on: date, by: User, at: datetime
) -> CriteriaVersion:
    """The leading body approves: on the screen by its own desk, or recorded by the office with meeting or number.

    From now on the round's rules read this content, and no other.
    """
    version, book, cite = _before_the_leading_body(version, by=by)
    if change := change_refusal(version.round, version.rubric):
        raise DeskRefused.because(f"{change}本版不能再审定。", cite)
    if works_for(by, version.round.scheme.key, "leading_body"):
        approval = approval.strip() or ON_SCREEN
    if not approval.strip():
        raise DeskRefused.because("请填写审定的会议或者文号。", cite)
    if approved_on > at.date():
        raise DeskRefused.because("审定日期不能晚于今天。", cite)
    if found := faults_in(version):
        raise DeskRefused([Blocker(one, cite) for one in found])
    version.state, version.decided_at, version.decided_by = State.APPROVED, at, by
    version.approval, version.approved_on = approval.strip()[:120], approved_on
    version.save()
    ground = f"{book.bodies.leading_body.short}审定：{version.approval}（第{version.number}版）"
    put_in_force(version.round, version.content, ground=ground, by=by, at=at)
    _record("criteria.approve", version, by=by, at=at, approval=version.approval, approved_on=approved_on.isoformat())
    _tell_office(version, "已审定", at=at)
    return version


@transaction.atomic
def return_version(version: CriteriaVersion, *, reason: str, by: User, at: datetime) -> CriteriaVersion:
    """Not approved as it stands: back to the office with the reason."""
    version, _, cite = _before_the_leading_body(version, by=by)
    if not reason.strip():
        raise DeskRefused.because("请填写退回修改的理由。", cite)
    version.state, version.decided_at, version.decided_by = State.RETURNED, at, by
    version.returned_because = reason.strip()[:500]
    version.save()
    _record("criteria.return", version, by=by, at=at)
    _tell_office(version, "退回修改", at=at)
    return version


def _before_the_leading_body(version: CriteriaVersion, *, by: User) -> tuple[CriteriaVersion, Rulebook, str]:
    book = rulebook_for(version.round)
    cite = book.ground(book.rubric(version.rubric).approval or book.rubric(version.rubric))
    if not works_for(by, version.round.scheme.key, "leading_body"):
        require_office(version.round, by)
    version = _locked(version)
    if version.state != State.SUBMITTED:
        raise DeskRefused.because(f"本版{version.get_state_display()}，不在审定中。", cite)
    return version, book, cite


def _locked(version: CriteriaVersion, *, by: User | None = None) -> CriteriaVersion:
    """The version under its round's lock; with `by`, at the office's desk only."""
    if by is not None:
        require_office(version.round, by)
    Round.objects.select_for_update(of=("self",)).get(pk=version.round_id)
    return CriteriaVersion.objects.with_round().select_for_update(of=("self",)).get(pk=version.pk)


def _tell_office(version: CriteriaVersion, word: str, *, at: datetime) -> None:
    office = Membership.objects.current().filter(unit=version.round.office).select_related("user")
    url = reverse("reviews:criteria_version", args=[version.public_id])
    send_message([one.user for one in office], subject=f"{version.round.title}评价标准{word}", url=url, at=at)


def _record(verb: str, version: CriteriaVersion, *, by: User, at: datetime, **more: str) -> None:
    evidence.record(
        verb, chain=version.round.chain, by=by, subject=f"criteria:{version.public_id}", at=at,
        data={"rubric": version.rubric, "number": version.number, "sha256": version.sha256, **more},
    )  # fmt: skip
