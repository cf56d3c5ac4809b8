"""What a desk does on an application: corrections, checklists, findings, credit checks, the opinion."""

from __future__ import annotations

import uuid

from django.db import models

from documents.models import IssuedDocument
from organizations.models import StoredFile, User

from ..gates import short_citation
from ..pipeline import State
from .application import Application


class Correction(models.Model):
    """A return for correction: only the named parts reopen, until the due moment (section 7: once a stage)."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="corrections")
    stage = models.CharField("环节", max_length=40, choices=State.choices)
    parts = models.JSONField("需补正的部分")
    reason = models.TextField("补正内容", max_length=2000)
    due_at = models.DateTimeField("补正期限")
    asked_at = models.DateTimeField("退回时间")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    document = models.ForeignKey(IssuedDocument, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField("补正时间", null=True, blank=True)
    lapsed_at = models.DateTimeField("逾期时间", null=True, blank=True)

    class Meta:
        verbose_name = "补正"
        verbose_name_plural = "补正"
        ordering = ("-asked_at",)


class Checklist(models.Model):
    """A desk's checklist by article with its findings; signed when all required items are answered (U11.3, U11.4)."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="checklists")
    stage = models.CharField("环节", max_length=40, choices=State.choices)
    # item key → {"verdict": "meets" | "fails" | "noted", "note": str}
    items = models.JSONField("逐项意见", default=dict)
    opinion = models.TextField("审核意见", max_length=2000, blank=True)
    examiner = models.CharField("审核人", max_length=40, blank=True)
    reviewer = models.CharField("复核人", max_length=40, blank=True)
    approver = models.CharField("分管领导", max_length=40, blank=True)
    dossier_version = models.PositiveSmallIntegerField("所审材料版本", default=1)
    version = models.PositiveIntegerField("版本", default=1)
    saved_at = models.DateTimeField("保存时间")
    signed_at = models.DateTimeField("签署时间", null=True, blank=True)
    signed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "审核表"
        verbose_name_plural = "审核表"
        constraints = [models.UniqueConstraint(fields=["application", "stage"], name="checklist_once_a_stage")]


class Finding(models.Model):
    """What a machine check found (R6); a person confirms or settles it with a note."""

    class Result(models.TextChoices):
        CLEAR = "clear", "未见异常"
        DOUBT = "doubt", "需人工核实"
        STOP = "stop", "不符合"

    application = models.ForeignKey(Application, models.PROTECT, related_name="findings")
    check_name = models.CharField("核查项", max_length=40)
    stage = models.CharField("环节", max_length=40, choices=State.choices)
    result = models.CharField("结果", max_length=20, choices=Result.choices)
    text = models.CharField("核查情况", max_length=500)
    cite = models.CharField("条款", max_length=200)
    found_at = models.DateTimeField("核查时间")
    # the last run that came to this; a run after a correction may find the same again
    run_at = models.DateTimeField("最近核查时间", null=True, blank=True)
    settled_at = models.DateTimeField("核实时间", null=True, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    settled_as = models.CharField("核实结论", max_length=20, choices=Result.choices, blank=True)
    note = models.CharField("核实说明", max_length=500, blank=True)

    class Meta:
        verbose_name = "核查记录"
        verbose_name_plural = "核查记录"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["application", "check_name", "stage"], name="finding_once_a_stage")
        ]

    @property
    def short_citation(self) -> str:
        return short_citation(self.cite)


class CreditCheck(models.Model):
    """信用核查记录: which site was looked at, when, by whom, and what it showed (U11.3)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="credit_checks")
    stage = models.CharField("环节", max_length=40, choices=State.choices)
    site = models.CharField("查询网站", max_length=120)
    looked_at = models.DateTimeField("查询时间")
    is_clear = models.BooleanField("未见不良记录")
    result = models.TextField("查询结果", max_length=500)
    screenshot = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="截图"
    )
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="查询人")

    class Meta:
        verbose_name = "信用核查记录"
        verbose_name_plural = "信用核查记录"
        ordering = ("-looked_at", "-pk")


class RecommendationOpinion(models.Model):
    """The recommender's written opinion that follows the publicity; many names may share one letter (U11.3)."""

    application = models.OneToOneField(Application, models.PROTECT, related_name="recommendation_opinion")
    opinion = models.TextField("审核推荐意见", max_length=2000)
    publicity_result = models.TextField("公示情况", max_length=1000)
    document = models.ForeignKey(IssuedDocument, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField("签署时间")
    signed_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "审核推荐意见"
        verbose_name_plural = "审核推荐意见"
