"""Papers the portal issues: numbered with their frozen content, rendered afterwards, sealed by the office."""

from __future__ import annotations

import uuid

from django.db import models
from django.urls import reverse

from organizations.models import StoredFile, Unit, User


class NumberCounter(models.Model):
    """A locked row a sequence: gapless, since the number commits with what it numbers."""

    name = models.CharField(primary_key=True, max_length=120)
    value = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = "编号计数"
        verbose_name_plural = "编号计数"


class IssuedDocument(models.Model):
    """An official paper. Number and content never change after issue; the desk adds its own number and scan."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField("系统编号", max_length=40, unique=True)
    scheme_key = models.SlugField("奖项", max_length=60)
    # "round:<uuid>", the same as the evidence chain; empty for papers outside a round
    chain = models.CharField("所属届次", max_length=80, blank=True, db_index=True)
    subject = models.CharField("对象", max_length=120, blank=True, db_index=True)
    kind = models.CharField("文种", max_length=60)
    title = models.CharField("标题", max_length=200)
    template = models.CharField("模板", max_length=100)
    content = models.JSONField("冻结内容")
    content_sha256 = models.CharField("内容摘要", max_length=64)
    issuer = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="发文单位")
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="签发人")
    issued_at = models.DateTimeField("签发时间")
    is_public = models.BooleanField("公开", default=False)
    # the rendered file, once it is rendered
    file = models.FileField("文件", max_length=200, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    pages = models.PositiveIntegerField("页数", null=True, blank=True)
    size = models.PositiveBigIntegerField("字节数", null=True, blank=True)
    # what the office enters after 签发 and 用印
    official_number = models.CharField("发文字号", max_length=60, blank=True)
    official_on = models.DateField("成文日期", null=True, blank=True)
    sealed_scan = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="盖章扫描件"
    )

    # a paper that no longer holds keeps number, content and file, and says so wherever it is named
    voided_at = models.DateTimeField("作废时间", null=True, blank=True)
    voided_because = models.CharField("作废理由", max_length=120, blank=True)

    class Meta:
        verbose_name = "公文"
        verbose_name_plural = "公文"
        ordering = ("-issued_at", "-pk")

    def __str__(self) -> str:
        return f"{self.title}（{self.number}）"

    @property
    def is_rendered(self) -> bool:
        return bool(self.sha256)

    def get_absolute_url(self) -> str:
        return reverse("documents:download", args=[self.public_id])
