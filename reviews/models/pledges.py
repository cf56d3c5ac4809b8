"""The invitation to a panel and its answer; the integrity and secrecy pledge an expert signs for a round (U22, U23)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from awards.models import Round
from documents.models import IssuedDocument
from organizations.models import User

from .experts import Expert
from .panels import PanelMember


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def of_expert(self, user: User) -> InvitationQuerySet:
        return self.filter(member__expert__user=user)

    def waiting(self) -> InvitationQuerySet:
        return self.filter(state=Invitation.State.SENT, member__left_at=None)

    def with_panel(self) -> InvitationQuerySet:
        return self.select_related(
            "member__expert__user", "member__panel__round__scheme", "member__panel__round__edition",
            "member__panel__round__office", "member__panel__group",
        )  # fmt: skip


class Invitation(models.Model):
    """A member of a panel is asked to come: accepts, or declines with a reason and is no member any more."""

    class State(models.TextChoices):
        SENT = "sent", "待答复"
        ACCEPTED = "accepted", "已接受"
        DECLINED = "declined", "未接受"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.OneToOneField(PanelMember, models.PROTECT, related_name="invitation")
    state = models.CharField("答复", max_length=20, choices=State.choices, default=State.SENT)
    sent_at = models.DateTimeField("邀请时间")
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    reason = models.CharField("不能参加的理由", max_length=300, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = "评审邀请"
        verbose_name_plural = "评审邀请"
        ordering = ("-sent_at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="invitation_declined_with_reason",
                condition=Q(state="declined") & ~Q(reason="") | ~Q(state="declined") & Q(reason=""),
            )
        ]


class Pledge(models.Model):
    """廉洁保密承诺书, signed once by an expert for a round: the exact text, its hash, the name typed (U22, U23)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    expert = models.ForeignKey(Expert, models.PROTECT, related_name="pledges")
    round = models.ForeignKey(Round, models.PROTECT, related_name="+")
    text = models.TextField("承诺书全文")
    sha256 = models.CharField("全文摘要", max_length=64)
    signed_name = models.CharField("签署姓名", max_length=40)
    signed_at = models.DateTimeField("签署时间")
    document = models.ForeignKey(IssuedDocument, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "廉洁保密承诺书"
        verbose_name_plural = "廉洁保密承诺书"
        ordering = ("-signed_at", "-pk")
        constraints = [models.UniqueConstraint(fields=["expert", "round"], name="pledge_once_a_round")]
