"""Letters to departments about many names, and what each department says of each name (U11.3, U11.4)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from awards.models import Round
from documents.models import IssuedDocument
from organizations.models import Unit, User

from ..pipeline import State
from .application import Application


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
