"""What is handed in with an objection, and who looked at who filed it."""

from __future__ import annotations

import uuid

from django.db import models

from organizations.models import StoredFile, User

from .objection import Objection


class ObjectionFile(models.Model):
    """A proof or an identity paper handed in with an objection."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    objection = models.ForeignKey(Objection, models.PROTECT, related_name="files")
    key = models.CharField("材料", max_length=60)
    label = models.CharField("名称", max_length=80)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    # handed in with a later filing of the same objector
    joined = models.ForeignKey(
        "objections.JoinedFiling", models.PROTECT, null=True, blank=True, related_name="files", verbose_name="补充提交"
    )
    # identity papers open only to those who may know the objector
    tells_identity = models.BooleanField(default=False)

    class Meta:
        verbose_name = "异议材料"
        verbose_name_plural = "异议材料"


class IdentityOpening(models.Model):
    """Every opening of an objector's identity, on record."""

    objection = models.ForeignKey(Objection, models.PROTECT, related_name="openings")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField("查看时间")
    ground = models.CharField("理由", max_length=200, blank=True)
    # what was opened, where it was a paper
    paper = models.CharField("材料", max_length=80, blank=True)

    class Meta:
        verbose_name = "异议人信息查阅记录"
        verbose_name_plural = "异议人信息查阅记录"
