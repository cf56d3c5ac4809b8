"""The list of a meeting that decides without ballots: what the scores suggest, what no list may break (B15, Y11)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from applications.desk_rules import DeskRefused
from applications.gates import Blocker
from applications.models import Application
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook, share

from .candidacy import (
    composites_of,
    floor_of,
    floors_of,
    list_above,
    place_refusals,
    places_of,
    repeats_of,
    tiers_in_order,
)
from .meetings import quorum_blockers
from .models import ListLine, Meeting
from .places import RankedTier, Ranking, Scored, rank_names, reaches
from .tallying import carries
from .tiers import mode_of, standing


@dataclass(frozen=True)
class Hands:
    """A show of hands on one name: 同意, 反对, 弃权."""

    votes_for: int
    votes_against: int = 0
    votes_abstain: int = 0

    @property
    def total(self) -> int:
        return self.votes_for + self.votes_against + self.votes_abstain


@dataclass(frozen=True)
class Candidate:
    """A name before the meeting: its rank and score, the tier its score suggests, the tiers it may only win again."""

    application: Application
    rank: int
    percent: Decimal
    tier: str
    is_tied: bool
    repeats: frozenset[str]

    @property
    def pk(self) -> int:
        return self.application.pk


def ranking_of(
    meeting: Meeting, *, votes: Mapping[str, Mapping[int, int]] | None = None, refused: Collection[int] = (),
    settle: bool = True,
) -> Ranking:  # fmt: skip
    """What the scores of those who stand now give; `votes`: tier → tied name → votes that carried (reviews.places).

    Without `settle` a tie leaves its places open, and the tiers below go on.
    """
    return _rank(meeting, standing(meeting), votes=votes or {}, refused=refused, settle=settle)


def candidates_before(meeting: Meeting, ranking: Ranking | None = None) -> list[Candidate]:
    """Those who stand before the meeting, highest score first, equal ones with one rank; ties are left open."""
    names = standing(meeting)
    scores, repeats = composites_of(meeting.round, names), repeats_of(meeting.round, names)
    found = ranking or _rank(meeting, names, votes={}, refused=(), settle=False)
    tied = frozenset().union(*found.tied.values())
    ranks: dict[Decimal, int] = {}
    table = []
    for position, one in enumerate(sorted(names, key=lambda each: (-scores[each.pk], each.number, each.pk)), start=1):
        rank = ranks.setdefault(scores[one.pk], position)
        tier = found.tiers.get(one.pk, "")
        table.append(
            Candidate(one, rank, scores[one.pk], tier, one.pk in tied, repeats.get(one.pk, frozenset()))
        )  # fmt: skip
    return table


def _rank(
    meeting: Meeting, names: list[Application], *, votes: Mapping[str, Mapping[int, int]], refused: Collection[int],
    settle: bool = True,
) -> Ranking:  # fmt: skip
    book = rulebook_for(meeting.round)
    scores, repeats = composites_of(meeting.round, names), repeats_of(meeting.round, names)
    tiers = [
        RankedTier(
            one.key, places_of(meeting.round, one, names, but=meeting), floor_of(book, one), list_above(one),
            votes.get(one.key),
        )
        for one in tiers_in_order(book)
    ]  # fmt: skip
    scored = [Scored(one.pk, scores[one.pk], repeats.get(one.pk, frozenset())) for one in names]
    further = settle and book.decision.tie.value == "further_ballot_then_vacant"
    return rank_names(scored, tiers, further_ballot=further, refused=refused)


def list_refusals(meeting: Meeting, candidates: Sequence[Candidate], tiers: Mapping[int, str]) -> list[Blocker]:
    """What a list (application pk → tier, blank 不列入) breaks: tiers there are not, quotas, sub-quotas, floors."""
    book = rulebook_for(meeting.round)
    names = [one.application for one in candidates]
    found = []
    if unknown := set(tiers.values()) - {one.key for one in book.tiers} - {""}:
        return [Blocker(f"本办法没有这个奖项等次：{'、'.join(sorted(unknown))}。", book.ground(book.decision.mode))]
    for tier in tiers_in_order(book):
        held = {tier.key, *(one.key for one in book.tiers if list_above(one) == tier.key)}
        chosen = [one for one in candidates if tiers.get(one.pk) in held]
        inside = [one.pk for one in chosen if tiers[one.pk] not in one.repeats]
        found += place_refusals(book, tier, inside, places_of(meeting.round, tier, names, but=meeting))
        floor = floor_of(book, tier)
        for one in chosen:
            if not reaches(one.percent, floor):
                text = f"{one.application.organization}综合得分{one.percent}，低于{floor}%，不能列入{tier.name}。"
                found.append(Blocker(text, book.ground(floors_of(book, tier)[0])))
    return list(dict.fromkeys(found))


def hands_refusals(book: Rulebook, name: Application, hands: Hands, base: int) -> list[Blocker]:
    """The hands must be those of the members present who are not recused for the name."""
    if min(hands.votes_for, hands.votes_against, hands.votes_abstain) < 0 or hands.total != base:
        text = f"{name.organization}：同意、反对、弃权合计应为{base}人（到会且未回避的成员），现为{hands.total}人。"
        return [Blocker(text, book.ground(book.decision.majority))]
    return []


def is_carried(book: Rulebook, hands: Hands, base: int) -> bool:
    return carries(hands.votes_for, base, majority=share(book.decision.majority.value))


def require_list_mode(meeting: Meeting, mode: str) -> Rulebook:
    """The meeting decides in this mode, and has not decided yet."""
    book = rulebook_for(meeting.round)
    if mode_of(meeting) != mode:
        raise DeskRefused.because("本办法不采用这种审议方式。", book.ground(book.decision.mode))
    if meeting.state == Meeting.State.DECIDED:
        raise DeskRefused.because("会议已形成决定，不能再变更。")
    return book


def require_in_session(meeting: Meeting) -> None:
    """Attendance is on record and the quorum is there."""
    if meeting.state != Meeting.State.OPEN:
        raise DeskRefused.because("请先登记到会情况。")
    if refused := quorum_blockers(meeting):
        raise DeskRefused(refused)


def write_hands(line: ListLine, hands: Hands | None) -> None:
    line.votes_for = hands.votes_for if hands else None
    line.votes_against = hands.votes_against if hands else None
    line.votes_abstain = hands.votes_abstain if hands else None
