"""The recommender's decisions: pass the review, return, decline, and the opinion that follows the publicity (U11.3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from award_portal.lib import clock
from awards.workdays import date_zh
from documents.models import IssuedDocument
from organizations.models import User

from .consultation_summary import summarize
from .corrections import return_for_correction, tell_applicant
from .desk_papers import issue_decline_notice, issue_recommendation_papers
from .desk_rules import DeskRefused, lock_all_on_desk, require_text
from .gates import Blocker
from .models import Application, Checklist, CreditCheck, Hold, RecommendationOpinion, Step
from .moves import StepRefused, blockers, move
from .pipeline import State

__all__ = ["clear_review", "decline", "issue_opinion", "return_for_correction"]


@transaction.atomic
def clear_review(application: Application, *, by: User, at: datetime) -> Step:
    """The review is passed; the application goes on to its publicity or straight to the opinion (U11.3, Z17.3)."""
    book = application.rulebook
    stage = book.stage(State.RECOMMENDATION_REVIEW)
    step = move(application.pk, "clear_review", by=by, at=at, ground="审核通过", cite=book.ground(stage))
    tell_applicant(application, subject=f"{book.role('recommender')}审核通过，转入{book.label(step.to_state)}", at=at)
    return step


@transaction.atomic
def decline(application: Application, *, ground: str, cite: str = "", by: User, at: datetime) -> IssuedDocument:
    """Not recommended, with the ground and its article, told in writing by a 不予推荐告知书."""
    ground = require_text(ground, "不予推荐的理由")
    locked = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    cite = cite.strip() or locked.rulebook.ground(locked.rulebook.stage(State.RECOMMENDATION_REVIEW))
    refused = blockers(locked, "decline", by=by, at=at)
    if refused:
        raise DeskRefused(refused)
    document = issue_decline_notice(locked, ground=ground, cite=cite, by=by, at=at)
    move(locked.pk, "decline", by=by, at=at, ground=ground, cite=cite, facts={"document": str(document.public_id)})
    tell_applicant(locked, subject="审核推荐单位决定不予推荐，请查看不予推荐告知书", at=at)
    return document


@transaction.atomic
def issue_opinion(
    applications: Iterable[Application], *, opinion: str, publicity_result: str, by: User, at: datetime
) -> IssuedDocument:
    """One 审核推荐意见 for all the candidates, saying how publicity and review went; all go to the office, or none.

    Issues the letter and its 推荐汇总表, writes each candidate's opinion, and takes the step `recommend` for each.
    Where the scheme publishes no recommendation nothing is said of a publicity.
    """
    opinion = require_text(opinion, "审核推荐意见")
    locked = lock_all_on_desk(applications, stage=State.RECOMMENDATION, by=by)
    if not locked:
        raise DeskRefused.because("请至少选择一个申报组织。")
    if len({(one.round_id, one.recommender_id) for one in locked}) > 1:
        raise DeskRefused.because("一份审核推荐意见只能包括同一届、同一审核推荐单位的申报组织。")
    book = locked[0].rulebook
    has_publicity = book.has_stage(State.RECOMMENDATION_PUBLICITY)
    publicity_result = require_text(publicity_result, "公示情况") if has_publicity else ""
    cite = book.ground(book.stage(State.RECOMMENDATION))
    recommender = locked[0].recommender
    assert recommender is not None
    letter, table = issue_recommendation_papers(
        locked, recommender=recommender, opinion=opinion, publicity_result=publicity_result,
        consultation=summarize(locked, stage=State.RECOMMENDATION_REVIEW, at=at).plain(), by=by, at=at,
    )  # fmt: skip
    found: list[Blocker] = []
    for one in locked:
        RecommendationOpinion.objects.create(
            application=one, opinion=opinion, publicity_result=publicity_result, document=letter,
            signed_at=at, signed_by=by,
        )  # fmt: skip
        facts = {"document": str(letter.public_id), "summary": str(table.public_id)}
        try:
            move(one.pk, "recommend", by=by, at=at, ground="审核推荐", cite=cite, facts=facts)
        except StepRefused as refused:
            found += [Blocker(f"{one.organization}：{blocker.text}", blocker.citation) for blocker in refused.blockers]
        tell_applicant(one, subject="审核推荐单位已出具推荐意见并报送办公室", at=at)
    if found:
        raise DeskRefused(found)
    return letter


def draft_opinion(applications: Sequence[Application], *, at: datetime) -> str:
    """What the letter may say of first review and consultation, from the record; the desk edits it before it signs."""
    if not applications:
        return ""
    book = applications[0].rulebook
    stage = book.stage(State.RECOMMENDATION_REVIEW)
    signed = Checklist.objects.filter(application__in=applications, stage=stage.state, signed_at__isnull=False).count()
    checked = CreditCheck.objects.filter(application__in=applications, stage=stage.state).count()
    lines = []
    if stage.checklist:
        lines.append(
            f"经对照{book.ground(stage)}逐项审核{len(stage.checklist)}项要点，{signed}份审核表已由审核人、复核人、分管领导签署。"
        )
    if checked:
        lines.append(f"登记信用核查记录{checked}条。")
    if book.consultation(stage.state):
        lines.append(summarize(applications, stage=stage.state, at=at).sentence)
    names = "、".join(str(one.organization) for one in applications)
    lines.append(f"同意推荐{names}申报{book.award_name}。")
    return "\n".join(one for one in lines if one)


def draft_publicity_result(applications: Sequence[Application]) -> str:
    """How the recommendation publicity went, from the record; empty where the scheme has none."""
    if not applications or not applications[0].rulebook.has_stage(State.RECOMMENDATION_PUBLICITY):
        return ""
    book = applications[0].rulebook
    steps = Step.objects.filter(
        application__in=applications, step="close_publicity", from_state=State.RECOMMENDATION_PUBLICITY
    ).order_by("at")
    days = sorted({date_zh(clock.day_of(one.at)) for one in steps})
    objections = Hold.objects.filter(application__in=applications, source__startswith="objection:").count()
    if not days:
        return ""
    settled = f"期间收到异议{objections}件，均已办理完毕" if objections else "期间未收到异议"
    return f"{book.label(State.RECOMMENDATION_PUBLICITY)}已于{'、'.join(days)}结束，{settled}。"
