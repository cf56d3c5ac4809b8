"""The letters of a case, each with whom it is for."""

from __future__ import annotations

import uuid

from django.db import models

from documents.models import IssuedDocument

from .objection import Objection


class CaseLetter(models.Model):
    """One issued letter of a case and its addressee; none of them tells who objected."""

    class Audience(models.TextChoices):
        OBJECTOR = "objector", "异议人"
        INVESTIGATOR = "investigator", "异议调查单位"
        OFFICE = "office", "异议受理单位"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    objection = models.ForeignKey(Objection, models.PROTECT, related_name="letters")
    document = models.OneToOneField(IssuedDocument, models.PROTECT, related_name="+", verbose_name="文书")
    audience = models.CharField("送达对象", max_length=20, choices=Audience.choices)
    issued_at = models.DateTimeField("签发时间")

    class Meta:
        verbose_name = "异议文书"
        verbose_name_plural = "异议文书"
        ordering = ("issued_at", "pk")
