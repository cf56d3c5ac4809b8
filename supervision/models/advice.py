"""监督建议: what the supervising department advises the office, and the office's written answer (Y22)."""

from __future__ import annotations

import uuid

from django.db import models
from django.urls import reverse

from awards.models import Round, Scheme
from documents.models import IssuedDocument
from organizations.models import Unit, User


class AdviceQuerySet(models.QuerySet["SupervisionAdvice"]):
    def open(self) -> AdviceQuerySet:
        return self.filter(answered_at=None)

    def overdue(self, at) -> AdviceQuerySet:
        return self.open().filter(due_at__lte=at, escalated_at=None)

    def visible_to(self, user: User) -> AdviceQuerySet:
        units = Unit.objects.of_user(user).filter(kind__in=("supervisor", "office"))
        return self.filter(scheme__key__in=units.values("scheme_key"))


class SupervisionAdvice(models.Model):
    """One piece of advice: what was found, what is advised, by when an answer is due, the answer."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField("编号", max_length=40, unique=True)
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="+", verbose_name="奖项")
    round = models.ForeignKey(Round, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="届次")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="提出单位")
    facts = models.TextField("发现的问题", max_length=3000)
    advice = models.TextField("监督建议", max_length=3000)
    paper = models.ForeignKey(IssuedDocument, models.PROTECT, null=True, blank=True, related_name="+")
    filed_at = models.DateTimeField("提出时间")
    filed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提出人")
    due_at = models.DateTimeField("答复期限", null=True, blank=True, db_index=True)
    escalated_at = models.DateTimeField("逾期提醒时间", null=True, blank=True)
    is_taken = models.BooleanField("采纳", null=True)
    answer = models.TextField("办理情况答复", max_length=3000, blank=True)
    answer_paper = models.ForeignKey(IssuedDocument, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = AdviceQuerySet.as_manager()

    class Meta:
        verbose_name = "监督建议"
        verbose_name_plural = "监督建议"
        ordering = ("-filed_at", "-pk")

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("supervision:advice", args=[self.public_id])
