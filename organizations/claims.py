"""Claiming an applicant: codes are public, so an office verifies a letter before anybody acts for an organisation.

A person (Y2) acts for himself: the office holds his identity card against the number instead.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from . import evidence
from .messages import send_message
from .models import Claim, Membership, Organization, StoredFile, Unit, UnitKind, UnitQuerySet, User

VERIFIERS = (UnitKind.OFFICE, UnitKind.RECOMMENDER)


class ClaimRefused(Exception):
    """A claim cannot be made or decided so; the text is for people."""


@transaction.atomic
def register_organization(
    *, code: str, name: str, kind: str, unit_name: str = "", district: str = "", founded_on: date | None, at: datetime
) -> Organization:
    """The organisation of a code and unit name (U2); what is already registered is kept as it stands."""
    organization, _ = Organization.objects.get_or_create(
        code=code,
        unit_name=unit_name,
        defaults={
            "name": name,
            "kind": kind,
            "district": district,
            "founded_on": founded_on,
            "registered_at": at,
        },
    )
    return organization


@transaction.atomic
def request_claim(organization: Organization, *, by: User, letter: StoredFile, scheme_key: str, at: datetime) -> Claim:
    """Ask to act for an organisation; one open request a person and organisation."""
    standing = Claim.objects.filter(user=by, organization=organization).exclude(state=Claim.State.REFUSED).first()
    if standing is not None:
        raise ClaimRefused(
            f"您的{proof_word(organization)}正在核验中，请等待核验结果。"
            if standing.state == Claim.State.PENDING
            else f"您的{proof_word(organization)}已经核验通过，可以直接申报。"
        )
    claim = Claim.objects.create(
        user=by, organization=organization, scheme_key=scheme_key, letter=letter, requested_at=at
    )
    evidence.record(
        "claim.request",
        by=by,
        subject=f"claim:{claim.public_id}",
        at=at,
        data={"organization": str(organization.public_id), "letter_sha256": letter.sha256},
    )
    return claim


@transaction.atomic
def decide_claim(claim: Claim, *, verified: bool, reason: str, by: User, at: datetime) -> Claim:
    """Verify or refuse a claim after reading the letter; only an office or a recommender of the scheme may."""
    claim = Claim.objects.select_for_update(of=("self",)).get(pk=claim.pk)
    if not may_verify(by, claim):
        raise ClaimRefused(f"{proof_word(claim.organization)}由办公室或者审核推荐单位核验。")
    if claim.state != Claim.State.PENDING:
        raise ClaimRefused(f"该{proof_word(claim.organization)}{claim.get_state_display()}，不能重复核验。")
    if not verified and not reason.strip():
        raise ClaimRefused("不予通过的，请写明理由，以便申请人补充。")
    if verified and _held_by_another(claim):
        raise ClaimRefused("该申报人已由另一账号核验通过，个人申报由本人以一个账号办理，请核对后不予通过。")
    claim.state = Claim.State.VERIFIED if verified else Claim.State.REFUSED
    claim.decided_at, claim.decided_by, claim.reason = at, by, reason.strip()
    claim.save()
    evidence.record("claim.verify" if verified else "claim.refuse", by=by, subject=f"claim:{claim.public_id}", at=at)
    _tell_claimant(claim, at=at)
    return claim


def proof_word(organization: Organization) -> str:
    """What proves the right to act: a letter of authorisation, or of a person the identity card."""
    return "身份证件" if organization.is_person else "授权书"


def _held_by_another(claim: Claim) -> bool:
    """Whether another account already acts for this person; for an organisation several may."""
    others = Claim.objects.filter(organization=claim.organization, state=Claim.State.VERIFIED)
    return claim.organization.is_person and others.exclude(user=claim.user).exists()


def _tell_claimant(claim: Claim, *, at: datetime) -> None:
    if claim.state == Claim.State.VERIFIED:
        subject, then = f"{proof_word(claim.organization)}已核验通过", "可以在申报通知中开始申报。"
    else:
        subject, then = f"{proof_word(claim.organization)}未予通过", "请补充或者更正后重新提交。"
    reason = f"核验意见：{claim.reason}。" if claim.reason else ""
    send_message(
        [claim.user], subject=subject, body=f"{claim.organization}：{then}{reason}", url=reverse("organizations:claim"),
        at=at,
    )  # fmt: skip


def may_verify(user: User, claim: Claim) -> bool:
    return verifying_units(user).filter(scheme_key=claim.scheme_key).exists()


def verifying_units(user: User) -> UnitQuerySet:
    """The units in which the person may verify letters."""
    return Unit.objects.of_user(user).filter(kind__in=VERIFIERS)


def claims_to_verify(user: User) -> QuerySet[Claim]:
    """Claims of the schemes the person verifies for, pending ones first."""
    keys = Membership.objects.current().filter(user=user, unit__kind__in=VERIFIERS).values("unit__scheme_key")
    return (
        Claim.objects.filter(scheme_key__in=keys)
        .select_related("organization", "user", "letter")
        .order_by("decided_at", "requested_at")
    )
