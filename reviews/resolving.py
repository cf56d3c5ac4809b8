"""审议通过: the office proposes a list, the meeting passes, amends or rejects it name by name (B15)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from applications.desk_rules import DeskRefused
from applications.gates import Blocker
from applications.models import Application
from awards.rulebook import Rulebook
from organizations import evidence
from organizations.models import User

from .lists import (
    Candidate,
    Hands,
    candidates_before,
    hands_refusals,
    is_carried,
    list_refusals,
    require_in_session,
    require_list_mode,
    write_hands,
)
from .meetings import bases_of, lock_meeting
from .member_conflicts import refuse_unrecused
from .models import ListLine, Meeting
from .tiers import standing


@dataclass(frozen=True)
class Resolved:
    """What the meeting resolved on one name: its tier (blank 不列入), why where it departs, the hands if any."""

    tier: str
    ground: str = ""
    hands: Hands | None = None


@transaction.atomic
def propose_list(
    meeting: Meeting, *, tiers: Mapping[int, str], reasons: Mapping[int, str], by: User, at: datetime
) -> list[ListLine]:
    """The proposed list (B15): application pk → tier for every name that waits, blank 不列入; a reason for each that
    departs from the order of the scores. Proposed again it replaces what was proposed, and is resolved anew.
    """
    meeting = lock_meeting(meeting, by=by)
    book = require_list_mode(meeting, "resolution")
    candidates = candidates_before(meeting)
    refused = _proposal_refusals(book, meeting, candidates, tiers, reasons)
    if refused:
        raise DeskRefused(refused)
    meeting.lines.all().delete()
    lines = ListLine.objects.bulk_create(
        ListLine(
            meeting=meeting, application=one.application, rank=one.rank, percent=one.percent,
            proposed_tier=tiers[one.pk], is_tied=one.is_tied, outside_quota=tiers[one.pk] in one.repeats,
            reason=reasons.get(one.pk, "").strip()[:300] if departs(one, tiers[one.pk]) else "",
        )
        for one in candidates
    )  # fmt: skip
    _record(meeting, "propose", by=by, at=at, listed=sum(1 for one in lines if one.proposed_tier))
    return lines


def departs(one: Candidate, tier: str) -> bool:
    """Whether a tier is not the one the score suggests."""
    return tier != one.tier


def _proposal_refusals(
    book: Rulebook, meeting: Meeting, candidates: list[Candidate], tiers: Mapping[int, str], reasons: Mapping[int, str]
) -> list[Blocker]:
    ground = book.ground(book.decision.mode)
    if not candidates:
        return [Blocker(f"没有待审议的{book.noun}。", ground)]
    if set(tiers) != {one.pk for one in candidates}:
        return [Blocker("待审议的名单已有变化，请刷新后核对再保存；已填写的内容仍在本页。", ground)]
    found = [
        Blocker(f"{one.application.organization}的拟列等次与得分排序不一致，请写明理由。", ground)
        for one in candidates
        if departs(one, tiers[one.pk]) and not reasons.get(one.pk, "").strip()
    ]
    return found + list_refusals(meeting, candidates, tiers)


@transaction.atomic
def record_resolution(
    meeting: Meeting, *, results: Mapping[int, Resolved], by: User, at: datetime
) -> list[ListLine]:  # fmt: skip
    """What the meeting resolved on every name of the proposed list (application pk → result), all or nothing.

    Passed as proposed, for another tier, or not at all, the latter two with their ground. Hands are optional; given,
    they add up to the members present less those recused for the name, and carry what is recorded.
    """
    meeting = lock_meeting(meeting, by=by)
    book = require_list_mode(meeting, "resolution")
    require_in_session(meeting)
    here = {one.pk for one in standing(meeting)}
    # who withdrew since the list was proposed is no longer on it
    meeting.lines.exclude(application__in=here).delete()
    lines = list(meeting.lines.select_related("application__organization"))
    if not lines:
        raise DeskRefused.because("请先拟订名单，再登记审议结果。", book.ground(book.decision.mode))
    candidates = [one for one in candidates_before(meeting) if one.pk in {line.application_id for line in lines}]
    refuse_unrecused(meeting, [line.application for line in lines])
    bases = bases_of(meeting, [line.application for line in lines])
    refused = _resolution_refusals(book, meeting, candidates, lines, results, bases)
    if refused:
        raise DeskRefused(refused)
    repeats = {one.pk: one.repeats for one in candidates}
    for line in lines:
        result = results[line.application_id]
        line.tier, line.is_decided, line.base = result.tier, True, bases[line.application_id]
        line.outside_quota = result.tier in repeats[line.application_id]
        line.ground = result.ground.strip()[:300] if result.tier != line.proposed_tier else ""
        write_hands(line, result.hands)
        line.save()
    _record(meeting, "resolve", by=by, at=at, listed=sum(1 for one in lines if one.tier))
    return lines


def _resolution_refusals(
    book: Rulebook, meeting: Meeting, candidates: list[Candidate], lines: list[ListLine],
    results: Mapping[int, Resolved], bases: Mapping[int, int],
) -> list[Blocker]:  # fmt: skip
    ground = book.ground(book.decision.mode)
    if set(results) != {line.application_id for line in lines}:
        return [Blocker("拟订名单已有变化，请刷新后核对再登记；已填写的内容仍在本页。", ground)]
    found = []
    for line in lines:
        result, base = results[line.application_id], bases[line.application_id]
        name = line.application
        if result.tier != line.proposed_tier and not result.ground.strip():
            found.append(Blocker(f"{name.organization}的审议结果与拟订名单不一致，请写明理由。", ground))
        if not base:
            found.append(Blocker(f"到会成员对{name.organization}全部回避，不能就其审议。", book.recusal_ground))
        if result.hands is not None:
            found += hands_refusals(book, name, result.hands, base) or _outcome_refusals(book, line, result, base)
    return found + list_refusals(meeting, candidates, {pk: one.tier for pk, one in results.items()})


def _outcome_refusals(book: Rulebook, line: ListLine, result: Resolved, base: int) -> list[Blocker]:
    """The hands were raised on listing the name: they carry whoever is listed, and nobody who is left off."""
    assert result.hands is not None
    carried, rule = is_carried(book, result.hands, base), book.decision.majority
    name: Application = line.application
    if result.tier and not carried:
        text = f"{name.organization}：同意{result.hands.votes_for}人，未超过{base}人的{rule.value}，不能列入名单。"
        return [Blocker(text, book.ground(rule))]
    if carried and line.proposed_tier and not result.tier:
        text = f"{name.organization}：同意{result.hands.votes_for}人，已超过{base}人的{rule.value}，不能登记为不列入。"
        return [Blocker(text, book.ground(rule))]
    return []


def _record(meeting: Meeting, verb: str, *, by: User, at: datetime, listed: int) -> None:
    evidence.record(
        f"meeting.{verb}", chain=meeting.round.chain, by=by, subject=f"meeting:{meeting.public_id}", at=at,
        data={"listed": listed},
    )  # fmt: skip
