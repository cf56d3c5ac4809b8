"""A leg given more days: by whom, on what ground, and what the day was before."""

from __future__ import annotations

from django.db import models

from organizations.models import User

from .objection import Objection


class LegExtension(models.Model):
    """The office gave a leg of a case more days, on record and told to the objector."""

    objection = models.ForeignKey(Objection, models.PROTECT, related_name="extensions")
    leg = models.CharField("环节", max_length=20)
    days = models.PositiveSmallIntegerField("延长")
    ground = models.CharField("延长理由", max_length=500)
    due_before = models.DateTimeField("原期限")
    due_after = models.DateTimeField("延长后的期限")
    extended_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="办理人")
    extended_at = models.DateTimeField("办理时间")

    class Meta:
        verbose_name = "延长办理期限"
        verbose_name_plural = "延长办理期限"
        ordering = ("extended_at", "pk")
