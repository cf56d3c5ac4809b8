"""One round from the call to the certificates, every applicant with its fate, through the rooms' own functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from random import Random

from applications.models import Application
from applications.moves import StepRefused
from applications.pipeline import State
from award_portal.lib import clock
from awards.workdays import date_zh
from objections import filing
from objections.models import Objection
from organizations.outbox import deliver_due, deliver_quick

from . import (
    closing_moves,
    feedback_moves,
    filing_moves,
    honour_moves,
    later_years,
    objection_moves,
    opening_moves,
    review_moves,
    watching_moves,
)
from .opening_moves import Player, RehearsalBroken
from .world import build_world, draft_application, import_lists, register_applicant

FIRST_DAY = date(2026, 3, 2)


class Fate(StrEnum):
    """What happens to an applicant beside the ordinary."""

    ORDINARY = "ordinary"
    RETURNED = "returned"
    DISMISSED = "objection_dismissed"
    RECUSED = "recused"
    UPHELD = "objection_upheld"
    INELIGIBLE = "ineligible"
    WITHDRAWN = "withdrawn"
    LATE = "late"


FINDINGS = {Fate.DISMISSED: Objection.Finding.DISMISSED, Fate.UPHELD: Objection.Finding.UPHELD}


@dataclass
class Played:
    """A round that was played: its player and each application's fate by its key."""

    player: Player
    fates: dict[int, Fate] = field(default_factory=dict)
    objected: set[int] = field(default_factory=set)
    left_lying: bool = False  # whether an objection was left past its day already
    refused_next_time: str = ""  # what the one under a ban was told at the door of the next round

    def having(self, fate: Fate) -> list[Application]:
        """The applications of a fate as they stand now."""
        keys = [key for key, one in self.fates.items() if one == fate]
        return list(Application.objects.with_names().filter(pk__in=keys).order_by("pk"))


Tell = Callable[[str], None]


def deal_fates(count: int, seed: int) -> list[Fate]:
    """Every special fate once in each dozen, as far as at least three ordinary applicants are left; shuffled."""
    special = [one for one in Fate if one is not Fate.ORDINARY]
    dealt = (special * max(1, count // 12))[: max(0, count - 3)]
    fates = dealt + [Fate.ORDINARY] * (count - len(dealt))
    Random(f"fates:{seed}").shuffle(fates)
    return fates


def play_round(
    scheme: str,
    *,
    applicants: int,
    seed: int,
    to: Callable[[datetime], object],
    tell: Tell = lambda text: None,
    rendered: bool = True,
) -> Played:
    """Play a round on the rehearsal clock; its papers are numbered, and `rendered` unless that is not asked for.

    Raises RehearsalBroken, or whatever refusal a person would have met.
    """
    tell("建立演练单位和人员")
    world = build_world(scheme, at=clock.now())
    tell("发布申报通知")
    year = clock.today().year
    round = opening_moves.open_round(world, year=year, ordinal=1, title=f"第一届{world.book.name}")
    played = Played(Player(world, round, to, seed=seed))
    apply_all(played, deal_fates(applicants, seed), tell)
    recommend(played, tell)
    qualify(played, tell)
    review(played, tell)
    deliberate(played, tell)
    finish(played, tell)
    honour_moves.live_with_the_honour(played.player, tell)
    look_back(played, tell)
    honour_moves.see_who_is_late(played.player)
    while (deliver_due if rendered else deliver_quick)(clock.now()):
        pass
    return played


def apply_all(played: Played, fates: list[Fate], tell: Tell) -> None:
    """Registration to submission; whoever is late is refused at the first second after the window."""
    player = played.player
    tell("注册、填报")
    for seed, fate in enumerate(fates, start=1):
        application = enter_applicant(player, player.seed * 1000 + seed, listed=fate == Fate.INELIGIBLE)
        played.fates[application.pk] = fate
    tell("内部公示、提交")
    for one in player.in_state(State.DRAFT):
        opening_moves.make_ready(player, one)
    player.wait_out(State.SELF_PUBLICITY)
    for one in [*player.in_state(State.SELF_PUBLICITY), *player.in_state(State.DRAFT)]:
        if played.fates[one.pk] != Fate.LATE:
            opening_moves.hand_in(player, one)
    player.wait_until(player.round.closes_at)
    for one in played.having(Fate.LATE):
        _expect_refusal(lambda late=one: opening_moves.hand_in(player, late), "逾期提交")


def enter_applicant(player: Player, seed: int, *, listed: bool = False) -> Application:
    """An organisation registers and fills everything in but its attachments; `listed` ones stand on a credit list."""
    world, now = player.world, clock.now()
    user, organization = register_applicant(world, seed, at=now)
    if listed:
        import_lists(world, [("serious", organization)], at=now)
    application = draft_application(world, player.round, user, organization, seed, at=now)
    player.applicants[application.pk] = user
    return application


def recommend(played: Played, tell: Tell) -> None:
    """Review and recommendation: one withdraws, one is returned and corrects, one is objected to without ground."""
    player = played.player
    tell("审核推荐、推荐公示")
    for one in played.having(Fate.WITHDRAWN):
        opening_moves.withdraw_application(player, one)
    returned = played.having(Fate.RETURNED)
    for one in returned:
        assert one.recommender is not None
        by = player.world.staff_of(one.recommender)
        opening_moves.send_back(player, one, stage=State.RECOMMENDATION_REVIEW, by=by)
    player.wait_working_days(1)
    for one in returned:
        opening_moves.answer_correction(player, one)
    opening_moves.recommend_round(player)
    if player.round_book.has_stage(State.RECOMMENDATION_PUBLICITY):
        player.wait_working_days(1)
        object_and_settle(played, {Fate.DISMISSED: Objection.Finding.DISMISSED})
        player.wait_out(State.RECOMMENDATION_PUBLICITY)
    opening_moves.write_opinions(player)


def qualify(played: Played, tell: Tell) -> None:
    """Qualification and acceptance publicity; one objection is upheld on a prohibited condition."""
    player = played.player
    tell(f"{player.round_book.label(State.QUALIFICATION)}、受理")
    opening_moves.qualify_round(player)
    player.wait_working_days(1)
    object_and_settle(played, FINDINGS)
    player.wait_out(State.ACCEPTANCE_PUBLICITY)


def object_and_settle(played: Played, findings: Mapping[Fate, str]) -> None:
    """Objections to every name of these fates, once each where the scheme takes them now; all filed, then settled."""
    player, now = played.player, clock.now()
    names = [
        (one, finding)
        for fate, finding in findings.items()
        for one in played.having(fate)
        if one.pk not in played.objected and one.is_active and not filing.window_refusal(one, at=now)
    ]
    filed = objection_moves.object_all(player, names, condition=prohibited_condition(player))
    played.objected |= {one.pk for one, _ in names}
    objection_moves.settle_all(player, filed, lying=not played.left_lying)
    played.left_lying |= Objection.Finding.UPHELD in [finding for _, finding in names]


def prohibited_condition(player: Player) -> str:
    """A condition nobody may fall under (U13)."""
    return next(one.key for one in player.round_book.eligibility.conditions if one.prohibitive.value)


def review(played: Played, tell: Tell) -> None:
    """Every panel stage in the scheme's own order, what those who leave are told, what the public says (B15)."""
    player = played.player
    tell("评审：" + "、".join(player.round_book.label(one) for one in player.round_book.review_states))
    review_moves.review_round(player, recused=next(iter(played.having(Fate.RECUSED)), None))
    feedback_moves.tell_the_reviewed(player)
    closing_moves.ask_the_public(player)


def deliberate(played: Played, tell: Tell) -> None:
    """Report, meeting, the decision in the scheme's own way; the list's publicity where it comes before approval."""
    player = played.player
    if not player.in_state(State.DELIBERATION):
        return
    tell(f"评审报告、{player.round_book.label(State.DELIBERATION)}")
    closing_moves.report_round(player)
    watched = watching_moves.watch_over(player)
    meeting = closing_moves.convene(player)
    recused = next((one for one in played.having(Fate.RECUSED) if one.state == State.DELIBERATION), None)
    closing_moves.open_meeting(player, meeting, recused=recused)
    watching_moves.answer(player, *watched)
    closing_moves.decide(player, meeting)
    if not player.round_book.publicity_after_approval:
        publish_and_wait(played, tell)


def publish_and_wait(played: Played, tell: Tell) -> None:
    """The list is published; whoever is still to be objected to is, and the window is lived out."""
    player = played.player
    tell(player.round_book.label(State.AWARD_PUBLICITY))
    closing_moves.publish_proposal(player)
    player.wait_working_days(1)
    names, rule = player.in_state(State.AWARD_PUBLICITY), player.round_book.objections.upheld_on_list
    if names and not played.objected:
        # a scheme that takes objections only now: one to the last name stands, one to the first does not
        played.fates |= {names[0].pk: Fate.DISMISSED} | ({names[-1].pk: Fate.UPHELD} if names[1:] else {})
    elif names[1:] and rule is not None:
        # the list has a rule of its own: it is met though objections were settled before (B16)
        played.fates[next(one.pk for one in reversed(names) if one.pk not in played.objected)] = Fate.UPHELD
    object_and_settle(played, FINDINGS)
    player.wait_out(State.AWARD_PUBLICITY)
    if names:
        filing_moves.object_late(player, names[0], condition=prohibited_condition(player))


def finish(played: Played, tell: Tell) -> None:
    """The approving body decides, the list's publicity where it comes after; everybody reviewed is told of it."""
    player = played.player
    tell(f"{player.round_book.label(State.APPROVAL)}、表彰、证书")
    closing_moves.approve_round(player)
    if player.round_book.publicity_after_approval:
        publish_and_wait(played, tell)
    feedback_moves.tell_the_reviewed(player)
    feedback_moves.note_use_of_experts(player)


def look_back(played: Played, tell: Tell) -> None:
    """A year later: a winner loses its award, and a ban that was placed is met at the door of the next round."""
    tell("次年：监督案件、再次申报")
    case = later_years.play_later_year(played.player)
    if case is None or case.ban is None:
        return
    told = played.refused_next_time = later_years.refused_next_time(played.player, case)
    if f"{date_zh(case.ban.ends_on)}起方可申报" not in told:
        raise RehearsalBroken("在不予受理期限内再次申报没有被拒绝")


def _expect_refusal(act: Callable[[], object], what: str) -> None:
    try:
        act()
    except StepRefused:
        return
    raise RehearsalBroken(f"{what}没有被拒绝")
