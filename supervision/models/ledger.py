"""What the ledger keeps beside an award's line: asked and issued replacements of its certificate."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from awards.models import Award
from documents.models import IssuedDocument
from organizations.models import StoredFile, User


class CertificateReissue(models.Model):
    """A certificate asked for again: lost, spoilt, or the winner has another name; the old number is kept."""

    class Kind(models.TextChoices):
        LOST = "lost", "遗失补发"
        SPOILT = "spoilt", "损毁补发"
        RENAMED = "renamed", "更名换发"

    class State(models.TextChoices):
        ASKED = "asked", "待办理"
        ISSUED = "issued", "已补换发"
        REFUSED = "refused", "未同意"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    award = models.ForeignKey(Award, models.PROTECT, related_name="+", verbose_name="获奖记录")
    kind = models.CharField("事由", max_length=10, choices=Kind.choices)
    ground = models.CharField("情况说明", max_length=500)
    new_name = models.CharField("变更后的名称", max_length=120, blank=True)
    proof = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="证明材料")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申请人")
    asked_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="办理人")
    decided_at = models.DateTimeField("办理时间", null=True, blank=True)
    decision_note = models.CharField("办理意见", max_length=300, blank=True)
    old_number = models.CharField("原证书编号", max_length=40, blank=True)
    old_name = models.CharField("原名称", max_length=120, blank=True)
    document = models.ForeignKey(
        IssuedDocument, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="新证书"
    )

    class Meta:
        verbose_name = "证书补换发"
        verbose_name_plural = "证书补换发"
        ordering = ("-asked_at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["award"], condition=Q(state="asked"), name="one_reissue_asked_at_a_time")
        ]
