"""情况反映: what comes too late or without form for an objection, kept with how it was used; no clock runs on it."""

from __future__ import annotations

import uuid

from django.db import models
from django.urls import reverse

from applications.models import Application
from award_portal.lib.sealed import SealedTextField
from organizations.models import StoredFile, Unit, User


class SituationReportQuerySet(models.QuerySet["SituationReport"]):
    def visible_to(self, user: User) -> SituationReportQuerySet:
        """The office of the round, nobody else."""
        return self.filter(application__round__office__in=Unit.objects.of_user(user))

    def unnoted(self) -> SituationReportQuerySet:
        return self.filter(noted_at=None)


class SituationReport(models.Model):
    """A tip about an application, taken outside the objection procedure."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField("收件编号", max_length=40, unique=True)
    application = models.ForeignKey(Application, models.PROTECT, related_name="+", verbose_name="涉及的申报")
    # why it is no objection, as it was told to the person
    because = models.CharField("未按异议办理的原因", max_length=300)
    text = models.TextField("反映的情况", max_length=5000)
    # JSON of the name and phone the person chose to give, sealed and bound to this row; may be of nobody
    contact = SealedTextField("联系方式（加密）", binding="contact_binding", blank=True)
    secret_digest = models.CharField(max_length=64, unique=True)
    filed_at = models.DateTimeField("收到时间")
    use = models.TextField("办理情况", max_length=2000, blank=True)
    noted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="办理人")
    noted_at = models.DateTimeField("办理时间", null=True, blank=True)

    objects = SituationReportQuerySet.as_manager()

    class Meta:
        verbose_name = "情况反映"
        verbose_name_plural = "情况反映"
        ordering = ("-filed_at", "-pk")

    def __str__(self) -> str:
        return self.number

    @property
    def contact_binding(self) -> str:
        return f"objections.SituationReport.contact:{self.public_id}"

    def get_absolute_url(self) -> str:
        return reverse("objections:situation", args=[self.public_id])


class SituationFile(models.Model):
    """A proof handed in with a tip."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    report = models.ForeignKey(SituationReport, models.PROTECT, related_name="files")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "情况反映材料"
        verbose_name_plural = "情况反映材料"
