"""A later filing of the same objector on the same ground: joined to the open case, not lost."""

from __future__ import annotations

import uuid

from django.db import models

from .objection import Objection


class JoinedFiling(models.Model):
    """What the same objector handed in again, with a receipt of its own; it may be a supplement by the receipt."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    objection = models.ForeignKey(Objection, models.PROTECT, related_name="joined")
    number = models.CharField("收件编号", max_length=40, unique=True)
    text = models.TextField("补充内容", max_length=5000)
    secret_digest = models.CharField(max_length=64, unique=True)
    filed_at = models.DateTimeField("收到时间")

    class Meta:
        verbose_name = "补充提交的异议材料"
        verbose_name_plural = "补充提交的异议材料"
        ordering = ("filed_at", "pk")

    def __str__(self) -> str:
        return self.number
