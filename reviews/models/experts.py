"""The pool of experts (U7.4, U22)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Count, Q

from organizations.models import Unit, User


class ExpertQuerySet(models.QuerySet["Expert"]):
    def active(self) -> ExpertQuerySet:
        return self.filter(state=Expert.State.ACTIVE, user__is_active=True)

    def of_scheme(self, scheme_key: str) -> ExpertQuerySet:
        return self.filter(scheme_key=scheme_key)

    def of_office(self, user: User) -> ExpertQuerySet:
        """The pools of the schemes whose office the person works in."""
        offices = Unit.objects.of_user(user).of_kind("office")
        return self.filter(scheme_key__in=offices.values("scheme_key"))

    def with_use(self) -> ExpertQuerySet:
        """With the person's name and how often the pool has called on them."""
        return self.select_related("user").annotate(uses=Count("memberships", distinct=True))


class Expert(models.Model):
    """A person in a scheme's pool of experts: only the active ones may be drawn (U7.4, U22)."""

    class State(models.TextChoices):
        ACTIVE = "active", "在库"
        SUSPENDED = "suspended", "暂停使用"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    scheme_key = models.SlugField("奖项", max_length=60)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="用户")
    field = models.CharField("专业领域", max_length=60)
    employer = models.CharField("工作单位", max_length=80)
    employer_code = models.CharField("单位统一社会信用代码", max_length=18, blank=True)
    title = models.CharField("职务职称", max_length=60, blank=True)
    trainings = models.PositiveSmallIntegerField("培训次数", default=0)
    state = models.CharField("状态", max_length=20, choices=State.choices, default=State.ACTIVE)
    suspended_because = models.CharField("暂停理由", max_length=300, blank=True)
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
                condition=Q(state="active", suspended_because="") | Q(state="suspended") & ~Q(suspended_because=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)
