"""An application: who applies in which round, where it stands, and the row of each step it took."""

from __future__ import annotations

import uuid
from functools import cached_property
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.urls import reverse

from awards.models import Round
from awards.parameters import rulebook_for
from organizations.models import Organization, Unit, User

from ..pipeline import ENDS, Pipeline, State

if TYPE_CHECKING:
    from .dossiers import Dossier


class ApplicationQuerySet(models.QuerySet["Application"]):
    def active(self) -> ApplicationQuerySet:
        return self.exclude(state__in=ENDS)

    def submitted(self) -> ApplicationQuerySet:
        return self.exclude(submitted_at=None)

    def of_applicant(self, user: User) -> ApplicationQuerySet:
        return self.filter(organization__claims__user=user, organization__claims__state="verified").distinct()

    def of_recommender(self, user: User) -> ApplicationQuerySet:
        """Submitted applications of the units the person works in."""
        units = Unit.objects.of_user(user).of_kind("recommender")
        return self.submitted().filter(recommender__in=units)

    def of_office(self, user: User) -> ApplicationQuerySet:
        """Applications that have reached the office: all submitted ones of its rounds."""
        return self.submitted().filter(round__office__in=Unit.objects.of_user(user).of_kind("office"))

    def with_names(self) -> ApplicationQuerySet:
        return self.select_related("organization", "round__scheme", "round__edition", "round__office", "recommender")


class Application(Pipeline):
    """One organisation's application in one round (R4)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # allotted at submission; empty while a draft
    number = models.CharField("系统编号", max_length=40, blank=True)
    round = models.ForeignKey(Round, models.PROTECT, related_name="applications", verbose_name="届次")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="applications", verbose_name="申报组织")
    applicant_kind = models.CharField("主体类型", max_length=60, blank=True)
    category = models.CharField("申报类别", max_length=60, blank=True)
    is_sme = models.BooleanField("中小型企业", default=False)
    industry = models.CharField("所属行业", max_length=60, blank=True)
    district = models.CharField("所在区（县）", max_length=40, blank=True)
    # of a person: whom he works for, as lists tell people of one name apart
    employer = models.CharField("工作单位", max_length=80, blank=True)
    recommender = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审核推荐单位"
    )
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="填报人")
    created_at = models.DateTimeField("建立时间")
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    # every save of an answer raises it; decisions and autosaves carry the version they saw
    version = models.PositiveIntegerField("版本", default=1)

    objects = ApplicationQuerySet.as_manager()

    class Meta(Pipeline.Meta):
        verbose_name = "申报"
        verbose_name_plural = "申报"
        ordering = ("pk",)
        constraints = [
            *Pipeline.Meta.constraints,
            models.UniqueConstraint(
                fields=["round", "organization"],
                condition=~Q(state__in=[State.WITHDRAWN]),
                name="one_application_a_round",
            ),
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="application_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.organization}（{self.round}）"

    @cached_property
    def rulebook(self):
        """Edition plus the round's parameters; never the edition alone."""
        return rulebook_for(self.round)

    @property
    def subject(self) -> str:
        """Whether an organisation or a person applies (Y2); the rulebook's form and criteria follow it."""
        return self.organization.subject

    @property
    def noun(self) -> str:
        """What the rulebook calls such an applicant."""
        return self.rulebook.noun_for(self.subject)

    @property
    def code_or_employer(self) -> str:
        """What stands beside the name on a list: an organisation's code, a person's employer; never a number."""
        return self.employer if self.organization.is_person else self.organization.display_code

    @property
    def listed_name(self) -> str:
        """The name as public lists and letters give it: a person's with the employer, 张某（某单位）."""
        name = str(self.organization)
        return f"{name}（{self.employer}）" if self.organization.is_person and self.employer else name

    @property
    def addressed_as(self) -> str:
        """How a paper speaks to the applicant."""
        return "你" if self.organization.is_person else "你单位"

    @property
    def state_label(self) -> str:
        return self.rulebook.label(self.state)

    @property
    def is_active(self) -> bool:
        return self.state not in ENDS

    @property
    def current_dossier(self) -> Dossier | None:
        return self.dossiers.order_by("-version").first()

    def get_absolute_url(self) -> str:
        return reverse("applications:overview", args=[self.public_id])


class Step(models.Model):
    """One step through the door: the application's timeline. Append-only by the door alone."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="steps")
    step = models.CharField("步骤", max_length=40)
    from_state = models.CharField("原状态", max_length=40, choices=State.choices)
    to_state = models.CharField("新状态", max_length=40, choices=State.choices)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    by_label = models.CharField("办理单位", max_length=120)
    ground = models.TextField("理由", blank=True)
    cite = models.CharField("条款", max_length=200, blank=True)
    facts = models.JSONField("事实", default=dict)
    at = models.DateTimeField("时间")
    recorded_at = models.DateTimeField("记录时间")

    class Meta:
        verbose_name = "办理步骤"
        verbose_name_plural = "办理步骤"
        ordering = ("pk",)
