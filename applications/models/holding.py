"""What stops named steps of an application until it is settled."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from .application import Application


class HoldQuerySet(models.QuerySet["Hold"]):
    def open(self) -> HoldQuerySet:
        return self.filter(released_at=None)


class Hold(models.Model):
    """Something unsettled that stops named steps of an application until it is released (U11.3–5, U11.9)."""

    class Kind(models.TextChoices):
        PROVISIONAL = "provisional", "暂时"
        CONFIRMED = "confirmed", "确认"

    application = models.ForeignKey(Application, models.PROTECT, related_name="holds")
    kind = models.CharField("性质", max_length=20, choices=Kind.choices)
    source = models.CharField("来源", max_length=80)  # "objection:<uuid>"
    reason = models.CharField("事由", max_length=200)
    cite = models.CharField("条款", max_length=200, blank=True)
    steps = models.JSONField("暂停的步骤")
    placed_at = models.DateTimeField("设置时间")
    released_at = models.DateTimeField("解除时间", null=True, blank=True)
    released_because = models.CharField("解除理由", max_length=200, blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        verbose_name = "暂停"
        verbose_name_plural = "暂停"
        constraints = [
            models.UniqueConstraint(
                fields=["application", "source"], condition=Q(released_at=None), name="hold_open_once_a_source"
            )
        ]
