"""What the expert's own desk shows beside the assignments: invitations to answer, pledges to sign, days away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from organizations.models import User

from .models import Expert, ExpertAbsence, Invitation, PanelMember, Pledge
from .pledges import pledge_title


@dataclass(frozen=True)
class RoundPledge:
    """A round the person sits on a panel of, and the pledge signed for it, if any."""

    round: Round
    title: str
    pledge: Pledge | None


def waiting_invitations(user: User) -> QuerySet[Invitation]:
    return Invitation.objects.of_expert(user).waiting().with_panel()


def unsigned_rounds(user: User) -> QuerySet[Round]:
    """The rounds whose panels the person has agreed to sit on without having signed the pledge."""
    seats = PanelMember.objects.filter(expert__user=user, left_at=None).exclude(
        invitation__state__in=(Invitation.State.SENT, Invitation.State.DECLINED)
    )
    signed = Pledge.objects.filter(expert__user=user, round=OuterRef("pk"))
    return Round.objects.filter(panels__members__in=seats).filter(~Exists(signed)).distinct()


def round_pledges(user: User) -> list[RoundPledge]:
    """Every round the person has to do with now: those to sign first, then those signed."""
    signed = Pledge.objects.filter(expert__user=user).select_related("round__edition", "round__scheme", "document")
    todo = unsigned_rounds(user).select_related("edition", "scheme").order_by("pk")
    return [RoundPledge(one, pledge_title(rulebook_for(one)), None) for one in todo] + [
        RoundPledge(one.round, pledge_title(rulebook_for(one.round)), one) for one in signed
    ]


def todo_count(user: User) -> int:
    return waiting_invitations(user).count() + unsigned_rounds(user).count()


def own_desk(user: User) -> dict[str, Any]:
    """All of it, for the page."""
    return {
        "invitations": waiting_invitations(user), "pledges": round_pledges(user), "barred": barred_cards(user),
        "absences": coming_absences(user),
    }  # fmt: skip


def barred_cards(user: User) -> list[Expert]:
    """The person's cards on which a suspension or disqualification is in force."""
    return [one for one in Expert.objects.filter(user=user).order_by("pk") if not one.is_in_use]


def coming_absences(user: User) -> list[ExpertAbsence]:
    """Each stretch once, in however many pools it is entered."""
    rows = ExpertAbsence.objects.filter(expert__user=user, until_on__gt=clock.today())
    return list({(one.from_on, one.until_on): one for one in rows}.values())
