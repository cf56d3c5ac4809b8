"""A case on a winner or an applicant: who told, what was looked into, what was decided and carried out (S4, S5)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse

from applications.models import Application
from award_portal.lib.sealed import SealedTextField
from awards.models import Award, Ban, Scheme
from documents.models import IssuedDocument
from objections.models import Objection
from organizations.models import Claim, StoredFile, Unit, User
from publicity.models import Notice

from ..case_pipeline import ENDED, CasePipeline, CaseState
from .bonus import BonusClawback


class CaseQuerySet(models.QuerySet["Case"]):
    def open(self) -> CaseQuerySet:
        return self.exclude(state__in=ENDED)

    def overdue(self, at) -> CaseQuerySet:
        """Steps past their due moment and not yet escalated."""
        return self.open().filter(due_at__lte=at, escalated_at=None)

    def visible_to(self, user: User) -> CaseQuerySet:
        """The scheme's office, which handles it, and the supervising department, which reads it."""
        units = Unit.objects.of_user(user).filter(kind__in=("office", "supervisor"))
        return self.filter(scheme__key__in=units.values("scheme_key"))

    def handled_by(self, user: User) -> CaseQuerySet:
        return self.filter(scheme__key__in=Unit.objects.of_user(user).of_kind("office").values("scheme_key"))

    def told_by(self, user: User) -> CaseQuerySet:
        """What the person reported at a desk of theirs."""
        return self.filter(reported_by=user)

    def put_to(self, user: User) -> CaseQuerySet:
        """What the organisations the person acts for were asked or told: never who reported."""
        own = Claim.objects.filter(user=user, state=Claim.State.VERIFIED).values("organization")
        party = Q(award__organization__in=own) | Q(application__organization__in=own)
        reached = Q(questions__isnull=False) | Q(notice_paper__isnull=False) | Q(rectify_by__isnull=False)
        return self.filter(party & reached).distinct()

    def with_names(self) -> CaseQuerySet:
        return self.select_related(
            "scheme", "award__round__scheme", "award__round__edition", "award__round__office", "award__organization",
            "application__round__scheme", "application__round__edition", "application__round__office",
            "application__organization",
        )  # fmt: skip


class Case(CasePipeline):
    """One case on one winner, or on one applicant whose material proved false (U20)."""

    class Kind(models.TextChoices):
        MISUSE = "misuse", "违规使用荣誉"
        INCIDENT = "incident", "获奖后发生事故"
        FALSE_MATERIAL = "false_material", "弄虚作假或者以不正当手段获奖"
        BAD_CREDIT = "bad_credit", "严重违法违规或者不良信用"

    class Source(models.TextChoices):
        PUBLIC = "public", "公众反映"
        REGULATOR = "regulator", "监管部门通报"
        OFFICE = "office", "办公室发现"
        OBJECTION = "objection", "异议查证属实"

    class Outcome(models.TextChoices):
        UNFOUNDED = "unfounded", "不成立"
        RECTIFY = "rectify", "限期改正"
        REVOKE = "revoke", "取消荣誉"
        BAR = "bar", "不予受理申报"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField("案件编号", max_length=40, unique=True)
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="+", verbose_name="奖项")
    award = models.ForeignKey(Award, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="获奖记录")
    application = models.ForeignKey(
        Application, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="申报"
    )
    # as they stood when the case was opened
    name = models.CharField("当事人", max_length=210)
    code = models.CharField("代码", max_length=18, blank=True)
    kind = models.CharField("事由", max_length=20, choices=Kind.choices)
    source = models.CharField("来源", max_length=20, choices=Source.choices)
    # the unit or the paper it came from, for a regulator's report or an objection
    source_note = models.CharField("来源说明", max_length=200, blank=True)
    # those found true after the award that it goes on with: their objectors are told how it ends
    objections = models.ManyToManyField(Objection, related_name="+", verbose_name="查证属实的异议")
    text = models.TextField("反映的情况", max_length=5000)
    happened_on = models.DateField("发生日期", null=True, blank=True)
    # how the reporter is reached, sealed to this row; empty where nobody left a name
    contact_sealed = SealedTextField("反映人信息（密文）", blank=True, editable=False, binding="contact_binding")
    secret_digest = models.CharField(max_length=64, blank=True, db_index=True)
    reported_at = models.DateTimeField("收到时间")
    reported_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    due_at = models.DateTimeField("本环节期限", null=True, blank=True, db_index=True)
    escalated_at = models.DateTimeField("逾期上报时间", null=True, blank=True)
    accepted_at = models.DateTimeField("立案时间", null=True, blank=True)
    declined_because = models.CharField("不予立案理由", max_length=500, blank=True)
    # the finding
    outcome = models.CharField("认定", max_length=20, choices=Outcome.choices, blank=True)
    rule = models.CharField("适用规则", max_length=60, blank=True)
    finding_text = models.TextField("认定的事实和理由", max_length=3000, blank=True)
    found_at = models.DateTimeField("认定时间", null=True, blank=True)
    found_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    rectify_by = models.DateField("改正期限", null=True, blank=True)
    rectified_note = models.CharField("改正情况", max_length=1000, blank=True)
    # the notice of what is intended, and what the party says to it
    notice_paper = models.ForeignKey(IssuedDocument, models.PROTECT, null=True, blank=True, related_name="+")
    served_on = models.DateField("送达日期", null=True, blank=True)
    served_how = models.CharField("送达方式", max_length=80, blank=True)
    statement_until = models.DateTimeField("陈述申辩期限", null=True, blank=True)
    statement = models.TextField("陈述申辩", max_length=5000, blank=True)
    statement_file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    statement_at = models.DateTimeField("陈述申辩时间", null=True, blank=True)
    statement_waived_at = models.DateTimeField("放弃陈述申辩时间", null=True, blank=True)
    statement_considered = models.TextField("对陈述申辩的复核意见", max_length=3000, blank=True)
    # the decision
    submitted_at = models.DateTimeField("报请时间", null=True, blank=True)
    request_paper = models.ForeignKey(IssuedDocument, models.PROTECT, null=True, blank=True, related_name="+")
    decided_by_body = models.CharField("决定机关", max_length=120, blank=True)
    decision_number = models.CharField("决定文号", max_length=60, blank=True)
    decided_on = models.DateField("决定日期", null=True, blank=True)
    decision_scan = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    decision_paper = models.ForeignKey(IssuedDocument, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("登记决定时间", null=True, blank=True)
    kept_because = models.CharField("不予处理的理由", max_length=1000, blank=True)
    ban = models.ForeignKey(Ban, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="不予受理")
    # what was carried out
    clawback_asked_at = models.DateTimeField("追缴奖金时间", null=True, blank=True)
    clawback = models.ForeignKey(BonusClawback, models.PROTECT, null=True, blank=True, related_name="+")
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField("公开时间", null=True, blank=True)
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta(CasePipeline.Meta):
        verbose_name = "监督案件"
        verbose_name_plural = "监督案件"
        ordering = ("-reported_at", "-pk")
        constraints = [
            *CasePipeline.Meta.constraints,
            models.CheckConstraint(
                name="case_has_a_party", condition=Q(award__isnull=False) | Q(application__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def contact_binding(self) -> str:
        return f"supervision.Case.contact:{self.public_id}"

    @property
    def subject(self) -> str:
        """What evidence and papers call it."""
        return f"case:{self.public_id}"

    @property
    def is_ended(self) -> bool:
        return self.state in ENDED

    @property
    def state_label(self) -> str:
        return CaseState(self.state).label

    def get_absolute_url(self) -> str:
        return reverse("supervision:case", args=[self.public_id])

    def get_party_url(self) -> str:
        return reverse("supervision:own_case", args=[self.public_id])


class CaseEvidence(models.Model):
    """One line of the evidence register of a case."""

    class Kind(models.TextChoices):
        PAPER = "paper", "书证"
        PICTURE = "picture", "照片、截图"
        RECORD = "record", "询问或者检查笔录"
        LETTER = "letter", "有关部门函件、决定"
        REPORTED = "reported", "反映人提供"
        PARTY = "party", "当事人提供"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="evidence")
    number = models.PositiveSmallIntegerField("序号")
    kind = models.CharField("种类", max_length=20, choices=Kind.choices)
    label = models.CharField("名称", max_length=120)
    obtained_from = models.CharField("取得来源", max_length=120, blank=True)
    obtained_on = models.DateField("取得日期", null=True, blank=True)
    proves = models.CharField("证明内容", max_length=500, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    added_at = models.DateTimeField("登记时间")
    added_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "案件证据"
        verbose_name_plural = "案件证据"
        ordering = ("case", "number")
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="case_evidence_number_once")]


class CaseQuestion(models.Model):
    """What the party is asked, in the office's own words, and its answer."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="questions")
    text = models.TextField("询问事项", max_length=1000)
    asked_at = models.DateTimeField("发出时间")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    due_at = models.DateTimeField("答复期限", null=True, blank=True)
    answer = models.TextField("答复", max_length=3000, blank=True)
    answer_file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "案件询问"
        verbose_name_plural = "案件询问"
        ordering = ("case", "asked_at", "pk")


class Recovery(models.Model):
    """A certificate, plaque or trophy demanded back, and what became of it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="recoveries")
    item = models.CharField("物品", max_length=20)
    label = models.CharField("名称", max_length=60)
    paper = models.ForeignKey(IssuedDocument, models.PROTECT, null=True, blank=True, related_name="+")
    demanded_at = models.DateTimeField("通知交回时间")
    due_on = models.DateField("交回期限", null=True, blank=True)
    returned_on = models.DateField("交回日期", null=True, blank=True)
    void_on = models.DateField("声明作废日期", null=True, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    settled_at = models.DateTimeField("登记时间", null=True, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "证书奖牌收回"
        verbose_name_plural = "证书奖牌收回"
        ordering = ("case", "pk")
        constraints = [
            models.UniqueConstraint(fields=["case", "item"], name="recovery_once"),
            models.CheckConstraint(
                name="recovery_one_end", condition=Q(returned_on=None) | Q(void_on=None)
            ),
        ]  # fmt: skip


class ContactOpening(models.Model):
    """Every opening of who reported a case, on record."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="openings")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField("查看时间")
    ground = models.CharField("理由", max_length=200, blank=True)

    class Meta:
        verbose_name = "反映人信息查阅记录"
        verbose_name_plural = "反映人信息查阅记录"
