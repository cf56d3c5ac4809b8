"""空缺: the places of a tier a meeting gave to nobody, each with its reason, on record with the decision (U4, Y11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from applications.desk_rules import DeskRefused
from applications.gates import Blocker
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook, Tier

from .candidacy import floors_of, list_above
from .models import Ballot, Meeting, Vacancy
from .tiers import BALLOT_MODES, Listing, listed_in, mode_of, places_left, standing


@dataclass(frozen=True)
class Vacant:
    """A tier with places left, how many, and why as far as the record tells; the office may say it more fully."""

    tier: Tier
    places: int
    reason: str


def vacancies_of(meeting: Meeting, listed: Mapping[int, Listing] | None = None) -> list[Vacant]:
    """The places nobody is put on the list for, as the meeting stands now."""
    book = rulebook_for(meeting.round)
    if listed is None:
        here = {one.pk for one in standing(meeting)}
        listed = {pk: one for pk, one in listed_in(meeting).items() if pk in here}
    found = []
    for tier in book.tiers:
        held = {tier.key, *(one.key for one in book.tiers if list_above(one) == tier.key)}
        given = sum(1 for one in listed.values() if one.tier in held and not one.outside_quota)
        left = places_left(meeting, tier.key) - given
        if left > 0:
            found.append(Vacant(tier, left, _reason(meeting, book, tier)))
    return found


def record_vacancies(meeting: Meeting, found: list[Vacant], reasons: Mapping[str, str]) -> list[Vacancy]:
    """Each with the reason given for it, or the one the record tells; none without."""
    said = {one.tier.key: reasons.get(one.tier.key, one.reason).strip()[:300] for one in found}
    book = rulebook_for(meeting.round)
    silent = [one for one in found if not said[one.tier.key]]
    if silent:
        words = "{}空缺{}个，请写明空缺理由。"
        raise DeskRefused(
            [Blocker(words.format(one.tier.name, one.places), book.ground(one.tier.quota)) for one in silent]
        )
    return Vacancy.objects.bulk_create(
        Vacancy(
            meeting=meeting, tier=one.tier.key, tier_name=one.tier.name, places=one.places, reason=said[one.tier.key]
        )
        for one in found
    )  # fmt: skip


def _reason(meeting: Meeting, book: Rulebook, tier: Tier) -> str:
    floors = floors_of(book, tier)
    under = f"综合得分达到{floors[0].value}%的{book.noun}不足名额" if floors else ""
    if mode_of(meeting) not in BALLOT_MODES:
        if meeting.lines.filter(is_tied=True).exists():
            return "末位得分相同，经表决仍未能确定"
        return under or f"会议审议列入的{book.noun}不足名额"
    last = meeting.ballots.filter(tier=tier.key, state=Ballot.State.CLOSED).order_by("-number").first()
    if last is None:
        return under or f"没有可以列入的{book.noun}"
    if last.candidates.filter(is_tied=True).exists():
        return "末位票数相同，再次投票仍相同" if last.number > 1 else "末位票数相同，按规定不再投票"
    return f"同意票超过计票基数{book.decision.majority.value}的{book.noun}不足名额"
