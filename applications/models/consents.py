"""The consents a recommendation needs beside the recommender's own review (Z17.3)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse

from documents.models import IssuedDocument
from organizations.models import StoredFile, Unit, User


class LegConsentQuerySet(models.QuerySet["LegConsent"]):
    def standing(self) -> LegConsentQuerySet:
        """The last request of each leg; one sought again after a refusal leaves the earlier as it was."""
        return self.filter(superseded_at=None)

    def of_unit(self, user: User) -> LegConsentQuerySet:
        """What the consenting units of the person are or were asked."""
        return self.filter(unit__in=Unit.objects.of_user(user))

    def waiting(self) -> LegConsentQuerySet:
        """Asked, not answered, and the application still in the stage that asks."""
        return self.standing().filter(verdict="", application__state="recommendation_review")

    def with_names(self) -> LegConsentQuerySet:
        return self.select_related(
            "application__organization", "application__round__scheme", "application__round__edition",
            "application__round__office", "application__recommender", "unit", "letter", "paper",
        )  # fmt: skip


class LegConsent(models.Model):
    """One consent asked for one application: given or refused with its ground, at the unit's desk or on its paper."""

    class Verdict(models.TextChoices):
        CONSENTS = "consents", "同意推荐"
        REFUSES = "refuses", "不同意推荐"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(
        "applications.Application", models.PROTECT, related_name="leg_consents", verbose_name="申报"
    )
    leg = models.CharField("推荐步骤", max_length=60)
    # the unit that consents at its own desk; none where it has no account and its paper is entered
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="同意单位")
    dossier_version = models.PositiveSmallIntegerField("所审材料版本")
    asked_at = models.DateTimeField("提请时间")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提请人")
    letter = models.ForeignKey(
        IssuedDocument, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="待盖章文书"
    )
    verdict = models.CharField("意见", max_length=20, choices=Verdict.choices, blank=True)
    ground = models.TextField("理由", max_length=1000, blank=True)
    consenter = models.CharField("出具意见的单位", max_length=120, blank=True)
    decided_on = models.DateField("出具日期", null=True, blank=True)
    paper = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="盖章页"
    )
    recorded_at = models.DateTimeField("登记时间", null=True, blank=True)
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人"
    )
    superseded_at = models.DateTimeField("重新提请时间", null=True, blank=True)

    objects = LegConsentQuerySet.as_manager()

    class Meta:
        verbose_name = "推荐同意意见"
        verbose_name_plural = "推荐同意意见"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["application", "leg"], condition=Q(superseded_at=None), name="leg_consent_once_standing"
            ),
            models.CheckConstraint(
                name="leg_consent_recorded_whole",
                condition=Q(verdict="", decided_on=None, recorded_at=None, recorded_by=None)
                | (~Q(verdict="") & Q(decided_on__isnull=False, recorded_at__isnull=False, recorded_by__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application}：{self.get_verdict_display() or '待出具意见'}"

    @property
    def is_given(self) -> bool:
        return self.verdict == self.Verdict.CONSENTS

    def get_absolute_url(self) -> str:
        return reverse("applications:consent", args=[self.public_id])
