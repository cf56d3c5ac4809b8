"""What an investigation gathers: questions and answers, evidence, facts established, experts asked (U13, U14)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse

from organizations.models import Claim, StoredFile, Unit, User
from reviews.models import Expert

from ..pipeline import WITH_INVESTIGATOR
from .objection import Objection


class QuestionQuerySet(models.QuerySet["Question"]):
    def asked_of(self, user: User) -> QuestionQuerySet:
        """What the organisations the person acts for were asked to explain: never the objection itself (U14)."""
        own = Claim.objects.filter(user=user, state=Claim.State.VERIFIED).values("organization")
        return self.filter(objection__application__organization__in=own)

    def waiting(self) -> QuestionQuerySet:
        return self.filter(answered_at=None, objection__state__in=WITH_INVESTIGATOR)

    def with_case(self) -> QuestionQuerySet:
        return self.select_related(
            "objection__application__organization", "objection__application__round__scheme",
            "objection__application__round__edition", "objection__investigator",
        )  # fmt: skip


class Question(models.Model):
    """One thing the applying organisation is asked to explain, in the investigator's own words (U14)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    objection = models.ForeignKey(Objection, models.PROTECT, related_name="questions")
    number = models.PositiveSmallIntegerField("序号")
    text = models.TextField("请说明的事项", max_length=1000)
    asked_at = models.DateTimeField("发出时间")
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    due_at = models.DateTimeField("说明期限", null=True, blank=True)
    answer = models.TextField("说明", max_length=3000, blank=True)
    answered_at = models.DateTimeField("提交时间", null=True, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = "请说明的事项"
        verbose_name_plural = "请说明的事项"
        ordering = ("objection", "number")
        constraints = [models.UniqueConstraint(fields=["objection", "number"], name="question_numbered_once")]

    def __str__(self) -> str:
        return f"{self.objection.number}（{self.number}）"

    @property
    def may_answer(self) -> bool:
        return self.answered_at is None and self.objection.state in WITH_INVESTIGATOR

    @property
    def asked_files(self) -> list[QuestionFile]:
        return [one for one in self.files.all() if not one.is_answer]

    @property
    def answer_files(self) -> list[QuestionFile]:
        return [one for one in self.files.all() if one.is_answer]

    def get_absolute_url(self) -> str:
        return reverse("objections:explain", args=[self.public_id])


class QuestionFile(models.Model):
    """A paper that goes with a question, or with its answer."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    question = models.ForeignKey(Question, models.PROTECT, related_name="files")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    is_answer = models.BooleanField(default=False)

    class Meta:
        verbose_name = "说明事项附件"
        verbose_name_plural = "说明事项附件"
        ordering = ("pk",)


class EvidenceItem(models.Model):
    """One line of the evidence register: what it is, whose, when and how it was obtained, its digest."""

    class Obtained(models.TextChoices):
        OBJECTOR = "objector", "异议人提供"
        APPLICANT = "applicant", "被异议人提供"
        ONSITE = "onsite", "现场核实取得"
        LETTER = "letter", "函询有关单位取得"
        PUBLIC = "public", "公开信息查询"
        EXPERT = "expert", "专家意见"
        OTHER = "other", "其他"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    objection = models.ForeignKey(Objection, models.PROTECT, related_name="evidence_items")
    number = models.PositiveSmallIntegerField("证据编号")
    title = models.CharField("名称", max_length=120)
    source = models.CharField("来源", max_length=120)
    obtained = models.CharField("取得方式", max_length=20, choices=Obtained.choices)
    received_on = models.DateField("取得日期")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="登记人")

    class Meta:
        verbose_name = "证据"
        verbose_name_plural = "证据"
        ordering = ("objection", "number")
        constraints = [
            models.UniqueConstraint(fields=["objection", "number"], name="evidence_numbered_once"),
            models.UniqueConstraint(fields=["objection", "file"], name="evidence_file_once"),
        ]

    def __str__(self) -> str:
        return f"证据{self.number}：{self.title}"


class Fact(models.Model):
    """One thing established by the investigation, with the evidence it rests on (查明的事实)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    objection = models.ForeignKey(Objection, models.PROTECT, related_name="facts")
    number = models.PositiveSmallIntegerField("序号")
    text = models.TextField("查明的事实", max_length=1000)
    evidence = models.ManyToManyField(EvidenceItem, related_name="facts", verbose_name="所依据的证据")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")

    class Meta:
        verbose_name = "查明的事实"
        verbose_name_plural = "查明的事实"
        ordering = ("objection", "number")


class ExpertInquiryQuerySet(models.QuerySet["ExpertInquiry"]):
    def of_expert(self, user: User) -> ExpertInquiryQuerySet:
        return self.filter(expert__user=user)

    def waiting(self) -> ExpertInquiryQuerySet:
        return self.filter(opinion_at=None, left_at=None)


class ExpertInquiry(models.Model):
    """An expert the office asks to look into an objection, free of interest in both sides (O3, U14)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    objection = models.ForeignKey(Objection, models.PROTECT, related_name="expert_inquiries")
    expert = models.ForeignKey(Expert, models.PROTECT, related_name="+", verbose_name="专家")
    task = models.TextField("请专家查明的事项", max_length=1000)
    ordered_at = models.DateTimeField("选派时间")
    ordered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="选派人")
    due_at = models.DateTimeField("期限")
    # what was pledged, word by word, and the name typed under it
    pledge_text = models.TextField("承诺内容", blank=True)
    signed_name = models.CharField("签署姓名", max_length=40, blank=True)
    pledged_at = models.DateTimeField("承诺时间", null=True, blank=True)
    opinion = models.TextField("专家意见", max_length=3000, blank=True)
    opinion_file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    opinion_at = models.DateTimeField("提出时间", null=True, blank=True)
    left_at = models.DateTimeField("退出时间", null=True, blank=True)
    left_because = models.CharField("退出理由", max_length=300, blank=True)

    objects = ExpertInquiryQuerySet.as_manager()

    class Meta:
        verbose_name = "专家调查"
        verbose_name_plural = "专家调查"
        ordering = ("objection", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["objection", "expert"], condition=Q(left_at=None), name="expert_inquiry_once"
            ),
            models.CheckConstraint(
                name="expert_inquiry_opinion_after_pledge", condition=Q(opinion_at=None) | Q(pledged_at__isnull=False)
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("objections:expert_inquiry", args=[self.public_id])


class IdentityGrant(models.Model):
    """The handling unit lets the investigating unit know who objected, on a ground that stays on record."""

    objection = models.ForeignKey(Objection, models.PROTECT, related_name="identity_grants")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    ground = models.CharField("理由", max_length=200)
    granted_at = models.DateTimeField("批准时间")
    granted_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="批准人")

    class Meta:
        verbose_name = "异议人信息查阅批准"
        verbose_name_plural = "异议人信息查阅批准"
        constraints = [models.UniqueConstraint(fields=["objection", "unit"], name="identity_grant_once")]
