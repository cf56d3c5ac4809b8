"""On-site visits: the plan, the team, the question list, the findings with photographs, the closing record (U11.7)."""

from __future__ import annotations

import uuid
from datetime import date

from django.db import models
from django.db.models import F, Q

from applications.models import Application
from award_portal.lib.sealed import SealedTextField
from awards.models import Round
from organizations.models import StoredFile, Unit, User

from .experts import Expert
from .panels import STAGES, Panel
from .sessions import stepped_back


class VisitQuerySet(models.QuerySet["Visit"]):
    def standing(self) -> VisitQuerySet:
        return self.filter(cancelled_at=None)

    def of_office(self, user: User) -> VisitQuerySet:
        return self.filter(panel__round__in=Round.objects.visible_to(user))

    def of_team(self, user: User) -> VisitQuerySet:
        """Where the person is on the team now: an active expert who did not step back from the applicant."""
        mine = VisitMember.objects.filter(
            expert__user=user, expert__state=Expert.State.ACTIVE, left_at=None, visit=models.OuterRef("pk")
        ).exclude(stepped_back("expert", "visit__application"))
        return self.filter(models.Exists(mine))

    def on_days(self, starts_on: date, ends_on: date) -> VisitQuerySet:
        """Those whose days touch the period, both its days included."""
        return self.standing().filter(starts_on__lte=ends_on, ends_on__gte=starts_on)

    def with_names(self) -> VisitQuerySet:
        return self.select_related(
            "panel__round__scheme", "panel__round__edition", "panel__round__office", "panel__chair__user",
            "panel__group", "application__organization", "application__round__scheme", "application__round__edition",
            "application__round__office", "application__recommender", "leader__user",
        )  # fmt: skip


class Visit(models.Model):
    """One visit to one applicant: planned, confirmed by it, opened, closed and acknowledged, in this order."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    panel = models.ForeignKey(Panel, models.PROTECT, related_name="visits")
    application = models.ForeignKey(Application, models.PROTECT, related_name="+")
    leader = models.ForeignKey(Expert, models.PROTECT, related_name="+", verbose_name="带队组长")
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期")
    address = models.CharField("现场地址", max_length=160)
    contact_name = models.CharField("联系人", max_length=40)
    contact_sealed = SealedTextField("联系电话（密封）", blank=True, binding="contact_binding")
    planned_at = models.DateTimeField("拟定时间")
    planned_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField("通知时间", null=True, blank=True)
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    record = models.TextField("末次会议记录", max_length=10000, blank=True)
    closed_at = models.DateTimeField("末次会议时间", null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    record_sha256 = models.CharField("记录摘要", max_length=64, blank=True)
    acknowledged_at = models.DateTimeField("确认记录时间", null=True, blank=True)
    acknowledged_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    applicant_note = models.TextField("申报方意见", max_length=3000, blank=True)
    # the panel may not be stopped by silence: the office notes why the applicant did not sign
    unsigned_because = models.CharField("未予确认的情况", max_length=300, blank=True)
    cancelled_at = models.DateTimeField("取消时间", null=True, blank=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = "现场评审"
        verbose_name_plural = "现场评审"
        ordering = ("starts_on", "pk")
        constraints = [
            models.CheckConstraint(name="visit_ends_after_it_starts", condition=Q(ends_on__gte=F("starts_on"))),
            models.UniqueConstraint(
                fields=["panel", "application"], condition=Q(cancelled_at=None), name="visit_once_a_stage"
            ),
        ]

    @property
    def contact_binding(self) -> str:
        return f"reviews.visit.contact:{self.public_id}"

    @property
    def is_settled(self) -> bool:
        """Closed by its leader, and acknowledged by the applicant or noted why not."""
        return self.closed_at is not None and (self.acknowledged_at is not None or bool(self.unsigned_because))

    @property
    def status(self) -> str:
        if self.cancelled_at:
            return "已取消"
        if self.is_settled:
            return "已办结"
        if self.closed_at:
            return "待对方确认记录"
        if self.confirmed_at:
            return "已确认日程"
        return "待对方确认日程" if self.sent_at else "日程拟定中"

    @property
    def tone(self) -> str:
        return {"已取消": "grey", "已办结": "green", "已确认日程": "blue"}.get(self.status, "amber")


class VisitMember(models.Model):
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="members")
    expert = models.ForeignKey(Expert, models.PROTECT, related_name="+", verbose_name="评审专家")
    duty = models.CharField("分工", max_length=80, blank=True)
    joined_at = models.DateTimeField("加入时间")
    left_at = models.DateTimeField("退出时间", null=True, blank=True)

    class Meta:
        verbose_name = "现场评审组成员"
        verbose_name_plural = "现场评审组成员"
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["visit", "expert"], name="visit_member_once")]


class VisitStop(models.Model):
    """One row of the 日程: when, at which department or place, what is looked at, by whom."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="stops")
    day = models.DateField("日期")
    starts = models.TimeField("开始")
    ends = models.TimeField("结束")
    place = models.CharField("地点、部门", max_length=80)
    item = models.CharField("核实事项", max_length=200)
    who = models.CharField("人员", max_length=80, blank=True)

    class Meta:
        verbose_name = "现场评审日程"
        verbose_name_plural = "现场评审日程"
        ordering = ("day", "starts", "pk")


class VisitReply(models.Model):
    """What passed between the office and the applicant about the day: sent, confirmed, another day asked, changed."""

    class Kind(models.TextChoices):
        SENT = "sent", "已送日程"
        CONFIRMED = "confirmed", "确认日程"
        ASKED = "asked", "请求另定日期"
        CHANGED = "changed", "变更日程"
        CANCELLED = "cancelled", "取消"

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="replies")
    kind = models.CharField("事项", max_length=20, choices=Kind.choices)
    wanted_on = models.DateField("希望的日期", null=True, blank=True)
    text = models.CharField("说明", max_length=300, blank=True)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "日程往来"
        verbose_name_plural = "日程往来"
        ordering = ("pk",)


class VisitSignature(models.Model):
    """Somebody signed in to the opening or the closing meeting: a member of the team, or one of the applicant's."""

    class Meeting(models.TextChoices):
        OPENING = "opening", "首次会议"
        CLOSING = "closing", "末次会议"

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="signatures")
    meeting = models.CharField("会议", max_length=20, choices=Meeting.choices)
    expert = models.ForeignKey(Expert, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField("姓名", max_length=40)
    post = models.CharField("职务", max_length=60, blank=True)
    signed_at = models.DateTimeField("签到时间")
    noted_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "会议签到"
        verbose_name_plural = "会议签到"
        # the opening meeting before the closing one, where both were noted at one moment
        ordering = ("signed_at", "-meeting", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "meeting", "expert"], condition=Q(expert__isnull=False), name="visit_signed_once"
            )
        ]


class VisitQuestionQuerySet(models.QuerySet["VisitQuestion"]):
    def standing(self) -> VisitQuestionQuerySet:
        """Those not struck off."""
        return self.filter(struck_at=None)


class VisitQuestion(models.Model):
    """One line of the 问题清单: what the team means to verify, from where it arose, what was found to it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="questions")
    item = models.CharField("评分项目", max_length=80, blank=True)
    source = models.CharField("来源", max_length=40)
    question = models.TextField("需要核实的问题", max_length=1000)
    result = models.TextField("核实情况", max_length=3000, blank=True)
    put_at = models.DateTimeField("提出时间")
    put_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    settled_at = models.DateTimeField("核实时间", null=True, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    # struck off the list with a reason, it stays readable and asks for nothing
    struck_at = models.DateTimeField("划去时间", null=True, blank=True)
    struck_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    struck_because = models.CharField("划去理由", max_length=200, blank=True)

    objects = VisitQuestionQuerySet.as_manager()

    class Meta:
        verbose_name = "现场问题清单"
        verbose_name_plural = "现场问题清单"
        ordering = ("pk",)


class VisitFinding(models.Model):
    """One finding on site, tied to an item of the rubric; frozen with the closing record."""

    class Verdict(models.TextChoices):
        MEETS = "meets", "符合"
        FAILS = "fails", "不符合"
        OPEN = "open", "待核实"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="findings")
    item = models.CharField("评分项目", max_length=80)
    verdict = models.CharField("结论", max_length=20, choices=Verdict.choices)
    text = models.TextField("情况", max_length=3000)
    answer = models.TextField("申报方说明", max_length=3000, blank=True)
    answered_at = models.DateTimeField("说明时间", null=True, blank=True)
    noted_at = models.DateTimeField("记录时间")
    noted_by = models.ForeignKey(Expert, models.PROTECT, related_name="+", verbose_name="记录专家")

    class Meta:
        verbose_name = "现场核查情况"
        verbose_name_plural = "现场核查情况"
        ordering = ("pk",)


class FindingPhoto(models.Model):
    """A photograph of a finding, cleaned of what the camera wrote into it (place, device, owner)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    finding = models.ForeignKey(VisitFinding, models.PROTECT, related_name="photos")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    caption = models.CharField("说明", max_length=80, blank=True)

    class Meta:
        verbose_name = "现场照片"
        verbose_name_plural = "现场照片"
        ordering = ("pk",)


class FeedbackQuerySet(models.QuerySet["IntegrityFeedback"]):
    def of_supervisor(self, user: User) -> FeedbackQuerySet:
        """For the people of the scheme's supervising unit and nobody else: no office, panel or administrator."""
        units = Unit.objects.of_user(user).of_kind("supervisor")
        return self.filter(application__round__scheme__key__in=units.values("scheme_key"))


class IntegrityFeedback(models.Model):
    """廉洁反馈表: what the applicant tells the supervising unit about those who came; its words stand sealed."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="+")
    stage = models.CharField("环节", max_length=40, choices=STAGES)
    answers_sealed = SealedTextField("反馈内容（密封）", binding="binding")
    filed_at = models.DateTimeField("提交时间")
    filed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    read_at = models.DateTimeField("阅读时间", null=True, blank=True)
    read_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name = "廉洁反馈表"
        verbose_name_plural = "廉洁反馈表"
        ordering = ("-filed_at", "-pk")
        constraints = [models.UniqueConstraint(fields=["application", "stage"], name="integrity_feedback_once_a_stage")]

    @property
    def binding(self) -> str:
        return f"reviews.integrityfeedback:{self.public_id}"
