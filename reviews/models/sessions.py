"""Defense sessions and on-site visits (V6)."""

from __future__ import annotations

import uuid

from django.db import models

from applications.models import Application
from organizations.models import User

from .experts import Expert
from .panels import Panel


class Session(models.Model):
    """A defense session or an on-site visit: when, where, who leads, in what order, and what was minuted (V6)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    panel = models.ForeignKey(Panel, models.PROTECT, related_name="sessions")
    starts_at = models.DateTimeField("开始时间")
    place = models.CharField("地点", max_length=120)
    leader = models.ForeignKey(Expert, models.PROTECT, related_name="+", verbose_name="主持人（带队组长）")
    lot_seed = models.CharField("抽签种子", max_length=80, blank=True)
    lots_drawn_at = models.DateTimeField("抽签时间", null=True, blank=True)
    witness = models.CharField("纪检监督人员", max_length=40, blank=True)
    minutes = models.TextField("记录", max_length=10000, blank=True)
    minuted_at = models.DateTimeField("记录时间", null=True, blank=True)
    scheduled_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    scheduled_at = models.DateTimeField("安排时间")

    class Meta:
        verbose_name = "评审场次"
        verbose_name_plural = "评审场次"
        ordering = ("starts_at", "pk")


class SessionSlot(models.Model):
    session = models.ForeignKey(Session, models.PROTECT, related_name="slots")
    application = models.ForeignKey(Application, models.PROTECT, related_name="+")
    signed_in_at = models.DateTimeField("签到时间", null=True, blank=True)
    sign_in_order = models.PositiveSmallIntegerField("签到次序", null=True, blank=True)
    turn = models.PositiveSmallIntegerField("答辩次序", null=True, blank=True)

    class Meta:
        verbose_name = "场次安排"
        verbose_name_plural = "场次安排"
        ordering = ("turn", "sign_in_order", "pk")
        constraints = [
            models.UniqueConstraint(fields=["session", "application"], name="session_slot_once"),
            models.UniqueConstraint(fields=["session", "turn"], name="session_turn_once"),
        ]
