"""Personal data at the end of its term: how long each kind is kept, what was erased, and the proof of it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse

from documents.models import IssuedDocument
from organizations.models import Unit, User


class RetentionTerm(models.Model):
    """How many years a kind of personal data is kept after its matter ended; the latest line counts."""

    scheme_key = models.SlugField("奖项", max_length=60, db_index=True)
    holding = models.CharField("个人信息种类", max_length=40)
    years = models.PositiveSmallIntegerField("保存年数")
    reason = models.CharField("理由", max_length=200)
    set_at = models.DateTimeField("设定时间")
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="设定人")

    class Meta:
        verbose_name = "个人信息保存期限"
        verbose_name_plural = "个人信息保存期限"
        ordering = ("-pk",)


class ErasureQuerySet(models.QuerySet["Erasure"]):
    def visible_to(self, user: User) -> ErasureQuerySet:
        keys = Unit.objects.of_user(user).filter(kind__in=("office", "supervisor")).values("scheme_key")
        return self.filter(scheme_key__in=keys)

    def to_carry_out(self) -> ErasureQuerySet:
        return self.filter(approved_at__isnull=False, done_at=None)

    def undecided(self) -> ErasureQuerySet:
        return self.filter(approved_at=None, declined_at=None)


class Erasure(models.Model):
    """A list of what is to be erased (清除清册): drawn up by one person, agreed to by another, then carried out."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    scheme_key = models.SlugField("奖项", max_length=60, db_index=True)
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="办公室")
    # the digest of the list as it was agreed to
    sha256 = models.CharField("清册摘要", max_length=64)
    proposed_at = models.DateTimeField("提出时间")
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提出人")
    approved_at = models.DateTimeField("批准时间", null=True, blank=True)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="监督人")
    declined_at = models.DateTimeField("退回时间", null=True, blank=True)
    declined_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    declined_because = models.CharField("退回理由", max_length=300, blank=True)
    done_at = models.DateTimeField("完成时间", null=True, blank=True)
    document = models.ForeignKey(IssuedDocument, models.PROTECT, null=True, related_name="+")

    objects = ErasureQuerySet.as_manager()

    class Meta:
        verbose_name = "个人信息清除"
        verbose_name_plural = "个人信息清除"
        ordering = ("-proposed_at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="erasure_two_people",
                condition=Q(approved_by=None) | ~Q(approved_by=models.F("proposed_by")),
            )
        ]

    def get_absolute_url(self) -> str:
        return reverse("supervision:erasure", args=[self.public_id])

    @property
    def state_label(self) -> str:
        if self.done_at:
            return "已清除"
        if self.declined_at:
            return "已退回"
        return "正在清除" if self.approved_at else "待批准"


class ErasureItem(models.Model):
    """One value on the list by kind and row; it tells nothing of the person, before or afterwards."""

    erasure = models.ForeignKey(Erasure, models.PROTECT, related_name="items")
    holding = models.CharField("个人信息种类", max_length=40)
    row = models.PositiveBigIntegerField("行")
    subject = models.CharField("所属事项", max_length=120)
    # of the ciphertext (or of the encrypted file) that was there: what is gone can be told from an older copy
    was_sha256 = models.CharField("原密文摘要", max_length=64, blank=True)
    erased_at = models.DateTimeField("清除时间", null=True, blank=True)
    kept_because = models.CharField("未清除原因", max_length=120, blank=True)

    class Meta:
        verbose_name = "清除清册条目"
        verbose_name_plural = "清除清册条目"
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["erasure", "holding", "row"], name="erasure_item_once")]

    @property
    def is_settled(self) -> bool:
        return self.erased_at is not None or bool(self.kept_because)
