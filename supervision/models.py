"""After the award: what a winner owes (U17–U19), what it did, and who looked at it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from applications.models import Application
from awards.models import Award, Round
from organizations.models import Claim, OutboxItem, StoredFile, Unit, User


class SharingQuerySet(models.QuerySet["SharingRecord"]):
    def visible_to(self, user: User) -> SharingQuerySet:
        """The winner's own people, the scheme's office and supervisor, and the recommenders who watch it (U18).

        They watch the winners they recommended, and those of their own district.
        """
        units = Unit.objects.of_user(user)
        wide = units.filter(kind__in=("office", "supervisor"))
        near = units.of_kind("recommender")
        own = Claim.objects.filter(user=user, state=Claim.State.VERIFIED).values("organization")
        recommended = Application.objects.filter(recommender__in=near).exclude(number="").values("number")
        districts = near.exclude(district="")
        return self.filter(
            Q(award__organization__in=own)
            | Q(award__scheme__key__in=wide.values("scheme_key"))
            | Q(award__application_number__in=recommended)
            | Q(award__scheme__key__in=districts.values("scheme_key"), award__district__in=districts.values("district"))
        ).distinct()


class SharingRecord(models.Model):
    """One activity by which a winner shared its methods (U17); reviewed by the unit that supervises (U18)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    award = models.ForeignKey(Award, models.PROTECT, related_name="+", verbose_name="获奖记录")
    duty = models.CharField("义务", max_length=60)
    held_on = models.DateField("日期")
    title = models.CharField("活动名称", max_length=120)
    content = models.TextField("内容与成效", max_length=2000)
    audience = models.PositiveIntegerField("参加人次", default=0)
    proof = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="证明材料"
    )
    filed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="填报人")
    filed_at = models.DateTimeField("填报时间")
    reviewed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核实人"
    )
    reviewed_at = models.DateTimeField("核实时间", null=True, blank=True)
    review_note = models.CharField("核实意见", max_length=500, blank=True)

    objects = SharingQuerySet.as_manager()

    class Meta:
        verbose_name = "推广交流记录"
        verbose_name_plural = "推广交流记录"
        ordering = ("-held_on", "-pk")


class RoundArchiveQuerySet(models.QuerySet["RoundArchive"]):
    def waiting(self) -> RoundArchiveQuerySet:
        """Ordered and still on its way; one whose making was given up is not waited for."""
        due = OutboxItem.objects.filter(
            kind="round_archive", done_at=None, attempts__lt=OutboxItem.MAX_ATTEMPTS,
            payload__archive=models.OuterRef("pk"),
        )  # fmt: skip
        return self.filter(models.Exists(due), made_at=None)

    def made(self) -> RoundArchiveQuerySet:
        return self.exclude(made_at=None)


class RoundArchive(models.Model):
    """One archive of a round (归档): the file with its digest, and how long each class of it is kept."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="+", verbose_name="届次")
    # ordered after the round was over; one made earlier says 未结束
    is_final = models.BooleanField("届次已结束")
    retention = models.JSONField("保管期限")
    ordered_at = models.DateTimeField("归档时间")
    ordered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="归档人")
    made_at = models.DateTimeField("生成时间", null=True, blank=True)
    file = models.FileField("文件", max_length=200, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    size = models.PositiveBigIntegerField("字节数", default=0)
    entries = models.PositiveIntegerField("件数", default=0)
    missing = models.PositiveIntegerField("未能读取的件数", default=0)

    objects = RoundArchiveQuerySet.as_manager()

    class Meta:
        verbose_name = "届次归档"
        verbose_name_plural = "届次归档"
        ordering = ("-ordered_at", "-pk")

    @property
    def outbox_key(self) -> str:
        return f"archive:{self.public_id}"


class ArchiveDownload(models.Model):
    """Who took an archive away, and when."""

    archive = models.ForeignKey(RoundArchive, models.PROTECT, related_name="downloads")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="下载人")
    downloaded_at = models.DateTimeField("下载时间")

    class Meta:
        verbose_name = "归档下载记录"
        verbose_name_plural = "归档下载记录"
        ordering = ("-downloaded_at", "-pk")
