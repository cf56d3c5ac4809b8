"""Archives of a round (归档): the files made, and who took them away."""

from __future__ import annotations

import uuid

from django.db import models

from awards.models import Round
from organizations.models import OutboxItem, User


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
