"""What an applicant hands in: answers, files, its own publicity, the frozen dossier, and who may read it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from award_portal.lib.sealed import SealedTextField
from organizations.models import StoredFile, User

from .application import Application


class Answer(models.Model):
    """The draft of one section: field key → value, with the version for stale tabs. Never in history or logs."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="answers")
    section = models.CharField("部分", max_length=60)
    data = models.JSONField("内容", default=dict)
    # what names or reaches a person stands apart (applications.personal)
    personal_sealed = SealedTextField("个人信息（密文）", blank=True, editable=False, binding="personal_binding")
    is_secret = models.BooleanField("含商业秘密", default=False)
    secret_reason = models.CharField("商业秘密说明", max_length=200, blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    saved_at = models.DateTimeField("保存时间")

    class Meta:
        verbose_name = "填报内容"
        verbose_name_plural = "填报内容"
        constraints = [models.UniqueConstraint(fields=["application", "section"], name="answer_once_a_section")]

    @property
    def personal_binding(self) -> str:
        return f"applications.answer.personal:{self.application.public_id}:{self.section}"


class Attachment(models.Model):
    """A file the applicant attached under one of the rulebook's attachment keys."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(Application, models.CASCADE, related_name="attachments")
    key = models.CharField("材料", max_length=60)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    is_secret = models.BooleanField("含商业秘密", default=False)
    added_at = models.DateTimeField("上传时间")
    removed_at = models.DateTimeField("移除时间", null=True, blank=True)

    class Meta:
        verbose_name = "附件"
        verbose_name_plural = "附件"
        ordering = ("key", "pk")


class SelfPublicity(models.Model):
    """The applicant's publicity inside its own organisation, with computed dates and proof (U11.2)."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="self_publicities")
    published_on = models.DateField("发布日期")
    first_day = models.DateField("起始日")
    last_day = models.DateField("截止日")
    ends_at = models.DateTimeField("期满时间")
    working_days = models.PositiveSmallIntegerField("公示天数")
    calendar_version = models.CharField("日历版本", max_length=80)
    place = models.CharField("公示地点和方式", max_length=200, blank=True)
    proof = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="公示证明"
    )
    had_objections = models.BooleanField("有无异议", null=True, blank=True)
    settlement = models.TextField("异议及处理情况", max_length=1000, blank=True)
    started_at = models.DateTimeField("开始时间")
    abandoned_at = models.DateTimeField("作废时间", null=True, blank=True)

    class Meta:
        verbose_name = "内部公示"
        verbose_name_plural = "内部公示"
        ordering = ("-started_at",)


class Dossier(models.Model):
    """What was submitted, frozen: answers and file digests. Later stages judge exactly this (R9)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="dossiers")
    version = models.PositiveSmallIntegerField("版本")
    content = models.JSONField("冻结内容")
    personal_sealed = SealedTextField("个人信息（密文）", blank=True, editable=False, binding="personal_binding")
    sha256 = models.CharField("摘要", max_length=64)
    frozen_at = models.DateTimeField("冻结时间")

    class Meta:
        verbose_name = "申报材料"
        verbose_name_plural = "申报材料"
        ordering = ("application", "version")
        constraints = [models.UniqueConstraint(fields=["application", "version"], name="dossier_version_once")]

    @property
    def personal_binding(self) -> str:
        return f"applications.dossier.personal:{self.public_id}"


class DossierGrantQuerySet(models.QuerySet["DossierGrant"]):
    def in_force(self, at) -> DossierGrantQuerySet:
        return self.filter(revoked_at=None).filter(Q(until=None) | Q(until__gt=at))


class DossierGrant(models.Model):
    """Who may read an application's dossier beside its own desks, which parts, why and until when.

    Experts read through a grant; a recusal revokes it and the next request is 404.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="grants")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    # section and attachment keys; empty list = all. Marked parts open only with `with_secrets`.
    parts = models.JSONField("部分", default=list, blank=True)
    with_secrets = models.BooleanField("含商业秘密部分", default=False)
    reason = models.CharField("理由", max_length=120)
    granted_at = models.DateTimeField("授予时间")
    granted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    until = models.DateTimeField("截止", null=True, blank=True)
    revoked_at = models.DateTimeField("收回时间", null=True, blank=True)
    revoked_because = models.CharField("收回理由", max_length=120, blank=True)

    objects = DossierGrantQuerySet.as_manager()

    class Meta:
        verbose_name = "阅卷授权"
        verbose_name_plural = "阅卷授权"


class SecretOpening(models.Model):
    """Every opening of a part marked as a trade secret is on record (R7)."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="+")
    part = models.CharField("部分", max_length=60)
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField("查看时间")

    class Meta:
        verbose_name = "商业秘密查阅记录"
        verbose_name_plural = "商业秘密查阅记录"
