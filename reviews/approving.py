"""The government's decision: each name approved or refused, commendation, ledger, certificates (U11.9, U15)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from applications.desk_rules import DeskRefused
from applications.gates import Attempt, Blocker, gate
from applications.machine_checks import add_years
from applications.models import Application
from applications.moves import move
from applications.pipeline import ACTIVE, State
from applications.rules import works_for, works_in
from award_portal.lib import clock
from award_portal.lib.qr import qr_svg
from awards.models import Award, Round
from awards.parameters import rulebook_for
from awards.rounds import draft_note
from awards.workdays import date_zh
from documents.issuing import issue_document, next_number
from documents.models import IssuedDocument
from organizations import evidence
from organizations.models import Unit, User
from publicity.announcing import announce
from publicity.models import Notice

from .models import Approval, ApprovalItem

Verdicts = Mapping[int, tuple[bool, str]]


@transaction.atomic
def record_approval(
    round: Round,
    *,
    meeting_number: str,
    document_number: str,
    decided_on: date,
    verdicts: Verdicts,
    by: User,
    at: datetime,
) -> Approval:
    """Record what the government decided on every name before it: application pk → (approved, ground).

    Approved names enter the ledger with their certificates; the decision is published in the rulebook's instrument.
    """
    round = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    waiting = list(
        Application.objects.select_for_update(of=("self",)).filter(round=round, state=State.APPROVAL).order_by("pk")
    )
    refused = approval_refusals(
        round, waiting, meeting_number=meeting_number, document_number=document_number, decided_on=decided_on,
        verdicts=verdicts, by=by, at=at,
    )  # fmt: skip
    if refused:
        raise DeskRefused(refused)
    approval = Approval.objects.create(
        round=round, meeting_number=meeting_number.strip(), document_number=document_number.strip(),
        decided_on=decided_on, recorded_at=at, recorded_by=by,
    )  # fmt: skip
    awards = []
    for one in waiting:
        is_approved, ground = verdicts[one.pk]
        ApprovalItem.objects.create(approval=approval, application=one, is_approved=is_approved, ground=ground.strip())
        _carry(one, approval, is_approved, ground, by=by, at=at)
        if is_approved:
            awards.append(_grant(one, approval))
    if awards:
        approval.commendation = _commend(approval, awards, by=by, at=at)
        approval.save(update_fields=["commendation"])
        for award in awards:
            _issue_certificate(award, approval, by=by, at=at)
    _close_round(round, at=at)
    evidence.record(
        "round.approve", chain=round.chain, by=by, subject=f"approval:{approval.public_id}", at=at,
        data={"document_number": approval.document_number, "approved": len(awards), "of": len(waiting)},
    )  # fmt: skip
    return approval


def _close_round(round: Round, *, at: datetime) -> None:
    """The round is over once nobody who handed in is under way any more."""
    under_way = Application.objects.filter(round=round, state__in=ACTIVE).exclude(submitted_at=None)
    if not under_way.exists():
        round.closed_at = at
        round.save(update_fields=["closed_at"])


def rounds_before(user: User) -> QuerySet[Round]:
    """The published rounds whose government's decision this person records: the office's, or the government's own."""
    units = Unit.objects.of_user(user)
    bodies = units.of_kind("government").values("scheme_key")
    found = Round.objects.published().filter(Q(office__in=units.of_kind("office")) | Q(scheme__key__in=bodies))
    return found.select_related("scheme", "edition", "office").distinct()


def names_before(round: Round) -> list[Application]:
    """The names that wait for the government's decision, in the order proposed: by tier, then by number."""
    order = [tier.key for tier in rulebook_for(round).tiers]
    waiting = Application.objects.with_names().filter(round=round, state=State.APPROVAL)
    return sorted(
        waiting.select_related("shortlist_entry").order_by("number", "pk"),
        key=lambda one: order.index(one.shortlist_entry.tier),
    )


def approval_refusals(
    round: Round, waiting: list[Application], *, meeting_number: str, document_number: str, decided_on: date,
    verdicts: Verdicts, by: User, at: datetime,
) -> list[Blocker]:  # fmt: skip
    """Why the decision cannot be recorded as it is given; pages ask it before they ask to confirm."""
    book = rulebook_for(round)
    ground = book.ground(book.stage(State.APPROVAL))
    if not (works_in(by, round.office) or works_for(by, round.scheme.key, "government")):
        return [Blocker("审定结果由审定机关或者办公室登记。", ground)]
    found = []
    if not waiting:
        found.append(Blocker("没有待审定的申报组织。", ground))
    if not meeting_number.strip() or not document_number.strip():
        found.append(Blocker("请填写审定会议和文号。", ground))
    if decided_on > at.astimezone(clock.SHANGHAI).date():
        found.append(Blocker("审定日期不能晚于今天。"))
    unsaid = [one for one in waiting if one.pk not in verdicts]
    if unsaid:
        found.append(Blocker(f"请对每个申报组织作出批准或者不予批准的结论，还有{len(unsaid)}个。", ground))
    if set(verdicts) - {one.pk for one in waiting}:
        found.append(Blocker("待审定的名单已有变化，请刷新后核对再登记；已填写的结论仍在本页。", ground))
    if any(not approved and not why.strip() for pk, (approved, why) in verdicts.items()):
        found.append(Blocker("不予批准的，请写明理由。", ground))
    return found


def _carry(
    application: Application, approval: Approval, is_approved: bool, ground: str, *, by: User, at: datetime
) -> None:
    book = application.rulebook
    move(
        application.pk,
        "approve" if is_approved else "refuse",
        by=by,
        at=at,
        ground=ground.strip() or f"{approval.meeting_number}审定",
        cite=book.ground(book.stage(State.APPROVAL)),
        facts={"approval": str(approval.public_id), "document_number": approval.document_number},
    )


def _grant(application: Application, approval: Approval) -> Award:
    """A line of the ledger with its gapless certificate number."""
    round, book = approval.round, rulebook_for(approval.round)
    tier = book.tier(application.shortlist_entry.tier)
    valid = tier.honour_valid_years.value
    number = next_number(f"certificate:{round.scheme.key}:{round.year}")
    organization = application.organization
    return Award.objects.create(
        scheme=round.scheme, round=round, organization=organization, name=organization.name, code=organization.code,
        unit_name=organization.unit_name, district=application.district, tier=tier.key, tier_name=tier.name,
        year=round.year, awarded_on=approval.decided_on,
        valid_until=add_years(approval.decided_on, valid) if valid else None, application_number=application.number,
        certificate_number=f"{round.scheme.key.upper()}-ZS-{round.year}-{number:03d}",
        decision_number=approval.document_number, outside_quota=application.shortlist_entry.outside_quota,
    )  # fmt: skip


def _commend(approval: Approval, awards: list[Award], *, by: User, at: datetime) -> IssuedDocument:
    round, book = approval.round, rulebook_for(approval.round)
    title = f"关于{round.title}的{book.instrument('commendation')}"
    document = issue_document(
        "commendation",
        title=title,
        template="commendation.html",
        content={
            "title": title,
            "issuer": book.bodies.government.name,
            "award_name": book.award_name,
            "cite": book.ground(book.stage(State.APPROVAL)),
            "meeting_number": approval.meeting_number,
            "document_number": approval.document_number,
            "tiers": [
                {"name": tier.name, "winners": [str(one.name) for one in awards if one.tier == tier.key]}
                for tier in book.tiers
            ],
            "draft_note": draft_note(round),
            "date": date_zh(approval.decided_on),
        },
        scheme_key=round.scheme.key,
        chain=round.chain,
        subject=f"approval:{approval.public_id}",
        issuer=round.office,
        is_public=True,
        by=by,
        at=at,
    )
    announce(
        round, kind=Notice.Kind.COMMENDATION, title=title, body=book.ground(book.stage(State.APPROVAL)),
        issuer=round.office, by=by, at=at, document=document,
    )  # fmt: skip
    return document


def _issue_certificate(award: Award, approval: Approval, *, by: User, at: datetime) -> IssuedDocument:
    round, book = approval.round, rulebook_for(approval.round)
    address = settings.PUBLIC_BASE_URL + reverse("publicity:certificate", args=[award.certificate_number])
    return issue_document(
        "certificate",
        title=f"{award.name}{award.tier_name}{book.instrument('certificate')}",
        template="certificate.html",
        content={
            "title": book.instrument("certificate"),
            "issuer": book.bodies.government.name,
            "award_name": book.award_name,
            "name": award.name + (f"（{award.unit_name}）" if award.unit_name else ""),
            "tier": award.tier_name,
            "year": award.year,
            "certificate_number": award.certificate_number,
            "decision_number": award.decision_number,
            "check_url": address,
            "qr": qr_svg(address),
            "valid_until": date_zh(award.valid_until) if award.valid_until else "",
            "draft_note": draft_note(round),
            "date": date_zh(award.awarded_on),
        },
        scheme_key=round.scheme.key,
        chain=round.chain,
        subject=f"award:{award.public_id}",
        issuer=round.office,
        is_public=True,
        by=by,
        at=at,
    )


@gate("government_decision")
def government_decision(application: Application, attempt: Attempt) -> list[Blocker]:
    """The step carries out a recorded decision of the government on this very name (U11.9)."""
    item = ApprovalItem.objects.filter(application=application, approval__public_id=attempt.id_of("approval")).first()
    book = application.rulebook
    if item is None or item.is_approved != (attempt.step == "approve"):
        return [Blocker("审定机关尚未作出该结论。", book.ground(book.stage(State.APPROVAL)))]
    return []
