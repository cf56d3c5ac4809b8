"""Objections: what was filed, who investigates, by when, and how it ended. The objector's identity is sealed."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.urls import reverse

from applications.models import Application
from award_portal.lib.sealed import SealedTextField
from documents.models import IssuedDocument
from organizations.models import Unit, User
from publicity.models import Notice

from ..pipeline import LEGS, LEGS_ZH, OPEN, UNFINISHED, ObjectionPipeline, State

SOON = timedelta(days=3)


class ObjectionQuerySet(models.QuerySet["Objection"]):
    def open(self) -> ObjectionQuerySet:
        return self.filter(state__in=OPEN)

    def unfinished(self) -> ObjectionQuerySet:
        return self.filter(state__in=UNFINISHED)

    def on_the_clock(self) -> ObjectionQuerySet:
        """Cases in which an office's leg runs; an incomplete filing waits for the objector."""
        return self.filter(state__in=list(LEGS))

    def late(self, at: datetime) -> ObjectionQuerySet:
        """Legs past their due moment, told already or not."""
        return self.on_the_clock().filter(due_at__lte=at)

    def overdue(self, at: datetime) -> ObjectionQuerySet:
        """Legs past their due moment and not yet escalated."""
        return self.late(at).filter(escalated_at=None)

    def to_warn_of(self, at: datetime) -> ObjectionQuerySet:
        """Legs half run and not yet warned of."""
        return self.on_the_clock().filter(warn_at__lte=at, due_at__gt=at, warned_at=None)

    def due_soon(self, at: datetime) -> ObjectionQuerySet:
        """What runs out within three days, an incomplete filing's own days too."""
        return self.unfinished().filter(due_at__gt=at, due_at__lte=at + SOON)

    def warned(self, at: datetime) -> ObjectionQuerySet:
        """Legs half run and not yet over."""
        return self.on_the_clock().filter(warn_at__lte=at, due_at__gt=at)

    def not_completed(self, at: datetime) -> ObjectionQuerySet:
        """Incomplete filings whose days to complete them have run out."""
        return self.filter(state=State.INCOMPLETE, due_at__lte=at)

    def without_due(self) -> ObjectionQuerySet:
        """Legs begun while the calendar they run into was not published."""
        return self.on_the_clock().filter(due_at=None).exclude(leg_started_at=None)

    def visible_to(self, user: User) -> ObjectionQuerySet:
        """The office of the round, the unit that handles it, and the one that investigates; nobody else."""
        units = Unit.objects.of_user(user)
        own = Q(application__round__office__in=units) | Q(handler__in=units) | Q(investigator__in=units)
        return self.filter(own).distinct()


class Objection(ObjectionPipeline):
    """One objection to one application (U12)."""

    class Finding(models.TextChoices):
        UPHELD = "upheld", "查证属实"
        DISMISSED = "dismissed", "不属实"

    class About(models.TextChoices):
        APPLICATION = "application", "申报组织的情形"
        RECOMMENDER = "recommender", "审核推荐单位的情形"
        BOTH = "both", "两者都有"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField("收件编号", max_length=40, unique=True)
    application = models.ForeignKey(Application, models.PROTECT, related_name="+", verbose_name="被异议申报")
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="公示")
    form = models.CharField("异议人类别", max_length=20, choices=[("person", "个人"), ("unit", "单位")])
    # JSON of the filing fields (name, phone, address …), sealed and bound to this row
    identity = SealedTextField("异议人信息（加密）", binding="identity_binding")
    text = models.TextField("异议内容", max_length=5000)
    condition = models.CharField("涉及的申报条件", max_length=60, blank=True)
    accuses_recommender = models.BooleanField("异议涉及审核推荐单位", default=False)
    # SHA-256 of the secret on the receipt: the way back in for an objector without an account
    secret_digest = models.CharField(max_length=64, unique=True)
    # a keyed pseudonym of who filed, for this application only: the same objector is joined, not counted twice
    objector_key = models.CharField(max_length=64, blank=True, db_index=True)
    # handled together with this one (并案); each objector is told for itself
    lead = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="followers", verbose_name="并入办理"
    )
    # who checks the form, decides and tells; none: the office of the round (O6)
    handler = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="异议受理单位"
    )
    filed_at = models.DateTimeField("收到时间")
    # what the form lacks, as (key, words); the clock starts when it is complete
    lacks = models.JSONField("缺少的内容", default=list, blank=True)
    completed_at = models.DateTimeField("补齐时间", null=True, blank=True)
    accepted_at = models.DateTimeField("受理时间", null=True, blank=True)
    # the leg the case is in: since when, warned at half time, due, told when overdue
    leg_started_at = models.DateTimeField("本环节开始时间", null=True, blank=True)
    warn_at = models.DateTimeField("预警时间", null=True, blank=True, db_index=True)
    warned_at = models.DateTimeField("已预警时间", null=True, blank=True)
    due_at = models.DateTimeField("本环节期限", null=True, blank=True, db_index=True)
    escalated_at = models.DateTimeField("逾期上报时间", null=True, blank=True)
    investigator = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="异议调查单位"
    )
    forwarded_at = models.DateTimeField("转送时间", null=True, blank=True)
    forwarding = models.ForeignKey(IssuedDocument, models.PROTECT, null=True, blank=True, related_name="+")
    investigating_at = models.DateTimeField("开始调查时间", null=True, blank=True)
    report_text = models.TextField("调查情况", max_length=5000, blank=True)
    reported_at = models.DateTimeField("报告时间", null=True, blank=True)
    report_paper = models.ForeignKey(IssuedDocument, models.PROTECT, null=True, blank=True, related_name="+")
    finding = models.CharField("认定", max_length=20, choices=Finding.choices, blank=True)
    # whom what was upheld is about, and the condition it falls under as the finding has it
    found_about = models.CharField("查证属实的是", max_length=20, choices=About.choices, blank=True)
    found_condition = models.CharField("认定涉及的申报条件", max_length=60, blank=True)
    finding_text = models.TextField("认定意见", max_length=3000, blank=True)
    decided_at = models.DateTimeField("认定时间", null=True, blank=True)
    # whether the finding itself took the application out of the round
    disqualified = models.BooleanField("据此取消参评资格", default=False)
    told_at = models.DateTimeField("告知时间", null=True, blank=True)
    recommender_told_at = models.DateTimeField("通报审核推荐单位时间", null=True, blank=True)
    reply = models.ForeignKey(IssuedDocument, models.PROTECT, null=True, blank=True, related_name="+")
    refused_because = models.CharField("形式审查意见", max_length=500, blank=True)
    withdrawn_because = models.CharField("撤回理由", max_length=500, blank=True)

    objects = ObjectionQuerySet.as_manager()

    class Meta(ObjectionPipeline.Meta):
        verbose_name = "异议"
        verbose_name_plural = "异议"
        ordering = ("-filed_at", "-pk")

    def __str__(self) -> str:
        return self.number

    @property
    def identity_binding(self) -> str:
        return f"objections.Objection.identity:{self.public_id}"

    @property
    def handled_by(self) -> Unit:
        """The unit that checks the form, decides and tells (O6)."""
        return self.handler or self.application.round.office

    @property
    def hold_source(self) -> str:
        return f"objection:{self.public_id}"

    @property
    def leg(self) -> str:
        """Which of the rulebook's clocks runs now; "" where none does."""
        return LEGS.get(State(self.state), "")

    @property
    def leg_zh(self) -> str:
        return LEGS_ZH.get(self.leg, "")

    @property
    def clock_started_at(self) -> datetime:
        """When the form was complete: what the days from receipt are counted from (U13)."""
        return self.completed_at or self.filed_at

    def get_absolute_url(self) -> str:
        return reverse("objections:case", args=[self.public_id])
