"""What a finding asks for beyond the answer to the objector, done or still outstanding (U13, B16)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from documents.models import IssuedDocument
from organizations.models import Unit, User
from reviews.models import BodyDecision

from .objection import Objection


class OutcomeQuerySet(models.QuerySet["Outcome"]):
    def outstanding(self) -> OutcomeQuerySet:
        return self.filter(done_at=None)

    def of_office(self, user: User) -> OutcomeQuerySet:
        return self.filter(objection__application__round__office__in=Unit.objects.of_user(user))


class Outcome(models.Model):
    """One consequence of an upheld objection, each done by whom the regulation names."""

    class Kind(models.TextChoices):
        DISQUALIFIED = "disqualified", "取消参评资格"
        DECLINED = "declined", "不予推荐"
        CANCELLATION = "cancellation", "提请取消授奖资格"
        RECOMMENDER = "recommender", "报告审核推荐单位有关情况"
        AFTER_AWARD = "after_award", "转获奖后监督处理"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    objection = models.ForeignKey(Objection, models.PROTECT, related_name="outcomes")
    kind = models.CharField("后续处理", max_length=20, choices=Kind.choices)
    cite = models.CharField("依据", max_length=300)
    opened_at = models.DateTimeField("提出时间")
    done_at = models.DateTimeField("办结时间", null=True, blank=True)
    result = models.CharField("结果", max_length=200, blank=True)
    document = models.ForeignKey(IssuedDocument, models.PROTECT, null=True, blank=True, related_name="+")
    decision = models.OneToOneField(BodyDecision, models.PROTECT, null=True, blank=True, related_name="+")

    objects = OutcomeQuerySet.as_manager()

    class Meta:
        verbose_name = "认定的后续处理"
        verbose_name_plural = "认定的后续处理"
        ordering = ("objection", "pk")
        constraints = [
            models.UniqueConstraint(fields=["objection", "kind"], name="outcome_once_a_kind"),
            models.CheckConstraint(
                name="outcome_done_with_result",
                condition=Q(done_at=None, result="") | Q(done_at__isnull=False) & ~Q(result=""),
            ),
        ]

    @property
    def hold_source(self) -> str:
        return f"outcome:{self.public_id}"
