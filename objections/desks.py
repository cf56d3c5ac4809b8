"""The objection desk of the office and of the units that investigate, and what an applicant is asked to explain."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from awards.models import Round
from organizations.desks import OBJECTIONS, Desk, desk_provider
from organizations.models import Unit, User
from publicity.list_changes import notices_to_change, own_lists_to_change

from .models import ExpertInquiry, Objection, Outcome, Question, SituationReport


@desk_provider
def objection_desks(user: User) -> Iterable[Desk]:
    if Unit.objects.of_user(user).filter(kind__in=("office", "recommender")).exists():
        waiting = Objection.objects.visible_to(user).unfinished().count()
        yield Desk("异议办理", reverse("objections:cases"), count=waiting, order=60, group=OBJECTIONS)
        tips = SituationReport.objects.visible_to(user)
        if tips.exists():
            yield Desk(
                "情况反映", reverse("objections:situations"), count=tips.unnoted().count(), order=61, group=OBJECTIONS
            )
    waiting = outstanding_of(user)
    if waiting:
        yield Desk("异议后续处理", reverse("objections:outstanding"), count=waiting, order=60, group=OBJECTIONS)
    asked = Question.objects.asked_of(user)
    if asked.exists():
        yield Desk("异议说明", reverse("objections:explanations"), count=asked.waiting().count(), order=25)
    inquiries = ExpertInquiry.objects.of_expert(user)
    if inquiries.exists():
        yield Desk("异议专家调查", reverse("objections:expert_inquiries"), count=inquiries.waiting().count(), order=26)
    handles = Objection.objects.filter(handler__in=Unit.objects.of_user(user)).exists()
    if handles or Unit.objects.of_user(user).filter(kind__in=("office", "supervisor")).exists():
        yield Desk("异议人信息查阅登记", reverse("objections:openings"), order=61, group=OBJECTIONS)


def outstanding_of(user: User) -> int:
    """What findings still ask of the person's units: decisions to enter, list changes to announce."""
    units = Unit.objects.of_user(user)
    offices, recommenders = units.of_kind("office"), units.of_kind("recommender")
    waiting = 0
    if offices.exists():
        waiting += Outcome.objects.outstanding().of_office(user).count()
        waiting += notices_to_change(Round.objects.filter(office__in=offices)).count()
    if recommenders.exists():
        waiting += own_lists_to_change(recommenders).count()
    return waiting
