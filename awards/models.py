"""Schemes, their regulation's editions, the rounds that run them, the calendar, and the ledger of awards and bans."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from organizations.models import Organization, StoredFile, Unit, User

from .names import with_unit


class Scheme(models.Model):
    """One government's quality award, side by side with any number of others (R1)."""

    class Colour(models.TextChoices):
        BLUE = "blue", "政务蓝"
        RED = "red", "庄重红"
        GREEN = "green", "生态绿"
        SLATE = "slate", "黛青"

    key = models.SlugField("代号", max_length=60, unique=True)
    name = models.CharField("名称", max_length=120)
    short_name = models.CharField("简称", max_length=60)
    is_public = models.BooleanField("对外显示", default=True)
    colour = models.CharField("门户颜色", max_length=20, choices=Colour.choices, default=Colour.BLUE)

    class Meta:
        verbose_name = "奖项"
        verbose_name_plural = "奖项"
        ordering = ("key",)

    def __str__(self) -> str:
        return self.name


class Edition(models.Model):
    """One edition of a scheme's regulation: the document whole, with its digest; immutable once a round uses it."""

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="editions", verbose_name="奖项")
    edition = models.CharField("版本", max_length=40)
    text = models.TextField("规则文件")
    sha256 = models.CharField("摘要", max_length=64)
    source_status = models.CharField("文本性质", max_length=20)
    effective_on = models.DateField("施行日期", null=True, blank=True)
    expires_on = models.DateField("失效日期", null=True, blank=True)
    loaded_at = models.DateTimeField("载入时间")

    class Meta:
        verbose_name = "规则版本"
        verbose_name_plural = "规则版本"
        ordering = ("scheme", "-loaded_at")
        constraints = [models.UniqueConstraint(fields=["scheme", "edition"], name="edition_once")]

    def __str__(self) -> str:
        return f"{self.scheme} {self.edition}"


class EditionDraftQuerySet(models.QuerySet["EditionDraft"]):
    def unpublished(self) -> EditionDraftQuerySet:
        return self.filter(published_at=None)

    def visible_to(self, user: User) -> EditionDraftQuerySet:
        """One's own drafts, those of one's office's scheme, and all of them to an administrator."""
        if user.is_staff:
            return self
        keys = Unit.objects.of_user(user).of_kind("office").values("scheme_key")
        return self.filter(Q(by=user) | Q(scheme_key__in=keys))


class EditionDraft(models.Model):
    """A rulebook document being prepared: kept as it was sent, faulty or not, until it is published as an edition."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # as the text says it, for finding the draft; empty as long as it says nothing readable
    scheme_key = models.CharField("奖项代号", max_length=60, blank=True, db_index=True)
    edition = models.CharField("版本", max_length=40, blank=True)
    name = models.CharField("名称", max_length=120, blank=True)
    text = models.TextField("规则文件")
    # grows with every saving, so that what another saved meanwhile is not overwritten
    version = models.PositiveIntegerField("保存次数", default=1)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="起草人")
    saved_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="最近保存人")
    saved_at = models.DateTimeField("最近保存时间")
    published_as = models.ForeignKey(Edition, models.PROTECT, null=True, related_name="drafts", verbose_name="规则版本")
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="发布人")
    published_at = models.DateTimeField("发布时间", null=True)

    objects = EditionDraftQuerySet.as_manager()

    class Meta:
        verbose_name = "规则文件草稿"
        verbose_name_plural = "规则文件草稿"
        ordering = ("-saved_at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="edition_draft_published_at_and_by",
                condition=Q(published_at=None, published_by=None, published_as=None)
                | Q(published_at__isnull=False, published_by__isnull=False, published_as__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name or '未命名的规则文件'} {self.edition}".strip()


class RoundQuerySet(models.QuerySet["Round"]):
    def published(self) -> RoundQuerySet:
        return self.exclude(published_at=None)

    def open_for_applications(self, at) -> RoundQuerySet:
        return self.published().filter(opens_at__lte=at, closes_at__gt=at, closed_at=None)

    def public(self) -> RoundQuerySet:
        """Rounds the public site shows."""
        return self.published().filter(scheme__is_public=True)

    def visible_to(self, user: User) -> RoundQuerySet:
        """The rounds of the offices the person works in, from the day they are prepared."""
        return self.filter(office__in=Unit.objects.of_user(user).of_kind("office"))


class Round(models.Model):
    """One 届 of a scheme: pins its edition for ever, and carries the dates the office announced (R1, R3)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="rounds", verbose_name="奖项")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="rounds", verbose_name="规则版本")
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="办公室")
    year = models.PositiveSmallIntegerField("评审年度")
    ordinal = models.PositiveSmallIntegerField("届次")
    title = models.CharField("名称", max_length=120)
    opens_at = models.DateTimeField("申报开始", null=True, blank=True)
    closes_at = models.DateTimeField("申报截止", null=True, blank=True)
    recommendation_due_on = models.DateField("推荐报送截止日", null=True, blank=True)
    published_at = models.DateTimeField("通知发布时间", null=True, blank=True)
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)
    prepared_at = models.DateTimeField("建立时间")
    # U, Z and B are drafts: a round on one needs the office's recorded confirmation, and its papers say so.
    draft_confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    draft_confirmed_at = models.DateTimeField("征求意见稿确认时间", null=True, blank=True)
    # where and when the leading body approved the criteria the office drew up (U5)
    criteria_approval = models.CharField("评价标准审定会议或者文号", max_length=120, blank=True)
    criteria_approved_on = models.DateField("评价标准审定日期", null=True, blank=True)
    # grows when criteria drawn up for this round are approved, so that its rules are read anew
    criteria_revision = models.PositiveSmallIntegerField("评价标准版次", default=0)
    timetable = models.JSONField("工期", default=dict, blank=True)

    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = "届次"
        verbose_name_plural = "届次"
        ordering = ("-year", "scheme")
        constraints = [
            models.UniqueConstraint(fields=["scheme", "ordinal"], name="round_once"),
            models.CheckConstraint(
                name="round_window_forward",
                condition=Q(opens_at=None) | Q(closes_at=None) | Q(closes_at__gt=models.F("opens_at")),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def chain(self) -> str:
        """The name of this round's evidence chain."""
        return f"round:{self.public_id}"

    def is_open_at(self, at) -> bool:
        """Whether something may be submitted at `at`, to the second (R3)."""
        return bool(self.published_at and self.opens_at and self.closes_at and self.opens_at <= at < self.closes_at)


class RoundParameter(models.Model):
    """A value the office set or confirmed for one round over its edition, with its ground."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="parameters", verbose_name="届次")
    path = models.CharField("项目", max_length=200)
    value = models.JSONField("值", null=True)
    ground = models.CharField("理由", max_length=300)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="设定人")
    at = models.DateTimeField("设定时间")
    history = HistoricalRecords()

    class Meta:
        verbose_name = "届次参数"
        verbose_name_plural = "届次参数"
        constraints = [models.UniqueConstraint(fields=["round", "path"], name="parameter_once")]


class CalendarYear(models.Model):
    """A published year of the work calendar. `version` grows with every edit; windows keep the version they used."""

    year = models.PositiveSmallIntegerField("年份", primary_key=True)
    is_rehearsal = models.BooleanField("演练日历", default=False)
    source = models.CharField("来源", max_length=200)
    version = models.PositiveIntegerField("版本", default=1)
    updated_at = models.DateTimeField("更新时间")

    class Meta:
        verbose_name = "工作日历年份"
        verbose_name_plural = "工作日历年份"
        ordering = ("year",)


class CalendarDay(models.Model):
    """A day that departs from the plain week: a holiday or a make-up working day (调休)."""

    year = models.ForeignKey(CalendarYear, models.CASCADE, related_name="days")
    day = models.DateField("日期", unique=True)
    is_workday = models.BooleanField("上班")
    name = models.CharField("说明", max_length=40, blank=True)

    class Meta:
        verbose_name = "调休与节假日"
        verbose_name_plural = "调休与节假日"
        ordering = ("day",)


class AwardQuerySet(models.QuerySet["Award"]):
    def standing(self) -> AwardQuerySet:
        return self.filter(state=Award.State.GRANTED)

    def of_code(self, code: str) -> AwardQuerySet:
        return self.filter(code=code)

    def public(self) -> AwardQuerySet:
        """What the register of winners shows."""
        return self.filter(scheme__is_public=True).select_related("scheme")


class Award(models.Model):
    """A line of the ledger: granted by a round here or imported from 历届获奖名录 (R6). No key to an application."""

    class State(models.TextChoices):
        GRANTED = "granted", "有效"
        EXPIRED = "expired", "期满"
        REVOKED = "revoked", "已取消"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="awards", verbose_name="奖项")
    round = models.ForeignKey(Round, models.PROTECT, null=True, blank=True, related_name="awards", verbose_name="届次")
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="+")
    # name and code as they stood at the award; the code is masked nowhere, organisations' codes are public
    name = models.CharField("获奖组织", max_length=120)
    code = models.CharField("统一社会信用代码", max_length=18)
    unit_name = models.CharField("分支、内设、派出机构名称", max_length=80, blank=True)
    district = models.CharField("所在区（县）", max_length=40, blank=True)
    tier = models.CharField("奖项等次", max_length=60)
    tier_name = models.CharField("等次名称", max_length=60)
    year = models.PositiveSmallIntegerField("获奖年度")
    awarded_on = models.DateField("表彰日期")
    valid_until = models.DateField("有效期至", null=True, blank=True)
    outside_quota = models.BooleanField("不占名额", default=False)
    # which of the tier's places it takes, in the order of the decision; none outside the quota or where not known
    quota_place = models.PositiveSmallIntegerField("名额序号", null=True, blank=True)
    application_number = models.CharField("申报编号", max_length=40, blank=True)
    certificate_number = models.CharField("证书编号", max_length=40, blank=True, db_index=True)
    decision_number = models.CharField("表彰决定文号", max_length=60, blank=True)
    # the regulation an imported award was given under, where it is not the present one
    basis = models.CharField("授奖依据", max_length=120, blank=True)
    imported_from = models.CharField("名录来源", max_length=120, blank=True)
    state = models.CharField("状态", max_length=20, choices=State.choices, default=State.GRANTED)
    revoked_on = models.DateField("取消日期", null=True, blank=True)
    revoked_ground = models.CharField("取消理由", max_length=300, blank=True)
    # the government's decision that took the award back: the public register names it with its day (S7)
    revocation_number = models.CharField("取消决定文号", max_length=60, blank=True)

    objects = AwardQuerySet.as_manager()

    class Meta:
        verbose_name = "获奖记录"
        verbose_name_plural = "获奖记录"
        ordering = ("-year", "tier", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["certificate_number"], condition=~Q(certificate_number=""), name="certificate_number_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.year}年{self.tier_name} {self.name}"

    @property
    def listed_name(self) -> str:
        """The winner as lists and papers name it: a branch with its parent, 某公司（某分公司） (U2)."""
        return with_unit(self.name, self.unit_name)


class BanQuerySet(models.QuerySet["Ban"]):
    def in_force(self, on) -> BanQuerySet:
        return self.filter(starts_on__lte=on, ends_on__gt=on)


class Ban(models.Model):
    """A period in which a scheme accepts no application of an organisation (U20); `ends_on` is exclusive."""

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="bans", verbose_name="奖项")
    # name and unit as they stood when it was decided; the ban itself goes by the code
    name = models.CharField("组织名称", max_length=120)
    unit_name = models.CharField("分支、内设、派出机构名称", max_length=80, blank=True)
    code = models.CharField("统一社会信用代码", max_length=18, db_index=True)
    rule = models.CharField("规则", max_length=60)
    ground = models.CharField("事由", max_length=300)
    cite = models.CharField("条款", max_length=60)
    starts_on = models.DateField("起")
    ends_on = models.DateField("止（不含）")
    decided_by = models.CharField("决定机关", max_length=120)

    objects = BanQuerySet.as_manager()

    class Meta:
        verbose_name = "不予受理记录"
        verbose_name_plural = "不予受理记录"

    @property
    def listed_name(self) -> str:
        return with_unit(self.name, self.unit_name)


class ListedEntityQuerySet(models.QuerySet["ListedEntity"]):
    def standing(self, on) -> ListedEntityQuerySet:
        """Lines not removed (移出) by that day."""
        return self.filter(Q(removed_on=None) | Q(removed_on__gt=on))


class ListedEntity(models.Model):
    """A line of an imported credit list: 经营异常名录 or 严重违法企业名单 (U11.3)."""

    class List(models.TextChoices):
        ABNORMAL = "abnormal", "经营异常名录"
        SERIOUS = "serious", "严重违法失信企业名单"

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="listed", verbose_name="奖项")
    listing = models.CharField("名单", max_length=20, choices=List.choices)
    name = models.CharField("名称", max_length=120)
    former_names = models.CharField("曾用名", max_length=200, blank=True)
    code = models.CharField("统一社会信用代码", max_length=18, blank=True, db_index=True)
    listed_on = models.DateField("列入日期", null=True, blank=True)
    removed_on = models.DateField("移出日期", null=True, blank=True)
    reason = models.CharField("列入事由", max_length=200, blank=True)
    imported_at = models.DateTimeField("导入时间")
    imported_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="导入人")
    source = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="来源文件")

    objects = ListedEntityQuerySet.as_manager()

    class Meta:
        verbose_name = "名录记录"
        verbose_name_plural = "名录记录"


from .models_certificates import SupersededCertificate  # noqa: E402, F401  models of this room, in files of their own
from .models_imports import NameMatch, RegisterImport  # noqa: E402, F401
