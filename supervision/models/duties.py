"""What a winner owes every year: a report handed in, or a self-assessment made and kept (B28, Z29)."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q

from awards.models import Award
from organizations.models import StoredFile, User


class DutySchedule(models.Model):
    """An award whose yearly duties were laid out, once, by the edition it was won under."""

    award = models.OneToOneField(Award, models.PROTECT, related_name="+", verbose_name="获奖记录")
    laid_out_at = models.DateTimeField("排定时间")

    class Meta:
        verbose_name = "年度义务排期"
        verbose_name_plural = "年度义务排期"


class YearlyReportQuerySet(models.QuerySet["YearlyReport"]):
    def owed(self) -> YearlyReportQuerySet:
        """Not handed in yet, or sent back, of awards that stand."""
        return self.filter(
            state__in=(YearlyReport.State.OPEN, YearlyReport.State.RETURNED), award__state=Award.State.GRANTED
        )

    def never_filed(self) -> YearlyReportQuerySet:
        return self.filter(state=YearlyReport.State.OPEN, award__state=Award.State.GRANTED)

    def overdue(self, at: datetime) -> YearlyReportQuerySet:
        """Due and nothing handed in; what is only made and kept is never late (Z29)."""
        return self.never_filed().filter(is_filed_duty=True, due_at__lte=at, late_at=None)

    def to_remind(self, at: datetime) -> YearlyReportQuerySet:
        return self.never_filed().filter(remind_at__lte=at, reminded_at=None, due_at__gt=at)


class YearlyReport(models.Model):
    """One year of one yearly duty of one award."""

    class State(models.TextChoices):
        OPEN = "open", "待填报"
        FILED = "filed", "待核实"
        RETURNED = "returned", "退回补正"
        CHECKED = "checked", "已核实"
        SEEN = "seen", "已审阅"
        # a self-assessment that is made and kept by the winner, not handed in (Z29)
        KEPT = "kept", "已形成"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    award = models.ForeignKey(Award, models.PROTECT, related_name="+", verbose_name="获奖记录")
    duty = models.CharField("义务", max_length=60)
    year = models.PositiveSmallIntegerField("年度")
    # whether the regulation asks for it to be handed in; else it is made and kept
    is_filed_duty = models.BooleanField("须报送")
    opens_at = models.DateTimeField("可填报时间")
    remind_at = models.DateTimeField("提醒时间")
    due_at = models.DateTimeField("截止时间")
    reminded_at = models.DateTimeField("已提醒时间", null=True, blank=True)
    # stays for ever once set: handed in afterwards it is a late one
    late_at = models.DateTimeField("逾期标记时间", null=True, blank=True)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.OPEN)
    texts = models.JSONField("文字内容", default=dict, blank=True)
    figures = models.JSONField("指标", default=dict, blank=True)
    version = models.PositiveIntegerField("保存次数", default=0)
    filed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="填报人")
    filed_at = models.DateTimeField("报送时间", null=True, blank=True)
    first_filed_at = models.DateTimeField("首次报送时间", null=True, blank=True)
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核实人")
    checked_at = models.DateTimeField("核实时间", null=True, blank=True)
    check_note = models.CharField("核实意见", max_length=500, blank=True)
    returned_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="退回人"
    )
    returned_at = models.DateTimeField("退回时间", null=True, blank=True)
    returned_because = models.CharField("退回理由", max_length=500, blank=True)
    seen_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审阅人")
    seen_at = models.DateTimeField("审阅时间", null=True, blank=True)
    seen_note = models.CharField("审阅意见", max_length=500, blank=True)

    objects = YearlyReportQuerySet.as_manager()

    class Meta:
        verbose_name = "年度义务"
        verbose_name_plural = "年度义务"
        ordering = ("year", "pk")
        constraints = [
            models.UniqueConstraint(fields=["award", "duty", "year"], name="one_report_of_a_duty_a_year"),
            models.CheckConstraint(name="kept_duty_is_never_late", condition=Q(is_filed_duty=True) | Q(late_at=None)),
        ]

    @property
    def chain(self) -> str:
        return self.award.round.chain if self.award.round else "portal"

    @property
    def is_open_to_winner(self) -> bool:
        return self.state in (self.State.OPEN, self.State.RETURNED)

    @property
    def was_late(self) -> bool:
        return self.late_at is not None


class ReportAttachment(models.Model):
    """A file that goes with a yearly report; one taken away again stays on record."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    report = models.ForeignKey(YearlyReport, models.PROTECT, related_name="attachments", verbose_name="年度义务")
    label = models.CharField("名称", max_length=80)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    attached_at = models.DateTimeField("上传时间")
    removed_at = models.DateTimeField("移除时间", null=True, blank=True)

    class Meta:
        verbose_name = "年度义务附件"
        verbose_name_plural = "年度义务附件"
        ordering = ("pk",)
