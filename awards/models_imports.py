"""What an import leaves beside its rows: a register read and not yet stored, and who decided that two names are one."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from organizations.models import StoredFile, Unit, User


class RegisterImportQuerySet(models.QuerySet["RegisterImport"]):
    def visible_to(self, user: User) -> RegisterImportQuerySet:
        """Those of the schemes whose office the person works in."""
        keys = Unit.objects.of_user(user).of_kind("office").values("scheme_key")
        return self.filter(scheme__key__in=keys)

    def waiting(self) -> RegisterImportQuerySet:
        return self.filter(stored_at=None)


class RegisterImport(models.Model):
    """A 历届获奖名录 as it was read, looked at before its rows enter the ledger (R6).

    `rows` are clean: a person stands in them under the pseudonymous key, and a file that carried 身份证号 is not kept.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    scheme = models.ForeignKey("awards.Scheme", models.PROTECT, related_name="+", verbose_name="奖项")
    file_name = models.CharField("文件名", max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    source = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="来源文件")
    rows = models.JSONField("读入的记录", default=list)
    skipped = models.JSONField("未作为记录的行", default=list)
    read_at = models.DateTimeField("读取时间")
    read_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="读取人")
    stored_at = models.DateTimeField("导入时间", null=True, blank=True)
    stored_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="导入人")
    stored_count = models.PositiveIntegerField("导入条数", default=0)

    objects = RegisterImportQuerySet.as_manager()

    class Meta:
        verbose_name = "获奖名录导入"
        verbose_name_plural = "获奖名录导入"
        ordering = ("-read_at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="register_stored_at_and_by",
                condition=Q(stored_at=None, stored_by=None) | Q(stored_at__isnull=False, stored_by__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.file_name


class NameMatch(models.Model):
    """A person's decision whether a line of a credit list and an applicant are the same body (U11.3).

    It holds for this pair of name and code in the scheme, whatever file brings the line again; of several decisions
    the latest holds, and the earlier ones stay.
    """

    scheme = models.ForeignKey("awards.Scheme", models.PROTECT, related_name="+", verbose_name="奖项")
    listed_name = models.CharField("名单所列名称", max_length=120)
    listed_code = models.CharField("名单所列代码", max_length=18, blank=True)
    name = models.CharField("申报组织名称", max_length=120)
    code = models.CharField("统一社会信用代码", max_length=18)
    is_same = models.BooleanField("是同一单位")
    reason = models.CharField("判定依据", max_length=300)
    decided_at = models.DateTimeField("判定时间")
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="判定人")

    class Meta:
        verbose_name = "名称比对结论"
        verbose_name_plural = "名称比对结论"
        ordering = ("-decided_at", "-pk")
        indexes = [models.Index(fields=["scheme", "code"], name="name_match_of_code")]

    def __str__(self) -> str:
        return f"{self.listed_name} {'＝' if self.is_same else '≠'} {self.name}"
