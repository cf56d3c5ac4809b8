"""The review of an application: experts, panels, who reads what, their sheets, the panel's opinion, the cut."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Count, Q

from applications.models import Application, DossierGrant
from applications.pipeline import State
from awards.models import Round
from awards.parameters import rulebook_for
from documents.models import IssuedDocument
from organizations.models import Organization, StoredFile, Unit, User

STAGES = ((State.DOCUMENT_REVIEW, "材料评审"), (State.DEFENSE, "陈述答辩"), (State.ONSITE_REVIEW, "现场评审"))


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


class ConflictDeclaration(models.Model):
    """A tie between an expert and an organisation; while it stands the expert judges nothing of it (U23)."""

    class Source(models.TextChoices):
        EXPERT = "expert", "专家声明"
        OFFICE = "office", "办公室登记"
        APPLICANT = "applicant", "申报组织提出"

    expert = models.ForeignKey(Expert, models.PROTECT, related_name="conflicts")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name="申报组织")
    ground = models.CharField("回避情形", max_length=60)
    note = models.CharField("说明", max_length=300, blank=True)
    source = models.CharField("来源", max_length=20, choices=Source.choices)
    declared_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    declared_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "利害关系"
        verbose_name_plural = "利害关系"
        constraints = [
            models.UniqueConstraint(fields=["expert", "organization", "ground"], name="conflict_once_a_ground")
        ]


class PanelQuerySet(models.QuerySet["Panel"]):
    def of_office(self, user: User) -> PanelQuerySet:
        return self.filter(round__in=Round.objects.visible_to(user))

    def with_round(self) -> PanelQuerySet:
        return self.select_related("round__scheme", "round__edition", "round__office", "chair__user")


class Panel(models.Model):
    """The panel of one review stage of a round, of no fewer members than the rulebook asks, with its leader."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="panels", verbose_name="届次")
    stage = models.CharField("环节", max_length=40, choices=STAGES)
    chair = models.ForeignKey(Expert, models.PROTECT, related_name="+", verbose_name="组长")
    due_on = models.DateField("评审截止日")
    formed_at = models.DateTimeField("组建时间")
    formed_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = PanelQuerySet.as_manager()

    class Meta:
        verbose_name = "评审组"
        verbose_name_plural = "评审组"
        ordering = ("round", "pk")
        constraints = [models.UniqueConstraint(fields=["round", "stage"], name="panel_once_a_stage")]

    @property
    def stage_label(self) -> str:
        return rulebook_for(self.round).label(self.stage)


class PanelMember(models.Model):
    panel = models.ForeignKey(Panel, models.PROTECT, related_name="members")
    expert = models.ForeignKey(Expert, models.PROTECT, related_name="memberships", verbose_name="评审专家")
    joined_at = models.DateTimeField("加入时间")
    left_at = models.DateTimeField("退出时间", null=True, blank=True)

    class Meta:
        verbose_name = "评审组成员"
        verbose_name_plural = "评审组成员"
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["panel", "expert"], name="panel_member_once")]


class DrawRecord(models.Model):
    """专家抽取记录: what anybody needs to draw again and come to the same names (seed, candidates, result)."""

    class Purpose(models.TextChoices):
        PANEL = "panel", "组建评审组"
        ADDITION = "addition", "增补专家"
        REPLACEMENT = "replacement", "替补回避专家"
        READERS = "readers", "分配材料"

    panel = models.ForeignKey(Panel, models.PROTECT, related_name="draws")
    purpose = models.CharField("用途", max_length=20, choices=Purpose.choices)
    seed = models.CharField("随机种子", max_length=80)
    # public ids, sorted; whoever was left out stands in `excluded` with the reason
    candidates = models.JSONField("候选专家")
    excluded = models.JSONField("排除", default=list)
    needed = models.PositiveSmallIntegerField("抽取人数")
    result = models.JSONField("抽取结果")
    witness = models.CharField("纪检监督人员", max_length=40, blank=True)
    drawn_at = models.DateTimeField("抽取时间")
    drawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "专家抽取记录"
        verbose_name_plural = "专家抽取记录"
        ordering = ("pk",)


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def active(self) -> AssignmentQuerySet:
        return self.filter(ended_at=None)

    def of_expert(self, user: User) -> AssignmentQuerySet:
        """The person's own assignments that have not ended: anything else does not exist for them."""
        return self.active().filter(expert__user=user)

    def of_stage(self, application: Application, stage: str) -> AssignmentQuerySet:
        return self.active().filter(application=application, panel__stage=stage)

    def with_names(self) -> AssignmentQuerySet:
        return self.select_related(
            "application__organization", "application__round__scheme", "application__round__edition",
            "application__round__office", "application__recommender", "panel__round__edition", "expert__user", "sheet",
        )  # fmt: skip

    def submitted(self) -> AssignmentQuerySet:
        return self.filter(sheet__submitted_at__isnull=False, sheet__voided_at=None)


class Assignment(models.Model):
    """One expert reads and scores one application at one stage; ended, nothing of it is open to them."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    panel = models.ForeignKey(Panel, models.PROTECT, related_name="assignments")
    application = models.ForeignKey(Application, models.PROTECT, related_name="+")
    expert = models.ForeignKey(Expert, models.PROTECT, related_name="assignments")
    grant = models.ForeignKey(DossierGrant, models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField("分配时间")
    assigned_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    ended_because = models.CharField("结束理由", max_length=120, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = "评审任务"
        verbose_name_plural = "评审任务"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["panel", "application", "expert"], condition=Q(ended_at=None), name="assignment_once"
            )
        ]


class ScoreSheet(models.Model):
    """One expert's independent sheet; nobody else sees it or a number from it before all of them are in (U11.5)."""

    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="sheet")
    # item key → {"score": "82.5", "strengths": str, "improvements": str}
    items = models.JSONField("逐项评分", default=dict)
    comments = models.TextField("总体评价", max_length=3000, blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    saved_at = models.DateTimeField("保存时间")
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    voided_at = models.DateTimeField("作废时间", null=True, blank=True)
    voided_because = models.CharField("作废理由", max_length=120, blank=True)

    class Meta:
        verbose_name = "评分表"
        verbose_name_plural = "评分表"


class RecusalQuerySet(models.QuerySet["Recusal"]):
    def of_office(self, user: User) -> RecusalQuerySet:
        return self.filter(application__round__in=Round.objects.visible_to(user))

    def waiting(self) -> RecusalQuerySet:
        return self.filter(state=Recusal.State.ASKED)


class Recusal(models.Model):
    """An expert steps back from one application: declared, ordered, or asked by the applicant and decided (U23)."""

    class Source(models.TextChoices):
        SELF = "self", "专家自行申请"
        OFFICE = "office", "办公室决定"
        APPLICANT = "applicant", "申报组织申请"

    class State(models.TextChoices):
        ASKED = "asked", "待决定"
        GRANTED = "granted", "已回避"
        REFUSED = "refused", "不予回避"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="+")
    # an applicant names the person in words; the office finds the expert when it decides
    expert = models.ForeignKey(Expert, models.PROTECT, null=True, blank=True, related_name="recusals")
    named = models.CharField("专家姓名", max_length=40, blank=True)
    source = models.CharField("来源", max_length=20, choices=Source.choices)
    ground = models.CharField("回避情形", max_length=60)
    reason = models.TextField("事实和理由", max_length=1000)
    proof = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField("提出时间")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    state = models.CharField("状态", max_length=20, choices=State.choices, default=State.ASKED)
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decision = models.TextField("决定理由", max_length=1000, blank=True)
    replacement = models.ForeignKey(Expert, models.PROTECT, null=True, blank=True, related_name="+")

    objects = RecusalQuerySet.as_manager()

    class Meta:
        verbose_name = "回避"
        verbose_name_plural = "回避"
        ordering = ("-asked_at", "-pk")


class PanelOpinion(models.Model):
    """评审意见 of the panel on one application at one stage, with the figures it rests on (U11.5–U11.7)."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="panel_opinions")
    panel = models.ForeignKey(Panel, models.PROTECT, related_name="opinions")
    stage = models.CharField("环节", max_length=40, choices=STAGES)
    text = models.TextField("评审意见", max_length=5000)
    consensus = models.TextField("合议情况", max_length=3000, blank=True)
    score = models.DecimalField("得分", max_digits=8, decimal_places=2)
    lowest = models.DecimalField("最低分", max_digits=8, decimal_places=2)
    highest = models.DecimalField("最高分", max_digits=8, decimal_places=2)
    total = models.DecimalField("满分", max_digits=8, decimal_places=2)
    raw = models.JSONField("各专家原始总分", default=list)
    discrepancies = models.JSONField("差异较大的项目", default=list)
    signed_by = models.CharField("组长", max_length=40)
    concluded_at = models.DateTimeField("形成时间")
    concluded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    document = models.ForeignKey(IssuedDocument, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "评审意见"
        verbose_name_plural = "评审意见"
        constraints = [models.UniqueConstraint(fields=["application", "stage"], name="panel_opinion_once_a_stage")]


class CutDecision(models.Model):
    """Who goes on from a stage and who does not, each with a reason; never more than the rulebook's ceiling."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="+")
    stage = models.CharField("环节", max_length=40, choices=STAGES)
    ceiling = models.PositiveSmallIntegerField("上限", null=True)
    decided_at = models.DateTimeField("决定时间")
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "进入下一环节的决定"
        verbose_name_plural = "进入下一环节的决定"
        ordering = ("pk",)


class CutLine(models.Model):
    decision = models.ForeignKey(CutDecision, models.PROTECT, related_name="lines")
    application = models.ForeignKey(Application, models.PROTECT, related_name="+")
    passing = models.BooleanField("进入下一环节")
    reason = models.CharField("理由", max_length=500, blank=True)
    score = models.DecimalField("得分", max_digits=8, decimal_places=2)
    rank = models.PositiveSmallIntegerField("名次")
    document = models.ForeignKey(IssuedDocument, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "决定明细"
        verbose_name_plural = "决定明细"
        ordering = ("rank", "pk")
        constraints = [
            models.UniqueConstraint(fields=["decision", "application"], name="cut_line_once"),
            models.CheckConstraint(name="cut_line_with_reason", condition=Q(passing=True) | ~Q(reason="")),
        ]


class Session(models.Model):
    """A defense session or an on-site visit: when, where, who leads, in what order, and what was minuted (V6)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    panel = models.ForeignKey(Panel, models.PROTECT, related_name="sessions")
    starts_at = models.DateTimeField("开始时间")
    place = models.CharField("地点", max_length=120)
    leader = models.ForeignKey(Expert, models.PROTECT, related_name="+", verbose_name="主持人（带队组长）")
    lot_seed = models.CharField("抽签种子", max_length=80, blank=True)
    lots_drawn_at = models.DateTimeField("抽签时间", null=True, blank=True)
    witness = models.CharField("纪检监督人员", max_length=40, blank=True)
    minutes = models.TextField("记录", max_length=10000, blank=True)
    minuted_at = models.DateTimeField("记录时间", null=True, blank=True)
    scheduled_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    scheduled_at = models.DateTimeField("安排时间")

    class Meta:
        verbose_name = "评审场次"
        verbose_name_plural = "评审场次"
        ordering = ("starts_at", "pk")


class SessionSlot(models.Model):
    session = models.ForeignKey(Session, models.PROTECT, related_name="slots")
    application = models.ForeignKey(Application, models.PROTECT, related_name="+")
    signed_in_at = models.DateTimeField("签到时间", null=True, blank=True)
    sign_in_order = models.PositiveSmallIntegerField("签到次序", null=True, blank=True)
    turn = models.PositiveSmallIntegerField("答辩次序", null=True, blank=True)

    class Meta:
        verbose_name = "场次安排"
        verbose_name_plural = "场次安排"
        ordering = ("turn", "sign_in_order", "pk")
        constraints = [
            models.UniqueConstraint(fields=["session", "application"], name="session_slot_once"),
            models.UniqueConstraint(fields=["session", "turn"], name="session_turn_once"),
        ]


class ReviewReportQuerySet(models.QuerySet["ReviewReport"]):
    def issued(self) -> ReviewReportQuerySet:
        return self.exclude(issued_at=None)


class ReviewReport(models.Model):
    """评审报告 of a round for the leading body: a draft until issued, then frozen with its document (U11.8)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.OneToOneField(Round, models.PROTECT, related_name="+")
    narrative = models.TextField("评审工作情况", max_length=20000, blank=True)
    # the table as it stood at issue: [{application, name, stages: {...}, composite, rank}]
    table = models.JSONField("得分表", default=list)
    version = models.PositiveIntegerField("版本", default=1)
    saved_at = models.DateTimeField("保存时间")
    issued_at = models.DateTimeField("签发时间", null=True, blank=True)
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    document = models.ForeignKey(IssuedDocument, models.PROTECT, null=True, blank=True, related_name="+")

    objects = ReviewReportQuerySet.as_manager()

    class Meta:
        verbose_name = "评审报告"
        verbose_name_plural = "评审报告"
