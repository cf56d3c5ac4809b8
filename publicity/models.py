"""Public notices: the call, the lists in publicity with their windows, and decisions."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse

from applications.models import Application
from awards.models import Round, Scheme
from documents.models import IssuedDocument
from organizations.models import Unit, User


class NoticeQuerySet(models.QuerySet["Notice"]):
    def public(self) -> NoticeQuerySet:
        return self.exclude(published_at=None)

    def windows(self) -> NoticeQuerySet:
        """Notices with a publicity window (not calls, decisions, corrections)."""
        return self.exclude(ends_at=None)

    def due(self, at) -> NoticeQuerySet:
        """Windows that are over, grace included, and not yet closed."""
        return self.windows().filter(closed_at=None, close_due_at__lte=at)


class Notice(models.Model):
    """A notice on the public site; a publicity prints 发布日期, first counted day and last day (E1)."""

    class Kind(models.TextChoices):
        CALL = "call", "申报通知"
        RECOMMENDATION = "recommendation_publicity", "推荐公示"
        ACCEPTANCE = "acceptance_publicity", "受理名单公示"
        COMMENT = "public_comment", "公开征求意见"
        AWARD = "award_publicity", "获奖建议名单公示"
        COMMENDATION = "commendation", "表彰决定"
        CORRECTION = "correction", "更正公告"
        EXTENSION = "extension", "延期公告"
        LIST_CHANGE = "list_change", "名单变更公告"
        REVOCATION = "revocation", "取消荣誉公告"
        DISCIPLINE = "discipline", "违规处理通报"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # none only for what became of an award of earlier years, in a scheme that has had no round here (`of_scheme`);
    # whatever has a window, calls or changes a list is of a round, which the type says
    round: models.ForeignKey[Round | None, Round] = models.ForeignKey(  # type: ignore[misc]
        Round, models.PROTECT, null=True, blank=True, related_name="notices", verbose_name="届次"
    )
    scheme = models.ForeignKey(Scheme, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="奖项")
    kind = models.CharField("种类", max_length=40, choices=Kind.choices)
    issuer = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="发布单位")
    title = models.CharField("标题", max_length=200)
    body = models.TextField("正文", blank=True)
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="发布人")
    # the window, where there is one: first counted day, last day (inclusive), and the exclusive end
    starts_on = models.DateField("起始日", null=True, blank=True)
    last_on = models.DateField("截止日", null=True, blank=True)
    ends_at = models.DateTimeField("期满时间", null=True, blank=True)
    # a few minutes after ends_at, so that what was filed at 23:59 is seen first
    close_due_at = models.DateTimeField("转入下一环节时间", null=True, blank=True, db_index=True)
    days = models.PositiveSmallIntegerField("公示天数", null=True, blank=True)
    day_kind = models.CharField("天数种类", max_length=20, blank=True)
    calendar_version = models.CharField("日历版本", max_length=80, blank=True)
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)
    document = models.ForeignKey(IssuedDocument, models.PROTECT, null=True, related_name="+", verbose_name="公文")
    amends = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="更正对象")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "公告"
        verbose_name_plural = "公告"
        ordering = ("-published_at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="notice_of_a_round_or_a_scheme",
                condition=Q(round__isnull=False, scheme=None)
                | Q(round=None, scheme__isnull=False, ends_at=None, kind__in=("revocation", "discipline")),
            ),
            models.CheckConstraint(
                name="notice_window_whole",
                condition=Q(ends_at=None, last_on=None, starts_on=None, close_due_at=None)
                | Q(ends_at__isnull=False, last_on__isnull=False, starts_on__isnull=False, close_due_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def of_scheme(self) -> Scheme:
        """Whose notice it is, of a round or not."""
        return self.scheme if self.scheme is not None else self.round.scheme

    def is_running(self, at) -> bool:
        return bool(self.published_at and self.ends_at and self.published_at <= at < self.ends_at)

    def get_absolute_url(self) -> str:
        return reverse("publicity:notice", args=[self.public_id])


class WindowExtension(models.Model):
    """The application window of a round moved forward, openly: old and new end, the ground, and its 延期公告 (R3)."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="+", verbose_name="届次")
    notice = models.OneToOneField(Notice, models.PROTECT, related_name="window_extension", verbose_name="公告")
    was_closes_at = models.DateTimeField("原申报截止")
    closes_at = models.DateTimeField("现申报截止")
    was_due_on = models.DateField("原推荐报送截止日")
    due_on = models.DateField("现推荐报送截止日")
    ground = models.CharField("理由", max_length=300)
    extended_at = models.DateTimeField("延期时间")
    extended_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="办理人")

    class Meta:
        verbose_name = "申报延期"
        verbose_name_plural = "申报延期"
        ordering = ("round", "pk")
        constraints = [
            models.CheckConstraint(
                name="window_extension_forward", condition=Q(closes_at__gt=models.F("was_closes_at"))
            ),
        ]


class NoticeItem(models.Model):
    """One name on a list, as it stood when the list was published."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="items")
    application = models.ForeignKey(Application, models.PROTECT, related_name="notice_items")
    position = models.PositiveSmallIntegerField("序号")
    name = models.CharField("申报组织", max_length=120)
    code = models.CharField("统一社会信用代码", max_length=18, blank=True)
    recommender_name = models.CharField("审核推荐单位", max_length=120, blank=True)
    tier_name = models.CharField("拟授奖项", max_length=60, blank=True)
    struck_at = models.DateTimeField("移出名单时间", null=True, blank=True)
    struck_because = models.CharField("移出理由", max_length=200, blank=True)

    class Meta:
        verbose_name = "名单"
        verbose_name_plural = "名单"
        ordering = ("notice", "position")
        constraints = [models.UniqueConstraint(fields=["notice", "application"], name="notice_item_once")]


from .models_comments import CommentSummary, PublicComment  # noqa: E402, F401  models of this room, in a file of their own
