"""The leading body's meeting, its ballots, and the government's decision (U11.8, U11.9).

The voters' ledger and the papers share only the ballot. A paper has a random id, no time and no history; at the close
it becomes slips per candidate, and the key that could open it is destroyed. See docs/ballot-secrecy.md.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from applications.models import Application
from awards.models import Round
from documents.models import IssuedDocument
from organizations.models import Unit, User

CHOICES = [("for", "同意"), ("against", "不同意"), ("abstain", "弃权")]


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, user: User) -> MeetingQuerySet:
        """The office that prepares it, the people called to it, and the supervising department."""
        units = Unit.objects.of_user(user)
        return self.filter(
            Q(round__office__in=units.of_kind("office"))
            | Q(members__user=user)
            | Q(members__mandate__user=user)
            | Q(ballots__on_paper_as__teller=user)
            | Q(ballots__on_paper_as__counter=user)
            | Q(round__scheme__key__in=units.of_kind("supervisor").values("scheme_key"))
        ).distinct()

    def with_round(self) -> MeetingQuerySet:
        return self.select_related("round__scheme", "round__edition", "round__office", "minutes")


class Meeting(models.Model):
    """One meeting of the leading body about one round."""

    class State(models.TextChoices):
        PREPARING = "preparing", "筹备"
        OPEN = "open", "开会"
        DECIDED = "decided", "已形成决定"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="meetings", verbose_name="届次")
    title = models.CharField("名称", max_length=120)
    held_on = models.DateField("日期")
    place = models.CharField("地点", max_length=120)
    state = models.CharField("状态", max_length=20, choices=State.choices, default=State.PREPARING)
    convened_at = models.DateTimeField("建立时间")
    opened_at = models.DateTimeField("开会时间", null=True, blank=True)
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    # 主持人: sees who has come and how many papers are in
    chair = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="主持人")
    teller = models.CharField("监票人", max_length=40, blank=True)
    counter = models.CharField("计票人", max_length=40, blank=True)
    recorder = models.CharField("记录人", max_length=40, blank=True)
    minutes = models.ForeignKey(IssuedDocument, models.PROTECT, null=True, blank=True, related_name="+")

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = "审议会议"
        verbose_name_plural = "审议会议"
        ordering = ("-held_on", "-pk")

    def __str__(self) -> str:
        return self.title


class MeetingMemberQuerySet(models.QuerySet["MeetingMember"]):
    def held_by(self, user: User) -> MeetingMemberQuerySet:
        """The seats this person takes: his own where no deputy stands in for him, or the one he stands in for."""
        return self.filter(Q(user=user, mandate=None) | Q(mandate__user=user))

    def with_people(self) -> MeetingMemberQuerySet:
        return self.select_related("user", "mandate__user").order_by("pk")


class MeetingMember(models.Model):
    """A member of the electorate, and whether his seat is taken: by himself, or by the deputy he mandated."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="members")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    is_present = models.BooleanField("到会", default=False)
    signed_in_at = models.DateTimeField("签到时间", null=True, blank=True)
    signed_in_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    absence_reason = models.CharField("缺席事由", max_length=100, blank=True)
    # the accepted 授权委托书
    mandate = models.OneToOneField(
        "reviews.Deputy", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="授权委托"
    )

    objects = MeetingMemberQuerySet.as_manager()

    class Meta:
        verbose_name = "应到成员"
        verbose_name_plural = "应到成员"
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["meeting", "user"], name="meeting_member_once")]

    @property
    def label(self) -> str:
        """Who sits there: the member, or his deputy and for whom."""
        return f"{self.mandate.name}（受{self.user}委托）" if self.mandate else str(self.user)


class MemberRecusal(models.Model):
    """A member who takes no part in the vote on one name (U23); out of the count for that name."""

    member = models.ForeignKey(MeetingMember, models.PROTECT, related_name="recusals")
    application = models.ForeignKey(Application, models.PROTECT, related_name="+")
    ground = models.CharField("回避理由", max_length=200)

    class Meta:
        verbose_name = "成员回避"
        verbose_name_plural = "成员回避"
        constraints = [models.UniqueConstraint(fields=["member", "application"], name="member_recusal_once")]


class BallotQuerySet(models.QuerySet["Ballot"]):
    def with_names(self) -> BallotQuerySet:
        """With the names on them in their order, and how many papers are in."""
        names = BallotCandidate.objects.select_related("application__organization").order_by("position")
        return self.annotate(papers_in=models.Count("papers")).prefetch_related(models.Prefetch("candidates", names))

    def of_member(self, user: User) -> BallotQuerySet:
        """The ballots of the meetings in which the person has a seat, in the room or not."""
        return self.filter(meeting__members__in=MeetingMember.objects.held_by(user))

    def with_remnants(self) -> BallotQuerySet:
        """Finished ballots whose papers may still lie in the database's files (reviews.scrubbing)."""
        return self.filter(scrubbed_at=None).exclude(state=Ballot.State.OPEN)


class Ballot(models.Model):
    """One ballot for one tier; `number` 2 is the further ballot among the tied. One by name has no keys."""

    class State(models.TextChoices):
        OPEN = "open", "投票中"
        CLOSED = "closed", "已计票"
        ANNULLED = "annulled", "作废"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="ballots")
    tier = models.CharField("奖项等次", max_length=60)
    tier_name = models.CharField("等次名称", max_length=60)
    seats = models.PositiveSmallIntegerField("名额")
    number = models.PositiveSmallIntegerField("第几次投票", default=1)
    state = models.CharField("状态", max_length=20, choices=State.choices, default=State.OPEN)
    public_key = models.BinaryField()
    # wrapped by the teller's passphrase; emptied at the close
    wrapped_key = models.BinaryField()
    present_count = models.PositiveSmallIntegerField("到会人数")
    cast_count = models.PositiveSmallIntegerField("收回票数", null=True, blank=True)
    is_on_paper = models.BooleanField("纸质表决票", default=False)
    annulled_ground = models.CharField("作废理由", max_length=200, blank=True)
    annulled_at = models.DateTimeField("作废时间", null=True, blank=True)
    annulled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    # when the files that held its papers were rewritten
    scrubbed_at = models.DateTimeField("清除残留时间", null=True, blank=True, editable=False)

    # how many papers are in, by `with_names()`
    papers_in: int

    objects = BallotQuerySet.as_manager()

    class Meta:
        verbose_name = "表决"
        verbose_name_plural = "表决"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["meeting"], condition=Q(state="open"), name="one_open_ballot_a_meeting"),
            models.CheckConstraint(name="closed_ballot_has_no_key", condition=Q(state="open") | Q(wrapped_key=b"")),
        ]


class BallotCandidate(models.Model):
    """A name on a ballot, and after the close its tally."""

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="candidates")
    application = models.ForeignKey(Application, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField("序号")
    # a repeat winner of this tier: voted on by itself, takes none of the seats (B18, Y23)
    outside_quota = models.BooleanField("不占名额", default=False)
    # members present who are not recused for this name
    base = models.PositiveSmallIntegerField("计票基数")
    votes_for = models.PositiveSmallIntegerField("同意", null=True, blank=True)
    votes_against = models.PositiveSmallIntegerField("不同意", null=True, blank=True)
    votes_abstain = models.PositiveSmallIntegerField("弃权", null=True, blank=True)
    is_elected = models.BooleanField("当选", default=False)
    is_tied = models.BooleanField("末位票数相同", default=False)

    class Meta:
        verbose_name = "候选组织"
        verbose_name_plural = "候选组织"
        ordering = ("ballot", "position")
        constraints = [models.UniqueConstraint(fields=["ballot", "application"], name="candidate_once_a_ballot")]


class Voter(models.Model):
    """The ledger: who may vote in a ballot and whether he has. No time, no paper."""

    ballot = models.ForeignKey(Ballot, models.CASCADE, related_name="voters")
    member = models.ForeignKey(MeetingMember, models.PROTECT, related_name="+")
    has_voted = models.BooleanField(default=False)

    class Meta:
        verbose_name = "投票人"
        verbose_name_plural = "投票人"
        constraints = [models.UniqueConstraint(fields=["ballot", "member"], name="voter_once")]


class Paper(models.Model):
    """A sealed paper in an open ballot; gone after the close.

    Each one put in has all of them written anew in a new order. On PostgreSQL the table is unlogged (migration 0003):
    a crash empties it, and the ballot is voted again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ballot = models.ForeignKey(Ballot, models.CASCADE, related_name="papers")
    sealed = models.BinaryField()

    class Meta:
        verbose_name = "表决票"
        verbose_name_plural = "表决票"


class Slip(models.Model):
    """After the close: one choice on one name, without the paper it stood on; what a recount counts."""

    candidate = models.ForeignKey(BallotCandidate, models.PROTECT, related_name="slips")
    choice = models.CharField(max_length=8, choices=CHOICES)

    class Meta:
        verbose_name = "计票条"
        verbose_name_plural = "计票条"
        ordering = ("candidate", "choice", "pk")


class NamedVote(models.Model):
    """One member's choice on one name of a ballot by name (记名表决): on record for good, unlike a secret paper."""

    candidate = models.ForeignKey(BallotCandidate, models.PROTECT, related_name="named_votes")
    member = models.ForeignKey(MeetingMember, models.PROTECT, related_name="+")
    choice = models.CharField("意见", max_length=8, choices=CHOICES)

    class Meta:
        verbose_name = "记名意见"
        verbose_name_plural = "记名意见"
        ordering = ("candidate", "member")
        constraints = [models.UniqueConstraint(fields=["candidate", "member"], name="named_vote_once")]


class ListLine(models.Model):
    """A name on the list before a meeting that decides without ballots: proposed for which tier, decided for which.

    A blank tier is 不列入. Where the list follows from the scores (Y11) nobody proposes: the score does.
    """

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="lines")
    application = models.ForeignKey(Application, models.PROTECT, related_name="+")
    rank = models.PositiveSmallIntegerField("名次")
    percent = models.DecimalField("综合得分", max_digits=6, decimal_places=2)
    proposed_tier = models.CharField("拟列等次", max_length=60, blank=True)
    reason = models.CharField("与得分排序不一致的理由", max_length=300, blank=True)
    is_decided = models.BooleanField("已审议", default=False)
    tier = models.CharField("审议等次", max_length=60, blank=True)
    outside_quota = models.BooleanField("不占名额", default=False)
    is_tied = models.BooleanField("末位得分相同", default=False)
    ground = models.CharField("调整或者不通过的理由", max_length=300, blank=True)
    # members present who are not recused for this name, and the show of hands where one was taken
    base = models.PositiveSmallIntegerField("计票基数", null=True, blank=True)
    votes_for = models.PositiveSmallIntegerField("同意", null=True, blank=True)
    votes_against = models.PositiveSmallIntegerField("反对", null=True, blank=True)
    votes_abstain = models.PositiveSmallIntegerField("弃权", null=True, blank=True)

    class Meta:
        verbose_name = "审议名单"
        verbose_name_plural = "审议名单"
        ordering = ("meeting", "rank", "pk")
        constraints = [models.UniqueConstraint(fields=["meeting", "application"], name="line_once_a_meeting")]


class ShortlistEntry(models.Model):
    """A name the leading body put on the list, and for which tier (U11.8)."""

    application = models.OneToOneField(Application, models.PROTECT, related_name="shortlist_entry")
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="shortlist")
    tier = models.CharField("奖项等次", max_length=60)
    outside_quota = models.BooleanField("不占名额", default=False)
    # who moved up to this place when it fell free; without anybody it stays vacant
    handed_to = models.OneToOneField(Application, models.PROTECT, null=True, blank=True, related_name="+")
    # the decision by which this name moved up (递补)
    moved_up_by = models.OneToOneField(
        "reviews.BodyDecision", models.PROTECT, null=True, blank=True, related_name="entry"
    )

    class Meta:
        verbose_name = "建议名单"
        verbose_name_plural = "建议名单"


class ApprovalQuerySet(models.QuerySet["Approval"]):
    def visible_to(self, user: User) -> ApprovalQuerySet:
        """The round's office, and the government and the supervising department of its scheme."""
        units = Unit.objects.of_user(user)
        bodies = units.filter(kind__in=("government", "supervisor")).values("scheme_key")
        return self.filter(
            Q(round__office__in=units.of_kind("office")) | Q(round__scheme__key__in=bodies)
        ).select_related("round__scheme", "round__edition", "round__office", "commendation")


class Approval(models.Model):
    """The government's decision on a round's list (U11.9): one meeting, one document, each name approved or refused."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="approvals")
    meeting_number = models.CharField("会议", max_length=120)
    document_number = models.CharField("文号", max_length=60)
    decided_on = models.DateField("审定日期")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    # names put off with a ground: they stay before the approver, and a later decision says yes or no to them
    deferred = models.JSONField("暂缓审定", default=list)
    commendation = models.ForeignKey(IssuedDocument, models.PROTECT, null=True, related_name="+")

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        verbose_name = "审定"
        verbose_name_plural = "审定"


class ApprovalItem(models.Model):
    approval = models.ForeignKey(Approval, models.PROTECT, related_name="items")
    application = models.OneToOneField(Application, models.PROTECT, related_name="+")
    is_approved = models.BooleanField("批准")
    ground = models.CharField("理由", max_length=300, blank=True)

    class Meta:
        verbose_name = "审定结论"
        verbose_name_plural = "审定结论"
