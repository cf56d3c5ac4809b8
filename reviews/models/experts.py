"""The pool of experts (U7.4, U22)."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date

from django.db import models
from django.db.models import Count, F, Q

from award_portal.lib import clock
from organizations.models import Unit, User


class ExpertQuerySet(models.QuerySet["Expert"]):
    def active(self, on: date | None = None) -> ExpertQuerySet:
        """Those who may be drawn and may judge on a day, today by default: a term that is over bars nobody."""
        return self.filter(Q(state="active") | Q(barred_until__lte=on or clock.today()), user__is_active=True)

    def in_fields(self, fields: Collection[str]) -> ExpertQuerySet:
        """Those who have one of the fields, as their main or as another one."""
        return self.filter(
            Q(field__in=fields) | Q(pk__in=ExpertSpecialty.objects.filter(field__in=fields).values("expert"))
        )

    def of_scheme(self, scheme_key: str) -> ExpertQuerySet:
        return self.filter(scheme_key=scheme_key)

    def of_office(self, user: User) -> ExpertQuerySet:
        """The pools of the schemes whose office the person works in."""
        offices = Unit.objects.of_user(user).of_kind("office")
        return self.filter(scheme_key__in=offices.values("scheme_key"))

    def found_by(
        self, *, q: str = "", field: str = "", state: str = "", free: tuple[date, date] | None = None
    ) -> ExpertQuerySet:
        """Narrowed by name, user name or employer, field, state as it is today, and days (both counted) to come on."""
        found: ExpertQuerySet = self
        if q:
            found = found.filter(
                Q(user__display_name__icontains=q) | Q(user__username__icontains=q) | Q(employer__icontains=q)
            )
        if field:
            found = found.in_fields([field])
        if state == Expert.State.ACTIVE:
            found = found.filter(Q(state=state) | Q(barred_until__lte=clock.today()))
        elif state:
            found = found.filter(state=state).exclude(barred_until__lte=clock.today())
        if free is not None:
            found = found.exclude(absences__from_on__lte=free[1], absences__until_on__gt=free[0])
        return found

    def with_use(self) -> ExpertQuerySet:
        """With the person's name, and how often the pool has trained them and called on them."""
        return self.select_related("user").annotate(
            uses=Count("memberships", distinct=True),
            trained=F("trainings") + Count("training_records", distinct=True),
        )

    def with_fields(self) -> ExpertQuerySet:
        return self.prefetch_related("specialties")


class Expert(models.Model):
    """A person in a scheme's pool of experts: only the active ones may be drawn (U7.4, U22)."""

    class State(models.TextChoices):
        ACTIVE = "active", "在库"
        SUSPENDED = "suspended", "暂停使用"
        DISQUALIFIED = "disqualified", "取消资格"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    scheme_key = models.SlugField("奖项", max_length=60)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="用户")
    field = models.CharField("专业领域", max_length=60)
    employer = models.CharField("工作单位", max_length=80)
    employer_code = models.CharField("单位统一社会信用代码", max_length=18, blank=True)
    title = models.CharField("职务职称", max_length=60, blank=True)
    trainings = models.PositiveSmallIntegerField("入库前培训次数", default=0)
    state = models.CharField("状态", max_length=20, choices=State.choices, default=State.ACTIVE)
    suspended_because = models.CharField("暂停使用或者取消资格的理由", max_length=300, blank=True)
    # the day from which the expert may be used again; empty while in use, and for good
    barred_until = models.DateField("恢复使用日期", null=True, blank=True)
    added_at = models.DateTimeField("入库时间")
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = ExpertQuerySet.as_manager()

    class Meta:
        verbose_name = "评审专家"
        verbose_name_plural = "评审专家"
        ordering = ("field", "pk")
        constraints = [
            models.UniqueConstraint(fields=["scheme_key", "user"], name="expert_once_a_scheme"),
            models.CheckConstraint(
                name="expert_suspended_with_ground",
                condition=Q(state="active", suspended_because="", barred_until=None)
                | ~Q(state="active") & ~Q(suspended_because=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def fields_zh(self) -> str:
        """The main field and the others, as a list shows them; ask for `with_fields`."""
        return "、".join([self.field, *(one.field for one in self.specialties.all())])

    @property
    def state_label(self) -> str:
        """What the card says today: a term that is over bars nobody."""
        return self.State.ACTIVE.label if self.is_in_use else self.get_state_display()

    @property
    def is_in_use(self) -> bool:
        """Neither suspended nor disqualified today."""
        is_over = self.barred_until is not None and self.barred_until <= clock.today()
        return self.state == self.State.ACTIVE or is_over


class ExpertSpecialty(models.Model):
    """A field the expert judges in beside the main one."""

    expert = models.ForeignKey(Expert, models.CASCADE, related_name="specialties")
    field = models.CharField("其他专业领域", max_length=60)

    class Meta:
        verbose_name = "其他专业领域"
        verbose_name_plural = "其他专业领域"
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["expert", "field"], name="expert_specialty_once")]

    def __str__(self) -> str:
        return self.field


class ExpertEmploymentQuerySet(models.QuerySet["ExpertEmployment"]):
    def within(self, since: date) -> ExpertEmploymentQuerySet:
        """Those that stand, or stood at some time since a day; what has no end known stands."""
        return self.filter(Q(until_on=None) | Q(until_on__gt=since))


class ExpertEmployment(models.Model):
    """Where an expert works or worked: what kinship of employment is judged by (U23). `until_on` is exclusive."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    expert = models.ForeignKey(Expert, models.CASCADE, related_name="employments")
    employer = models.CharField("工作单位", max_length=80)
    employer_code = models.CharField("单位统一社会信用代码", max_length=18, blank=True)
    position = models.CharField("职务", max_length=60, blank=True)
    from_on = models.DateField("任职起", null=True, blank=True)
    until_on = models.DateField("任职止", null=True, blank=True)

    objects = ExpertEmploymentQuerySet.as_manager()

    class Meta:
        verbose_name = "任职经历"
        verbose_name_plural = "任职经历"
        ordering = (F("until_on").desc(nulls_first=True), "-from_on", "pk")
        constraints = [
            models.CheckConstraint(
                name="expert_employment_ends_after_it_begins",
                condition=Q(from_on=None) | Q(until_on=None) | Q(until_on__gt=F("from_on")),
            )
        ]

    def __str__(self) -> str:
        return self.employer
