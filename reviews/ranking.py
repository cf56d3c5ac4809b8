"""按得分排序确认: the list follows from the scores; the meeting confirms it and can record no other order (Y11)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from applications.desk_rules import DeskRefused
from applications.gates import Blocker
from applications.models import Application
from awards.rulebook import Rulebook
from organizations import evidence
from organizations.models import User

from .lists import (
    Hands,
    candidates_before,
    hands_refusals,
    is_carried,
    ranking_of,
    require_in_session,
    require_list_mode,
    write_hands,
)
from .meetings import bases_of, lock_meeting
from .member_conflicts import refuse_unrecused
from .models import ListLine, Meeting
from .places import Ranking
from .tiers import standing

# tier → tied name → the show of hands on it
TierHands = Mapping[str, Mapping[int, Hands]]


@transaction.atomic
def confirm_ranking(
    meeting: Meeting,
    *,
    hands: TierHands | None = None,
    refused: Mapping[int, str] | None = None,
    by: User,
    at: datetime,
) -> list[ListLine]:
    """Confirm the list as the scores give it (Y11), for those who stand now; confirmed again it replaces the former.

    `hands` settles ties at the last place (tier → application pk → show of hands), where the rulebook has a further
    ballot; who stays equal leaves the place vacant. `refused` are repeat winners the meeting does not list
    (application pk → ground): they take no place and are decided by themselves.
    """
    hands, refused = hands or {}, refused or {}
    meeting = lock_meeting(meeting, by=by)
    book = require_list_mode(meeting, "rank")
    require_in_session(meeting)
    names = standing(meeting)
    if not names:
        raise DeskRefused.because(f"没有待审议的{book.noun}。", book.ground(book.decision.mode))
    refuse_unrecused(meeting, names)
    bases = bases_of(meeting, names)
    ranking = settled_ranking(meeting, book, names, bases, hands, refused)
    found = tie_refusals(book, names, ranking, hands, bases) + _repeat_refusals(book, meeting, refused)
    if found:
        raise DeskRefused(found)
    meeting.lines.all().delete()
    lines = []
    for one in candidates_before(meeting, ranking):
        line = ListLine(
            meeting=meeting, application=one.application, rank=one.rank, percent=one.percent, proposed_tier=one.tier,
            tier=one.tier, outside_quota=one.pk in ranking.outside, is_tied=one.is_tied, is_decided=True,
            base=bases[one.pk], ground=refused.get(one.pk, "").strip()[:300],
        )  # fmt: skip
        shown = [given[one.pk] for tier, given in hands.items() if one.pk in given and tier in ranking.tied]
        write_hands(line, shown[-1] if shown else None)
        lines.append(line)
    ListLine.objects.bulk_create(lines)
    evidence.record(
        "meeting.confirm_ranking", chain=meeting.round.chain, by=by, subject=f"meeting:{meeting.public_id}", at=at,
        data={"listed": sum(1 for one in lines if one.tier)},
    )  # fmt: skip
    return lines


def settled_ranking(
    meeting: Meeting, book: Rulebook, names: list[Application], bases: Mapping[int, int], hands: TierHands,
    refused: Mapping[int, str],
) -> Ranking:  # fmt: skip
    """The ranking with the ties settled whose names all have their hands; only what carries the majority counts."""
    votes: dict[str, dict[int, int]] = {}
    while True:
        ranking = ranking_of(meeting, votes=votes, refused=refused)
        given = hands.get(ranking.unsettled, {}) if ranking.unsettled else {}
        if not ranking.unsettled or not set(ranking.tied[ranking.unsettled]) <= set(given):
            return ranking
        tied = ranking.tied[ranking.unsettled]
        votes[ranking.unsettled] = {
            pk: given[pk].votes_for for pk in tied if is_carried(book, given[pk], bases[pk])
        }  # fmt: skip


def tie_refusals(
    book: Rulebook, names: list[Application], ranking: Ranking, hands: TierHands, bases: Mapping[int, int]
) -> list[Blocker]:
    """Ties without their show of hands, hands that do not add up, hands where there is no tie."""
    known = {one.pk: one for one in names}
    found = []
    if ranking.unsettled:
        tied = "、".join(str(known[pk].organization) for pk in sorted(ranking.tied[ranking.unsettled]))
        text = (
            f"{book.tier(ranking.unsettled).name}末位得分相同：{tied}。请就每个举手表决并登记人数，仍相同的名额空缺。"
        )
        found.append(Blocker(text, book.ground(book.decision.tie)))
    for tier, given in hands.items():
        tied_here = ranking.tied.get(tier, frozenset())
        if not set(given) <= set(tied_here) or book.decision.tie.value == "vacant":
            text = "名单按得分排序产生，只就末位得分相同的举手表决，不能登记其他顺序。"
            found.append(Blocker(text, book.ground(book.decision.mode)))
            continue
        for pk, one in given.items():
            found += hands_refusals(book, known[pk], one, bases[pk])
    return found


def _repeat_refusals(book: Rulebook, meeting: Meeting, refused: Mapping[int, str]) -> list[Blocker]:
    """Only a repeat winner can be left off, and with its ground: everybody else stands where the score puts it."""
    outside = ranking_of(meeting, settle=False).outside
    found = []
    for pk, ground in refused.items():
        if pk not in outside:
            text = "名单按得分排序产生，不能登记其他顺序；不占名额的重复获奖者方可不列入。"
            found.append(Blocker(text, book.ground(book.decision.mode)))
        elif not ground.strip():
            found.append(Blocker("重复获奖者不列入名单的，请写明理由。", book.ground(book.decision.mode)))
    return found
