"""Stepping back from one application: declared, ordered, or asked for by the applicant; in force at once (U23)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from applications.desk_rules import DeskRefused, require_text
from applications.models import Application, DossierGrant
from applications.rules import acts_for
from awards.parameters import rulebook_for
from documents.voiding import void_document
from organizations import evidence
from organizations.messages import people_of, send_message
from organizations.models import StoredFile, User

from .conflicts import conflicts_of
from .drawing import fresh_seed
from .models import Assignment, CutLine, Expert, Panel, PanelOpinion, Recusal, ScoreSheet, TieSource
from .panels import ends_after, require_office
from .readers import open_assignment
from .reserve import draw_replacement
from .ties import declare_conflict

Source, State = Recusal.Source, Recusal.State


@transaction.atomic
def recuse_oneself(
    assignment: Assignment, *, ground: str, reason: str, by: User, at: datetime, seed: str = ""
) -> Recusal:
    """The expert declares a tie and is out of the application at once; nobody has to agree."""
    if assignment.expert.user_id != by.pk:
        raise DeskRefused.because("只能就本人的评审任务申请回避。")
    return _open_and_carry_out(assignment, Source.SELF, ground, reason, by=by, at=at, seed=seed)


@transaction.atomic
def order_recusal(
    assignment: Assignment, *, ground: str, reason: str, by: User, at: datetime, seed: str = ""
) -> Recusal:
    """The office orders an expert out of an application."""
    require_office(assignment.panel.round, by)
    return _open_and_carry_out(assignment, Source.OFFICE, ground, reason, by=by, at=at, seed=seed)


@transaction.atomic
def ask_recusal(
    application: Application, *, named: str, ground: str, reason: str, proof: StoredFile | None, by: User, at: datetime
) -> Recusal:
    """An applicant asks with evidence that a named person step back; the office decides."""
    book = application.rulebook
    cite = book.ground(book.recusal.on_request) if book.recusal.on_request else book.recusal_ground
    if not acts_for(by, application):
        raise DeskRefused.because(f"只有{book.noun}可以就自己的评审提出回避申请。", cite)
    if not application.is_active:
        raise DeskRefused.because("本申报的评审已经结束，不能再申请回避。", cite)
    _require_ground(application, ground)
    if proof is None:
        raise DeskRefused.because("申请专家回避须附证明材料。", cite)
    recusal = Recusal.objects.create(
        application=application, named=require_text(named, "专家姓名"), source=Source.APPLICANT, ground=ground,
        reason=require_text(reason, "事实和理由"), proof=proof, asked_at=at, asked_by=by,
    )  # fmt: skip
    _record("recusal.ask", recusal, by=by, at=at)
    send_message(
        people_of(application.round.office),
        subject=f"收到{book.noun}提出的专家回避申请",
        url=reverse("reviews:recusals"),
        at=at,
    )
    return recusal


@transaction.atomic
def decide_recusal(
    recusal: Recusal, *, assignment: Assignment | None, decision: str, by: User, at: datetime, seed: str = ""
) -> Recusal:
    """The office grants what an applicant asked (naming the assignment it ends), or refuses it with its reasons."""
    require_office(recusal.application.round, by)
    application = Application.objects.select_for_update(of=("self",)).get(pk=recusal.application_id)
    locked = Recusal.objects.select_for_update(of=("self",)).get(pk=recusal.pk)
    if locked.state != State.ASKED:
        raise DeskRefused.because("这一回避申请已经决定。页面可能已过时，请刷新。")
    locked.decision = require_text(decision, "决定理由")
    locked.decided_at, locked.decided_by = at, by
    if assignment is None:
        locked.state = State.REFUSED
        locked.save()
    else:
        if assignment.application_id != application.pk:
            raise DeskRefused.because("所选专家不评审本申报。")
        _carry_out(locked, assignment, by=by, at=at, seed=seed)
    _record("recusal.decide", locked, by=by, at=at)
    send_message([locked.asked_by], subject=f"回避申请已决定：{locked.get_state_display()}", at=at)
    return locked


def _open_and_carry_out(
    assignment: Assignment, source: str, ground: str, reason: str, *, by: User, at: datetime, seed: str
) -> Recusal:
    application = Application.objects.select_for_update(of=("self",)).get(pk=assignment.application_id)
    _require_ground(application, ground)
    recusal = Recusal.objects.create(
        application=application, expert=assignment.expert, source=source, ground=ground,
        reason=require_text(reason, "事实和理由"), asked_at=at, asked_by=by, decided_at=at, decided_by=by,
    )  # fmt: skip
    _carry_out(recusal, assignment, by=by, at=at, seed=seed)
    _record("recusal.grant", recusal, by=by, at=at)
    return recusal


def _carry_out(recusal: Recusal, assignment: Assignment, *, by: User, at: datetime, seed: str) -> None:
    """Access cut, sheet void but kept, assignment ended, tie on record, replacement drawn: all or nothing."""
    locked = Assignment.objects.select_for_update(of=("self",)).get(pk=assignment.pk)
    if locked.ended_at is not None:
        raise DeskRefused.because("该评审任务已经结束。页面可能已过时，请刷新。")
    panel, expert, application = locked.panel, locked.expert, locked.application
    _refuse_after_the_cut(panel, application)
    because = f"回避：{recusal.get_source_display()}"
    before = Assignment.objects.of_stage(application, panel.stage).count()
    undone = _void_opinion(panel, application, because, by=by, at=at)
    DossierGrant.objects.filter(application=application, user=expert.user, revoked_at=None).update(
        revoked_at=at, revoked_because=because
    )
    # what was judged at a stage already decided stays as it was judged
    own = Assignment.objects.active().filter(application=application, expert=expert, panel=panel)
    undone["sheets"] = ScoreSheet.objects.filter(assignment__in=own, voided_at=None, submitted_at__isnull=False).count()
    ScoreSheet.objects.filter(assignment__in=own, voided_at=None).update(voided_at=at, voided_because=because)
    own.update(ended_at=at, ended_because=because)
    if not conflicts_of(expert, application):
        declare_conflict(
            expert, application.organization, round=panel.round, ground=recusal.ground,
            source=_declared_by(recusal.source), note="", by=by, at=at,
        )  # fmt: skip
    replacement = _replace(panel, application, expert, seed=seed, by=by, at=at)
    undone["readers"] = [before, Assignment.objects.of_stage(application, panel.stage).count()]
    recusal.expert, recusal.replacement, recusal.state = expert, replacement, State.GRANTED
    recusal.undone = undone
    recusal.save()


def _replace(
    panel: Panel, application: Application, left: Expert, *, seed: str, by: User, at: datetime
) -> Expert | None:
    """A reader drawn in place of the one who left; the office is told when there is none, or no day left to read."""
    replacement: Expert | None = draw_replacement(
        panel, application, seed=seed or fresh_seed(), replaced=left, by=by, at=at
    )
    url, office = reverse("reviews:panel", args=[panel.public_id]), people_of(panel.round.office)
    if replacement is None:
        send_message(office, subject="专家回避后没有可以替补的专家，请增补评审组", url=url, at=at)
        return None
    open_assignment(panel, application, replacement, by=by, at=at, is_checked=True)
    send_message([replacement.user], subject="您有新的评审任务", url=reverse("reviews:mine"), at=at)
    if ends_after(panel.due_on) <= at:
        send_message(office, subject="已替补评审专家，但评审截止日已过，请顺延评审截止日", url=url, at=at)
    return replacement


def _refuse_after_the_cut(panel: Panel, application: Application) -> None:
    """Who goes on is decided on the figures as they stood; after that an objection or discipline is the way."""
    if CutLine.objects.filter(application=application, decision__stage=panel.stage).exists():
        raise DeskRefused.because(
            f"{panel.stage_label}进入下一环节的决定已经作出，不能再变更本环节的评审专家。认为结果受到影响的，请按异议程序办理；"
            "专家应当回避而没有回避的，请在专家库暂停使用或者取消资格。",
            rulebook_for(panel.round).recusal_ground,
        )


def _void_opinion(panel: Panel, application: Application, because: str, *, by: User, at: datetime) -> dict[str, Any]:
    """The panel's opinion rests on the sheet that is void now: it is void too, kept, and formed anew (V3)."""
    opinion = PanelOpinion.objects.filter(application=application, stage=panel.stage).select_related("document").first()
    if opinion is None:
        return {}
    opinion.voided_at, opinion.voided_because = at, because
    opinion.save(update_fields=["voided_at", "voided_because"])
    void_document(opinion.document, because=f"{because}，评审意见重新形成", by=by, at=at)
    subject = f"{panel.stage_label}有一份评审意见因专家回避作废，须重新形成"
    send_message([panel.chair.user], subject=subject, url=reverse("reviews:mine"), at=at)
    url = reverse("reviews:panel", args=[panel.public_id])
    send_message(people_of(panel.round.office), subject=subject, url=url, at=at)
    return {"opinion": opinion.document.number}


def _declared_by(source: str) -> str:
    return {
        Source.SELF: TieSource.EXPERT,
        Source.OFFICE: TieSource.OFFICE,
        Source.APPLICANT: TieSource.APPLICANT,
    }[Source(source)]


def _require_ground(application: Application, ground: str) -> None:
    if ground not in {one.key for one in application.rulebook.recusal.grounds}:
        raise DeskRefused.because("请选择回避情形。", application.rulebook.recusal_ground)


def _record(verb: str, recusal: Recusal, *, by: User, at: datetime) -> None:
    evidence.record(
        verb, chain=recusal.application.round.chain, by=by, subject=f"recusal:{recusal.public_id}", at=at,
        data={
            "application": str(recusal.application.public_id), "state": recusal.state, "ground": recusal.ground,
            "expert": str(recusal.expert.public_id) if recusal.expert else "",
            "replacement": str(recusal.replacement.public_id) if recusal.replacement else "",
            "undone": recusal.undone,
        },
    )  # fmt: skip
