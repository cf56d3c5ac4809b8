"""The review report for the leading body, in versions: a draft, the one that stands, those a correction replaced."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from awards.models import Round
from documents.models import IssuedDocument
from organizations.models import User


class ReviewReportQuerySet(models.QuerySet["ReviewReport"]):
    def issued(self) -> ReviewReportQuerySet:
        """Those that stand: issued, and not replaced by a correction."""
        return self.exclude(issued_at=None).filter(superseded_at=None)

    def drafts(self) -> ReviewReportQuerySet:
        return self.filter(issued_at=None)


class ReviewReport(models.Model):
    """评审报告 of a round for the leading body: a draft until issued, then frozen with its document (U11.8).

    A correction (更正) is a version of its own with a ground; the one before stays as it was issued.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="+", verbose_name="届次")
    number = models.PositiveSmallIntegerField("版次", default=1)
    # why this version replaces the one before; empty in the first
    ground = models.CharField("更正理由", max_length=300, blank=True)
    # part key → text, as `report_words.PARTS` names them
    sections = models.JSONField("正文", default=dict)
    # the candidates as they stood at issue: [{application, name, scores, composite, rank, opinions}]
    table = models.JSONField("得分表", default=list)
    # what the charts and tables show, as it stood at issue (`report_figures.figures_of`)
    figures = models.JSONField("统计", default=dict)
    version = models.PositiveIntegerField("保存次数", default=1)
    saved_at = models.DateTimeField("保存时间")
    issued_at = models.DateTimeField("签发时间", null=True, blank=True)
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    superseded_at = models.DateTimeField("被更正时间", null=True, blank=True)
    document = models.ForeignKey(IssuedDocument, models.PROTECT, null=True, blank=True, related_name="+")

    objects = ReviewReportQuerySet.as_manager()

    class Meta:
        verbose_name = "评审报告"
        verbose_name_plural = "评审报告"
        ordering = ("round", "number")
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="review_report_once_a_number"),
            models.UniqueConstraint(
                fields=["round"], condition=Q(issued_at=None), name="review_report_one_draft"
            ),
            models.UniqueConstraint(
                fields=["round"], condition=Q(issued_at__isnull=False, superseded_at=None),
                name="review_report_one_stands",
            ),
            models.CheckConstraint(name="review_report_correction_with_ground", condition=Q(number=1) | ~Q(ground="")),
        ]  # fmt: skip
