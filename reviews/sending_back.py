"""退回重议: a list of the leading body comes back and is deliberated again, where the rulebook knows it (V8, V9).

The list goes back whole: a vote over places cannot be repeated for some of the names. What stood on it is kept with
the return; minutes, notices and steps stay as they are.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from applications.desk_rules import DeskRefused
from applications.gates import Attempt, Blocker, gate
from applications.models import Application
from applications.moves import move
from applications.pipeline import State
from applications.rules import on_duty
from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from organizations import evidence
from organizations.messages import send_message
from organizations.models import StoredFile, User

from .meetings import electorate_of
from .models import ListReturn, Meeting, ShortlistEntry

# where the names of a decided list stand, and those it left out
BACK = (State.AWARD_PUBLICITY, State.APPROVAL, State.NOT_SELECTED)
ON_LIST = (State.AWARD_PUBLICITY, State.APPROVAL)


def returning_names(round: Round) -> list[Application]:
    """Everybody the deliberation would have before it again: the list, and who was left out."""
    names = Application.objects.with_names().filter(round=round, state__in=BACK)
    return list(names.select_related("shortlist_entry").order_by("number", "pk"))


def return_refusals(round: Round, *, by: User) -> list[Blocker]:
    """Why the list cannot go back now; pages foresee with it, the act refuses with it."""
    book = rulebook_for(round)
    rule = book.decision.sends_back
    ground = book.ground(rule or book.stage(State.DELIBERATION))
    if not on_duty(by, round.office, round):
        return [Blocker(f"名单退回由{book.role('office')}登记。", ground)]
    if rule is None or not rule.value:
        return [Blocker("本办法没有规定建议名单退回重新审议。", ground)]
    if not Application.objects.filter(round=round, state__in=ON_LIST).exists():
        return [Blocker("没有可以退回的建议名单：名单尚未形成，或者已经审定。", ground)]
    if Application.objects.filter(round=round, state=State.AWARDED).exists():
        return [Blocker("名单中已有获奖的，不能整体退回。", ground)]
    if round.meetings.exclude(state=Meeting.State.DECIDED).exists():
        return [Blocker("已有一次会议在筹备或者进行中。", ground)]
    return []


@transaction.atomic
def send_list_back(
    round: Round, *, sent_by: str, reference: str, decided_on: date, ground: str, proof: StoredFile | None, by: User,
    at: datetime,
) -> ListReturn:  # fmt: skip
    """Put the whole list, and who was left out, before the leading body again; a new meeting is then called."""
    round = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    keys = [one.pk for one in returning_names(round)]
    list(Application.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"))
    names = returning_names(round)
    book = rulebook_for(round)
    refused = return_refusals(round, by=by)
    cite = book.ground(book.decision.sends_back or book.stage(State.DELIBERATION))
    if sent_by not in ListReturn.From.values:
        refused.append(Blocker("请选择退回机关。"))
    if not (reference.strip() and ground.strip()):
        refused.append(Blocker("请填写会议名称或者文号，并写明退回的理由。", cite))
    if decided_on > clock.day_of(at):
        refused.append(Blocker("日期不能晚于今天。"))
    if proof is None:
        refused.append(Blocker("请上传退回的文件或者会议记录。", cite))
    if refused or proof is None:
        raise DeskRefused(refused)
    found = ListReturn.objects.create(
        round=round, sent_by=sent_by, reference=reference.strip()[:120], decided_on=decided_on,
        ground=ground.strip()[:1000], proof=proof, names=[_as_it_stood(one) for one in names], recorded_at=at,
        recorded_by=by,
    )  # fmt: skip
    facts = {"return": str(found.public_id)}
    for one in sorted(names, key=lambda each: each.pk):
        move(one.pk, "redeliberate", by=by, at=at, ground=found.ground[:300], cite=cite, facts=facts)
    # the places of those who left the list since are given anew too
    ShortlistEntry.objects.filter(application__round=round).delete()
    send_message(
        electorate_of(round), subject=f"建议名单退回重新审议：{round.title}"[:120], body="会议另行通知。", at=at
    )  # fmt: skip
    evidence.record(
        "list.send_back", chain=round.chain, by=by, subject=f"list_return:{found.public_id}", at=at,
        data={"by": sent_by, "names": len(names), "proof": proof.sha256},
    )  # fmt: skip
    return found


def _as_it_stood(application: Application) -> dict[str, Any]:
    entry = getattr(application, "shortlist_entry", None)
    return {
        "application": str(application.public_id),
        "number": application.number,
        "name": application.listed_name,
        "tier": entry.tier if entry else "",
        "state": application.state,
    }


@gate("list_sent_back")
def list_sent_back(application: Application, attempt: Attempt) -> list[Blocker]:
    """The step carries out a recorded return of the very list the name stood on, or was left out of."""
    book = application.rulebook
    rule = book.decision.sends_back
    ground = book.ground(rule or book.stage(State.DELIBERATION))
    if rule is None or not rule.value:
        return [Blocker("本办法没有规定建议名单退回重新审议。", ground)]
    found = ListReturn.objects.filter(round=application.round_id, public_id=attempt.id_of("return")).first()
    if found is None or str(application.public_id) not in {one["application"] for one in found.names}:
        return [Blocker("名单没有退回重新审议的记录。", ground)]
    return []
