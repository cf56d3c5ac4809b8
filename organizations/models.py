"""People, the units they work in, the organisations that apply, their files and messages, and the evidence chain."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q

from award_portal.lib.sealed import SealedTextField

from .codes import shown_code


class User(AbstractUser):
    """A person who signs in by user name; no e-mail is needed."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    display_name = models.CharField("姓名", max_length=40)

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]

    class Meta:
        verbose_name = "用户"
        verbose_name_plural = "用户"

    def __str__(self) -> str:
        return self.display_name or self.username

    def get_full_name(self) -> str:
        return str(self)


class UnitKind(models.TextChoices):
    OFFICE = "office", "办公室"
    RECOMMENDER = "recommender", "审核推荐单位"
    # consents to a recommendation and seals it, and has nothing else to do with an application (Z17.3)
    CONSENTER = "consenter", "同意推荐单位"
    LEADING_BODY = "leading_body", "审议机构"
    GOVERNMENT = "government", "审定机关"
    CONSULTED = "consulted", "征求意见部门"
    SUPERVISOR = "supervisor", "纪检监察机构"


class UnitQuerySet(models.QuerySet["Unit"]):
    def active(self) -> UnitQuerySet:
        return self.filter(is_active=True)

    def of_scheme(self, scheme_key: str) -> UnitQuerySet:
        return self.filter(scheme_key=scheme_key)

    def of_kind(self, kind: str) -> UnitQuerySet:
        return self.filter(kind=kind)

    def of_user(self, user: User) -> UnitQuerySet:
        """The units the user works in today."""
        return self.filter(memberships__user=user, memberships__ended_at=None, is_active=True)


class Unit(models.Model):
    """An authority's desk within one scheme (U6–U8)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    scheme_key = models.SlugField("奖项", max_length=60, db_index=True)
    kind = models.CharField("职能", max_length=20, choices=UnitKind.choices)
    # for recommenders: which of the rulebook's kinds, and what routes an application here
    recommender_key = models.CharField("推荐单位类别", max_length=60, blank=True)
    name = models.CharField("名称", max_length=120)
    short_name = models.CharField("简称", max_length=40, blank=True)
    district = models.CharField("辖区", max_length=40, blank=True)
    industries = models.JSONField("主管行业", default=list, blank=True)
    phone = models.CharField("联系电话", max_length=40, blank=True)
    address = models.CharField("地址", max_length=120, blank=True)
    email = models.EmailField("邮箱", blank=True)
    is_active = models.BooleanField("启用", default=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = "单位"
        verbose_name_plural = "单位"
        ordering = ("scheme_key", "kind", "pk")
        constraints = [models.UniqueConstraint(fields=["scheme_key", "kind", "name"], name="unit_once_a_scheme")]

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self) -> MembershipQuerySet:
        return self.filter(ended_at=None, unit__is_active=True)


class Membership(models.Model):
    """A person's place in a unit; the unit's kind is the role."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name="用户")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="memberships", verbose_name="单位")
    is_head = models.BooleanField("负责人", default=False)
    started_at = models.DateTimeField("起")
    ended_at = models.DateTimeField("止", null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "任职"
        verbose_name_plural = "任职"
        constraints = [
            models.UniqueConstraint(fields=["user", "unit"], condition=Q(ended_at=None), name="membership_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.unit}"


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def claimed_by(self, user: User) -> OrganizationQuerySet:
        return self.filter(claims__user=user, claims__state=Claim.State.VERIFIED)


class Organization(models.Model):
    """An applicant. A body without a code of its own stands under its parent's: code + unit name is unique (U2).

    A person (Y2) stands under a pseudonymous key of the 身份证号, so that one person is one applicant everywhere;
    the number itself is sealed to its row (`identity.py`).
    """

    class Subject(models.TextChoices):
        ORGANIZATION = "organization", "组织"
        INDIVIDUAL = "individual", "个人"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subject = models.CharField("申报主体", max_length=20, choices=Subject.choices, default=Subject.ORGANIZATION)
    identity_sealed = SealedTextField("身份证号（密文）", blank=True, editable=False, binding="identity_binding")
    code = models.CharField("统一社会信用代码", max_length=18)
    unit_name = models.CharField("分支、内设、派出机构名称", max_length=80, blank=True)
    name = models.CharField("组织名称", max_length=80)
    kind = models.CharField("主体类型", max_length=60, default="legal_person")
    district = models.CharField("所在区（县）", max_length=40, blank=True)
    founded_on = models.DateField("成立日期", null=True, blank=True)
    registered_at = models.DateTimeField("登记时间")

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = "申报组织"
        verbose_name_plural = "申报组织"
        constraints = [
            models.UniqueConstraint(fields=["code", "unit_name"], name="organization_once"),
            models.CheckConstraint(
                name="identity_of_a_person",
                condition=Q(subject="organization", identity_sealed="")
                | (Q(subject="individual") & ~Q(identity_sealed="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.unit_name}）" if self.unit_name else self.name

    @property
    def is_person(self) -> bool:
        return self.subject == self.Subject.INDIVIDUAL

    @property
    def display_code(self) -> str:
        """The code as pages and papers show it; empty for a person, who has none to show."""
        return shown_code(self.code)

    @property
    def identity_binding(self) -> str:
        return f"organizations.organization.identity:{self.public_id}"


class StoredFile(models.Model):
    """An inspected file: its bytes lie under a random name outside the web root, its digest is part of the record."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    purpose = models.CharField("用途", max_length=60)
    original_name = models.CharField("文件名", max_length=200)
    extension = models.CharField("类型", max_length=10)
    content_type = models.CharField("媒体类型", max_length=100)
    size = models.PositiveBigIntegerField("字节数")
    sha256 = models.CharField("SHA-256", max_length=64)
    content = models.FileField("内容", max_length=200)
    # the key the bytes are encrypted under; "" for a file that lies there as it came
    key_id = models.CharField("密钥编号", max_length=40, blank=True, editable=False)
    erased_at = models.DateTimeField("清除时间", null=True, blank=True, editable=False)
    uploaded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = "文件"
        verbose_name_plural = "文件"

    def __str__(self) -> str:
        return self.original_name

    @property
    def binding(self) -> str:
        return f"organizations.storedfile:{self.public_id}"


class Claim(models.Model):
    """A user's verified right to act for an organisation: codes are public, nobody may squat on a rival's."""

    class State(models.TextChoices):
        PENDING = "pending", "待核验"
        VERIFIED = "verified", "已核验"
        REFUSED = "refused", "未通过"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="claims", verbose_name="申请人")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="claims", verbose_name="申报组织")
    scheme_key = models.SlugField("奖项", max_length=60)
    letter = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="授权书")
    state = models.CharField("状态", max_length=20, choices=State.choices, default=State.PENDING)
    requested_at = models.DateTimeField("申请时间")
    decided_at = models.DateTimeField("核验时间", null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核验人")
    reason = models.CharField("核验意见", max_length=300, blank=True)

    class Meta:
        verbose_name = "组织授权"
        verbose_name_plural = "组织授权"
        constraints = [
            models.CheckConstraint(
                name="claim_decided_at_and_by",
                condition=Q(state="pending", decided_at=None, decided_by=None)
                | (~Q(state="pending") & Q(decided_at__isnull=False, decided_by__isnull=False)),
            )
        ]

    def __str__(self) -> str:
        return f"{self.organization}：{self.get_state_display()}"


class InboxMessage(models.Model):
    """A notice to one person inside the portal; carries no personal data of others."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="inbox", verbose_name="收件人")
    subject = models.CharField("主题", max_length=120)
    body = models.TextField("正文", blank=True)
    url = models.CharField("链接", max_length=200, blank=True)
    sent_at = models.DateTimeField("发送时间")
    read_at = models.DateTimeField("阅读时间", null=True, blank=True)

    class Meta:
        verbose_name = "站内消息"
        verbose_name_plural = "站内消息"
        ordering = ("-sent_at", "-pk")


class OutboxItemQuerySet(models.QuerySet["OutboxItem"]):
    def due(self, at) -> OutboxItemQuerySet:
        return self.filter(done_at=None, due_at__lte=at, attempts__lt=OutboxItem.MAX_ATTEMPTS).order_by("due_at", "pk")


class OutboxItem(models.Model):
    """Work the sweep delivers after the transaction that ordered it: messages, rendering. Done once."""

    MAX_ATTEMPTS = 8

    kind = models.CharField("种类", max_length=40)
    key = models.CharField("去重键", max_length=160, unique=True)
    payload = models.JSONField("内容")
    due_at = models.DateTimeField("应办时间", db_index=True)
    done_at = models.DateTimeField("办结时间", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    last_error = models.CharField("最近错误", max_length=300, blank=True)

    objects = OutboxItemQuerySet.as_manager()

    class Meta:
        verbose_name = "待发事项"
        verbose_name_plural = "待发事项"


class OnceKey(models.Model):
    """A form posted twice is carried out once: the key of each decision form and where its answer led."""

    key = models.UUIDField(primary_key=True)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    answered_with = SealedTextField("去处", binding="binding")
    used_at = models.DateTimeField()

    class Meta:
        verbose_name = "表单防重记录"
        verbose_name_plural = "表单防重记录"

    @property
    def binding(self) -> str:
        return f"once:{self.key}"


class AuditRecord(models.Model):
    """One link of the evidence chain: append-only, without foreign keys and without personal data (E3)."""

    chain = models.CharField("链", max_length=80)
    seq = models.PositiveBigIntegerField("序号")
    verb = models.CharField("事项", max_length=60)
    actor = models.CharField("操作者编号", max_length=60)
    subject = models.CharField("对象", max_length=120)
    data = models.JSONField("内容", default=dict)
    at = models.DateTimeField("时间")
    recorded_at = models.DateTimeField("记录时间")
    previous_hash = models.CharField("前一摘要", max_length=64)
    hash = models.CharField("摘要", max_length=64)

    class Meta:
        verbose_name = "留痕记录"
        verbose_name_plural = "留痕记录"
        ordering = ("chain", "seq")
        constraints = [models.UniqueConstraint(fields=["chain", "seq"], name="audit_seq_once")]


class AuditHead(models.Model):
    """The last link of a chain; locked last of all locks, so that links are numbered without gaps."""

    chain = models.CharField(primary_key=True, max_length=80)
    seq = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = "留痕链末端"
        verbose_name_plural = "留痕链末端"


class AuditDigest(models.Model):
    """A day's published head of a chain: what the public can hold the record against."""

    day = models.DateField("日期")
    chain = models.CharField("链", max_length=80)
    seq = models.PositiveBigIntegerField("序号")
    hash = models.CharField("摘要", max_length=64)
    published_at = models.DateTimeField("公布时间")

    class Meta:
        verbose_name = "每日摘要"
        verbose_name_plural = "每日摘要"
        ordering = ("-day", "chain")
        constraints = [models.UniqueConstraint(fields=["day", "chain"], name="audit_digest_once_a_day")]
