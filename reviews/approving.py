"""The last word on the list: each name approved or refused by the government or the leading body (U11.9, Y5)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max, Q, QuerySet

from applications.desk_rules import DeskRefused
from applications.duty_guards import is_barred_from
from applications.gates import Attempt, Blocker, gate
from applications.models import Application
from applications.moves import move
from applications.pipeline import State
from applications.rules import approver_kind, works_for, works_in
from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from awards.workdays import date_zh
from organizations import evidence
from organizations.models import Unit, UnitKind, User
from publicity.models import Notice

from .granting import close_round, commend
from .models import Approval, ApprovalItem, ShortlistEntry

Verdicts = Mapping[int, tuple[bool, str]]
BRACKETS = str.maketrans("[](){}【】", "〔〕〔〕〔〕〔〕")
# the kinds of unit a scheme may give the last word to
APPROVERS = (UnitKind.GOVERNMENT, UnitKind.LEADING_BODY)


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
    deferred: Mapping[int, str] | None = None,
) -> Approval:
    """Record what was decided on every name before the approver: application pk → (approved, ground).

    `deferred` are names put off (application pk → ground): they stay before the approver for a later decision, with a
    document of its own. A refused name does not come back; its ground stays with the record.

    Where approval is the last stage, approved names enter the ledger with their certificates and the decision is
    published in the rulebook's instrument; where a publicity follows, all of that waits for its end (`granting.py`).
    """
    round = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    deferred = {pk: ground.strip() for pk, ground in (deferred or {}).items()}
    waiting = list(
        Application.objects.select_for_update(of=("self",)).filter(round=round, state=State.APPROVAL).order_by("pk")
    )
    refused = approval_refusals(
        round, waiting, meeting_number=meeting_number, document_number=document_number, decided_on=decided_on,
        verdicts=verdicts, deferred=deferred, by=by, at=at,
    )  # fmt: skip
    if refused:
        raise DeskRefused(refused)
    approval = Approval.objects.create(
        round=round, meeting_number=meeting_number.strip(), document_number=document_number.strip(),
        decided_on=decided_on, recorded_at=at, recorded_by=by,
        deferred=[
            {"application": str(one.public_id), "number": one.number, "name": one.listed_name,
             "ground": deferred[one.pk]}
            for one in waiting
            if one.pk in deferred
        ],
    )  # fmt: skip
    for one in waiting:
        if one.pk in deferred:
            continue
        is_approved, ground = verdicts[one.pk]
        ApprovalItem.objects.create(approval=approval, application=one, is_approved=is_approved, ground=ground.strip())
        _carry(one, approval, is_approved, ground, by=by, at=at)
    commend(approval, by=by, at=at)
    close_round(round, at=at)
    evidence.record(
        "round.approve", chain=round.chain, by=by, subject=f"approval:{approval.public_id}", at=at,
        data={
            "document_number": approval.document_number, "of": len(waiting),
            "approved": sum(approved for approved, _ in verdicts.values()), "deferred": len(deferred),
        },
    )  # fmt: skip
    return approval


def rounds_before(user: User) -> QuerySet[Round]:
    """The published rounds whose approval this person records: the office's, or those its own body approves."""
    units = Unit.objects.of_user(user)
    published = Round.objects.published().select_related("scheme", "edition", "office")
    bodies = units.filter(kind__in=APPROVERS).values_list("scheme_key", "kind")
    own = [
        round.pk
        for round in published.filter(scheme__key__in=[key for key, _ in bodies])
        if (round.scheme.key, approver_kind(rulebook_for(round))) in bodies
    ]
    return published.filter(Q(office__in=units.of_kind("office")) | Q(pk__in=own)).distinct()


def approvals_for(user: User) -> QuerySet[Approval]:
    """The recorded decisions this person reads: those its desk shows, and those of the body it works in."""
    shown = Q(pk__in=Approval.objects.visible_to(user).values("pk")) | Q(round__in=rounds_before(user).values("pk"))
    return Approval.objects.filter(shown).select_related("round__scheme", "round__edition", "round__office")


def names_before(round: Round) -> list[Application]:
    """The names that wait for the approver's decision, in the order proposed: by tier, then by number."""
    order = [tier.key for tier in rulebook_for(round).tiers]
    waiting = Application.objects.with_names().filter(round=round, state=State.APPROVAL)
    return sorted(
        waiting.select_related("shortlist_entry").order_by("number", "pk"),
        key=lambda one: order.index(one.shortlist_entry.tier),
    )


def approval_refusals(
    round: Round, waiting: list[Application], *, meeting_number: str, document_number: str, decided_on: date,
    verdicts: Verdicts, by: User, at: datetime, deferred: Mapping[int, str] | None = None,
) -> list[Blocker]:  # fmt: skip
    """Why the decision cannot be recorded as it is given; pages ask it before they ask to confirm."""
    book = rulebook_for(round)
    ground, label = book.ground(book.stage(State.APPROVAL)), book.label(State.APPROVAL)
    own = works_in(by, round.office) or works_for(by, round.scheme.key, approver_kind(book))
    if not own or is_barred_from(by, round):
        return [Blocker(f"{label}结果由{book.approver.name}或者{book.role('office')}登记。", ground)]
    deferred, found = deferred or {}, []
    if not waiting:
        found.append(Blocker(f"没有待{label}的{book.noun}。", ground))
    if not meeting_number.strip() or not document_number.strip():
        found.append(Blocker(f"请填写{label}会议和文号。", ground))
    found += _date_refusals(round, waiting, decided_on, at=at) + _number_refusals(round, document_number)
    unsaid = [one for one in waiting if one.pk not in verdicts and one.pk not in deferred]
    if unsaid:
        found.append(Blocker(f"请对每个{book.noun}作出批准或者不予批准的结论，还有{len(unsaid)}个。", ground))
    if (set(verdicts) | set(deferred)) - {one.pk for one in waiting}:
        found.append(Blocker(f"待{label}的名单已有变化，请刷新后核对再登记；已填写的结论仍在本页。", ground))
    if waiting and deferred and not verdicts:
        found.append(Blocker(f"全部暂缓的，没有作出决定，不必登记{label}结果。", ground))
    if any(not approved and not why.strip() for pk, (approved, why) in verdicts.items()):
        found.append(Blocker("不予批准的，请写明理由。", ground))
    if set(verdicts) & set(deferred) or any(not why.strip() for why in deferred.values()):
        found.append(Blocker("暂缓的，请写明理由，并且不同时作出结论。", ground))
    return found


def _date_refusals(round: Round, waiting: list[Application], decided_on: date, *, at: datetime) -> list[Blocker]:
    """The decision is not of tomorrow, not before the list was decided, nor while its publicity still ran (U11.9)."""
    book = rulebook_for(round)
    ground, label = book.ground(book.stage(State.APPROVAL)), book.label(State.APPROVAL)
    if decided_on > clock.day_of(at):
        return [Blocker(f"{label}日期不能晚于今天。")]
    names = [one.pk for one in waiting]
    held = ShortlistEntry.objects.filter(application__in=names).aggregate(last=Max("meeting__held_on"))["last"]
    if held and decided_on < held:
        said = f"{label}日期不能早于{book.label(State.DELIBERATION)}会议日期（{date_zh(held)}）。"
        return [Blocker(said, ground)]
    if book.publicity_after_approval:
        return []
    notices = Notice.objects.public().windows().filter(
        round=round, kind=State.AWARD_PUBLICITY, items__application__in=names, items__struck_at=None
    )  # fmt: skip
    last = max((one.last_on for one in notices if one.last_on), default=None)
    if last and decided_on <= last:
        said = f"{label}日期应在{book.label(State.AWARD_PUBLICITY)}期满（{date_zh(last)}）之后。"
        return [Blocker(said, ground)]
    return []


def _number_refusals(round: Round, document_number: str) -> list[Blocker]:
    """One document carries one decision: a number that is taken, however its brackets are typed, is refused."""
    wanted = plain_number(document_number)
    for one in Approval.objects.filter(round__scheme=round.scheme_id).select_related("round"):
        if wanted and plain_number(one.document_number) == wanted:
            return [Blocker(f"文号“{one.document_number}”已经登记于{one.round.title}，请核对。")]
    return []


def plain_number(text: str) -> str:
    """A 发文字号 without what people type differently: widths, spaces, kinds of bracket."""
    wide = unicodedata.normalize("NFKC", text)
    return "".join(wide.translate(BRACKETS).split())


def _carry(
    application: Application, approval: Approval, is_approved: bool, ground: str, *, by: User, at: datetime
) -> None:
    book = application.rulebook
    move(
        application.pk,
        "approve" if is_approved else "refuse",
        by=by,
        at=at,
        ground=ground.strip() or f"{approval.meeting_number}{book.label(State.APPROVAL)}",
        cite=book.ground(book.stage(State.APPROVAL)),
        facts={"approval": str(approval.public_id), "document_number": approval.document_number},
    )


@gate("government_decision")
def government_decision(application: Application, attempt: Attempt) -> list[Blocker]:
    """The step carries out a recorded decision of the approver on this very name (U11.9)."""
    item = ApprovalItem.objects.filter(application=application, approval__public_id=attempt.id_of("approval")).first()
    book = application.rulebook
    if item is None or item.is_approved != (attempt.step == "approve"):
        return [Blocker(f"{book.approver.name}尚未作出该结论。", book.ground(book.stage(State.APPROVAL)))]
    return []
