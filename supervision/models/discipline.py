"""A report on somebody who runs or judges a round, its inquiry and what followed (U22, Z27, Y22)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse

from awards.models import Round, Scheme
from documents.models import IssuedDocument
from organizations.models import StoredFile, Unit, User
from publicity.models import Notice
from reviews.models import Expert, ExpertSanction

from ..discipline_pipeline import DISCIPLINE_ENDED, DisciplinePipeline


class DisciplineQuerySet(models.QuerySet["DisciplineCase"]):
    def open(self) -> DisciplineQuerySet:
        return self.exclude(state__in=DISCIPLINE_ENDED)

    def overdue(self, at) -> DisciplineQuerySet:
        return self.open().filter(due_at__lte=at, escalated_at=None)

    def visible_to(self, user: User) -> DisciplineQuerySet:
        """Office and supervising department of the scheme; never who it is about."""
        units = Unit.objects.of_user(user).filter(kind__in=("office", "supervisor"))
        return self.filter(scheme__key__in=units.values("scheme_key")).exclude(person=user)


class DisciplineCase(DisciplinePipeline):
    """One report on one person: a member of staff, of the leading body, or an expert."""

    class Role(models.TextChoices):
        EXPERT = "expert", "评审专家"
        OFFICE = "office", "办公室工作人员"
        RECOMMENDER = "recommender", "推荐单位工作人员"
        BODY = "body", "审议、审定机构人员"

    class Source(models.TextChoices):
        REPORT = "report", "书面反映"
        SUPERVISOR = "supervisor", "纪检监察机构发现"
        OFFICE = "office", "办公室发现"
        FEEDBACK = "feedback", "廉洁反馈"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField("编号", max_length=40, unique=True)
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="+", verbose_name="奖项")
    round = models.ForeignKey(Round, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="届次")
    role = models.CharField("身份", max_length=20, choices=Role.choices)
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="被反映人")
    expert = models.ForeignKey(Expert, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="专家")
    source = models.CharField("来源", max_length=20, choices=Source.choices)
    text = models.TextField("反映的情况", max_length=5000)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    reported_at = models.DateTimeField("登记时间")
    reported_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    due_at = models.DateTimeField("本环节期限", null=True, blank=True, db_index=True)
    escalated_at = models.DateTimeField("逾期上报时间", null=True, blank=True)
    inquiry_at = models.DateTimeField("核查时间", null=True, blank=True)
    statement = models.TextField("本人说明", max_length=3000, blank=True)
    is_upheld = models.BooleanField("属实", null=True)
    finding_text = models.TextField("认定的事实和依据", max_length=3000, blank=True)
    found_at = models.DateTimeField("认定时间", null=True, blank=True)
    found_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    # what followed
    sanction = models.ForeignKey(ExpertSanction, models.PROTECT, null=True, blank=True, related_name="+")
    referred_to = models.CharField("移送机关", max_length=80, blank=True)
    referral_paper = models.ForeignKey(IssuedDocument, models.PROTECT, null=True, blank=True, related_name="+")
    referred_at = models.DateTimeField("移送时间", null=True, blank=True)
    referral_result = models.CharField("移送后的处理结果", max_length=500, blank=True)
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField("公开时间", null=True, blank=True)
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    closed_because = models.CharField("办结说明", max_length=500, blank=True)

    objects = DisciplineQuerySet.as_manager()

    class Meta(DisciplinePipeline.Meta):
        verbose_name = "违纪违规处理"
        verbose_name_plural = "违纪违规处理"
        ordering = ("-reported_at", "-pk")

    def __str__(self) -> str:
        return self.number

    @property
    def subject(self) -> str:
        return f"discipline:{self.public_id}"

    def get_absolute_url(self) -> str:
        return reverse("supervision:discipline_case", args=[self.public_id])


class DutyRemovalQuerySet(models.QuerySet["DutyRemoval"]):
    def in_force(self) -> DutyRemovalQuerySet:
        return self.filter(ended_at=None)


class DutyRemoval(models.Model):
    """Somebody takes no further part in a round; what was done before stays as it is (Z27, Y22)."""

    case = models.ForeignKey(DisciplineCase, models.PROTECT, related_name="removals")
    round = models.ForeignKey(Round, models.PROTECT, related_name="+", verbose_name="届次")
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="人员")
    from_at = models.DateTimeField("自")
    removed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField("恢复时间", null=True, blank=True)
    ended_because = models.CharField("恢复理由", max_length=300, blank=True)

    objects = DutyRemovalQuerySet.as_manager()

    class Meta:
        verbose_name = "退出评审工作"
        verbose_name_plural = "退出评审工作"
        constraints = [
            models.UniqueConstraint(
                fields=["round", "person"], condition=Q(ended_at=None), name="duty_removal_once_in_force"
            )
        ]
