"""Random steps by random people at random times: whatever is thrown at the door, the regulation holds (DESIGN 3).

Hypothesis plays rounds through the rooms' own functions on a clock that moves at random. After every step the tables
are compared with `pipeline_oracle`, which knows the regulation by itself. `--pipeline-steps` says how many steps are
played at least; `make test` asks for 3,000.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import Phase, note, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from applications import qualifying, recommending, self_publicity, submitting
from applications.models import Application
from applications.moves import move
from applications.pipeline import State
from award_portal.lib import clock
from award_portal.rehearsal.made_up import made_up_upload
from objections import handling
from objections.filing import file_objection
from objections.models import Objection
from publicity.extending import extend_publicity
from publicity.models import Notice
from publicity.opening import open_publicity
from reviews.approving import record_approval
from reviews.ballots import cast_paper, close_ballot, open_ballot
from reviews.cutting import decide_cut
from reviews.deciding import carry_decision
from reviews.models import Ballot, Meeting, Panel, PanelOpinion
from reviews.panels import assign_readers
from reviews.reporting import issue_report

from .pipeline_oracle import MAY, PROHIBITIONS, PUBLICITY_DAYS, QUOTA, REVIEWED, TABLE
from .pipeline_play import PEOPLE, PLACES, TASKS, Play, task
from .pipeline_world import World, build_world, standing

STEPS_A_PLAY = 50
OPENED_BY_HAND = ("recommendation_publicity", "acceptance_publicity", "award_publicity")
# within a step every choice is as likely as the next
seeds = st.integers(0, 2**32 - 1)


class PipelineMachine(Play):
    """What may happen: any step tried by anybody, or somebody at work at one of the desks."""

    # -- somebody at work ----------------------------------------------------------------------------------------------

    @rule(seed=seeds)
    def somebody_works(self, seed: int) -> None:
        """One of the tasks below: what a desk does, mostly by those whose desk it is."""
        chance = self.begin(seed)
        one = chance.choice([one for one in TASKS if one.applies(self)])
        given = {name: chance.choice(values) for name, values in one.given.items()}
        note(f"{self.at:%m-%d %H:%M:%S} {one.work.__name__} {given}")
        one.work(self, **given)

    # -- the door itself -----------------------------------------------------------------------------------------------

    @rule(seed=seeds)
    def somebody_knocks(self, seed: int) -> None:
        """Any step by anybody with any facts; mostly one that leads on, and often where a window or a hold is open."""
        chance = self.begin(seed)
        waiting = sorted({*self.oracle.published, *self.oracle.objected.values()})
        one = self.anyone(chance.choice(PLACES))
        if waiting and chance.random() < 0.5:
            one = Application.objects.get(pk=chance.choice(waiting))
        leading = [step for step, (_, edges) in TABLE.items() if self.oracle.stands[one.pk] in edges]
        step = chance.choice(leading if leading and chance.random() < 0.7 else sorted(TABLE))
        who = chance.choice(PEOPLE)
        role, _ = self.comes(who, chance.choice(sorted(MAY[TABLE[step][0]])), one)
        fact = chance.choice(PLACES)
        note(f"{self.at:%m-%d %H:%M:%S} {step} of {one.pk} ({one.state}) by {role}, fact {fact}")
        self.knock(one, step, role, fact)

    # -- the applicant -------------------------------------------------------------------------------------------------

    @task(
        lambda self: self.anybody_in("draft", "self_publicity", "correction"),
        place=PLACES,
        who=PEOPLE,
        starts_over=(True, False, False, False),
    )
    def an_applicant_goes_on(self, place: int, who: str, starts_over: bool) -> None:
        one = self.chosen(self.standing("draft", "self_publicity", "correction"), place)
        role, by = self.comes(who, "applicant", one)
        if one.state == "draft":
            self.attempt("self-publicity", lambda: self_publicity.start(one, place="公告栏", by=by, at=self.at),
                         role=role, may={"applicant"})  # fmt: skip
            return
        if one.state == "correction":
            self.attempt("resubmit", lambda: submitting.resubmit(one, by=by, at=self.at), role=role, may={"applicant"})
            return
        if starts_over:
            self.attempt("revise", lambda: self_publicity.revise(one, by=by, at=self.at), role=role, may={"applicant"})
            return
        proof = made_up_upload("公示照片")
        self.attempt(
            "prove",
            lambda: self_publicity.prove(one, proof=proof, had_objections=False, settlement="", by=by, at=self.at),
            role=role, may={"applicant"},
        )  # fmt: skip
        self.attempt("submit", lambda: submitting.submit(one, by=by, at=self.at), role=role, may={"applicant"})

    @task(lambda self: self.played % 5 == 0, place=PLACES, who=PEOPLE)
    def an_applicant_withdraws(self, place: int, who: str) -> None:
        one = self.anyone(place)
        role, by = self.comes(who, "applicant", one)
        self.attempt("withdraw", lambda: submitting.withdraw(one, ground="计划调整", by=by, at=self.at),
                     role=role, may={"applicant"})  # fmt: skip

    # -- the recommender and the office --------------------------------------------------------------------------------

    @task(
        lambda self: self.anybody_in("recommendation_review", "qualification"),
        place=PLACES,
        who=PEOPLE,
        papers=(True, False),
        end=["pass", "pass", "return", "refuse"],
    )
    def a_desk_examines(self, place: int, who: str, papers: bool, end: str) -> None:
        one = self.chosen(self.standing("recommendation_review", "qualification"), place)
        first = one.state == "recommendation_review"
        role, by = self.comes(who, "recommender" if first else "officer", one)
        if papers and not one.checklists.filter(stage=one.state).exists():
            self.world.desks.ready_to_pass(one, one.state)
        action = {
            "pass": recommending.clear_review if first else qualifying.accept,
            "return": recommending.return_for_correction,
            "refuse": recommending.decline if first else qualifying.reject,
        }[end]
        given = {
            "pass": {},
            "return": {"stage": one.state, "parts": ["indicators"], "reason": "请核对三年指标"},
            "refuse": {"ground": "不符合申报条件"},
        }[end]
        self.attempt(action.__name__, lambda: action(one, by=by, at=self.at, **given),
                     role=role, may={"recommender"} if first else {"officer"})  # fmt: skip

    @task(lambda self: self.anybody_in("recommendation"), who=PEOPLE)
    def the_recommender_gives_its_opinion(self, who: str) -> None:
        found = self.standing("recommendation")
        role, by = self.comes(who, "recommender")
        self.attempt(
            "opinion",
            lambda: recommending.issue_opinion(
                found, opinion="同意推荐", publicity_result="公示期满无异议", by=by, at=self.at
            ),
            role=role, may={"recommender"},
        )  # fmt: skip

    @task(
        lambda self: self.played % 5 == 1,
        place=PLACES,
        who=PEOPLE,
        finding=[*PROHIBITIONS, "quality_system", "不是条件"],
    )
    def the_office_disqualifies(self, place: int, who: str, finding: str) -> None:
        one = self.anyone(place)
        role, by = self.comes(who, "officer")
        self.attempt(
            "disqualify",
            lambda: qualifying.disqualify(one, condition=finding, ground="经查证属实", by=by, at=self.at),
            role=role, may={"officer"},
        )  # fmt: skip

    # -- publicity -----------------------------------------------------------------------------------------------------

    @task(
        lambda self: self.anybody_in(*OPENED_BY_HAND),
        kind=OPENED_BY_HAND,
        who=PEOPLE,
        days=[None, None, 3, 7],
    )
    def a_list_is_published(self, kind: str, who: str, days: int | None) -> None:
        kind = kind if self.standing(kind) else self.standing(*OPENED_BY_HAND)[0].state
        found = [one for one in self.standing(kind) if one.pk not in self.oracle.published] or self.standing(kind)
        right = "recommender" if kind == "recommendation_publicity" else "officer"
        role, by = self.comes(who, right)
        issuer = self.world.desks.recommender if right == "recommender" else self.world.office
        if self.attempt(
            "publish",
            lambda: open_publicity(
                self.world.round, kind=kind, applications=found, issuer=issuer, by=by, at=self.at, days=days
            ),
            role=role, may={right},
        ):  # fmt: skip
            self.oracle.listed([one.pk for one in found], at=self.at, days=days or PUBLICITY_DAYS)

    @task(lambda self: self.oracle.published, who=PEOPLE, days=[4, 6, 8], place=PLACES)
    def a_window_is_lengthened(self, who: str, days: int, place: int) -> None:
        notice = self.chosen(list(Notice.objects.windows().order_by("pk")), place)
        right = "recommender" if notice.kind == "recommendation_publicity" else "officer"
        role, by = self.comes(who, right)
        if self.attempt("lengthen", lambda: extend_publicity(notice, days=days, ground="材料补充", by=by, at=self.at),
                        role=role, may={right}):  # fmt: skip
            named = [pk for pk in notice.items.values_list("application", flat=True) if pk in self.oracle.published]
            self.oracle.listed(named, at=notice.published_at, days=days)

    @task(lambda self: self.oracle.published, place=PLACES)
    def the_clock_would_close_a_list(self, place: int) -> None:
        key = self.chosen(sorted(self.oracle.published), place)
        self.attempt("close_publicity", lambda: move(key, "close_publicity", by=None, at=self.at),
                     role="clock", may={"clock"})  # fmt: skip

    # -- the review ----------------------------------------------------------------------------------------------------

    @task(lambda self: self.anybody_in(*REVIEWED), place=PLACES)
    def a_panel_concludes(self, place: int) -> None:
        stage = self.chosen(self.standing(*REVIEWED), place).state
        review = replace(self.world.review, stage=stage)
        panel = Panel.objects.filter(round=review.round, stage=stage).first() or review.panel()
        concluded = set(PanelOpinion.objects.filter(stage=stage).values_list("application", flat=True))
        waiting = [one for one in self.standing(stage) if one.pk not in concluded]
        if waiting:
            if any(not review.readers(one) for one in waiting):
                assign_readers(panel, by=review.officer, at=self.at)
            for one in waiting:
                review.conclude(one)

    @task(
        lambda self: self.anybody_in(*REVIEWED),
        stage=REVIEWED,
        going=range(2**6),
        who=PEOPLE,
    )
    def the_office_cuts(self, stage: str, going: int, who: str) -> None:
        stage = stage if self.standing(stage) else self.standing(*REVIEWED)[0].state
        found = self.standing(stage)
        passing = [one for nth, one in enumerate(found) if going >> nth & 1 or stage == "onsite_review"]
        role, by = self.comes(who, "officer")
        reasons = {one.pk: "综合得分靠后" for one in found if one not in passing}
        self.attempt(
            "cut",
            lambda: decide_cut(self.world.round, stage=stage, passing=passing, reasons=reasons, by=by, at=self.at),
            role=role, may={"officer"},
        )  # fmt: skip

    # -- the leading body and the government ---------------------------------------------------------------------------

    @task(lambda self: self.anybody_in("deliberation"), who=PEOPLE)
    def the_report_is_issued(self, who: str) -> None:
        role, by = self.comes(who, "officer")
        self.attempt("report", lambda: issue_report(self.world.round, narrative="评审情况", by=by, at=self.at),
                     role=role, may={"officer"})  # fmt: skip

    @task(lambda self: self.anybody_in("deliberation"), present=[3, 3, 3, 1])
    def the_leading_body_meets(self, present: int) -> None:
        if self.attempt("meet", lambda: self.world.review.meeting(present=present), role="officer", may={"officer"}):
            self.in_session = True

    @task(
        lambda self: self.in_session,
        tier=["main", "main", "nominee"],
        wishes=range(2**6),
        who=PEOPLE,
    )
    def a_tier_is_voted(self, tier: str, wishes: int, who: str) -> None:
        """Everybody wishes the same; who wishes for more names than there are seats is refused and votes again."""
        meeting = Meeting.objects.get(state="open")
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
                may = {"member"} if len(favoured) <= QUOTA[tier] else set()
                if self.attempt("cast", partial(cast_paper, ballot, by=voter, choices=choices), role="member", may=may):
                    break
        count = partial(close_ballot, ballot, passphrase=passphrase, by=self.world.desks.officer, at=self.at)
        self.attempt("count", count, role="officer", may={"officer"})

    @task(lambda self: self.in_session, who=PEOPLE)
    def the_decision_is_carried(self, who: str) -> None:
        meeting = Meeting.objects.get(state="open")
        role, by = self.comes(who, "officer")
        if self.attempt("carry", lambda: carry_decision(meeting, by=by, at=self.at), role=role, may={"officer"}):
            self.in_session = False

    @task(lambda self: self.anybody_in("approval"), who=PEOPLE, refused=(0, 0, 1, 2, 6))
    def the_government_decides(self, who: str, refused: int) -> None:
        role, by = self.comes(who, "government")
        verdicts = {
            one.pk: (not refused >> nth & 1, "不宜授奖" if refused >> nth & 1 else "")
            for nth, one in enumerate(self.standing("approval"))
        }
        self.attempt(
            "approval",
            lambda: record_approval(
                self.world.round, meeting_number="第1次常务会议", document_number="样例〔2026〕1号",
                decided_on=self.at.date(), verdicts=verdicts, by=by, at=self.at,
            ),
            role=role, may={"officer", "government"},
        )  # fmt: skip

    # -- objections ----------------------------------------------------------------------------------------------------

    @task(
        place=PLACES,
        complete=[True, True, True, False],
        accuses=(True, False),
        condition=["", PROHIBITIONS[1], "quality_system"],
    )
    def somebody_objects(self, place: int, complete: bool, accuses: bool, condition: str) -> None:
        one = self.anyone(place)
        [asked] = [form for form in one.rulebook.objections.filing if form.kind == "person"]
        fields = {"name": "样例人（虚构）", "phone": "13900000000", "address": "样例路1号（虚构）"}
        files = {field.key: made_up_upload(field.label) for field in asked.requires if field.kind == "file"}
        filed: list[Objection] = []
        if self.attempt(
            "object",
            lambda: filed.append(
                file_objection(
                    one, form="person", fields=fields if complete else {}, files=files, text="样例事实与理由",
                    condition=condition, accuses_recommender=accuses, at=self.at,
                )[0]
            ),
            role="anybody", may={"anybody"} if complete and self.oracle.takes_objections(one.pk, self.at) else set(),
        ):  # fmt: skip
            self.oracle.filed(filed[0].pk, one.pk)
            self.unanswered.add(filed[0].pk)

    @task(
        lambda self: self.unanswered,
        place=PLACES,
        step=["next", "next", "refuse_form", "decide", "tell"],
        who=PEOPLE,
        finding=["dismissed", "upheld"],
    )
    def an_objection_is_handled(self, place: int, step: str, who: str, finding: str) -> None:
        case = Objection.objects.get(pk=self.chosen(sorted(self.unanswered), place))
        if step == "next":
            step = {"received": "forward", "forwarded": "report", "reported": "decide", "decided": "tell"}[case.state]
        right = "officer"
        if step == "report" and case.investigator == self.world.desks.recommender:
            right = "recommender"
        role, by = self.comes(who, right, case.application)
        given = {
            "refuse_form": {"because": "缺少签名"},
            "report": {"text": "经调查，有关情况如下所述。"},
            "decide": {"finding": finding, "text": "经认定，异议所述事实如下。"},
        }.get(step, {})
        done = self.attempt(f"objection {step}", lambda: getattr(handling, step)(case, by=by, at=self.at, **given),
                            role=role, may={right})  # fmt: skip
        if done and step in ("refuse_form", "decide"):
            self.oracle.settled(case.pk)
        if done and step in ("refuse_form", "tell"):
            self.unanswered.remove(case.pk)


# -- the plays ---------------------------------------------------------------------------------------------------------


def the_leading_body_sits(world: World) -> None:
    """Nobody is under review any more, the report is issued, the meeting is open."""
    at, officer = clock.now(), world.desks.officer
    for one in Application.objects.filter(state__in=REVIEWED):
        submitting.withdraw(one, ground="计划调整", by=world.applicants[one.pk], at=at)
    issue_report(world.round, narrative="评审情况", by=officer, at=at)
    world.review.meeting()


def the_list_is_decided(world: World) -> None:
    """Four of the five places are given, two names are passed over; nothing is published yet."""
    meeting = Meeting.objects.get(state="open")
    world.review.elect(meeting, "main", 3, 3, 2, 0, 0, 0)
    world.review.elect(meeting, "nominee", 3, 0, 0)
    carry_decision(meeting, by=world.desks.officer, at=clock.now())


def a_second_meeting_sits(world: World) -> None:
    """Two names came late before the leading body; of the places one is left, in the second tier."""
    for _ in range(2):
        late = standing(world.desks, State.DELIBERATION)
        world.applicants[late.pk] = late.created_by
    world.review.meeting()


def all_desks_are_busy(world: World) -> None:
    """As the world was built."""


@pytest.mark.timeout(900)
@pytest.mark.django_db
def test_whatever_is_thrown_at_the_door_the_regulation_holds(
    pytestconfig: pytest.Config, calendars: None, frozen: clock.Frozen
) -> None:
    asked = pytestconfig.getoption("--pipeline-steps")
    PipelineMachine.world, PipelineMachine.tally = build_world(), Counter()
    chapters = (all_desks_are_busy, the_leading_body_sits, the_list_is_decided, a_second_meeting_sits)
    for nth, chapter in enumerate(chapters, start=1):
        chapter(PipelineMachine.world)
        play_until(asked * nth // len(chapters))
    tally = PipelineMachine.tally
    print(f"{tally['played']} steps:", sorted(tally.items()))  # noqa: T201
    assert tally["played"] >= asked
    if asked >= 3000:
        never = {step for step in TABLE if not tally[f"step:{step}"]}
        assert "promote" in never
        assert len(never) <= 3, f"plays that never get anywhere prove nothing: {never}"


def play_until(count: int) -> None:
    """Plays until so many steps were taken. A failing play is printed whole; Phase.shrink shortens it, in minutes."""
    for number in range(1, 50):
        left = count - PipelineMachine.tally["played"]
        if left <= 0:
            return
        plays = settings(
            max_examples=-(-left // STEPS_A_PLAY), stateful_step_count=STEPS_A_PLAY, database=None,
            phases=[Phase.generate], report_multiple_bugs=False,
        )  # fmt: skip
        run_state_machine_as_test(seeded(number)(PipelineMachine), settings=plays)
