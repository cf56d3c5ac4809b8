"""The desks this room gives a person: the applicant's, the recommender's, the office's, the consulted department's."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from organizations.desks import Desk, desk_provider
from organizations.models import Claim, Membership, UnitKind, User

from .models import Application, Consultation, LegConsent
from .pipeline import State


@desk_provider
def applications_desks(user: User) -> Iterator[Desk]:
    """In the pipeline's order; `count` is what waits for this person's own work."""
    kinds = set(Membership.objects.current().filter(user=user).values_list("unit__kind", flat=True))
    has_begun = Claim.objects.filter(user=user).exists()
    if has_begun or not kinds:
        yield Desk("我的申报", reverse("applications:mine"), order=10, if_no_other=not has_begun)
    asked = LegConsent.objects.of_unit(user)
    recommends = UnitKind.RECOMMENDER in kinds
    if recommends:
        waiting = Application.objects.of_recommender(user).filter(
            state__in=[State.RECOMMENDATION_REVIEW, State.RECOMMENDATION]
        )
        yield Desk(
            "审核推荐", reverse("applications:recommendation_desk"), waiting.count(), 20, State.RECOMMENDATION_REVIEW
        )
    if UnitKind.CONSENTER in kinds:
        yield Desk("推荐同意意见", reverse("applications:consents_desk"), count=asked.waiting().count(), order=22)
    if UnitKind.OFFICE in kinds:
        yield Desk("办公室", reverse("applications:office"), order=25)
        waiting = Application.objects.of_office(user).filter(state=State.QUALIFICATION)
        yield Desk("资格审查", reverse("applications:qualification_desk"), waiting.count(), 26, State.QUALIFICATION)
    if recommends or UnitKind.OFFICE in kinds:
        yield Desk("征求意见台账", reverse("applications:consultations"), order=28)
    if UnitKind.CONSULTED in kinds:
        waiting_letters = Consultation.objects.of_department(user).unanswered()
        yield Desk("征求意见函", reverse("applications:consulted_desk"), count=waiting_letters.count(), order=30)
