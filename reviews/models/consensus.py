"""After the last sheet: the consensus session with what was changed and why, and the opinion its members sign.

Also a sheet given back to its expert before that. Sheets themselves are never written over by a consensus.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from applications.models import Application
from documents.models import IssuedDocument
from organizations.models import User

from .experts import Expert
from .panels import Assignment, Panel
from .scoring import PanelOpinion


class SheetReopening(models.Model):
    """An expert's written wish to have a submitted sheet back, and what the office decided (U11.5)."""

    class State(models.TextChoices):
        ASKED = "asked", "待决定"
        GRANTED = "granted", "已退回"
        REFUSED = "refused", "未退回"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="reopenings")
    reason = models.TextField("申请理由", max_length=1000)
    asked_at = models.DateTimeField("申请时间")
    state = models.CharField("状态", max_length=20, choices=State.choices, default=State.ASKED)
    ground = models.TextField("决定理由", max_length=1000, blank=True)
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    # the sheet as it had been submitted; read by nobody before the last one is in
    items = models.JSONField("退回前逐项评分", default=dict)
    comments = models.TextField("退回前总体评价", max_length=3000, blank=True)

    class Meta:
        verbose_name = "评分表退回"
        verbose_name_plural = "评分表退回"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["assignment"], condition=Q(state="asked"), name="sheet_reopening_once")
        ]


class ConsensusSession(models.Model):
    """合议 on one application at one stage: who took part, what was said of each item, how it ended."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    panel = models.ForeignKey(Panel, models.PROTECT, related_name="consensus_sessions")
    application = models.ForeignKey(Application, models.PROTECT, related_name="+")
    starts_at = models.DateTimeField("合议时间")
    place = models.CharField("地点", max_length=120)
    convened_at = models.DateTimeField("召集时间")
    convened_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    conclusion = models.TextField("合议结论", max_length=3000, blank=True)
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    document = models.ForeignKey(IssuedDocument, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "合议"
        verbose_name_plural = "合议"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["panel", "application"], condition=Q(closed_at=None), name="consensus_one_open"
            )
        ]


class ConsensusAttendance(models.Model):
    class Mode(models.TextChoices):
        PRESENT = "present", "到会"
        REMOTE = "remote", "视频参加"
        WRITTEN = "written", "书面意见"

    session = models.ForeignKey(ConsensusSession, models.PROTECT, related_name="attendances")
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="+")
    mode = models.CharField("参加方式", max_length=20, choices=Mode.choices)
    words = models.TextField("书面意见", max_length=2000, blank=True)
    signed_at = models.DateTimeField("签到时间")
    signed_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "合议签到"
        verbose_name_plural = "合议签到"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["session", "assignment"], name="consensus_attendance_once"),
            models.CheckConstraint(name="consensus_written_words", condition=~Q(mode="written") | ~Q(words="")),
        ]


class ConsensusItem(models.Model):
    """What was said of one item and what the members came to."""

    session = models.ForeignKey(ConsensusSession, models.PROTECT, related_name="items")
    item = models.CharField("项目", max_length=60)
    said = models.TextField("讨论情况", max_length=2000)
    recorded_at = models.DateTimeField("记录时间")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "合议项目"
        verbose_name_plural = "合议项目"
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["session", "item"], name="consensus_item_once")]


class ConsensusChangeQuerySet(models.QuerySet["ConsensusChange"]):
    def in_force(self) -> ConsensusChangeQuerySet:
        """The expert's own, or confirmed by the expert; the last of an item counts."""
        return self.filter(confirmed_at__isnull=False)

    def waiting(self) -> ConsensusChangeQuerySet:
        return self.filter(confirmed_at=None, declined_at=None)


class ConsensusChange(models.Model):
    """One expert's score of one item after the consensus; the sheet keeps the first one."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    session = models.ForeignKey(ConsensusSession, models.PROTECT, related_name="changes")
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="consensus_changes")
    item = models.CharField("项目", max_length=60)
    old = models.CharField("原得分", max_length=10)
    new = models.CharField("改后得分", max_length=10)
    reason = models.TextField("改分理由", max_length=1000)
    at = models.DateTimeField("记录时间")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField("本人确认时间", null=True, blank=True)
    declined_at = models.DateTimeField("本人不同意时间", null=True, blank=True)

    objects = ConsensusChangeQuerySet.as_manager()

    class Meta:
        verbose_name = "合议改分"
        verbose_name_plural = "合议改分"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "item"], condition=Q(confirmed_at=None, declined_at=None),
                name="consensus_change_one_waiting",
            ),
            models.CheckConstraint(
                name="consensus_change_one_answer", condition=Q(confirmed_at=None) | Q(declined_at=None)
            ),
        ]  # fmt: skip


class OpinionDraft(models.Model):
    """The words put to the members; a changed text is a new revision, and everybody signs again."""

    panel = models.ForeignKey(Panel, models.PROTECT, related_name="opinion_drafts")
    application = models.ForeignKey(Application, models.PROTECT, related_name="+")
    text = models.TextField("评审意见", max_length=5000)
    revision = models.PositiveSmallIntegerField("稿次", default=1)
    drafted_at = models.DateTimeField("起草时间")
    drafted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    opinion = models.OneToOneField(PanelOpinion, models.PROTECT, null=True, related_name="draft")

    class Meta:
        verbose_name = "评审意见稿"
        verbose_name_plural = "评审意见稿"
        constraints = [models.UniqueConstraint(fields=["panel", "application"], name="opinion_draft_once")]


class OpinionSignature(models.Model):
    """A member's own signature under one revision and one score; with a dissent, the member's words stand in it."""

    draft = models.ForeignKey(OpinionDraft, models.PROTECT, related_name="signatures")
    expert = models.ForeignKey(Expert, models.PROTECT, related_name="+")
    revision = models.PositiveSmallIntegerField("稿次")
    score = models.CharField("签署时得分", max_length=12)
    dissent = models.TextField("保留意见", max_length=2000, blank=True)
    signed_at = models.DateTimeField("签署时间")
    signed_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "评审意见签署"
        verbose_name_plural = "评审意见签署"
        ordering = ("pk",)
