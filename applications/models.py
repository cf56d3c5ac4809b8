"""An application and everything that stands on it: answers, frozen dossiers, grants, holds, steps, desk work."""

from __future__ import annotations

import uuid
from functools import cached_property

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from award_portal.lib.sealed import SealedTextField
from awards.models import Round
from awards.parameters import rulebook_for
from documents.models import IssuedDocument
from organizations.models import Organization, StoredFile, Unit, User

from .gates import short_citation
from .pipeline import ENDS, Pipeline, State


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


class Answer(models.Model):
    """The draft of one section: field key → value, with the version for stale tabs. Never in history or logs."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="answers")
    section = models.CharField("部分", max_length=60)
    data = models.JSONField("内容", default=dict)
    # what names or reaches a person stands apart (applications.personal)
    personal_sealed = SealedTextField("个人信息（密文）", blank=True, editable=False, binding="personal_binding")
    is_secret = models.BooleanField("含商业秘密", default=False)
    secret_reason = models.CharField("商业秘密说明", max_length=200, blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    saved_at = models.DateTimeField("保存时间")

    class Meta:
        verbose_name = "填报内容"
        verbose_name_plural = "填报内容"
        constraints = [models.UniqueConstraint(fields=["application", "section"], name="answer_once_a_section")]

    @property
    def personal_binding(self) -> str:
        return f"applications.answer.personal:{self.application.public_id}:{self.section}"


class Attachment(models.Model):
    """A file the applicant attached under one of the rulebook's attachment keys."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(Application, models.CASCADE, related_name="attachments")
    key = models.CharField("材料", max_length=60)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    is_secret = models.BooleanField("含商业秘密", default=False)
    added_at = models.DateTimeField("上传时间")
    removed_at = models.DateTimeField("移除时间", null=True, blank=True)

    class Meta:
        verbose_name = "附件"
        verbose_name_plural = "附件"
        ordering = ("key", "pk")


class SelfPublicity(models.Model):
    """The applicant's publicity inside its own organisation, with computed dates and proof (U11.2)."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="self_publicities")
    published_on = models.DateField("发布日期")
    first_day = models.DateField("起始日")
    last_day = models.DateField("截止日")
    ends_at = models.DateTimeField("期满时间")
    working_days = models.PositiveSmallIntegerField("公示天数")
    calendar_version = models.CharField("日历版本", max_length=80)
    place = models.CharField("公示地点和方式", max_length=200, blank=True)
    proof = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="公示证明"
    )
    had_objections = models.BooleanField("有无异议", null=True, blank=True)
    settlement = models.TextField("异议及处理情况", max_length=1000, blank=True)
    started_at = models.DateTimeField("开始时间")
    abandoned_at = models.DateTimeField("作废时间", null=True, blank=True)

    class Meta:
        verbose_name = "内部公示"
        verbose_name_plural = "内部公示"
        ordering = ("-started_at",)


class Dossier(models.Model):
    """What was submitted, frozen: answers and file digests. Later stages judge exactly this (R9)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="dossiers")
    version = models.PositiveSmallIntegerField("版本")
    content = models.JSONField("冻结内容")
    personal_sealed = SealedTextField("个人信息（密文）", blank=True, editable=False, binding="personal_binding")
    sha256 = models.CharField("摘要", max_length=64)
    frozen_at = models.DateTimeField("冻结时间")

    class Meta:
        verbose_name = "申报材料"
        verbose_name_plural = "申报材料"
        ordering = ("application", "version")
        constraints = [models.UniqueConstraint(fields=["application", "version"], name="dossier_version_once")]

    @property
    def personal_binding(self) -> str:
        return f"applications.dossier.personal:{self.public_id}"


class DossierGrantQuerySet(models.QuerySet["DossierGrant"]):
    def in_force(self, at) -> DossierGrantQuerySet:
        return self.filter(revoked_at=None).filter(Q(until=None) | Q(until__gt=at))


class DossierGrant(models.Model):
    """Who may read an application's dossier beside its own desks, which parts, why and until when.

    Experts read through a grant; a recusal revokes it and the next request is 404.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="grants")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    # section and attachment keys; empty list = all. Marked parts open only with `with_secrets`.
    parts = models.JSONField("部分", default=list, blank=True)
    with_secrets = models.BooleanField("含商业秘密部分", default=False)
    reason = models.CharField("理由", max_length=120)
    granted_at = models.DateTimeField("授予时间")
    granted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    until = models.DateTimeField("截止", null=True, blank=True)
    revoked_at = models.DateTimeField("收回时间", null=True, blank=True)
    revoked_because = models.CharField("收回理由", max_length=120, blank=True)

    objects = DossierGrantQuerySet.as_manager()

    class Meta:
        verbose_name = "阅卷授权"
        verbose_name_plural = "阅卷授权"


class HoldQuerySet(models.QuerySet["Hold"]):
    def open(self) -> HoldQuerySet:
        return self.filter(released_at=None)


class Hold(models.Model):
    """Something unsettled that stops named steps of an application until it is released (U11.3–5, U11.9)."""

    class Kind(models.TextChoices):
        PROVISIONAL = "provisional", "暂时"
        CONFIRMED = "confirmed", "确认"

    application = models.ForeignKey(Application, models.PROTECT, related_name="holds")
    kind = models.CharField("性质", max_length=20, choices=Kind.choices)
    source = models.CharField("来源", max_length=80)  # "objection:<uuid>"
    reason = models.CharField("事由", max_length=200)
    cite = models.CharField("条款", max_length=200, blank=True)
    steps = models.JSONField("暂停的步骤")
    placed_at = models.DateTimeField("设置时间")
    released_at = models.DateTimeField("解除时间", null=True, blank=True)
    released_because = models.CharField("解除理由", max_length=200, blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        verbose_name = "暂停"
        verbose_name_plural = "暂停"
        constraints = [
            models.UniqueConstraint(
                fields=["application", "source"], condition=Q(released_at=None), name="hold_open_once_a_source"
            )
        ]


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


class Correction(models.Model):
    """A return for correction: only the named parts reopen, until the due moment (section 7: once a stage)."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="corrections")
    stage = models.CharField("环节", max_length=40, choices=State.choices)
    parts = models.JSONField("需补正的部分")
    reason = models.TextField("补正内容", max_length=2000)
    due_at = models.DateTimeField("补正期限")
    asked_at = models.DateTimeField("退回时间")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    document = models.ForeignKey(IssuedDocument, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField("补正时间", null=True, blank=True)
    lapsed_at = models.DateTimeField("逾期时间", null=True, blank=True)

    class Meta:
        verbose_name = "补正"
        verbose_name_plural = "补正"
        ordering = ("-asked_at",)


class Checklist(models.Model):
    """A desk's checklist by article with its findings; signed when all required items are answered (U11.3, U11.4)."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="checklists")
    stage = models.CharField("环节", max_length=40, choices=State.choices)
    # item key → {"verdict": "meets" | "fails" | "noted", "note": str}
    items = models.JSONField("逐项意见", default=dict)
    opinion = models.TextField("审核意见", max_length=2000, blank=True)
    examiner = models.CharField("审核人", max_length=40, blank=True)
    reviewer = models.CharField("复核人", max_length=40, blank=True)
    approver = models.CharField("分管领导", max_length=40, blank=True)
    dossier_version = models.PositiveSmallIntegerField("所审材料版本", default=1)
    version = models.PositiveIntegerField("版本", default=1)
    saved_at = models.DateTimeField("保存时间")
    signed_at = models.DateTimeField("签署时间", null=True, blank=True)
    signed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "审核表"
        verbose_name_plural = "审核表"
        constraints = [models.UniqueConstraint(fields=["application", "stage"], name="checklist_once_a_stage")]


class Finding(models.Model):
    """What a machine check found (R6); a person confirms or settles it with a note."""

    class Result(models.TextChoices):
        CLEAR = "clear", "未见异常"
        DOUBT = "doubt", "需人工核实"
        STOP = "stop", "不符合"

    application = models.ForeignKey(Application, models.PROTECT, related_name="findings")
    check_name = models.CharField("核查项", max_length=40)
    stage = models.CharField("环节", max_length=40, choices=State.choices)
    result = models.CharField("结果", max_length=20, choices=Result.choices)
    text = models.CharField("核查情况", max_length=500)
    cite = models.CharField("条款", max_length=200)
    found_at = models.DateTimeField("核查时间")
    # the last run that came to this; a run after a correction may find the same again
    run_at = models.DateTimeField("最近核查时间", null=True, blank=True)
    settled_at = models.DateTimeField("核实时间", null=True, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    settled_as = models.CharField("核实结论", max_length=20, choices=Result.choices, blank=True)
    note = models.CharField("核实说明", max_length=500, blank=True)

    class Meta:
        verbose_name = "核查记录"
        verbose_name_plural = "核查记录"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["application", "check_name", "stage"], name="finding_once_a_stage")
        ]

    @property
    def short_citation(self) -> str:
        return short_citation(self.cite)


class CreditCheck(models.Model):
    """信用核查记录: which site was looked at, when, by whom, and what it showed (U11.3)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="credit_checks")
    stage = models.CharField("环节", max_length=40, choices=State.choices)
    site = models.CharField("查询网站", max_length=120)
    looked_at = models.DateTimeField("查询时间")
    is_clear = models.BooleanField("未见不良记录")
    result = models.TextField("查询结果", max_length=500)
    screenshot = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="截图"
    )
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="查询人")

    class Meta:
        verbose_name = "信用核查记录"
        verbose_name_plural = "信用核查记录"
        ordering = ("-looked_at", "-pk")


class ConsultationQuerySet(models.QuerySet["Consultation"]):
    def of_sender(self, user: User) -> ConsultationQuerySet:
        """Letters the person's own units sent."""
        return self.filter(sender__in=Unit.objects.of_user(user))

    def of_department(self, user: User) -> ConsultationQuerySet:
        """Letters to the departments the person works in."""
        return self.filter(department__in=Unit.objects.of_user(user).of_kind("consulted"))

    def with_names(self) -> ConsultationQuerySet:
        return self.select_related("round__scheme", "round__edition", "sender", "department", "document")

    def unanswered(self) -> ConsultationQuerySet:
        """Letters somebody still waits for: no answer, no signed note to go on without, and the name still there."""
        here = Q(replies__application__state=F("stage"))
        back_soon = Q(replies__application__state=State.CORRECTION, replies__application__return_to=F("stage"))
        return self.filter(here | back_soon, replies__answer="none", replies__noted_at=None).distinct()

    def overdue(self, at) -> ConsultationQuerySet:
        return self.unanswered().filter(due_at__lte=at)


class Consultation(models.Model):
    """A letter to one department about many names, with its reply date and reminders (U11.3, U11.4)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="consultations")
    stage = models.CharField("环节", max_length=40, choices=State.choices)
    sender = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="发函单位")
    department = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="征求意见部门")
    sent_at = models.DateTimeField("发函时间")
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    due_at = models.DateTimeField("复函期限")
    # what the department is asked to look back on, both days inclusive
    period_from = models.DateField("核查期间起", null=True, blank=True)
    period_to = models.DateField("核查期间止", null=True, blank=True)
    reminded_at = models.DateTimeField("催办时间", null=True, blank=True)
    reminders = models.PositiveSmallIntegerField("催办次数", default=0)
    overdue_told_at = models.DateTimeField("逾期提醒时间", null=True, blank=True)
    document = models.ForeignKey(IssuedDocument, models.PROTECT, null=True, related_name="+")

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        verbose_name = "征求意见"
        verbose_name_plural = "征求意见"
        ordering = ("-sent_at", "pk")


class ConsultationReply(models.Model):
    """A department's answer about one name; silence is not clearance, going on needs a signed note (section 7)."""

    class Answer(models.TextChoices):
        NONE = "none", "未复函"
        CLEAR = "clear", "无意见"
        ADVERSE = "adverse", "有意见"

    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="replies")
    application = models.ForeignKey(Application, models.PROTECT, related_name="consultation_replies")
    answer = models.CharField("意见", max_length=20, choices=Answer.choices, default=Answer.NONE)
    content = models.TextField("具体意见", max_length=2000, blank=True)
    replied_at = models.DateTimeField("复函时间", null=True, blank=True)
    replied_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    # going on without, or in spite of, a reply: who decided it and why
    note = models.CharField("继续办理的说明", max_length=500, blank=True)
    noted_at = models.DateTimeField("说明时间", null=True, blank=True)
    noted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "复函"
        verbose_name_plural = "复函"
        constraints = [models.UniqueConstraint(fields=["consultation", "application"], name="reply_once_a_name")]


class RecommendationOpinion(models.Model):
    """The recommender's written opinion that follows the publicity; many names may share one letter (U11.3)."""

    application = models.OneToOneField(Application, models.PROTECT, related_name="recommendation_opinion")
    opinion = models.TextField("审核推荐意见", max_length=2000)
    publicity_result = models.TextField("公示情况", max_length=1000)
    document = models.ForeignKey(IssuedDocument, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField("签署时间")
    signed_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "审核推荐意见"
        verbose_name_plural = "审核推荐意见"


class SecretOpening(models.Model):
    """Every opening of a part marked as a trade secret is on record (R7)."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="+")
    part = models.CharField("部分", max_length=60)
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField("查看时间")

    class Meta:
        verbose_name = "商业秘密查阅记录"
        verbose_name_plural = "商业秘密查阅记录"


from .models_consents import LegConsent  # noqa: E402, F401  a model of this room, in a file of its own
