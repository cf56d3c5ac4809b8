"""The leading body and the approver at work, in each way a regulation has them decide: ballot, resolution, ranking."""

from __future__ import annotations

from functools import partial
from random import Random

from applications.models import Application
from award_portal.lib import clock
from reviews.approving import record_approval
from reviews.ballots import cast_paper, close_ballot, open_ballot
from reviews.deciding import carry_decision
from reviews.lists import Hands, candidates_before, ranking_of
from reviews.meetings import bases_of
from reviews.models import Approval, Ballot, Meeting
from reviews.ranking import confirm_ranking
from reviews.reporting import issue_report
from reviews.resolving import Resolved, propose_list, record_resolution

from .pipeline_play import PEOPLE, Play, task

WISHES = range(2**6)


class Deciding(Play):
    """From the report to the approval."""

    @task(lambda self: self.anybody_in("deliberation") and self.played % 4 == 0, who=PEOPLE)
    def the_report_is_issued(self, who: str) -> None:
        role, by = self.comes(who, "officer")
        self.attempt("report", lambda: issue_report(self.world.round, narrative="评审情况", by=by, at=self.at),
                     role=role, may={"officer"})  # fmt: skip

    @task(lambda self: self.anybody_in("deliberation") and not self.in_session, present=[3, 3, 3, 1])
    def the_leading_body_meets(self, present: int) -> None:
        if self.attempt("meet", lambda: self.world.review.meeting(present=present), role="officer", may={"officer"}):
            self.in_session = True

    @task(
        lambda self: self.in_session and self.rule.mode == "secret_vote",
        weight=4,
        first=[True, True, False],
        wishes=WISHES,
        who=PEOPLE,
    )
    def a_tier_is_voted(self, first: bool, wishes: int, who: str) -> None:
        """Everybody wishes the same; who wishes for more names than there are seats is refused and votes again."""
        meeting, tier = Meeting.objects.get(state="open"), list(self.rule.tiers)[0 if first else -1]
        role, by = self.comes(who, "officer")
        opened: list[tuple[Ballot, str]] = []
        if not self.attempt("ballot", lambda: opened.append(open_ballot(meeting, tier=tier, by=by, at=self.at)),
                            role=role, may={"officer"}):  # fmt: skip
            return
        [(ballot, passphrase)] = opened
        names = list(ballot.candidates.order_by("position").values_list("application", flat=True))
        liked = [name for nth, name in enumerate(names) if wishes >> nth & 1]
        voters = [one.member.user for one in ballot.voters.select_related("member__user").order_by("member")]
        for voter in voters:
            for favoured in (liked, liked[: ballot.seats]):
                choices = {name: "for" if name in favoured else "against" for name in names}
                may = {"member"} if len(favoured) <= self.rule.tiers[tier].quota else set()
                if self.attempt("cast", partial(cast_paper, ballot, by=voter, choices=choices), role="member", may=may):
                    break
        count = partial(close_ballot, ballot, passphrase=passphrase, by=self.world.desks.officer, at=self.at)
        self.attempt("count", count, role="officer", may={"officer"})

    @task(
        lambda self: self.in_session and self.rule.mode == "resolution",
        who=PEOPLE,
        plan=["by score", "by score", "all in the first", "at random"],
        gives_reasons=(True, True, False),
        wishes=WISHES,
    )
    def a_list_is_proposed(self, who: str, plan: str, gives_reasons: bool, wishes: int) -> None:
        meeting = Meeting.objects.get(state="open")
        role, by = self.comes(who, "officer")
        tiers = self._tiers_of(meeting, plan, wishes)
        reasons = dict.fromkeys(tiers, "行业代表性") if gives_reasons else {}
        self.attempt("propose", lambda: propose_list(meeting, tiers=tiers, reasons=reasons, by=by, at=self.at),
                     role=role, may={"officer"})  # fmt: skip

    @task(
        lambda self: self.in_session and self.rule.mode == "resolution",
        weight=4,
        who=PEOPLE,
        plan=["as proposed", "as proposed", "all in the first", "at random"],
        wishes=WISHES,
        carries=(True, False),
    )
    def the_list_is_resolved(self, who: str, plan: str, wishes: int, carries: bool) -> None:
        meeting = Meeting.objects.get(state="open")
        role, by = self.comes(who, "officer")
        if not meeting.lines.exists():
            self.a_list_is_proposed(who, "by score", gives_reasons=True, wishes=wishes)
        proposed = dict(meeting.lines.values_list("application", "proposed_tier"))
        tiers = proposed if plan == "as proposed" else self._tiers_of(meeting, plan, wishes)
        results = {pk: Resolved(tier, ground="经审议调整") for pk, tier in tiers.items()}
        if self.attempt("resolve", lambda: record_resolution(meeting, results=results, by=by, at=self.at),
                        role=role, may={"officer"}) and carries:  # fmt: skip
            self.the_decision_is_carried(who)

    @task(
        lambda self: self.in_session and self.rule.mode == "rank",
        weight=4,
        who=PEOPLE,
        hands=["for the first", "for the first", "for nobody", "for somebody else", "none"],
        leaves_off=["nobody", "nobody", "who won before", "the first"],
        carries=(True, False),
    )
    def the_ranking_is_confirmed(self, who: str, hands: str, leaves_off: str, carries: bool) -> None:
        meeting = Meeting.objects.get(state="open")
        role, by = self.comes(who, "officer")
        first = min(self.world.won_before if leaves_off == "who won before" else self.oracle.stands)
        refused = {} if leaves_off == "nobody" else {first: "已经获奖"}
        may = {"officer"} if first in self.world.won_before or not refused else set()
        shown = show_of_hands(meeting, hands)
        confirm = partial(confirm_ranking, meeting, hands=shown, refused=refused, by=by, at=self.at)
        if self.attempt("confirm", confirm, role=role, may=may):
            self.oracle.left_off = set(refused)
            if carries:
                self.the_decision_is_carried(who)

    @task(lambda self: self.in_session, who=PEOPLE)
    def the_decision_is_carried(self, who: str) -> None:
        meeting = Meeting.objects.get(state="open")
        role, by = self.comes(who, "officer")
        if self.attempt("carry", lambda: carry_decision(meeting, by=by, at=self.at), role=role, may={"officer"}):
            self.in_session = False

    @task(lambda self: self.anybody_in("approval"), weight=2, who=PEOPLE, refused=(0, 0, 1, 2, 6))
    def the_government_decides(self, who: str, refused: int) -> None:
        role, by = self.comes(who, self.rule.approver)
        verdicts = {
            one.pk: (not refused >> nth & 1, "不宜授奖" if refused >> nth & 1 else "")
            for nth, one in enumerate(self.standing("approval"))
        }
        self.attempt(
            "approval",
            lambda: record_approval(
                self.world.round, meeting_number="第1次常务会议",
                document_number=f"样例〔2026〕{Approval.objects.count() + 1}号",
                decided_on=clock.day_of(self.at), verdicts=verdicts, by=by, at=self.at,
            ),
            role=role, may=self.rule.may["government"],
        )  # fmt: skip

    def _tiers_of(self, meeting: Meeting, plan: str, wishes: int) -> dict[int, str]:
        """Application → tier: what the score suggests, or a list that no order stands behind."""
        keys, chance = list(self.rule.tiers), Random(wishes)
        names = candidates_before(meeting)
        if plan == "by score":
            return {one.pk: one.tier for one in names}
        if plan == "all in the first":
            return {one.pk: keys[0] for one in names}
        return {one.pk: chance.choice([*keys, ""]) for one in names}


def show_of_hands(meeting: Meeting, what: str) -> dict[str, dict[int, Hands]]:
    """Hands on the names tied at the last places: each tie settled for the first, or otherwise."""
    hands: dict[str, dict[int, Hands]] = {}
    if what == "none":
        return hands
    names = list(Application.objects.filter(round=meeting.round, state="deliberation").order_by("pk"))
    bases = bases_of(meeting, names)
    if what == "for somebody else" and names:
        return {"main": {names[0].pk: Hands(bases[names[0].pk])}}
    while True:
        votes = {tier: {pk: one.votes_for for pk, one in given.items()} for tier, given in hands.items()}
        found = ranking_of(meeting, votes=votes)
        if not found.unsettled:
            return hands
        tied = sorted(found.tied[found.unsettled])
        hands[found.unsettled] = {
            pk: Hands(bases[pk]) if pk == tied[0] and what == "for the first" else Hands(0, bases[pk]) for pk in tied
        }
