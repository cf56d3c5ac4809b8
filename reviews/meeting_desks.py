"""The desks of deliberation and approval: the office that prepares, the members who vote, the government."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q
from django.urls import reverse

from applications.models import Application
from applications.pipeline import State
from documents.access import document_reader
from documents.models import IssuedDocument
from organizations.desks import Desk, desk_provider
from organizations.models import Membership, Unit, User

from .approving import rounds_before
from .models import CriteriaVersion, Meeting, MeetingMember, Voter


@desk_provider
def meeting_desks(user: User) -> Iterable[Desk]:
    units = Unit.objects.of_user(user)
    seats = MeetingMember.objects.filter(Q(user=user) | Q(mandate__user=user))
    if seats.exists() or units.of_kind("leading_body").exists():
        voting = Voter.objects.filter(ballot__state="open", ballot__is_on_paper=False, has_voted=False)
        waiting = voting.filter(member__in=MeetingMember.objects.held_by(user)).count()
        yield Desk("审议表决", reverse("reviews:meetings"), waiting, 45, State.DELIBERATION)
    elif units.filter(kind__in=("office", "supervisor")).exists():
        yield Desk("审议会议", reverse("reviews:meetings"), order=45, state=State.DELIBERATION, after="会议")
    rounds = rounds_before(user)
    if units.filter(kind__in=("office", "government")).exists() or rounds.exists():
        waiting = Application.objects.filter(round__in=rounds.values("pk"), state=State.APPROVAL).count()
        yield Desk("审定", reverse("reviews:approvals"), waiting, 50, State.APPROVAL)


@desk_provider
def criteria_desk(user: User) -> Iterable[Desk]:
    """Criteria the office put before the leading body (U5), as long as any waits."""
    keys = Unit.objects.of_user(user).of_kind("leading_body").values("scheme_key")
    found = CriteriaVersion.objects.waiting().filter(round__scheme__key__in=keys).order_by("submitted_at")
    if waiting := list(found.values_list("public_id", flat=True)):
        yield Desk("评价标准审定", reverse("reviews:criteria_version", args=waiting[:1]), len(waiting), 44)


@document_reader
def leading_body_reads_minutes(user: User, document: IssuedDocument) -> bool:
    """The leading body and the government read the minutes and the review report of their scheme."""
    if document.kind not in ("meeting_minutes", "resolution_record", "ranking_record", "review_report"):
        return False
    places = Membership.objects.current().filter(user=user, unit__scheme_key=document.scheme_key)
    if places.filter(unit__kind__in=("leading_body", "government")).exists():
        return True
    # a deputy reads the papers of the round he was sent to
    sent = Meeting.objects.filter(members__mandate__user=user).select_related("round")
    return document.chain != "" and any(one.round.chain == document.chain for one in sent)
