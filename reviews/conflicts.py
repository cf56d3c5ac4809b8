"""Who may not judge whom, and why: employers, declared ties, the applicant's and the recommender's people (U23)."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from applications.desk_rules import DeskRefused
from applications.models import Application
from awards.models import Round
from awards.parameters import rulebook_for
from organizations import evidence
from organizations.models import Claim, Membership, Organization, User

from .models import ConflictDeclaration, Expert

Pairs = dict[tuple[int, int], list[str]]


def conflicts_of(expert: Expert, application: Application) -> list[str]:
    """Every reason why the expert may not judge the application; none means free of conflict."""
    return conflicts_between([expert], [application]).get((expert.pk, application.pk), [])


def conflicts_between(experts: Collection[Expert], applications: Collection[Application]) -> Pairs:
    """The reasons for every (expert, application) pair that has any, in four queries for any number."""
    if not experts or not applications:
        return {}
    declared = _declared(experts, applications)
    acting = set(
        Claim.objects.filter(
            user__in=[one.user_id for one in experts],
            organization__in=[one.organization_id for one in applications],
            state=Claim.State.VERIFIED,
        ).values_list("user_id", "organization_id")
    )
    staff = set(
        Membership.objects.current()
        .filter(user__in=[one.user_id for one in experts], unit__in=[one.recommender_id for one in applications])
        .values_list("user_id", "unit_id")
    )
    found: Pairs = {}
    for expert in experts:
        for application in applications:
            reasons = list(declared.get((expert.pk, application.organization_id), []))
            if works_at(expert, application.organization) or (expert.user_id, application.organization_id) in acting:
                reasons.append(f"任职于{application.noun}")
            elif application.employer and plain(expert.employer) == plain(application.employer):
                reasons.append(f"与{application.noun}在同一单位任职")
            if (expert.user_id, application.recommender_id) in staff:
                reasons.append("为审核推荐单位的工作人员")
            if reasons:
                found[expert.pk, application.pk] = reasons
    return found


def works_at(expert: Expert, organization: Organization) -> bool:
    """Whether the employer on the expert's card is the organisation, by code or by name written either way."""
    if expert.employer_code and expert.employer_code == organization.code:
        return True
    return plain(expert.employer) in {plain(organization.name), plain(str(organization))}


def plain(name: str) -> str:
    """A name without blanks, full-width letters and the difference of brackets."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


@transaction.atomic
def declare_conflict(
    expert: Expert,
    organization: Organization,
    *,
    round: Round,
    ground: str,
    source: str,
    note: str,
    by: User,
    at: datetime,
) -> ConflictDeclaration:
    """Put a tie between an expert and an organisation on record; declared again it stands as it is."""
    grounds = {one.key for one in rulebook_for(round).recusal.grounds}
    if ground not in grounds:
        raise DeskRefused.because("请选择回避情形。", rulebook_for(round).recusal_ground)
    declaration, fresh = ConflictDeclaration.objects.get_or_create(
        expert=expert,
        organization=organization,
        ground=ground,
        defaults={"source": source, "note": note.strip()[:300], "declared_by": by, "declared_at": at},
    )
    if fresh:
        evidence.record(
            "conflict.declare", chain=round.chain, by=by, subject=f"expert:{expert.public_id}", at=at,
            data={"organization": str(organization.public_id), "ground": ground, "source": source},
        )  # fmt: skip
    return declaration


def _declared(experts: Collection[Expert], applications: Collection[Application]) -> dict[tuple[int, int], list[str]]:
    texts: dict[str, str] = {}
    for round in {one.round_id: one.round for one in applications}.values():
        texts |= {one.key: one.text for one in rulebook_for(round).recusal.grounds}
    rows = ConflictDeclaration.objects.filter(
        expert__in=experts, organization__in=[one.organization_id for one in applications]
    ).values_list("expert_id", "organization_id", "ground")
    found: dict[tuple[int, int], list[str]] = {}
    for expert_id, organization_id, ground in rows:
        found.setdefault((expert_id, organization_id), []).append(texts.get(ground, ground))
    return found
