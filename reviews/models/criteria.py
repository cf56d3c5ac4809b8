"""The versions of a round's criteria that its office drew up, and how each was approved (U5)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from awards.models import Round
from organizations.models import User


class CriteriaVersionQuerySet(models.QuerySet["CriteriaVersion"]):
    def unfinished(self) -> CriteriaVersionQuerySet:
        return self.exclude(state=CriteriaVersion.State.APPROVED)

    def waiting(self) -> CriteriaVersionQuerySet:
        return self.filter(state=CriteriaVersion.State.SUBMITTED)

    def with_round(self) -> CriteriaVersionQuerySet:
        return self.select_related("round__scheme", "round__edition", "round__office")


class CriteriaVersion(models.Model):
    """One version of one rubric of a round; an approved one never changes, and only the last approved is used."""

    class State(models.TextChoices):
        DRAFT = "draft", "起草中"
        SUBMITTED = "submitted", "待审定"
        RETURNED = "returned", "退回修改"
        APPROVED = "approved", "已审定"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="+", verbose_name="届次")
    rubric = models.CharField("评价标准", max_length=60)
    number = models.PositiveSmallIntegerField("版次")
    # the rubric as a rulebook holds it; a draft may hold what is not right yet
    content = models.JSONField("内容")
    former = models.JSONField("此前执行的内容")
    base = models.CharField("底稿", max_length=120)
    note = models.TextField("制订说明", max_length=2000, blank=True)
    version = models.PositiveIntegerField("保存次数", default=1)
    state = models.CharField("状态", max_length=20, choices=State.choices, default=State.DRAFT)
    sha256 = models.CharField("摘要", max_length=64, blank=True)
    made_at = models.DateTimeField("起草时间")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField("保存时间")
    submitted_at = models.DateTimeField("提请审定时间", null=True, blank=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField("办理时间", null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    approval = models.CharField("审定会议或者文号", max_length=120, blank=True)
    approved_on = models.DateField("审定日期", null=True, blank=True)
    returned_because = models.CharField("退回理由", max_length=500, blank=True)

    objects = CriteriaVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "评价标准版次"
        verbose_name_plural = "评价标准版次"
        ordering = ("round", "rubric", "number")
        constraints = [
            models.UniqueConstraint(fields=["round", "rubric", "number"], name="criteria_version_once"),
            models.UniqueConstraint(
                fields=["round", "rubric"], condition=~Q(state="approved"), name="criteria_one_unfinished"
            ),
            models.CheckConstraint(
                name="criteria_approved_with_ground",
                condition=~Q(state="approved") | (Q(approved_on__isnull=False) & ~Q(approval="") & ~Q(sha256="")),
            ),
        ]
