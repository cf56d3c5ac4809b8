"""The bonus of an award: facts that decide the sum, what was paid, what it was spent on, who looked, what came back."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.db import models
from django.db.models import Q, Sum

from award_portal.lib.sealed import SealedTextField
from awards.models import Award
from documents.models import IssuedDocument
from organizations.models import StoredFile, User

MOST_DIGITS = 12


class PartOfSum(models.TextChoices):
    """Which sum of an award is meant: its own bonus, or the match of a higher government's (Y20)."""

    BONUS = "bonus", "奖金"
    MATCH = "match", "上级政府质量奖同额度奖励"


def amount_field(label: str) -> models.DecimalField:
    return models.DecimalField(label, max_digits=MOST_DIGITS, decimal_places=2)


class BonusFactQuerySet(models.QuerySet["BonusFact"]):
    def standing(self) -> BonusFactQuerySet:
        """What was entered last of each kind; an entry corrected by a later one stays on record."""
        return self.filter(replaced_at=None)


class BonusFact(models.Model):
    """What a person found out with proof before a sum is due: no register tells it (B18, Y20)."""

    class Kind(models.TextChoices):
        FULLY_FUNDED = "fully_funded", "是否财政全额拨款单位"
        HIGHER_AWARD = "higher_award", "获得上级政府质量奖"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    award = models.ForeignKey(Award, models.PROTECT, related_name="+", verbose_name="获奖记录")
    kind = models.CharField("事项", max_length=20, choices=Kind.choices)
    holds = models.BooleanField("核实结果")
    # of a higher government's award: which, of what year, and what that government paid
    award_name = models.CharField("上级奖项名称", max_length=120, blank=True)
    award_year = models.PositiveSmallIntegerField("上级奖项年度", null=True, blank=True)
    amount = models.DecimalField("上级政府奖励金额", max_digits=MOST_DIGITS, decimal_places=2, null=True, blank=True)
    basis = models.CharField("核实依据", max_length=300)
    proof = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="证明材料")
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    entered_at = models.DateTimeField("登记时间")
    replaced_at = models.DateTimeField("更正时间", null=True, blank=True)

    objects = BonusFactQuerySet.as_manager()

    class Meta:
        verbose_name = "奖金核定事项"
        verbose_name_plural = "奖金核定事项"
        ordering = ("entered_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["award", "kind"], condition=Q(replaced_at=None), name="one_standing_fact_of_a_kind"
            )
        ]


class BonusPaymentQuerySet(models.QuerySet["BonusPayment"]):
    def standing(self) -> BonusPaymentQuerySet:
        return self.filter(voided_at=None)

    def total(self) -> Decimal:
        return self.standing().aggregate(total=Sum("amount"))["total"] or Decimal(0)


class BonusPayment(models.Model):
    """One payment by finance as its receipt proves it; the account stands sealed, only its end is shown."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    award = models.ForeignKey(Award, models.PROTECT, related_name="+", verbose_name="获奖记录")
    part = models.CharField("款项", max_length=20, choices=PartOfSum.choices, default=PartOfSum.BONUS)
    amount = amount_field("金额（元）")
    paid_on = models.DateField("拨付日期")
    bank = models.CharField("开户银行", max_length=120)
    account_sealed = SealedTextField("收款账号（密文）", binding="binding")
    account_end = models.CharField("收款账号末四位", max_length=4)
    receipt_number = models.CharField("收据编号", max_length=60)
    receipt = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="收据扫描件")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")
    # a payment that was entered wrongly stays and says why it does not count
    voided_at = models.DateTimeField("作废时间", null=True, blank=True)
    voided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="作废人")
    voided_because = models.CharField("作废理由", max_length=200, blank=True)

    objects = BonusPaymentQuerySet.as_manager()

    class Meta:
        verbose_name = "奖金拨付记录"
        verbose_name_plural = "奖金拨付记录"
        ordering = ("paid_on", "pk")
        constraints = [models.CheckConstraint(name="bonus_payment_positive", condition=Q(amount__gt=0))]

    @property
    def binding(self) -> str:
        """What the sealed account belongs to: moved to another row it does not open."""
        return f"bonus_payment:{self.public_id}:account"

    @property
    def shown_account(self) -> str:
        return f"**** **** {self.account_end}"


class BonusUseQuerySet(models.QuerySet["BonusUse"]):
    def handed_in(self) -> BonusUseQuerySet:
        return self.exclude(state__in=(BonusUse.State.DRAFT, BonusUse.State.RETURNED))


class BonusUse(models.Model):
    """What the money is to be spent on (plan), or was spent on (report), by the purposes the regulation allows."""

    class Kind(models.TextChoices):
        PLAN = "plan", "奖金使用计划"
        REPORT = "report", "奖金使用情况报告"

    class State(models.TextChoices):
        DRAFT = "draft", "填报中"
        FILED = "filed", "待审核"
        RETURNED = "returned", "退回补正"
        ACCEPTED = "accepted", "已审核"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    award = models.ForeignKey(Award, models.PROTECT, related_name="+", verbose_name="获奖记录")
    kind = models.CharField("类别", max_length=10, choices=Kind.choices)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.DRAFT)
    summary = models.TextField("说明", max_length=2000, blank=True)
    begun_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="填报人")
    begun_at = models.DateTimeField("开始填报时间")
    filed_at = models.DateTimeField("提交时间", null=True, blank=True)
    reviewed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审核人"
    )
    reviewed_at = models.DateTimeField("审核时间", null=True, blank=True)
    review_note = models.CharField("审核意见", max_length=500, blank=True)

    objects = BonusUseQuerySet.as_manager()

    class Meta:
        verbose_name = "奖金使用"
        verbose_name_plural = "奖金使用"
        ordering = ("begun_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["award", "kind"], condition=~Q(state="accepted"), name="one_open_bonus_use_of_a_kind"
            )
        ]


class BonusUseLine(models.Model):
    """One sum under one allowed purpose; a report's line has its evidence."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    use = models.ForeignKey(BonusUse, models.CASCADE, related_name="lines", verbose_name="奖金使用")
    purpose = models.CharField("用途", max_length=120)
    amount = amount_field("金额（元）")
    what = models.CharField("具体事项", max_length=200)
    spent_on = models.DateField("支出日期", null=True, blank=True)
    proof = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="证明材料"
    )

    class Meta:
        verbose_name = "奖金使用明细"
        verbose_name_plural = "奖金使用明细"
        ordering = ("pk",)
        constraints = [models.CheckConstraint(name="bonus_use_line_positive", condition=Q(amount__gt=0))]


class BonusInspection(models.Model):
    """A look at how the money was used (检查), what was found, and whether it was put right."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    award = models.ForeignKey(Award, models.PROTECT, related_name="+", verbose_name="获奖记录")
    inspected_on = models.DateField("检查日期")
    inspectors = models.CharField("检查单位和人员", max_length=120)
    finding = models.TextField("检查情况", max_length=2000)
    is_proper = models.BooleanField("使用规范")
    rectify_by = models.DateField("整改期限", null=True, blank=True)
    proof = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="检查记录"
    )
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="销号人")
    closed_at = models.DateTimeField("销号时间", null=True, blank=True)
    closing_note = models.CharField("整改情况", max_length=500, blank=True)

    class Meta:
        verbose_name = "奖金使用检查"
        verbose_name_plural = "奖金使用检查"
        ordering = ("inspected_on", "pk")


class BonusClawback(models.Model):
    """Money demanded back (追缴): how much, on what ground, since when."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    award = models.ForeignKey(Award, models.PROTECT, related_name="+", verbose_name="获奖记录")
    amount = amount_field("追缴金额（元）")
    ground = models.CharField("追缴依据", max_length=300)
    demanded_on = models.DateField("责令退回日期")
    due_on = models.DateField("退回期限", null=True, blank=True)
    paper = models.ForeignKey(
        IssuedDocument, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="追缴奖金通知书"
    )
    demanded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办人")
    demanded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "奖金追缴"
        verbose_name_plural = "奖金追缴"
        ordering = ("demanded_on", "pk")
        constraints = [models.CheckConstraint(name="bonus_clawback_positive", condition=Q(amount__gt=0))]


class ClawbackReceipt(models.Model):
    """Money that came back under a demand, in one sum or several."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    clawback = models.ForeignKey(BonusClawback, models.PROTECT, related_name="receipts", verbose_name="奖金追缴")
    amount = amount_field("退回金额（元）")
    received_on = models.DateField("退回日期")
    receipt_number = models.CharField("缴款凭证编号", max_length=60)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "奖金退回记录"
        verbose_name_plural = "奖金退回记录"
        ordering = ("received_on", "pk")
        constraints = [models.CheckConstraint(name="clawback_receipt_positive", condition=Q(amount__gt=0))]
