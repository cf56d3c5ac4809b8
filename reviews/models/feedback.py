"""评审反馈报告: what an applicant that was reviewed is told of its strengths and its room to improve (section 8)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from applications.models import Application
from awards.models import Round
from documents.models import IssuedDocument
from organizations.models import User


class FeedbackReportQuerySet(models.QuerySet["FeedbackReport"]):
    def of_round(self, round: Round) -> FeedbackReportQuerySet:
        return self.filter(application__round=round)

    def released(self) -> FeedbackReportQuerySet:
        return self.exclude(released_at=None)


class FeedbackReport(models.Model):
    """The feedback to one applicant: a draft nobody outside reads, confirmed, then released once as a document."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.OneToOneField(Application, models.PROTECT, related_name="+", verbose_name="申报")
    # "<rubric>.<item>" → {"strengths": str, "improvements": str}
    items = models.JSONField("逐项反馈", default=dict)
    overall = models.TextField("总体评价", max_length=3000, blank=True)
    version = models.PositiveIntegerField("保存次数", default=1)
    drafted_at = models.DateTimeField("起草时间")
    saved_at = models.DateTimeField("保存时间")
    saved_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="保存人")
    confirmed_at = models.DateTimeField("审定稿时间", null=True, blank=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    released_at = models.DateTimeField("发放时间", null=True, blank=True)
    released_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    document = models.ForeignKey(IssuedDocument, models.PROTECT, null=True, blank=True, related_name="+")

    objects = FeedbackReportQuerySet.as_manager()

    class Meta:
        verbose_name = "评审反馈报告"
        verbose_name_plural = "评审反馈报告"
        ordering = ("application",)
        constraints = [
            models.CheckConstraint(
                name="feedback_released_as_confirmed",
                condition=Q(released_at=None) | Q(confirmed_at__isnull=False, document__isnull=False),
            )
        ]

    @property
    def state_label(self) -> str:
        if self.released_at:
            return "已发放"
        return "待发放" if self.confirmed_at else "草稿"
