"""An objection as its people handle it: investigated, found, what follows, told (U13, U14, B16)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from applications.models import Application
from award_portal.lib import clock
from objections import (
    cancelling,
    expert_inquiries,
    explaining,
    extending,
    handling,
    investigating,
    merging,
    outcomes,
)
from objections.evidence_register import add_fact, register_evidence
from objections.models import EvidenceItem, Objection, Outcome
from organizations.files import store_upload
from organizations.models import StoredFile, User
from publicity.list_changes import publish_list_change, unannounced
from publicity.models import Notice
from reviews.body_decisions import Held
from reviews.meetings import electorate_of

from . import filing_moves, made_up
from .opening_moves import Player, RehearsalBroken


@dataclass
class Filed:
    """An objection to settle, how it will be found, and the one somebody else filed on the same ground."""

    case: Objection
    finding: str
    beside: Objection | None = None


def object_all(player: Player, names: Iterable[tuple[Application, str]], *, condition: str) -> list[Filed]:
    """One objection to each; the first that will be dismissed came incomplete, twice, and from a second person too."""
    filed = []
    often: Filed | None = None
    for application, finding in names:
        if often is None and finding == Objection.Finding.DISMISSED:
            often = Filed(filing_moves.object_incompletely(application, condition=condition), finding)
            filed.append(often)
        else:
            filed.append(Filed(filing_moves.object_to(application, condition=condition), finding))
    if often is not None:
        player.wait_working_days(1)
        often.case = filing_moves.complete(often.case)
        filing_moves.object_again(often.case)
        often.beside = filing_moves.object_to(
            often.case.application, condition=condition, name=filing_moves.SECOND
        )  # fmt: skip
    return filed


def leave_lying(player: Player, objection: Objection) -> None:
    """Nobody takes the case up: by the next working day the office and the supervising department are told (U13)."""
    assert objection.due_at is not None
    player.wait_until(objection.due_at)
    player.wait_working_days(1)
    if Objection.objects.get(pk=objection.pk).escalated_at is None:
        raise RehearsalBroken("异议办理逾期没有上报")


def settle_all(player: Player, filed: list[Filed], *, lying: bool) -> None:
    """Each settled in turn; with `lying` the first that will be upheld is left past its day."""
    for one in filed:
        if lying and one.finding == Objection.Finding.UPHELD:
            leave_lying(player, one.case)
            lying = False
        settle_objection(player, one.case, finding=one.finding, beside=one.beside)


def settle_objection(
    player: Player, objection: Objection, *, finding: str, beside: Objection | None = None
) -> None:  # fmt: skip
    """Forwarded, investigated, found and told by who handles it (U13, O6); `beside` goes along."""
    officer = player.world.staff_of(objection.handled_by) if objection.handler else player.world.officer
    objection = handling.forward(objection, by=officer, at=clock.now())
    if beside is not None:
        merging.merge_case(beside, into=objection, by=officer, at=clock.now())
        extending.extend_leg(
            Objection.objects.get(pk=objection.pk), days=2, ground="两件并案，需要向第三方核实。（虚构）", by=officer,
            at=clock.now(),
        )  # fmt: skip
    if finding == Objection.Finding.UPHELD:
        ask_an_expert(player, objection)
    player.wait_working_days(1)
    investigate(player, Objection.objects.get(pk=objection.pk))
    player.wait_working_days(1)
    upheld = finding == Objection.Finding.UPHELD
    text = "经查，反映的问题属实，构成禁止性情形。（虚构）" if upheld else "经查，反映的问题不属实。（虚构）"
    outcomes.decide(Objection.objects.get(pk=objection.pk), finding=finding, text=text, by=officer, at=clock.now())
    follow_up(player, objection.application)
    for one in (objection, beside):
        if one is not None:
            handling.tell(Objection.objects.get(pk=one.pk), by=officer, at=clock.now())


def ask_an_expert(player: Player, objection: Objection) -> None:
    """One expert tied to neither side signs and gives an opinion, where the scheme has experts investigate (O3)."""
    if not player.round_book.objections.experts_allowed.value or objection.handler is not None:
        return
    given = {"at": clock.now()}
    expert = expert_inquiries.free_experts(objection)[0]
    inquiry = expert_inquiries.order_inquiry(
        objection, expert=expert, task="核对有关记录是否构成禁止性情形。（虚构）", by=player.world.officer,
        due_on=clock.today() + timedelta(days=3), **given,
    )  # fmt: skip
    inquiry = expert_inquiries.pledge_inquiry(inquiry, signed_name=str(expert.user), by=expert.user, **given)
    expert_inquiries.give_opinion(
        inquiry, text="经核对，有关记录真实，构成禁止性情形。（虚构）", file=None, by=expert.user, **given
    )


def investigate(player: Player, objection: Objection) -> None:
    """The applicant is asked and answers with a paper; what was found rests on the register; the report (U14)."""
    assert objection.investigator is not None
    by = player.world.staff_of(objection.investigator)
    objection = investigating.begin_investigation(objection, by=by, at=clock.now())
    asked = explaining.ask_applicant(objection, question="请说明有关记录的情况。（虚构）", by=by, at=clock.now())
    player.wait_working_days(1)
    applicant = objection.application.created_by
    explaining.explain(
        asked, text="有关情况说明如下，附证明材料。（虚构）", proofs=[_paper("情况说明", applicant)], by=applicant,
        at=clock.now(),
    )  # fmt: skip
    item = register_evidence(
        objection, title="现场核实记录", source="调查单位现场核实（虚构）", obtained=EvidenceItem.Obtained.ONSITE,
        received_on=clock.today(), file=_paper("现场核实记录", by), by=by, at=clock.now(),
    )  # fmt: skip
    add_fact(objection, text="经现场核实，有关记录与台账核对完毕。（虚构）", evidence=[item], by=by, at=clock.now())
    investigating.report(
        objection, text="经现场核实并调阅资料，形成调查情况报告。（虚构）", by=by, at=clock.now()
    )  # fmt: skip


def follow_up(player: Player, application: Application) -> None:
    """What a finding leaves to do: the leading body's decision where it cancels, the notice of what changed (B16)."""
    officer = player.world.officer
    asked = Outcome.objects.outstanding().filter(
        objection__application=application, kind=Outcome.Kind.CANCELLATION
    )  # fmt: skip
    for outcome in asked:
        members = len(electorate_of(player.round))
        held = Held(
            form="meeting", name="专题会议（虚构）", held_on=clock.today(), present=members, votes_for=members,
            votes_against=0, votes_abstain=0,
        )  # fmt: skip
        cancelling.record_cancellation(
            outcome, held=held, ground="异议查证属实。（虚构）", proof=_paper("会议记录", officer), by=officer,
            at=clock.now(),
        )  # fmt: skip
    struck = Notice.objects.windows().filter(items__application=application, items__struck_at__isnull=False)
    for notice in struck.filter(issuer=player.world.office).distinct():
        if unannounced(notice).exists():
            publish_list_change(notice, because="经查证取消参评资格。（虚构）", by=officer, at=clock.now())


def _paper(what: str, by: User) -> StoredFile:
    return store_upload(made_up.made_up_upload(what), purpose="rehearsal", by=by, at=clock.now())
