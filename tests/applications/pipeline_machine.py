"""Random steps by random people at random times: whatever is thrown at the door, the regulation holds (DESIGN 3).

Hypothesis plays rounds of a scheme through the rooms' own functions on a clock that moves at random. After every step
the tables are compared with `pipeline_oracle`, which knows the regulation by itself; `pipeline_chapters` starts it all.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import rule

from applications import consents, qualifying, recommending, self_publicity, submitting
from applications.models import Application, LegConsent
from applications.moves import move
from award_portal.rehearsal.made_up import made_up_upload
from objections import completing, handling, investigating, outcomes
from objections.filing import file_objection
from objections.models import Objection
from organizations.files import store_upload
from publicity.commenting import save_summary, take_comment
from publicity.extending import extend_publicity
from publicity.models import Notice
from publicity.opening import open_publicity
from reviews.cutting import decide_cut
from reviews.models import Panel, PanelOpinion
from reviews.panels import set_due
from reviews.readers import assign_readers

from .pipeline_deciding import Deciding
from .pipeline_play import PEOPLE, PLACES, TASKS, task

CONDITIONS = ("prohibited", "merit", "unknown")
# within a step every choice is as likely as the next
seeds = st.integers(0, 2**32 - 1)


class PipelineMachine(Deciding):
    """What may happen: any step tried by anybody, or somebody at work at one of the desks."""

    @rule(seed=seeds)
    def something_happens(self, seed: int) -> None:
        chance = self.begin(seed)
        if chance.random() < 0.5:
            self.somebody_works(chance)
        else:
            self.somebody_knocks(chance)

    def somebody_works(self, chance: Random) -> None:
        """One of the tasks below: what a desk does, mostly by those whose desk it is."""
        one = chance.choice([one for one in TASKS if one.applies(self) for _ in range(one.weight)])
        given = {name: chance.choice(values) for name, values in one.given.items()}
        note(f"{self.at:%m-%d %H:%M:%S} {one.work.__name__} {given}")
        one.work(self, **given)

    def somebody_knocks(self, chance: Random) -> None:
        """Any step by anybody with any facts; mostly one that leads on, and often where a window or a hold is open."""
        table = self.rule.table
        waiting = sorted({*self.oracle.published, *self.oracle.objected.values()})
        one = self.anyone(chance.choice(PLACES))
        if waiting and chance.random() < 0.5:
            one = Application.objects.get(pk=chance.choice(waiting))
        leading = [step for step, (_, edges) in table.items() if self.oracle.stands[one.pk] in edges]
        step = chance.choice(leading if leading and chance.random() < 0.7 else sorted(table))
        if step == "withdraw":  # or soon nobody is left
            step = chance.choice(sorted(table))
        who = chance.choice(PEOPLE)
        role, _ = self.comes(who, chance.choice(sorted(self.rule.may[table[step][0]])), one)
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
        if one.state == "draft" and self.rule.own_publicity:
            self.attempt("self-publicity", lambda: self_publicity.start(one, place="公告栏", by=by, at=self.at),
                         role=role, may={"applicant"})  # fmt: skip
            return
        if one.state == "correction":
            self.attempt("resubmit", lambda: submitting.resubmit(one, by=by, at=self.at), role=role, may={"applicant"})
            return
        if starts_over and self.rule.own_publicity:
            self.attempt("revise", lambda: self_publicity.revise(one, by=by, at=self.at), role=role, may={"applicant"})
            return
        if self.rule.own_publicity:
            proof = made_up_upload("公示照片")
            self.attempt(
                "prove",
                lambda: self_publicity.prove(
                    one, proof=proof, had_objections=False, settlement="", by=by, at=self.at
                ),
                role=role, may={"applicant"},
            )  # fmt: skip
        self.attempt("submit", lambda: submitting.submit(one, by=by, at=self.at), role=role, may={"applicant"})

    @task(lambda self: self.played % 9 == 0, place=PLACES, who=PEOPLE)
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
        parts = [section.key for section in one.rulebook.sections_for(one.subject) if section.kind == "narrative"][:1]
        given = {
            "pass": {},
            "return": {"stage": one.state, "parts": parts, "reason": "请核对所填情况"},
            "refuse": {"ground": "不符合申报条件"},
        }[end]
        self.attempt(action.__name__, lambda: action(one, by=by, at=self.at, **given),
                     role=role, may={"recommender"} if first else {"officer"})  # fmt: skip

    @task(lambda self: self.rule.legs and self.anybody_in("recommendation_review"), place=PLACES, who=PEOPLE)
    def a_consent_is_sought(self, place: int, who: str) -> None:
        one = self.chosen(self.standing("recommendation_review"), place)
        role, by = self.comes(who, "recommender", one)
        if not one.checklists.filter(stage=one.state).exists():
            self.world.desks.ready_to_pass(one, one.state)
        self.attempt("seek", lambda: consents.seek_consent(one, self.rule.legs[0], by=by, at=self.at),
                     role=role, may={"recommender"})  # fmt: skip

    @task(
        lambda self: self.rule.legs,
        place=PLACES,
        who=PEOPLE,
        verdict=["consents", "consents", "refuses"],
        is_sealed=(True, True, False),
    )
    def a_consent_is_given(self, place: int, who: str, verdict: str, is_sealed: bool) -> None:
        """At the unit's own desk, or on paper that the recommender enters where the unit has none."""
        asked = LegConsent.objects.filter(superseded_at=None).select_related("application", "unit")
        consent = self.chosen(list(asked.order_by("verdict", "pk"))[:3], place)
        if consent is None:
            return
        right = "consenter" if consent.unit else "recommender"
        role, by = self.comes(who, right, consent.application)
        paper = None
        if is_sealed:
            paper = store_upload(
                made_up_upload("盖章页"), purpose="leg_consent", by=self.world.desks.examiner, at=self.at
            )
        given = {"verdict": verdict, "ground": "情况不实", "paper": paper, "by": by, "at": self.at}
        if consent.unit is None:
            given |= {"consenter": "样例镇人民政府（虚构）", "decided_on": self.at.date()}
        act = consents.decide_consent if consent.unit else consents.enter_consent
        may = {right} if is_sealed or (verdict == "refuses" and consent.unit) else set()
        if self.attempt(f"consent {verdict}", lambda: act(consent, **given), role=role, may=may):
            legs = self.oracle.consented[consent.application_id]
            legs.discard(consent.leg)
            if verdict == "consents":
                legs.add(consent.leg)

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

    @task(lambda self: self.played % 5 == 1, place=PLACES, who=PEOPLE, finding=(*CONDITIONS, *range(9)))
    def the_office_disqualifies(self, place: int, who: str, finding: str | int) -> None:
        one = self.anyone(place)
        role, by = self.comes(who, "officer")
        condition = self.condition(one, finding) or "不是条件"
        self.attempt(
            "disqualify",
            lambda: qualifying.disqualify(one, condition=condition, ground="经查证属实", by=by, at=self.at),
            role=role, may={"officer"},
        )  # fmt: skip

    # -- publicity -----------------------------------------------------------------------------------------------------

    @task(
        lambda self: self.anybody_in(*self.rule.lists),
        place=PLACES,
        who=PEOPLE,
        days=[None, None, 3, 7, 12],
    )
    def a_list_is_published(self, place: int, who: str, days: int | None) -> None:
        kind = self.chosen([one for one in self.rule.lists if self.anybody_in(one)], place)
        found = [one for one in self.standing(kind) if one.pk not in self.oracle.published] or self.standing(kind)
        right = "recommender" if kind == "recommendation_publicity" else "officer"
        role, by = self.comes(who, right)
        issuer = self.world.desks.recommender if right == "recommender" else self.world.office
        notices: list[Notice] = []
        if self.attempt(
            "publish",
            lambda: notices.append(
                open_publicity(
                    self.world.round, kind=kind, applications=found, issuer=issuer, by=by, at=self.at, days=days
                )
            ),
            role=role, may={right},
        ):  # fmt: skip
            self.oracle.listed(notices[0], [one.pk for one in found], at=self.at, days=days)

    @task(lambda self: self.oracle.published, who=PEOPLE, days=[4, 6, 8, 12], place=PLACES)
    def a_window_is_lengthened(self, who: str, days: int, place: int) -> None:
        notice = self.chosen(list(Notice.objects.windows().order_by("pk")), place)
        right = "recommender" if notice.kind == "recommendation_publicity" else "officer"
        role, by = self.comes(who, right)
        if self.attempt("lengthen", lambda: extend_publicity(notice, days=days, ground="材料补充", by=by, at=self.at),
                        role=role, may={right}):  # fmt: skip
            notice.refresh_from_db()
            self.oracle.lengthened(notice, days=days)

    @task(lambda self: self.oracle.published, place=PLACES)
    def the_clock_would_close_a_list(self, place: int) -> None:
        key = self.chosen(sorted(self.oracle.published), place)
        self.attempt("close_publicity", lambda: move(key, "close_publicity", by=None, at=self.at),
                     role="clock", may={"clock"})  # fmt: skip

    @task(lambda self: "public_comment" in self.rule.order, place=PLACES)
    def the_public_comments(self, place: int) -> None:
        notice = self.chosen(list(Notice.objects.windows().order_by("pk")), place)
        may = {"anybody"} if notice.kind == "public_comment" and self.at < notice.ends_at else set()
        self.attempt("comment", lambda: take_comment(notice, text="建议关注服务质量（虚构）", at=self.at),
                     role="anybody", may=may)  # fmt: skip

    @task(lambda self: "public_comment" in self.rule.order, who=PEOPLE)
    def the_office_sums_up(self, who: str) -> None:
        role, by = self.comes(who, "officer")
        self.attempt(
            "sum up",
            lambda: save_summary(self.world.round, text="收到意见若干", handled="已采纳", by=by, at=self.at),
            role=role, may={"officer"},
        )  # fmt: skip

    # -- the review ----------------------------------------------------------------------------------------------------

    @task(lambda self: self.anybody_in(*self.rule.reviews), place=PLACES)
    def a_panel_concludes(self, place: int) -> None:
        stage = self.chosen(self.standing(*self.rule.reviews), place).state
        review = replace(self.world.review, stage=stage)
        panel = Panel.objects.filter(round=review.round, stage=stage).first() or review.panel()
        if panel.due_on <= self.at.date():
            set_due(panel, due_on=self.at.date() + timedelta(days=14), by=review.officer, at=self.at)
            panel.refresh_from_db()
        concluded = set(PanelOpinion.objects.filter(stage=stage).values_list("application", flat=True))
        waiting = [one for one in self.standing(stage) if one.pk not in concluded]
        if waiting:
            if any(not review.readers(one) for one in waiting):
                assign_readers(panel, by=review.officer, at=self.at)
            for one in waiting:
                review.conclude(one)

    @task(
        lambda self: self.anybody_in(*self.rule.reviews),
        place=PLACES,
        going=range(2**6),
        everybody=(True, False),
        who=PEOPLE,
    )
    def the_office_cuts(self, place: int, going: int, everybody: bool, who: str) -> None:
        stage = self.chosen([one for one in self.rule.reviews if self.anybody_in(one)], place)
        found = self.standing(stage)
        passing = [one for nth, one in enumerate(found) if everybody or going >> nth & 1]
        role, by = self.comes(who, "officer")
        reasons = {one.pk: "综合得分靠后" for one in found if one not in passing}
        self.attempt(
            "cut",
            lambda: decide_cut(self.world.round, stage=stage, passing=passing, reasons=reasons, by=by, at=self.at),
            role=role, may={"officer"},
        )  # fmt: skip

    # -- objections ----------------------------------------------------------------------------------------------------

    @task(
        place=PLACES,
        complete=[True, True, True, False],
        accuses=(True, False),
        condition=("", *CONDITIONS[:2]),
    )
    def somebody_objects(self, place: int, complete: bool, accuses: bool, condition: str) -> None:
        open_to_all = [pk for pk in self.keys if self.oracle.takes_objections(pk, self.at)]
        one = self.anyone(place)
        if place % 3 and open_to_all:
            one = Application.objects.get(pk=self.chosen(open_to_all, place))
        [asked] = [form for form in one.rulebook.objections.filing if form.kind == "person"]
        fields = {"name": "样例人（虚构）", "phone": "13900000000", "address": "样例路1号（虚构）"}
        files = {field.key: made_up_upload(field.label) for field in asked.requires if field.kind == "file"}
        filed: list[Objection] = []
        if self.attempt(
            "object",
            lambda: filed.append(
                file_objection(
                    one, form="person", fields=fields if complete else {}, files=files if complete else {},
                    text="样例事实与理由", condition=self.condition(one, condition),
                    accuses_recommender=accuses, at=self.at,
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
            step = {
                "received": "forward", "accepted": "forward", "forwarded": "report", "investigating": "report",
                "reported": "decide", "decided": "tell",
            }[case.state]  # fmt: skip
        right = "recommender" if case.handler_id else "officer"  # whose publicity it was filed in (O6)
        if (
            step == "report"
            and not case.handler_id
            and self.rule.investigator == "recommender"
            and not case.accuses_recommender
        ):
            right = "recommender"  # the office looks into what is said of the recommender itself
        role, by = self.comes(who, right, case.application)
        given = {
            "refuse_form": {"because": "缺少签名"},
            "report": {"text": "经调查，有关情况如下所述。"},
            "decide": {"finding": finding, "text": "经认定，异议所述事实如下。"},
        }.get(step, {})
        take = getattr(
            {"refuse_form": completing, "report": investigating, "decide": outcomes}.get(step, handling), step
        )
        done = self.attempt(f"objection {step}", lambda: take(case, by=by, at=self.at, **given), role=role, may={right})
        if done and step in ("refuse_form", "decide"):
            self.oracle.settled(case.pk)
        if done and step in ("refuse_form", "tell"):
            self.unanswered.remove(case.pk)

    def condition(self, one: Application, what: str | int) -> str:
        """The key of a condition: prohibited to such an applicant, or to any (a number), or none at all."""
        if what == "prohibited":
            return self.rule.prohibits(one)[-1]
        if what == "merit":
            return self.rule.merit
        every = (*self.rule.prohibitions, *self.rule.individuals_prohibited)
        return every[what % len(every)] if isinstance(what, int) else ""
