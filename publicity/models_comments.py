"""What the public says of the candidates before they are deliberated on (B15), and what the office made of it."""

from __future__ import annotations

import uuid

from django.db import models

from awards.models import Round
from organizations.models import Unit, User


class PublicCommentQuerySet(models.QuerySet["PublicComment"]):
    def of_round(self, round: Round) -> PublicCommentQuerySet:
        return self.filter(notice__round=round)

    def of_office(self, user: User) -> PublicCommentQuerySet:
        """What came in to the offices the person works in; nobody else reads it."""
        return self.filter(notice__round__office__in=Unit.objects.of_user(user).of_kind("office"))


class PublicComment(models.Model):
    """One 意见建议 from the public: its text and what it is about, and nothing of who wrote it (E4)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    notice = models.ForeignKey("publicity.Notice", models.PROTECT, related_name="comments", verbose_name="公告")
    # the name on the list it speaks of; none: the list as a whole
    item = models.ForeignKey(
        "publicity.NoticeItem", models.PROTECT, null=True, blank=True, related_name="comments", verbose_name="涉及名单"
    )
    text = models.TextField("意见建议", max_length=2000)
    received_at = models.DateTimeField("收到时间")

    objects = PublicCommentQuerySet.as_manager()

    class Meta:
        verbose_name = "公众意见建议"
        verbose_name_plural = "公众意见建议"
        ordering = ("pk",)


class CommentSummary(models.Model):
    """征求意见情况: what came in and what was done with it, for the review report (B15). One for a round."""

    round = models.OneToOneField(Round, models.PROTECT, related_name="+", verbose_name="届次")
    text = models.TextField("意见建议情况", max_length=3000)
    handled = models.TextField("采纳和处理情况", max_length=3000)
    version = models.PositiveIntegerField("版本", default=1)
    written_at = models.DateTimeField("形成时间")
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="整理人")

    class Meta:
        verbose_name = "征求意见情况"
        verbose_name_plural = "征求意见情况"
