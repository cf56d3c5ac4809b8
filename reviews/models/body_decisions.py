"""Decisions of the leading body on one name of its list after the list was made: struck off, or moved up (B16)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from applications.models import Application
from awards.models import Round
from documents.models import IssuedDocument
from organizations.models import StoredFile, Unit, User


class BodyDecisionQuerySet(models.QuerySet["BodyDecision"]):
    def visible_to(self, user: User) -> BodyDecisionQuerySet:
        """The office of the round; the leading body and the supervising department of its scheme."""
        units = Unit.objects.of_user(user)
        bodies = units.filter(kind__in=("leading_body", "supervisor")).values("scheme_key")
        return self.filter(Q(round__office__in=units.of_kind("office")) | Q(round__scheme__key__in=bodies)).distinct()


class BodyDecision(models.Model):
    """What the leading body decided on one name: who was there, how they voted, why, and the signed record."""

    class Kind(models.TextChoices):
        CANCEL = "cancel", "取消授奖资格"
        PROMOTE = "promote", "递补列入建议名单"

    class Form(models.TextChoices):
        MEETING = "meeting", "召开会议"
        CIRCULATED = "circulated", "书面征求成员意见"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="+", verbose_name="届次")
    application = models.ForeignKey(Application, models.PROTECT, related_name="+", verbose_name="申报")
    kind = models.CharField("事项", max_length=20, choices=Kind.choices)
    form = models.CharField("形式", max_length=20, choices=Form.choices)
    name = models.CharField("会议名称或者文件编号", max_length=120)
    held_on = models.DateField("日期")
    electorate = models.PositiveSmallIntegerField("应到人数")
    present = models.PositiveSmallIntegerField("实到人数")
    recused = models.PositiveSmallIntegerField("回避人数", default=0)
    votes_for = models.PositiveSmallIntegerField("同意")
    votes_against = models.PositiveSmallIntegerField("不同意", default=0)
    votes_abstain = models.PositiveSmallIntegerField("弃权", default=0)
    is_carried = models.BooleanField("通过")
    ground = models.TextField("事实和理由", max_length=1000)
    cite = models.CharField("依据", max_length=300)
    # the minutes or the circulated sheet as it was signed
    proof = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="签字的会议记录")
    document = models.ForeignKey(IssuedDocument, models.PROTECT, null=True, related_name="+", verbose_name="决定")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")

    objects = BodyDecisionQuerySet.as_manager()

    class Meta:
        verbose_name = "审议机构的决定"
        verbose_name_plural = "审议机构的决定"
        ordering = ("-recorded_at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="body_decision_hands_are_those_present",
                condition=Q(
                    present=F("recused") + F("votes_for") + F("votes_against") + F("votes_abstain"),
                    present__lte=F("electorate"),
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}（{self.name}）"


class ListReturn(models.Model):
    """A list of the leading body that came back to be deliberated again: who sent it, why, and what stood on it."""

    class From(models.TextChoices):
        GOVERNMENT = "government", "审定机关退回"
        LEADING_BODY = "leading_body", "审议机构决定重新审议"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="+", verbose_name="届次")
    sent_by = models.CharField("退回机关", max_length=20, choices=From.choices)
    reference = models.CharField("会议名称或者文号", max_length=120)
    decided_on = models.DateField("日期")
    ground = models.TextField("理由", max_length=1000)
    proof = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="退回文件")
    # the list as it stood: [{"application", "number", "name", "tier", "state"}]
    names = models.JSONField("退回时的名单", default=list)
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")

    class Meta:
        verbose_name = "名单退回"
        verbose_name_plural = "名单退回"
        ordering = ("-recorded_at", "-pk")
