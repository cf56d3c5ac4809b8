"""Score sheets, the panel's opinion, and the decision who goes on."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from applications.models import Application
from awards.models import Round
from documents.models import IssuedDocument
from organizations.models import User

from .panels import STAGES, Assignment, Panel


class ScoreSheet(models.Model):
    """One expert's independent sheet; nobody else sees it or a number from it before all of them are in (U11.5)."""

    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="sheet")
    # item key → {"score": "82.5", "strengths", "improvements", "file" ("file:<id>" or "part:<key>"), "page"}
    items = models.JSONField("逐项评分", default=dict)
    comments = models.TextField("总体评价", max_length=3000, blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    # "score-<item>" → the version that changed it last: what another page has not seen yet
    touched = models.JSONField("各项改动版本", default=dict)
    saved_at = models.DateTimeField("保存时间")
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    reminded_at = models.DateTimeField("最近提醒时间", null=True, blank=True)
    voided_at = models.DateTimeField("作废时间", null=True, blank=True)
    voided_because = models.CharField("作废理由", max_length=120, blank=True)

    class Meta:
        verbose_name = "评分表"
        verbose_name_plural = "评分表"


class StandingOpinions(models.Manager["PanelOpinion"]):
    """A void opinion counts nowhere: only what asks for it by `PanelOpinion.ever` finds it."""

    def get_queryset(self) -> models.QuerySet[PanelOpinion]:
        return super().get_queryset().filter(voided_at=None)


class PanelOpinion(models.Model):
    """评审意见 of the panel on one application at one stage, with the figures it rests on (U11.5–U11.7).

    One stands at a time; a recusal granted before the cut voids it, and the panel forms another (U23).
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="panel_opinions")
    panel = models.ForeignKey(Panel, models.PROTECT, related_name="opinions")
    stage = models.CharField("环节", max_length=40, choices=STAGES)
    text = models.TextField("评审意见", max_length=5000)
    consensus = models.TextField("合议情况", max_length=3000, blank=True)
    score = models.DecimalField("得分", max_digits=8, decimal_places=2)
    lowest = models.DecimalField("最低分", max_digits=8, decimal_places=2)
    highest = models.DecimalField("最高分", max_digits=8, decimal_places=2)
    total = models.DecimalField("满分", max_digits=8, decimal_places=2)
    raw = models.JSONField("各专家原始总分", default=list)
    discrepancies = models.JSONField("差异较大的项目", default=list)
    signed_by = models.CharField("组长", max_length=40)
    concluded_at = models.DateTimeField("形成时间")
    concluded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    document = models.ForeignKey(IssuedDocument, models.PROTECT, related_name="+")
    voided_at = models.DateTimeField("作废时间", null=True, blank=True)
    voided_because = models.CharField("作废理由", max_length=120, blank=True)

    objects = StandingOpinions()
    ever = models.Manager()

    class Meta:
        verbose_name = "评审意见"
        verbose_name_plural = "评审意见"
        constraints = [
            models.UniqueConstraint(
                fields=["application", "stage"], condition=Q(voided_at=None), name="panel_opinion_once_a_stage"
            )
        ]


class CutDecision(models.Model):
    """Who goes on from a stage and who does not, each with a reason; never more than the rulebook's ceiling."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="+")
    stage = models.CharField("环节", max_length=40, choices=STAGES)
    ceiling = models.PositiveSmallIntegerField("上限", null=True)
    decided_at = models.DateTimeField("决定时间")
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "进入下一环节的决定"
        verbose_name_plural = "进入下一环节的决定"
        ordering = ("pk",)


class CutLine(models.Model):
    decision = models.ForeignKey(CutDecision, models.PROTECT, related_name="lines")
    application = models.ForeignKey(Application, models.PROTECT, related_name="+")
    passing = models.BooleanField("进入下一环节")
    reason = models.CharField("理由", max_length=500, blank=True)
    score = models.DecimalField("得分", max_digits=8, decimal_places=2)
    rank = models.PositiveSmallIntegerField("名次")
    document = models.ForeignKey(IssuedDocument, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "决定明细"
        verbose_name_plural = "决定明细"
        ordering = ("rank", "pk")
        constraints = [
            models.UniqueConstraint(fields=["decision", "application"], name="cut_line_once"),
            models.CheckConstraint(name="cut_line_with_reason", condition=Q(passing=True) | ~Q(reason="")),
        ]
