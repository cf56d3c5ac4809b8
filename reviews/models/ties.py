"""The typed graph of who is tied to whom: persons to bodies, bodies to their groups, what somebody decided (U23)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from award_portal.lib.sealed import SealedTextField
from organizations.models import Organization, Unit, User


class ConflictKind(models.TextChoices):
    """What ties a person to an applicant; which ground of the rulebook covers it, the rulebook says."""

    EMPLOYMENT = "employment", "任职"
    ACTING = "acting", "经办申报"
    COLLEAGUE = "colleague", "同一工作单位"
    KINSHIP = "kinship", "近亲属"
    ADVISER = "adviser", "咨询培训认证"
    SUPPLIER = "supplier", "供应商或者业务往来"
    SHAREHOLDER = "shareholder", "持股"
    OTHER = "other", "其他利害关系"
    RECOMMENDER = "recommender", "推荐单位工作人员"


# what somebody can declare; the rest the portal knows from its own records
DECLARED_KINDS = (
    ConflictKind.EMPLOYMENT, ConflictKind.KINSHIP, ConflictKind.ADVISER, ConflictKind.SUPPLIER,
    ConflictKind.SHAREHOLDER, ConflictKind.OTHER,
)  # fmt: skip


class TieSource(models.TextChoices):
    EXPERT = "expert", "本人声明"
    OFFICE = "office", "办公室登记"
    APPLICANT = "applicant", "申报者提出"


class TieQuerySet(models.QuerySet["Tie"]):
    def standing(self) -> TieQuerySet:
        return self.filter(withdrawn_at=None)

    def of_scheme(self, scheme_key: str) -> TieQuerySet:
        return self.filter(scheme_key=scheme_key)

    def of_office(self, user: User) -> TieQuerySet:
        return self.filter(scheme_key__in=Unit.objects.of_user(user).of_kind("office").values("scheme_key"))

    def with_names(self) -> TieQuerySet:
        return self.select_related("person", "organization", "declared_by")


class Tie(models.Model):
    """A tie declared between a person and a body; while it stands the person judges nothing of that body (U23).

    Either end may be known to the portal or only named in words: an applicant names a person without learning whether
    the person is in the pool, an expert names a body that never applied. What it names is matched when it matters.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    scheme_key = models.SlugField("奖项", max_length=60, db_index=True)
    person = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="人员")
    person_name = models.CharField("姓名", max_length=40, blank=True)
    person_employer = models.CharField("工作单位", max_length=80, blank=True)
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="申报者"
    )
    body_name = models.CharField("单位名称", max_length=80, blank=True)
    body_code = models.CharField("统一社会信用代码", max_length=18, blank=True)
    kind = models.CharField("关系", max_length=20, choices=ConflictKind.choices)
    ground = models.CharField("回避情形", max_length=60, blank=True)
    # the fact in a few words, without anybody's name; it stands in the reason
    detail = models.CharField("事实", max_length=80, blank=True)
    # whose relative: opened at the office alone, never part of a reason
    kin_sealed = SealedTextField("亲属姓名（密文）", blank=True, editable=False, binding="kin_binding")
    note = models.CharField("说明", max_length=300, blank=True)
    from_on = models.DateField("起", null=True, blank=True)
    until_on = models.DateField("止", null=True, blank=True)
    source = models.CharField("来源", max_length=20, choices=TieSource.choices)
    declared_at = models.DateTimeField("登记时间")
    declared_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_because = models.CharField("撤销理由", max_length=300, blank=True)

    objects = TieQuerySet.as_manager()

    class Meta:
        verbose_name = "利害关系"
        verbose_name_plural = "利害关系"
        ordering = ("-declared_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["scheme_key", "person", "organization", "kind", "ground"],
                condition=Q(withdrawn_at=None, person__isnull=False, organization__isnull=False, from_on=None),
                name="tie_once_standing",
            ),
            models.CheckConstraint(
                name="tie_has_two_ends",
                condition=(Q(person__isnull=False) | ~Q(person_name=""))
                & (Q(organization__isnull=False) | ~Q(body_name="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.who} · {self.what}"

    @property
    def who(self) -> str:
        return str(self.person) if self.person_id else self.person_name

    @property
    def what(self) -> str:
        return str(self.organization) if self.organization_id else self.body_name

    @property
    def kin_binding(self) -> str:
        return f"reviews.tie.kin:{self.public_id}"


class GroupLinkQuerySet(models.QuerySet["GroupLink"]):
    def standing(self) -> GroupLinkQuerySet:
        return self.filter(withdrawn_at=None)

    def of_scheme(self, scheme_key: str) -> GroupLinkQuerySet:
        return self.filter(scheme_key=scheme_key)

    def of_office(self, user: User) -> GroupLinkQuerySet:
        return self.filter(scheme_key__in=Unit.objects.of_user(user).of_kind("office").values("scheme_key"))

    def named_by(self, organization: Organization, *, scheme_key: str) -> GroupLinkQuerySet:
        """What an applicant said of its own parents and subsidiaries."""
        own = Q(parent_code=organization.code) | Q(child_code=organization.code)
        return self.standing().of_scheme(scheme_key).filter(own, source=TieSource.APPLICANT)


class GroupLink(models.Model):
    """One body controls another; parents of parents and subsidiaries of subsidiaries are one group (U23)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    scheme_key = models.SlugField("奖项", max_length=60, db_index=True)
    parent_name = models.CharField("母公司（上级单位）", max_length=80)
    parent_code = models.CharField("母公司统一社会信用代码", max_length=18, blank=True)
    child_name = models.CharField("子公司（下级单位）", max_length=80)
    child_code = models.CharField("子公司统一社会信用代码", max_length=18, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    source = models.CharField("来源", max_length=20, choices=TieSource.choices)
    declared_at = models.DateTimeField("登记时间")
    declared_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_because = models.CharField("撤销理由", max_length=300, blank=True)

    objects = GroupLinkQuerySet.as_manager()

    class Meta:
        verbose_name = "集团关系"
        verbose_name_plural = "集团关系"
        ordering = ("parent_name", "child_name", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["scheme_key", "parent_name", "parent_code", "child_name", "child_code"],
                condition=Q(withdrawn_at=None),
                name="group_link_once_standing",
            )
        ]

    def __str__(self) -> str:
        return f"{self.parent_name} → {self.child_name}"


class LikenessDecision(models.Model):
    """A person's finding that two likenesses are one body (one person), or are not; the graph follows it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    scheme_key = models.SlugField("奖项", max_length=60, db_index=True)
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="人员")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name="申报者")
    # what was alike: a name as it is matched, or a tie by its id
    likeness = models.CharField("疑似相同的内容", max_length=120)
    is_same = models.BooleanField("认定为同一")
    because = models.CharField("认定理由", max_length=300)
    decided_at = models.DateTimeField("认定时间")
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="认定人")

    class Meta:
        verbose_name = "疑似关系认定"
        verbose_name_plural = "疑似关系认定"
        constraints = [
            models.UniqueConstraint(
                fields=["scheme_key", "person", "organization", "likeness"], name="likeness_decided_once"
            )
        ]
