"""The pipeline: every state an application can be in, whose desk it is on, and every step out of it.

The order of stages is the rulebook's; this file holds what can follow what. Bodies are empty: what a step does beside
changing the state is the work of the room that takes it, in the same transaction (`moves.move`).
"""

from __future__ import annotations

from django.db import models
from django_fsm import GET_STATE, ConcurrentTransitionMixin, FSMField, transition


class State(models.TextChoices):
    """States with their default Chinese names; a rulebook gives the regulation's own (`Rulebook.label`)."""

    DRAFT = "draft", "填报"
    SELF_PUBLICITY = "self_publicity", "内部公示"
    RECOMMENDATION_REVIEW = "recommendation_review", "推荐审核"
    RECOMMENDATION_PUBLICITY = "recommendation_publicity", "推荐公示"
    RECOMMENDATION = "recommendation", "出具推荐意见"
    QUALIFICATION = "qualification", "资格审查"
    ACCEPTANCE_PUBLICITY = "acceptance_publicity", "受理公示"
    CORRECTION = "correction", "补正"
    DOCUMENT_REVIEW = "document_review", "材料评审"
    DEFENSE = "defense", "陈述答辩"
    ONSITE_REVIEW = "onsite_review", "现场评审"
    PUBLIC_COMMENT = "public_comment", "征求意见"
    DELIBERATION = "deliberation", "审议"
    AWARD_PUBLICITY = "award_publicity", "拟授奖公示"
    APPROVAL = "approval", "审定"
    AWARDED = "awarded", "获奖"
    WITHDRAWN = "withdrawn", "撤回申报"
    NOT_RECOMMENDED = "not_recommended", "不予推荐"
    NOT_ACCEPTED = "not_accepted", "不予受理"
    ELIMINATED = "eliminated", "未进入下一环节"
    NOT_SELECTED = "not_selected", "未列入建议名单"
    NOT_APPROVED = "not_approved", "未予批准"
    DISQUALIFIED = "disqualified", "取消参评资格"


class Owner(models.TextChoices):
    """Whose desk a state is on, and who may take a step."""

    APPLICANT = "applicant", "申报组织"
    RECOMMENDER = "recommender", "审核推荐单位"
    OFFICE = "office", "办公室"
    LEADING_BODY = "leading_body", "审议机构"
    GOVERNMENT = "government", "审定机关"
    CLOCK = "clock", "到期自动"
    NOBODY = "nobody", "已结束"


ENDS = frozenset(
    {
        State.AWARDED,
        State.WITHDRAWN,
        State.NOT_RECOMMENDED,
        State.NOT_ACCEPTED,
        State.ELIMINATED,
        State.NOT_SELECTED,
        State.NOT_APPROVED,
        State.DISQUALIFIED,
    }
)
ACTIVE = tuple(state for state in State.values if state not in ENDS)
PUBLICITIES = (
    State.RECOMMENDATION_PUBLICITY,
    State.ACCEPTANCE_PUBLICITY,
    State.PUBLIC_COMMENT,
    State.AWARD_PUBLICITY,
)
REVIEWS = (State.DOCUMENT_REVIEW, State.DEFENSE, State.ONSITE_REVIEW)

DESK = {
    State.DRAFT: Owner.APPLICANT,
    State.SELF_PUBLICITY: Owner.APPLICANT,
    State.CORRECTION: Owner.APPLICANT,
    State.RECOMMENDATION_REVIEW: Owner.RECOMMENDER,
    State.RECOMMENDATION_PUBLICITY: Owner.RECOMMENDER,
    State.RECOMMENDATION: Owner.RECOMMENDER,
    State.QUALIFICATION: Owner.OFFICE,
    State.ACCEPTANCE_PUBLICITY: Owner.OFFICE,
    State.DOCUMENT_REVIEW: Owner.OFFICE,
    State.DEFENSE: Owner.OFFICE,
    State.ONSITE_REVIEW: Owner.OFFICE,
    State.PUBLIC_COMMENT: Owner.OFFICE,
    State.DELIBERATION: Owner.LEADING_BODY,
    State.AWARD_PUBLICITY: Owner.OFFICE,
    State.APPROVAL: Owner.GOVERNMENT,
} | dict.fromkeys(ENDS, Owner.NOBODY)


def step(label: str, owner: Owner, *, gates: tuple[str, ...] = ()) -> dict:
    """What a transition carries for the door: the step's Chinese name, who may take it, and its gates by name."""
    return {"label": label, "owner": owner, "gates": gates}


def _next(application, *args, **kwargs) -> str:
    """The state the round's rulebook puts after the present one."""
    return application.rulebook.next_stage(application.state)


def _came_from(application, *args, **kwargs) -> str:
    """The desk that returned it."""
    return application.return_to


def _next_of_list(application, *args, **kwargs) -> str:
    """The state that follows the leading body's list, for a name that comes on it later."""
    return application.rulebook.next_stage(State.DELIBERATION)


def _to(*states: str) -> GET_STATE:
    """A target the rulebook chooses among `states`."""
    return GET_STATE(_next, states=list(states))


def _after(review: str) -> list[str]:
    """Where a review stage can lead: another review, in whatever order the rulebook has them, or onward."""
    return [*(one for one in REVIEWS if one != review), State.PUBLIC_COMMENT, State.DELIBERATION]


_CLOSE = step("公示期满", Owner.CLOCK, gates=("publicity_elapsed",))
_PASS = step("进入下一环节", Owner.OFFICE, gates=("panel_opinion", "cut_decision"))


class Pipeline(ConcurrentTransitionMixin, models.Model):
    """The state of an application. Only `applications.moves` calls these methods."""

    state = FSMField("状态", choices=State.choices, default=State.DRAFT, protected=True, db_index=True)
    # set while in correction: the desk that asked for it
    return_to = models.CharField("退回环节", max_length=40, blank=True, choices=State.choices)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(name="%(class)s_state_known", condition=models.Q(state__in=State.values)),
            models.CheckConstraint(
                name="%(class)s_correction_returns",
                condition=models.Q(state=State.CORRECTION) & ~models.Q(return_to="")
                | ~models.Q(state=State.CORRECTION) & models.Q(return_to=""),
            ),
        ]

    @transition(
        state,
        source=State.DRAFT,
        target=State.SELF_PUBLICITY,
        custom=step(
            "开始内部公示", Owner.APPLICANT, gates=("window_open", "claim_verified", "form_complete", "may_apply")
        ),
    )
    def start_self_publicity(self) -> None: ...

    @transition(
        state,
        source=[State.DRAFT, State.SELF_PUBLICITY],
        target=_to(State.RECOMMENDATION_REVIEW),
        custom=step(
            "提交申报",
            Owner.APPLICANT,
            gates=("window_open", "claim_verified", "form_complete", "may_apply", "self_publicity_done"),
        ),
    )
    def submit(self) -> None: ...

    @transition(
        state,
        source=State.SELF_PUBLICITY,
        target=State.DRAFT,
        custom=step("撤回内部公示修改材料", Owner.APPLICANT, gates=("window_open",)),
    )
    def revise(self) -> None: ...

    @transition(
        state,
        source=State.RECOMMENDATION_REVIEW,
        target=_to(State.RECOMMENDATION_PUBLICITY, State.RECOMMENDATION),
        custom=step(
            "审核通过",
            Owner.RECOMMENDER,
            gates=("checklist_signed", "consultation_answered", "findings_settled", "legs_consented"),
        ),
    )
    def clear_review(self) -> None: ...

    @transition(
        state,
        source=[State.RECOMMENDATION_REVIEW, State.RECOMMENDATION_PUBLICITY, State.RECOMMENDATION],
        target=State.NOT_RECOMMENDED,
        custom=step("不予推荐", Owner.RECOMMENDER),
    )
    def decline(self) -> None: ...

    @transition(
        state,
        source=State.RECOMMENDATION,
        target=_to(State.QUALIFICATION),
        custom=step("出具审核推荐意见", Owner.RECOMMENDER, gates=("opinion_issued",)),
    )
    def recommend(self) -> None: ...

    @transition(
        state,
        source=State.QUALIFICATION,
        target=_to(State.ACCEPTANCE_PUBLICITY, *REVIEWS),
        custom=step(
            "资格审查通过", Owner.OFFICE, gates=("checklist_signed", "consultation_answered", "findings_settled")
        ),
    )
    def accept(self) -> None: ...

    @transition(
        state,
        source=[State.QUALIFICATION, State.ACCEPTANCE_PUBLICITY],
        target=State.NOT_ACCEPTED,
        custom=step("不予受理", Owner.OFFICE),
    )
    def reject(self) -> None: ...

    @transition(
        state,
        source=State.RECOMMENDATION_REVIEW,
        target=State.CORRECTION,
        custom=step("退回补正", Owner.RECOMMENDER, gates=("correction_left",)),
    )
    def return_by_recommender(self) -> None: ...

    @transition(
        state,
        source=State.QUALIFICATION,
        target=State.CORRECTION,
        custom=step("退回补正", Owner.OFFICE, gates=("correction_left",)),
    )
    def return_by_office(self) -> None: ...

    @transition(
        state,
        source=State.CORRECTION,
        target=GET_STATE(_came_from, states=[State.RECOMMENDATION_REVIEW, State.QUALIFICATION]),
        custom=step("提交补正", Owner.APPLICANT, gates=("correction_open", "form_complete")),
    )
    def resubmit(self) -> None: ...

    @transition(
        state,
        source=State.CORRECTION,
        target=GET_STATE(_came_from, states=[State.RECOMMENDATION_REVIEW, State.QUALIFICATION]),
        custom=step("补正逾期，按已有材料审查", Owner.CLOCK, gates=("correction_overdue",)),
    )
    def close_correction(self) -> None: ...

    @transition(state, source=State.RECOMMENDATION_PUBLICITY, target=_to(State.RECOMMENDATION), custom=_CLOSE)
    @transition(state, source=State.ACCEPTANCE_PUBLICITY, target=_to(*REVIEWS), custom=_CLOSE)
    @transition(state, source=State.PUBLIC_COMMENT, target=_to(State.DELIBERATION), custom=_CLOSE)
    @transition(state, source=State.AWARD_PUBLICITY, target=_to(State.APPROVAL, State.AWARDED), custom=_CLOSE)
    def close_publicity(self) -> None: ...

    @transition(state, source=State.DOCUMENT_REVIEW, target=_to(*_after(State.DOCUMENT_REVIEW)), custom=_PASS)
    @transition(state, source=State.DEFENSE, target=_to(*_after(State.DEFENSE)), custom=_PASS)
    @transition(state, source=State.ONSITE_REVIEW, target=_to(*_after(State.ONSITE_REVIEW)), custom=_PASS)
    def pass_review(self) -> None: ...

    @transition(
        state,
        source=REVIEWS,
        target=State.ELIMINATED,
        custom=step("未进入下一环节", Owner.OFFICE, gates=("panel_opinion", "cut_decision")),
    )
    def eliminate(self) -> None: ...

    @transition(
        state,
        source=State.DELIBERATION,
        target=_to(State.AWARD_PUBLICITY, State.APPROVAL),
        custom=step("列入建议名单", Owner.LEADING_BODY, gates=("leading_body_decision",)),
    )
    def shortlist(self) -> None: ...

    @transition(
        state,
        source=State.DELIBERATION,
        target=State.NOT_SELECTED,
        custom=step("未列入建议名单", Owner.LEADING_BODY, gates=("leading_body_decision",)),
    )
    def pass_over(self) -> None: ...

    @transition(
        state,
        source=State.NOT_SELECTED,
        target=GET_STATE(_next_of_list, states=[State.AWARD_PUBLICITY, State.APPROVAL]),
        custom=step("递补列入建议名单", Owner.LEADING_BODY, gates=("promotion_allowed",)),
    )
    def promote(self) -> None: ...

    @transition(
        state,
        source=[State.NOT_SELECTED, State.AWARD_PUBLICITY, State.APPROVAL],
        target=State.DELIBERATION,
        custom=step("退回重新审议", Owner.LEADING_BODY, gates=("list_sent_back",)),
    )
    def redeliberate(self) -> None: ...

    @transition(
        state,
        source=State.APPROVAL,
        target=_to(State.AWARDED, State.AWARD_PUBLICITY),
        custom=step("批准授奖", Owner.GOVERNMENT, gates=("government_decision",)),
    )
    def approve(self) -> None: ...

    @transition(
        state,
        source=State.APPROVAL,
        target=State.NOT_APPROVED,
        custom=step("未予批准", Owner.GOVERNMENT, gates=("government_decision",)),
    )
    def refuse(self) -> None: ...

    @transition(state, source=list(ACTIVE), target=State.WITHDRAWN, custom=step("撤回申报", Owner.APPLICANT))
    def withdraw(self) -> None: ...

    @transition(
        state,
        source=[one for one in ACTIVE if one not in (State.DRAFT, State.SELF_PUBLICITY)],
        target=State.DISQUALIFIED,
        custom=step("取消参评资格", Owner.OFFICE, gates=("disqualifying_finding", "objection_upheld")),
    )
    def disqualify(self) -> None: ...


def steps_of(cls: type[Pipeline]) -> dict:
    """Every step by name: its transitions as django-fsm knows them."""
    found: dict = {}
    for one in cls._meta.get_field("state").get_all_transitions(cls):  # type: ignore[union-attr]
        found.setdefault(one.name, []).append(one)
    return found
