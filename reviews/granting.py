"""What an award is made of: its line in the ledger, its certificate, the published decision, the end of the round.

An application becomes awarded with its approval, or with the end of the publicity that follows it, as the scheme's
order of stages has it; either way the door brings about the same (U9, U15).
"""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.urls import reverse

from applications.aftermath import after
from applications.gates import Attempt
from applications.models import Application
from applications.pipeline import ACTIVE, State
from award_portal.lib import clock
from award_portal.lib.qr import qr_svg
from award_portal.lib.sweeping import Sweeper, register
from awards.models import Award, Round
from awards.parameters import rulebook_for
from awards.rounds import draft_note
from awards.rulebook import Rulebook, Tier
from awards.rulebook.rows import CHOICES, value_zh
from awards.workdays import date_zh
from awards.years import add_years
from documents.issuing import issue_document, next_number
from documents.models import IssuedDocument
from organizations.models import User
from publicity.announcing import announce
from publicity.models import Notice

from .models import Approval, ApprovalItem


@after("approve", "close_publicity")
def grant_award(application: Application, attempt: Attempt, left: str) -> None:
    """Whoever has just become a winner stands in the ledger and has its certificate (U15)."""
    if application.state != State.AWARDED:
        return
    item = ApprovalItem.objects.select_related("approval__round__scheme").get(application=application, is_approved=True)
    award = _enter_ledger(application, item.approval, at=attempt.at)
    _issue_certificate(award, application, item.approval, by=attempt.by, at=attempt.at)


def commend(approval: Approval, *, by: User | None, at: datetime) -> IssuedDocument | None:
    """Publish the decision in the rulebook's instrument, once, when nobody it names is in publicity any more.

    None while somebody is, or where nobody was awarded. The round is locked by whoever calls.
    """
    approved = Application.objects.filter(pk__in=approval.items.filter(is_approved=True).values("application"))
    if approval.commendation_id is not None or approved.filter(state=State.AWARD_PUBLICITY).exists():
        return None
    numbers = approved.filter(state=State.AWARDED).values("number")
    awards = list(Award.objects.filter(round=approval.round, application_number__in=numbers).order_by("pk"))
    if not awards:
        return None
    approval.commendation = _publish_decision(approval, awards, by=by, at=at)
    approval.save(update_fields=["commendation"])
    return approval.commendation


def close_round(round: Round, *, at: datetime) -> None:
    """The round is over once nobody who handed in is under way any more."""
    under_way = Application.objects.filter(round=round, state__in=ACTIVE).exclude(submitted_at=None)
    if round.closed_at is None and not under_way.exists():
        round.closed_at = at
        round.save(update_fields=["closed_at"])


def issuing_body(round: Round, kind: str) -> str:
    """The name a paper is issued in: the body the rulebook's instrument names, or else the approver."""
    book = rulebook_for(round)
    said = next((one.issuer for one in book.instruments if one.key == kind), "")
    bodies = {"government": book.bodies.government, "leading_body": book.bodies.leading_body}
    return bodies.get(said, book.approver).name


# -- the clock --------------------------------------------------------------------------------------------------------


def settle_due(at: datetime) -> int:
    """Publish what the end of a publicity completed, and close the rounds in which nobody is under way any more."""
    items = ApprovalItem.objects.filter(approval=OuterRef("pk"), is_approved=True)
    complete = Approval.objects.filter(
        Exists(items.filter(application__state=State.AWARDED)),
        ~Exists(items.filter(application__state=State.AWARD_PUBLICITY)),
        commendation=None,
    )
    under_way = Application.objects.filter(round=OuterRef("pk"), state__in=ACTIVE).exclude(submitted_at=None)
    decided = Round.objects.filter(Exists(Approval.objects.filter(round=OuterRef("pk"))), ~Exists(under_way))
    published = sum(_commend_one(pk, at=at) for pk in list(complete.order_by("pk").values_list("pk", flat=True)))
    over = list(decided.filter(closed_at=None).order_by("pk").values_list("pk", flat=True))
    return published + sum(_close_one(pk, at=at) for pk in over)


@transaction.atomic
def _commend_one(pk: int, *, at: datetime) -> int:
    approval = Approval.objects.get(pk=pk)
    Round.objects.select_for_update(of=("self",)).get(pk=approval.round_id)
    approval = Approval.objects.select_related("round__scheme", "round__office").get(pk=pk)
    return int(commend(approval, by=None, at=at) is not None)


@transaction.atomic
def _close_one(pk: int, *, at: datetime) -> int:
    round = Round.objects.select_for_update(of=("self",)).get(pk=pk)
    close_round(round, at=at)
    return int(round.closed_at == at)


# after publicity (20): the same sweep that closes the last window publishes the decision
register(Sweeper("granting", run=settle_due, next_due=lambda after: None, order=25))


# -- parts ------------------------------------------------------------------------------------------------------------


def _enter_ledger(application: Application, approval: Approval, *, at: datetime) -> Award:
    """A line of the ledger with its gapless certificate number; the honour counts from the day nothing is open."""
    round, book = approval.round, rulebook_for(approval.round)
    tier = book.tier(application.shortlist_entry.tier)
    granted_on = _granted_on(book, approval, at=at)
    valid = tier.honour_valid_years.value
    number = next_number(f"certificate:{round.scheme.key}:{round.year}")
    organization, entry = application.organization, application.shortlist_entry
    return Award.objects.create(
        scheme=round.scheme, round=round, organization=organization, name=application.listed_name[:120],
        code=organization.code,
        unit_name=organization.unit_name, district=application.district, tier=tier.key, tier_name=tier.name,
        year=round.year, awarded_on=granted_on, valid_until=add_years(granted_on, valid) if valid else None,
        application_number=application.number,
        certificate_number=f"{round.scheme.key.upper()}-ZS-{round.year}-{number:03d}",
        decision_number=approval.document_number, outside_quota=entry.outside_quota,
        quota_place=None if entry.outside_quota else _next_place(round, tier),
    )  # fmt: skip


def _next_place(round: Round, tier: Tier) -> int:
    """The next place of the tier's quota (U4); the certificate's counter is locked, so two awards never share one."""
    last = Award.objects.filter(round=round, tier=tier.key, outside_quota=False).aggregate(last=Max("quota_place"))
    return (last["last"] or 0) + 1


def _granted_on(book: Rulebook, approval: Approval, *, at: datetime) -> date:
    """The day of the decision, or the day the publicity after it is over."""
    return clock.day_of(at) if book.publicity_after_approval else approval.decided_on


def _publish_decision(approval: Approval, awards: list[Award], *, by: User | None, at: datetime) -> IssuedDocument:
    round, book = approval.round, rulebook_for(approval.round)
    title = f"关于{round.title}的{book.instrument('commendation')}"
    document = issue_document(
        "commendation",
        title=title,
        template="commendation.html",
        content={
            "title": title,
            "issuer": issuing_body(round, "commendation"),
            "award_name": book.award_name,
            "honoured": "组织和个人" if book.admits_individuals else "组织",
            "cite": book.ground(book.stage(State.APPROVAL)),
            "meeting_number": approval.meeting_number,
            "document_number": approval.document_number,
            "tiers": [_tier_content(tier, awards, outside_quota=False) for tier in book.tiers],
            "repeats": [
                _tier_content(tier, awards, outside_quota=True)
                for tier in book.tiers
                if any(one.tier == tier.key and one.outside_quota for one in awards)
            ],
            "draft_note": draft_note(round),
            "date": date_zh(max(one.awarded_on for one in awards)),
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


def _tier_content(tier: Tier, awards: list[Award], *, outside_quota: bool) -> dict[str, object]:
    """A tier of the decision: who, and what each is given; those outside the quota get no money (B18, Y23)."""
    names = [str(one.name) for one in awards if one.tier == tier.key and one.outside_quota == outside_quota]
    given = "、".join(CHOICES[one] for one in tier.honours_for(outside_quota=outside_quota))
    sums = [] if outside_quota else [(one.subject, one.yuan.value) for one in tier.bonus if one.yuan.value]
    words = {"organization": "组织", "individual": "个人"} if len(sums) > 1 else {}
    money = "，".join(f"{words.get(subject, '')}奖励人民币{value_zh(yuan, '元')}" for subject, yuan in sums)
    return {"name": tier.name, "winners": names, "given": f"颁发{given}" + (f"；{money}" if money else "")}


def _issue_certificate(
    award: Award, application: Application, approval: Approval, *, by: User | None, at: datetime
) -> IssuedDocument:
    round, book = approval.round, rulebook_for(approval.round)
    address = settings.PUBLIC_BASE_URL + reverse("publicity:certificate", args=[award.certificate_number])
    return issue_document(
        "certificate",
        title=f"{award.name}{award.tier_name}{book.instrument('certificate')}",
        template="certificate.html",
        content={
            "title": book.instrument("certificate"),
            "issuer": issuing_body(round, "certificate"),
            "award_name": book.award_name,
            "name": award.listed_name,
            "person": application.organization.name if application.organization.is_person else "",
            "employer": application.employer,
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
