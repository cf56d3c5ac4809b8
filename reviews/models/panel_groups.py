"""Several panels in one stage, by field: which there are, and which of them judges an application (U11.5, V2)."""

from __future__ import annotations

import uuid

from django.db import models

from applications.models import Application
from awards.models import Round
from organizations.models import User


class PanelGroupQuerySet(models.QuerySet["PanelGroup"]):
    def of_office(self, user: User) -> PanelGroupQuerySet:
        return self.filter(round__in=Round.objects.visible_to(user))

    def of_stage(self, round: Round, stage: str) -> PanelGroupQuerySet:
        return self.filter(round=round, stage=stage).select_related("panel__chair__user").order_by("pk")


class PanelGroup(models.Model):
    """One of the panels a stage is divided among (制造组, 服务组): with its fields, its own panel and applications.

    A stage without groups has one panel that judges everything.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="+", verbose_name="届次")
    stage = models.CharField("环节", max_length=40)
    name = models.CharField("名称", max_length=20)
    # the industries and categories whose applications go here by themselves
    fields = models.JSONField("行业和类别", default=list)
    set_up_at = models.DateTimeField("设立时间")
    set_up_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = PanelGroupQuerySet.as_manager()

    class Meta:
        verbose_name = "评审分组"
        verbose_name_plural = "评审分组"
        ordering = ("round", "pk")
        constraints = [models.UniqueConstraint(fields=["round", "stage", "name"], name="panel_group_name_once_a_stage")]

    def __str__(self) -> str:
        return self.name

    @property
    def formed(self) -> models.Model | None:
        """The group's panel, once it is formed."""
        return getattr(self, "panel", None)


class GroupPlace(models.Model):
    """An application belongs to exactly one group of a stage."""

    group = models.ForeignKey(PanelGroup, models.PROTECT, related_name="places")
    application = models.ForeignKey(Application, models.PROTECT, related_name="+")
    stage = models.CharField("环节", max_length=40)
    by_hand = models.BooleanField("手工调整", default=False)
    placed_at = models.DateTimeField("分组时间")
    placed_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "分组归属"
        verbose_name_plural = "分组归属"
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["application", "stage"], name="group_place_once_a_stage")]
