"""Defense sessions: when and where, in what order, who came, what was shown, asked and answered (V6, U11.6)."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from applications.models import Application
from awards.models import Round
from organizations.models import StoredFile, User

from .conflicts import Recusal
from .experts import Expert
from .panels import Panel


class SessionQuerySet(models.QuerySet["Session"]):
    def standing(self) -> SessionQuerySet:
        """Those not called off."""
        return self.filter(cancelled_at=None)

    def of_round(self, round: Round) -> SessionQuerySet:
        return self.filter(panel__round=round)

    def with_names(self) -> SessionQuerySet:
        return self.select_related(
            "panel__round__scheme",
            "panel__round__edition",
            "panel__round__office",
            "panel__chair__user",
            "panel__group",
            "leader__user",
        )

    def within(self, starts_at: datetime, ends_at: datetime) -> SessionQuerySet:
        """Those whose time touches the period; both ends exclusive."""
        return self.standing().filter(starts_at__lt=ends_at, ends_at__gt=starts_at)


class Session(models.Model):
    """A session of a panel: when, where, who leads, how long each has, in what order, and what was minuted (V6)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    panel = models.ForeignKey(Panel, models.PROTECT, related_name="sessions")
    starts_at = models.DateTimeField("开始时间")
    ends_at = models.DateTimeField("预计结束时间", null=True)
    place = models.CharField("地点", max_length=120)
    statement_minutes = models.PositiveSmallIntegerField("陈述时间（分钟）", default=20)
    question_minutes = models.PositiveSmallIntegerField("提问时间（分钟）", default=15)
    appraisal_minutes = models.PositiveSmallIntegerField("评议时间（分钟）", default=5)
    materials_due_at = models.DateTimeField("陈述材料提交截止", null=True, blank=True)
    leader = models.ForeignKey(Expert, models.PROTECT, related_name="+", verbose_name="主持人（带队组长）")
    lot_seed = models.CharField("抽签种子", max_length=80, blank=True)
    lots_drawn_at = models.DateTimeField("抽签时间", null=True, blank=True)
    witness = models.CharField("纪检监督人员", max_length=40, blank=True)
    minutes = models.TextField("记录", max_length=10000, blank=True)
    minuted_at = models.DateTimeField("记录时间", null=True, blank=True)
    scheduled_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    scheduled_at = models.DateTimeField("安排时间")
    cancelled_at = models.DateTimeField("取消时间", null=True, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = "评审场次"
        verbose_name_plural = "评审场次"
        ordering = ("starts_at", "pk")

    @property
    def slot_minutes(self) -> int:
        """Minutes from one turn to the next: statement, questions, appraisal."""
        return self.statement_minutes + self.question_minutes + self.appraisal_minutes

    def turn_times(self, turn: int) -> tuple[datetime, datetime]:
        """When the n-th turn begins and ends by the plan."""
        starts_at = self.starts_at + timedelta(minutes=(turn - 1) * self.slot_minutes)
        return starts_at, starts_at + timedelta(minutes=self.slot_minutes)


class SessionChange(models.Model):
    """A session moved or called off: what it was, what it became, and why: nothing is moved in silence."""

    session = models.ForeignKey(Session, models.PROTECT, related_name="changes")
    was_starts_at = models.DateTimeField("原定时间")
    was_place = models.CharField("原定地点", max_length=120)
    starts_at = models.DateTimeField("改为时间", null=True, blank=True)
    place = models.CharField("改为地点", max_length=120, blank=True)
    reason = models.CharField("原因", max_length=300)
    changed_at = models.DateTimeField("变更时间")
    changed_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "场次变更"
        verbose_name_plural = "场次变更"
        ordering = ("pk",)


class SessionSlot(models.Model):
    session = models.ForeignKey(Session, models.PROTECT, related_name="slots")
    application = models.ForeignKey(Application, models.PROTECT, related_name="+")
    signed_in_at = models.DateTimeField("签到时间", null=True, blank=True)
    sign_in_order = models.PositiveSmallIntegerField("签到次序", null=True, blank=True)
    turn = models.PositiveSmallIntegerField("答辩次序", null=True, blank=True)
    leader_present = models.BooleanField("主要负责人到场", null=True, blank=True)
    absence_note = models.CharField("未到场说明", max_length=300, blank=True)

    class Meta:
        verbose_name = "场次安排"
        verbose_name_plural = "场次安排"
        ordering = ("turn", "sign_in_order", "pk")
        constraints = [
            models.UniqueConstraint(fields=["session", "application"], name="session_slot_once"),
            models.UniqueConstraint(fields=["session", "turn"], name="session_turn_once"),
        ]


class Presenter(models.Model):
    """One person who speaks for the applicant, named beforehand with what they do there."""

    class Part(models.TextChoices):
        LEADER = "leader", "主要负责人"
        STATES = "states", "主陈述人"
        ANSWERS = "answers", "答辩人员"
        ASSISTS = "assists", "辅助人员"

    slot = models.ForeignKey(SessionSlot, models.CASCADE, related_name="presenters")
    name = models.CharField("姓名", max_length=40)
    post = models.CharField("职务", max_length=60)
    part = models.CharField("分工", max_length=20, choices=Part.choices)
    named_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    named_at = models.DateTimeField("报名时间")

    class Meta:
        verbose_name = "陈述答辩人员"
        verbose_name_plural = "陈述答辩人员"
        ordering = ("pk",)


class SessionMaterial(models.Model):
    """What the applicant shows: handed in before the due moment, frozen at it; withdrawn ones are kept on record."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slot = models.ForeignKey(SessionSlot, models.PROTECT, related_name="materials")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    handed_in_at = models.DateTimeField("提交时间")
    handed_in_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField("撤下时间", null=True, blank=True)

    class Meta:
        verbose_name = "陈述材料"
        verbose_name_plural = "陈述材料"
        ordering = ("pk",)


class SessionSeat(models.Model):
    """A panel member signed in to a session, free of any tie to whoever is heard in it (U23)."""

    session = models.ForeignKey(Session, models.PROTECT, related_name="seats")
    expert = models.ForeignKey(Expert, models.PROTECT, related_name="+")
    signed_in_at = models.DateTimeField("签到时间")
    signed_in_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "评审组签到"
        verbose_name_plural = "评审组签到"
        ordering = ("signed_in_at", "pk")
        constraints = [models.UniqueConstraint(fields=["session", "expert"], name="session_seat_once")]


class SessionQuestion(models.Model):
    """A question asked in the session and what was answered."""

    slot = models.ForeignKey(SessionSlot, models.PROTECT, related_name="questions")
    asker = models.ForeignKey(Expert, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提问专家")
    question = models.TextField("提问", max_length=1000)
    answer = models.TextField("回答要点", max_length=3000)
    noted_at = models.DateTimeField("记录时间")
    noted_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "提问与回答"
        verbose_name_plural = "提问与回答"
        ordering = ("pk",)


def stepped_back(expert_of: str, application_of: str) -> Q:
    """A condition: the expert under the path `expert_of` stepped back from the application under the other."""
    gone = Recusal.objects.filter(
        state=Recusal.State.GRANTED,
        expert=models.OuterRef(f"{expert_of}_id"),
        application=models.OuterRef(f"{application_of}_id"),
    )
    return Q(models.Exists(gone))
