"""The desks the review gives a person: the expert's own assignments, and the office's organising of the review.

To an applicant it gives the way to ask for an expert's recusal, from the hour its panel is formed.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from applications.applicant_links import ApplicantLink, applicant_links
from applications.models import Application
from award_portal.lib import clock
from organizations.desks import Desk, desk_provider
from organizations.models import Unit, User

from .models import Assignment, Expert, Panel, Recusal


@desk_provider
def review_desks(user: User) -> Iterable[Desk]:
    """`count` is what waits for this person: sheets not yet in, recusals not yet decided."""
    if Expert.objects.filter(user=user).exists():
        waiting = Assignment.objects.of_expert(user).filter(sheet__submitted_at=None)
        yield Desk("我的评审", reverse("reviews:mine"), count=waiting.count(), order=35)
    if Unit.objects.of_user(user).of_kind("office").exists():
        asked = Recusal.objects.of_office(user).waiting().count()
        yield Desk("评审组织", reverse("reviews:panels"), count=asked, order=40)
        yield Desk("专家库", reverse("reviews:experts"), order=41)


@applicant_links
def recusal_link(application: Application) -> Iterable[ApplicantLink]:
    """Asking for recusal, while a panel of the application's own stage stands (U23)."""
    if Panel.objects.filter(round=application.round_id, stage=application.state).exists():
        asked = Recusal.objects.filter(application=application, source=Recusal.Source.APPLICANT).first()
        day = asked.asked_at.astimezone(clock.SHANGHAI) if asked else None
        note = f"{day:%Y-%m-%d}提出：{asked.get_state_display()}" if asked else ""
        yield ApplicantLink("申请评审专家回避", reverse("reviews:ask_recusal", args=[application.public_id]), note)
