"""Sharing activities that are planned: by the office for all winners (Z23), or near by for its own (U18)."""

from __future__ import annotations

import uuid

from django.db import models

from awards.models import Award, Scheme
from organizations.models import Unit, User

from .sharing import SharingRecord


class SharingPlan(models.Model):
    """One activity to come, with the winners who are to take part."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="+", verbose_name="奖项")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="组织单位")
    title = models.CharField("活动名称", max_length=120)
    held_on = models.DateField("日期")
    place = models.CharField("地点", max_length=120)
    about = models.TextField("内容和要求", max_length=2000, blank=True)
    planned_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="制定人")
    planned_at = models.DateTimeField("制定时间")
    remind_at = models.DateTimeField("提醒时间")
    reminded_at = models.DateTimeField("已提醒时间", null=True, blank=True)
    cancelled_at = models.DateTimeField("取消时间", null=True, blank=True)
    cancelled_because = models.CharField("取消理由", max_length=200, blank=True)

    class Meta:
        verbose_name = "推广计划"
        verbose_name_plural = "推广计划"
        ordering = ("-held_on", "-pk")


class SharingInvitation(models.Model):
    """A winner who is to take part, and what it filed of it afterwards."""

    plan = models.ForeignKey(SharingPlan, models.PROTECT, related_name="invitations", verbose_name="推广计划")
    award = models.ForeignKey(Award, models.PROTECT, related_name="+", verbose_name="获奖记录")
    record = models.OneToOneField(
        SharingRecord, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="推广交流记录"
    )

    class Meta:
        verbose_name = "参加推广活动"
        verbose_name_plural = "参加推广活动"
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["plan", "award"], name="winner_asked_once_to_an_activity")]
