"""A random spot check (抽查) of a round's applications: the seed, the lot, and what was found (Y22, B21)."""

from __future__ import annotations

import uuid

from django.db import models

from applications.models import Application
from awards.models import Round
from organizations.models import Unit, User


class SpotCheckQuerySet(models.QuerySet["SpotCheck"]):
    def visible_to(self, user: User) -> SpotCheckQuerySet:
        """The supervising department and the office of the scheme."""
        units = Unit.objects.of_user(user).filter(kind__in=("supervisor", "office"))
        return self.filter(round__scheme__key__in=units.values("scheme_key"))


class SpotCheck(models.Model):
    """One draw: seed and candidates decide it, so that anybody draws the same again."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField("编号", max_length=40, unique=True)
    round = models.ForeignKey(Round, models.PROTECT, related_name="+", verbose_name="届次")
    purpose = models.CharField("抽查内容", max_length=300)
    seed = models.CharField("随机种子", max_length=32)
    # the system numbers of every application that could be drawn
    population = models.JSONField("抽查范围")
    count = models.PositiveSmallIntegerField("抽查数量")
    drawn_at = models.DateTimeField("抽取时间")
    drawn_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="抽取人")
    summary = models.TextField("抽查结论", max_length=2000, blank=True)
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)

    objects = SpotCheckQuerySet.as_manager()

    class Meta:
        verbose_name = "抽查"
        verbose_name_plural = "抽查"
        ordering = ("-drawn_at", "-pk")

    def __str__(self) -> str:
        return self.number


class SpotCheckItem(models.Model):
    """One application drawn, and its result sheet."""

    class Finding(models.TextChoices):
        IN_ORDER = "in_order", "未发现问题"
        FLAW = "flaw", "存在瑕疵"
        PROBLEM = "problem", "存在问题"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    check_of = models.ForeignKey(SpotCheck, models.PROTECT, related_name="items")
    application = models.ForeignKey(Application, models.PROTECT, related_name="+", verbose_name="申报")
    position = models.PositiveSmallIntegerField("次序")
    finding = models.CharField("结果", max_length=20, choices=Finding.choices, blank=True)
    text = models.TextField("情况说明", max_length=2000, blank=True)
    checked_on = models.DateField("抽查日期", null=True, blank=True)
    recorded_at = models.DateTimeField("登记时间", null=True, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "抽查结果"
        verbose_name_plural = "抽查结果"
        ordering = ("check_of", "position")
        constraints = [models.UniqueConstraint(fields=["check_of", "application"], name="spot_check_item_once")]
