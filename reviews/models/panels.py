"""Panels, how they were drawn, and who reads what."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from applications.models import Application, DossierGrant
from applications.pipeline import State
from awards.models import Round
from awards.parameters import rulebook_for
from organizations.models import User

from .experts import Expert
from .panel_groups import PanelGroup

STAGES = ((State.DOCUMENT_REVIEW, "材料评审"), (State.DEFENSE, "陈述答辩"), (State.ONSITE_REVIEW, "现场评审"))


class PanelQuerySet(models.QuerySet["Panel"]):
    def of_office(self, user: User) -> PanelQuerySet:
        return self.filter(round__in=Round.objects.visible_to(user))

    def with_round(self) -> PanelQuerySet:
        return self.select_related("round__scheme", "round__edition", "round__office", "chair__user", "group")


class Panel(models.Model):
    """A panel of one review stage of a round, of no fewer members than the rulebook asks, with its leader."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="panels", verbose_name="届次")
    stage = models.CharField("环节", max_length=40, choices=STAGES)
    # one of several panels of the stage; empty where the stage has the one
    group = models.OneToOneField(
        PanelGroup, models.PROTECT, null=True, blank=True, related_name="panel", verbose_name="分组"
    )
    chair = models.ForeignKey(Expert, models.PROTECT, related_name="+", verbose_name="组长")
    due_on = models.DateField("评审截止日")
    # the most applications one member may be given here; empty for no limit
    load_limit = models.PositiveSmallIntegerField("每名专家评审份数上限", null=True, blank=True)
    formed_at = models.DateTimeField("组建时间")
    formed_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = PanelQuerySet.as_manager()

    class Meta:
        verbose_name = "评审组"
        verbose_name_plural = "评审组"
        ordering = ("round", "pk")
        constraints = [
            models.UniqueConstraint(fields=["round", "stage"], condition=Q(group=None), name="panel_once_a_stage")
        ]

    @property
    def stage_label(self) -> str:
        return rulebook_for(self.round).label(self.stage)

    @property
    def label(self) -> str:
        """The stage, and which of its panels where it has several: 材料评审制造组."""
        return f"{self.stage_label}{self.group_name}"

    @property
    def group_name(self) -> str:
        return self.group.name if self.group else ""


class PanelMember(models.Model):
    panel = models.ForeignKey(Panel, models.PROTECT, related_name="members")
    expert = models.ForeignKey(Expert, models.PROTECT, related_name="memberships", verbose_name="评审专家")
    # the field of the quota they were drawn for; empty where any field was asked
    field = models.CharField("抽取领域", max_length=60, blank=True)
    joined_at = models.DateTimeField("加入时间")
    left_at = models.DateTimeField("退出时间", null=True, blank=True)
    left_because = models.CharField("退出理由", max_length=300, blank=True)
    replaces = models.ForeignKey(Expert, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="替补")

    class Meta:
        verbose_name = "评审组成员"
        verbose_name_plural = "评审组成员"
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["panel", "expert"], name="panel_member_once")]


class DrawRecord(models.Model):
    """专家抽取记录: what anybody needs to draw again and come to the same names (seed, candidates, result)."""

    class Purpose(models.TextChoices):
        PANEL = "panel", "组建评审组"
        ADDITION = "addition", "增补专家"
        REPLACEMENT = "replacement", "替补专家"
        READERS = "readers", "分配材料"

    class Method(models.TextChoices):
        TICKETS = "tickets", "按领域随机抽取"
        RESERVE = "reserve", "按备选次序递补"
        BALANCE = "balance", "均衡分配"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    panel = models.ForeignKey(Panel, models.PROTECT, related_name="draws")
    purpose = models.CharField("用途", max_length=20, choices=Purpose.choices)
    method = models.CharField("方式", max_length=20, choices=Method.choices, default=Method.TICKETS)
    seed = models.CharField("随机种子", max_length=80)
    # public ids, sorted; whoever was left out stands in `excluded` with the reason
    candidates = models.JSONField("候选专家")
    excluded = models.JSONField("排除", default=list)
    needed = models.PositiveSmallIntegerField("抽取人数")
    # what else the result rests on: fields and quotas; or conflicts, loads and matches (reviews/replaying.py)
    inputs = models.JSONField("抽取依据", default=dict)
    result = models.JSONField("抽取结果")
    # in order: [public id, field drawn for]
    reserve = models.JSONField("备选专家", default=list)
    objective = models.JSONField("分配指标", default=dict)
    replaced = models.ForeignKey(Expert, models.PROTECT, null=True, related_name="+", verbose_name="被替补专家")
    ground = models.CharField("事由", max_length=300, blank=True)
    witness = models.CharField("纪检监督人员", max_length=40, blank=True)
    drawn_at = models.DateTimeField("抽取时间")
    drawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "专家抽取记录"
        verbose_name_plural = "专家抽取记录"
        ordering = ("pk",)


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def active(self) -> AssignmentQuerySet:
        return self.filter(ended_at=None)

    def of_expert(self, user: User) -> AssignmentQuerySet:
        """The person's own assignments that have not ended: anything else does not exist for them."""
        return self.active().filter(expert__user=user)

    def of_stage(self, application: Application, stage: str) -> AssignmentQuerySet:
        return self.active().filter(application=application, panel__stage=stage)

    def with_names(self) -> AssignmentQuerySet:
        return self.select_related(
            "application__organization", "application__round__scheme", "application__round__edition",
            "application__round__office", "application__recommender", "panel__round__edition", "panel__group",
            "expert__user", "sheet",
        )  # fmt: skip

    def handed_over(self) -> AssignmentQuerySet:
        """Those that took another's place by hand or after a member left, with what they took over."""
        return self.filter(replaces__isnull=False).select_related(
            "application__organization", "expert__user", "replaces__expert__user", "assigned_by"
        )

    def submitted(self) -> AssignmentQuerySet:
        return self.filter(sheet__submitted_at__isnull=False, sheet__voided_at=None)


class Assignment(models.Model):
    """One expert reads and scores one application at one stage; ended, nothing of it is open to them."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    panel = models.ForeignKey(Panel, models.PROTECT, related_name="assignments")
    application = models.ForeignKey(Application, models.PROTECT, related_name="+")
    expert = models.ForeignKey(Expert, models.PROTECT, related_name="assignments")
    grant = models.ForeignKey(DossierGrant, models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField("分配时间")
    assigned_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    ended_because = models.CharField("结束理由", max_length=300, blank=True)
    # the task this one was moved from by the office
    replaces = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="调整自")

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = "评审任务"
        verbose_name_plural = "评审任务"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["panel", "application", "expert"], condition=Q(ended_at=None), name="assignment_once"
            )
        ]
