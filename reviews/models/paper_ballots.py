"""A ballot on paper (表决票, 计票单): what was handed out and came back, counted twice; never a person's paper (V8)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from organizations.models import StoredFile, User

from .meetings import Ballot, BallotCandidate


class PaperBallotQuerySet(models.QuerySet["PaperBallot"]):
    def counted_by(self, user: User) -> PaperBallotQuerySet:
        """The ballots this person counts or watches over."""
        return self.filter(Q(teller=user) | Q(counter=user))


class PaperBallot(models.Model):
    """The paper side of one ballot: who counts, who watches, and the signed 计票单."""

    ballot = models.OneToOneField(Ballot, models.PROTECT, related_name="on_paper_as")
    teller = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="监票人")
    counter = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="计票人")
    scan = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="计票单扫描件"
    )
    scanned_at = models.DateTimeField("上传时间", null=True, blank=True)
    # the agreed figures, written at the close
    issued = models.PositiveSmallIntegerField("发出", null=True, blank=True)
    collected = models.PositiveSmallIntegerField("收回", null=True, blank=True)
    valid = models.PositiveSmallIntegerField("有效", null=True, blank=True)
    void = models.PositiveSmallIntegerField("无效", null=True, blank=True)

    objects = PaperBallotQuerySet.as_manager()

    class Meta:
        verbose_name = "纸质表决"
        verbose_name_plural = "纸质表决"
        constraints = [models.CheckConstraint(name="teller_is_not_counter", condition=~Q(teller=models.F("counter")))]


class CountSheet(models.Model):
    """One of the two independent entries of a 计票单; entered again the earlier one stays, superseded."""

    class Role(models.TextChoices):
        COUNTER = "counter", "计票人"
        TELLER = "teller", "监票人"

    paper_ballot = models.ForeignKey(PaperBallot, models.PROTECT, related_name="sheets")
    role = models.CharField("录入人", max_length=10, choices=Role.choices)
    issued = models.PositiveSmallIntegerField("发出")
    collected = models.PositiveSmallIntegerField("收回")
    valid = models.PositiveSmallIntegerField("有效")
    void = models.PositiveSmallIntegerField("无效")
    entered_at = models.DateTimeField("录入时间")
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    superseded_at = models.DateTimeField("重新录入时间", null=True, blank=True)

    class Meta:
        verbose_name = "计票单"
        verbose_name_plural = "计票单"
        ordering = ("paper_ballot", "role", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["paper_ballot", "role"], condition=Q(superseded_at=None), name="one_current_sheet_a_role"
            )
        ]


class CountLine(models.Model):
    """The totals of one name on a 计票单, as they stand on the papers: no mark at all is counted with 弃权."""

    sheet = models.ForeignKey(CountSheet, models.CASCADE, related_name="lines")
    candidate = models.ForeignKey(BallotCandidate, models.PROTECT, related_name="+")
    votes_for = models.PositiveSmallIntegerField("同意")
    votes_against = models.PositiveSmallIntegerField("不同意")
    votes_abstain = models.PositiveSmallIntegerField("弃权")

    class Meta:
        verbose_name = "计票单合计"
        verbose_name_plural = "计票单合计"
        ordering = ("sheet", "candidate")
        constraints = [models.UniqueConstraint(fields=["sheet", "candidate"], name="count_line_once")]
