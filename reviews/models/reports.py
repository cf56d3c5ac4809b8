"""The review report for the leading body (U11.8)."""

from __future__ import annotations

import uuid

from django.db import models

from awards.models import Round
from documents.models import IssuedDocument
from organizations.models import User


class ReviewReportQuerySet(models.QuerySet["ReviewReport"]):
    def issued(self) -> ReviewReportQuerySet:
        return self.exclude(issued_at=None)


class ReviewReport(models.Model):
    """评审报告 of a round for the leading body: a draft until issued, then frozen with its document (U11.8)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.OneToOneField(Round, models.PROTECT, related_name="+")
    narrative = models.TextField("评审工作情况", max_length=20000, blank=True)
    # the table as it stood at issue: [{application, name, stages: {...}, composite, rank}]
    table = models.JSONField("得分表", default=list)
    version = models.PositiveIntegerField("版本", default=1)
    saved_at = models.DateTimeField("保存时间")
    issued_at = models.DateTimeField("签发时间", null=True, blank=True)
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    document = models.ForeignKey(IssuedDocument, models.PROTECT, null=True, blank=True, related_name="+")

    objects = ReviewReportQuerySet.as_manager()

    class Meta:
        verbose_name = "评审报告"
        verbose_name_plural = "评审报告"
