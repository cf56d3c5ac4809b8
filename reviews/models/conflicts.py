"""Who stepped back from what, how it came about, and what it undid (U23)."""

from __future__ import annotations

import uuid

from django.db import models

from applications.models import Application
from awards.models import Round
from organizations.models import StoredFile, User

from .experts import Expert


class RecusalQuerySet(models.QuerySet["Recusal"]):
    def of_office(self, user: User) -> RecusalQuerySet:
        return self.filter(application__round__in=Round.objects.visible_to(user))

    def waiting(self) -> RecusalQuerySet:
        return self.filter(state=Recusal.State.ASKED)


class Recusal(models.Model):
    """An expert steps back from one application: declared, ordered, or asked by the applicant and decided (U23)."""

    class Source(models.TextChoices):
        SELF = "self", "专家自行申请"
        OFFICE = "office", "办公室决定"
        APPLICANT = "applicant", "申报组织申请"

    class State(models.TextChoices):
        ASKED = "asked", "待决定"
        GRANTED = "granted", "已回避"
        REFUSED = "refused", "不予回避"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="+")
    # an applicant names the person in words; the office finds the expert when it decides
    expert = models.ForeignKey(Expert, models.PROTECT, null=True, blank=True, related_name="recusals")
    named = models.CharField("专家姓名", max_length=40, blank=True)
    source = models.CharField("来源", max_length=20, choices=Source.choices)
    ground = models.CharField("回避情形", max_length=60)
    reason = models.TextField("事实和理由", max_length=1000)
    proof = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField("提出时间")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    state = models.CharField("状态", max_length=20, choices=State.choices, default=State.ASKED)
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decision = models.TextField("决定理由", max_length=1000, blank=True)
    replacement = models.ForeignKey(Expert, models.PROTECT, null=True, blank=True, related_name="+")
    # what the decision undid, counts and keys only: sheets voided, the opinion made void, readers left
    undone = models.JSONField("撤销和变更", default=dict, blank=True)

    objects = RecusalQuerySet.as_manager()

    class Meta:
        verbose_name = "回避"
        verbose_name_plural = "回避"
        ordering = ("-asked_at", "-pk")

    @property
    def undone_zh(self) -> str:
        """What the decision undid, in words."""
        told = []
        if self.undone.get("sheets"):
            told.append(f"作废已提交评分表{self.undone['sheets']}份")
        if self.undone.get("opinion"):
            told.append(f"评审意见{self.undone['opinion']}作废")
        if readers := self.undone.get("readers"):
            told.append(f"评审专家{readers[0]}人变为{readers[1]}人" if readers[0] != readers[1] else "评审专家人数不变")
        return "；".join(told)
