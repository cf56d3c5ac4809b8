"""The desks after the award."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from applications.applicant_links import ApplicantLink, applicant_links
from applications.models import Application
from applications.pipeline import State
from award_portal.lib import clock
from awards.models import Award
from organizations.desks import AFTERWARDS, OVERSIGHT, Desk, desk_provider
from organizations.models import Unit, User

from .models import Erasure, SharingRecord
from .sharing import awards_of
from .yearly_reports import owed_now, waiting_for


@desk_provider
def supervision_desks(user: User) -> Iterable[Desk]:
    if awards_of(user).exists():
        owed = sum(len(found) for found in owed_now(user, at=clock.now()).values())
        yield Desk("荣誉与义务", reverse("supervision:honours"), count=owed, order=80)
    if Unit.objects.of_user(user).filter(kind__in=("office", "supervisor")).exists():
        yield Desk("获奖台账", reverse("supervision:ledger"), order=79, group=AFTERWARDS)
        yield Desk("届次归档", reverse("supervision:archive_rounds"), order=85, group=OVERSIGHT)
        lists = Erasure.objects.visible_to(user).undecided().exclude(proposed_by=user).count()
        yield Desk("个人信息清除", reverse("supervision:erasures"), count=lists, order=86, group=OVERSIGHT)
    if Unit.objects.of_user(user).filter(kind__in=("office", "recommender")).exists():
        waiting = SharingRecord.objects.visible_to(user).filter(reviewed_at=None).count()
        yield Desk("获奖后监督", reverse("supervision:records"), count=waiting, order=80, group=AFTERWARDS)
        yield Desk("推广计划", reverse("supervision:plans"), order=80, group=AFTERWARDS)
        yield Desk(
            "年度义务", reverse("supervision:duties"), count=waiting_for(user).count(), order=81, group=AFTERWARDS
        )


@applicant_links
def after_the_award(application: Application) -> Iterable[ApplicantLink]:
    """From an application that won to what the honour obliges to, and to its money."""
    if application.state != State.AWARDED:
        return
    award = Award.objects.filter(round=application.round, application_number=application.number).first()
    if award is not None:
        yield ApplicantLink("荣誉与义务", reverse("supervision:honours"))
        yield ApplicantLink("年度报告和历年指标", reverse("supervision:award_duties", args=[award.public_id]))
