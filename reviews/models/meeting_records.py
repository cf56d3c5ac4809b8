"""What a meeting's file holds beside its ballots: agenda, changes, mandates of deputies, vacancies, versions (V8)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from documents.models import IssuedDocument
from organizations.models import StoredFile, User

from .meetings import CHOICES, Meeting, MeetingMember, NamedVote


class AgendaItem(models.Model):
    """One item (议题) of a meeting, in its order."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="agenda")
    position = models.PositiveSmallIntegerField("序号")
    title = models.CharField("议题", max_length=200)
    ground = models.CharField("依据", max_length=200, blank=True)

    class Meta:
        verbose_name = "议题"
        verbose_name_plural = "议题"
        ordering = ("meeting", "position")
        constraints = [models.UniqueConstraint(fields=["meeting", "position"], name="agenda_position_once")]


class MeetingChange(models.Model):
    """A meeting put off or moved before it was opened: what stood before, what stands now, and why."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="changes")
    old_held_on = models.DateField("原日期")
    old_place = models.CharField("原地点", max_length=120)
    new_held_on = models.DateField("新日期")
    new_place = models.CharField("新地点", max_length=120)
    reason = models.CharField("变更理由", max_length=200)
    changed_at = models.DateTimeField("变更时间")
    changed_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "会议变更"
        verbose_name_plural = "会议变更"
        ordering = ("meeting", "pk")


class Deputy(models.Model):
    """A 授权委托书: who takes a member's seat in this meeting; in force once the office has accepted it."""

    class State(models.TextChoices):
        SUBMITTED = "submitted", "待核验"
        ACCEPTED = "accepted", "已核验"
        REFUSED = "refused", "不予采用"
        WITHDRAWN = "withdrawn", "已撤回"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(MeetingMember, models.PROTECT, related_name="mandates")
    name = models.CharField("代理人姓名", max_length=40)
    post = models.CharField("代理人单位职务", max_length=80)
    # who has no account votes only where the ballot is on paper
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="代理人账号")
    letter = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="授权委托书")
    state = models.CharField("状态", max_length=20, choices=State.choices, default=State.SUBMITTED)
    submitted_at = models.DateTimeField("提交时间")
    submitted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField("核验时间", null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField("理由", max_length=200, blank=True)

    class Meta:
        verbose_name = "授权委托"
        verbose_name_plural = "授权委托"
        ordering = ("member", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["member"], condition=Q(state__in=("submitted", "accepted")), name="one_mandate_a_member"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Vacancy(models.Model):
    """Places of a tier the meeting left vacant (空缺), and why."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="vacancies")
    tier = models.CharField("奖项等次", max_length=60)
    tier_name = models.CharField("等次名称", max_length=60)
    places = models.PositiveSmallIntegerField("空缺名额")
    reason = models.CharField("空缺理由", max_length=300)

    class Meta:
        verbose_name = "空缺"
        verbose_name_plural = "空缺"
        ordering = ("meeting", "pk")
        constraints = [models.UniqueConstraint(fields=["meeting", "tier"], name="vacancy_once_a_tier")]


class MinutesDraft(models.Model):
    """The words of the minutes before they are issued; edited until then, kept as they were issued."""

    meeting = models.OneToOneField(Meeting, models.CASCADE, related_name="draft")
    text = models.TextField("会议情况", max_length=4000, blank=True)
    saved_at = models.DateTimeField("保存时间")
    saved_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "纪要草稿"
        verbose_name_plural = "纪要草稿"


class MinutesVersion(models.Model):
    """One issue of a meeting's minutes: the first, or a correction with its reason. None replaces another's record."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField("版本")
    document = models.OneToOneField(IssuedDocument, models.PROTECT, related_name="+")
    reason = models.CharField("更正理由", max_length=300, blank=True)

    class Meta:
        verbose_name = "纪要版本"
        verbose_name_plural = "纪要版本"
        ordering = ("meeting", "number")
        constraints = [models.UniqueConstraint(fields=["meeting", "number"], name="minutes_version_once")]


class NamedVoteChange(models.Model):
    """A choice by name corrected before the roll call was closed: both values stay on record."""

    vote = models.ForeignKey(NamedVote, models.PROTECT, related_name="changes")
    before = models.CharField("更正前", max_length=8, choices=CHOICES)
    after = models.CharField("更正后", max_length=8, choices=CHOICES)
    reason = models.CharField("更正理由", max_length=200)
    changed_at = models.DateTimeField("更正时间")
    changed_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "记名意见更正"
        verbose_name_plural = "记名意见更正"
        ordering = ("vote", "pk")
