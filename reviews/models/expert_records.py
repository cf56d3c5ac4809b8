"""What the pool keeps of an expert: training, how a use of them went, when they are away, sanctions (U7.4, U22)."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from django.db import models
from django.db.models import F, Q

from organizations.models import Unit, User

from .experts import Expert
from .panels import PanelMember


class ExpertTraining(models.Model):
    """One training the expert took part in (U7.4)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    expert = models.ForeignKey(Expert, models.CASCADE, related_name="training_records")
    held_on = models.DateField("培训日期")
    subject = models.CharField("培训内容", max_length=120)
    hours = models.DecimalField("学时", max_digits=5, decimal_places=1)
    organizer = models.CharField("组织单位", max_length=80)
    entered_at = models.DateTimeField("登记时间")
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "培训记录"
        verbose_name_plural = "培训记录"
        ordering = ("-held_on", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["expert", "held_on", "subject"], name="expert_training_once"),
            models.CheckConstraint(name="expert_training_takes_time", condition=Q(hours__gt=0)),
        ]

    def __str__(self) -> str:
        return self.subject


class ExpertUseNote(models.Model):
    """What the office found of an expert's work on one panel (U7.4)."""

    class Quality(models.TextChoices):
        EXCELLENT = "excellent", "优秀"
        GOOD = "good", "良好"
        FAIR = "fair", "合格"
        POOR = "poor", "不合格"

    member = models.OneToOneField(PanelMember, models.CASCADE, related_name="use_note")
    quality = models.CharField("评审质量", max_length=20, choices=Quality.choices)
    note = models.CharField("说明", max_length=300, blank=True)
    noted_at = models.DateTimeField("评价时间")
    noted_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "使用评价"
        verbose_name_plural = "使用评价"


class ExpertAbsenceQuerySet(models.QuerySet["ExpertAbsence"]):
    def between(self, first: date, last: date) -> ExpertAbsenceQuerySet:
        """Those that touch a day from `first` to `last`, both counted."""
        return self.filter(from_on__lte=last, until_on__gt=first)


class ExpertAbsence(models.Model):
    """Days on which an expert cannot take part; why is nobody's business. `until_on` is exclusive."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    expert = models.ForeignKey(Expert, models.CASCADE, related_name="absences")
    from_on = models.DateField("自")
    until_on = models.DateField("至")
    entered_at = models.DateTimeField("登记时间")
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = ExpertAbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = "不能参加的时间"
        verbose_name_plural = "不能参加的时间"
        ordering = ("from_on", "pk")
        constraints = [
            models.CheckConstraint(name="expert_absence_ends_after_it_begins", condition=Q(until_on__gt=F("from_on")))
        ]

    @property
    def last_on(self) -> date:
        return self.until_on - timedelta(days=1)


class ExpertSanction(models.Model):
    """A suspension or disqualification with its ground and term, and how it ended (U22). `until_on` is exclusive."""

    class Kind(models.TextChoices):
        SUSPENSION = "suspension", "暂停使用"
        DISQUALIFICATION = "disqualification", "取消资格"

    expert = models.ForeignKey(Expert, models.PROTECT, related_name="sanctions")
    kind = models.CharField("措施", max_length=20, choices=Kind.choices)
    ground = models.CharField("事实和理由", max_length=300)
    cite = models.CharField("依据", max_length=200)
    # where a breach of law or discipline was passed on to (U22)
    referred_to = models.CharField("移送机关", max_length=80, blank=True)
    from_on = models.DateField("自")
    until_on = models.DateField("至", null=True, blank=True)
    made_at = models.DateTimeField("决定时间")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    # empty where the term ran out by itself
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended_because = models.CharField("结束理由", max_length=300, blank=True)

    class Meta:
        verbose_name = "专家处理措施"
        verbose_name_plural = "专家处理措施"
        ordering = ("-made_at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["expert"], condition=Q(ended_at=None), name="expert_sanction_one_in_force")
        ]

    @property
    def last_on(self) -> date | None:
        return self.until_on - timedelta(days=1) if self.until_on else None


class ExpertImportQuerySet(models.QuerySet["ExpertImport"]):
    def of_office(self, user: User) -> ExpertImportQuerySet:
        return self.filter(scheme_key__in=Unit.objects.of_user(user).of_kind("office").values("scheme_key"))


class ExpertImport(models.Model):
    """A list of experts as it was read, looked at before anything enters the pool; with a fault nothing ever does."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    scheme_key = models.SlugField("奖项", max_length=60)
    file_name = models.CharField("文件名", max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    rows = models.JSONField("读入的行", default=list)
    # line, column, what is wrong with it
    faults = models.JSONField("错误", default=list)
    skipped = models.JSONField("未作为记录的行", default=list)
    read_at = models.DateTimeField("读取时间")
    read_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    stored_at = models.DateTimeField("导入时间", null=True, blank=True)
    stored_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = ExpertImportQuerySet.as_manager()

    class Meta:
        verbose_name = "专家名册导入"
        verbose_name_plural = "专家名册导入"
        ordering = ("-read_at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="expert_import_stored_at_and_by",
                condition=Q(stored_at=None, stored_by=None) | Q(stored_at__isnull=False, stored_by__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.file_name
