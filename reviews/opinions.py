"""The panel's opinion on one application at one stage: after the last sheet, with the consensus where scores differ."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from applications.desk_rules import DeskRefused, require_text
from applications.gates import Blocker
from applications.models import Application
from applications.rules import works_in
from awards.parameters import rulebook_for
from organizations import evidence
from organizations.models import User

from .aggregating import StageScore, stage_score
from .late_conflicts import refuse_chair_who_stands_back
from .models import Assignment, Panel, PanelOpinion
from .on_record import hearing_blockers
from .pledges import require_pledge
from .review_papers import about, issue_review_paper


def may_conclude(panel: Panel, by: User) -> bool:
    """The panel's leader, or the office that keeps its papers."""
    return panel.chair.user_id == by.pk or works_in(by, panel.round.office)


def opinion_blockers(application: Application, stage: str) -> list[Blocker]:
    """What still stands before the opinion: readers, sheets; says how many are out, never a number from a sheet."""
    book = application.rulebook
    cite, rule = book.ground(book.stage(stage)), book.review(stage)
    if PanelOpinion.objects.filter(application=application, stage=stage).exists():
        return [Blocker("本环节的评审意见已经形成。", cite)]
    assigned = Assignment.objects.of_stage(application, stage)
    count, submitted = assigned.count(), assigned.submitted().count()
    if count < rule.readers_min.value:
        return [
            Blocker(f"评审专家{count}人，不足{rule.readers_min.value}人，请先分配。", book.ground(rule.readers_min))
        ]
    if submitted < count:
        return [Blocker(f"还有{count - submitted}名专家未提交评分表。", cite)]
    return hearing_blockers(application, stage)


@transaction.atomic
def conclude_opinion(
    application: Application, *, stage: str, text: str, by: User, at: datetime, consensus: str = ""
) -> PanelOpinion:
    """Issue the 评审意见 with the stage's figures; items too far apart need the consensus in words."""
    locked = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    book = locked.rulebook
    cite = book.ground(book.stage(stage))
    panel = Panel.objects.with_round().filter(round=locked.round, stage=stage).first()
    if panel is None or not may_conclude(panel, by):
        raise DeskRefused.because("评审意见由评审组组长或者办公室形成。", cite)
    refuse_chair_who_stands_back(panel, locked, by=by)
    if not works_in(by, panel.round.office):
        require_pledge(panel.chair, panel.round)
    if locked.state != stage:
        raise DeskRefused.because(f"该申报现处于“{locked.state_label}”，不能形成本环节的评审意见。", cite)
    found = opinion_blockers(locked, stage)
    if found:
        raise DeskRefused(found)
    figures = stage_score(locked, stage)
    assert figures is not None
    text, consensus = require_text(text, "评审意见"), consensus.strip()
    if figures.discrepancies and not consensus:
        names = "、".join(one.title for one in figures.discrepancies)
        raise DeskRefused.because(
            f"以下项目专家评分差异较大，须合议并填写合议情况：{names}。",
            book.ground(book.review(stage).discrepancy_percent),
        )
    return _issue(locked, panel, figures, text, consensus, by=by, at=at)


def _issue(
    application: Application, panel: Panel, figures: StageScore, text: str, consensus: str, *, by: User, at: datetime
) -> PanelOpinion:
    book = rulebook_for(panel.round)
    label = book.label(panel.stage)
    apart = [{"key": one.key, "title": one.title, "spread": str(one.spread)} for one in figures.discrepancies]
    content = {
        **about(application),
        "stage": label,
        "ground": book.ground(book.stage(panel.stage)),
        "score": str(figures.score),
        "total": str(figures.total),
        "raw": [str(one) for one in figures.raw],
        "rows": [
            {"title": one.title, "points": str(one.points), "mean": str(one.mean), "apart": one.is_discrepant}
            for one in figures.items
        ],
        "strengths": [f"{one.title}：{words}" for one in figures.items for words in one.strengths],
        "improvements": [f"{one.title}：{words}" for one in figures.items for words in one.improvements],
        "text": text,
        "consensus": consensus,
        "chair": str(panel.chair),
    }
    document = issue_review_paper(
        "review_opinion", panel.round, content, title=f"{label}{book.instrument('review_opinion')}",
        subject=f"review:{application.public_id}", by=by, at=at,
    )  # fmt: skip
    opinion = PanelOpinion.objects.create(
        application=application, panel=panel, stage=panel.stage, text=text, consensus=consensus, score=figures.score,
        lowest=min(figures.raw), highest=max(figures.raw), total=figures.total, raw=content["raw"],
        discrepancies=apart, signed_by=str(panel.chair), concluded_at=at, concluded_by=by, document=document,
    )  # fmt: skip
    evidence.record(
        "opinion.conclude", chain=panel.round.chain, by=by, subject=f"application:{application.public_id}", at=at,
        data={"stage": panel.stage, "document": document.number, "discrepancies": [one["key"] for one in apart]},
    )  # fmt: skip
    return opinion
