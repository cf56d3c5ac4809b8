"""Convening the leading body: electorate, attendance, quorum, recusals (V8, U23)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from applications.desk_rules import DeskRefused
from applications.gates import Blocker
from applications.models import Application
from applications.pipeline import State
from applications.rules import works_in
from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rulebook import share
from awards.workdays import date_zh
from organizations import evidence
from organizations.messages import people_of, send_message
from organizations.models import Unit, User

from .annulling import annul_ballots_on
from .models import Ballot, Meeting, MeetingMember, MemberRecusal, ReviewReport
from .tallying import is_quorate
from .tiers import BALLOT_MODES


@transaction.atomic
def convene_meeting(
    round: Round, *, title: str, held_on: date, place: str, by: User, at: datetime, teller: str = "",
    counter: str = "", recorder: str = "",
) -> Meeting:  # fmt: skip
    """Call a meeting: everybody who works in the leading body is called; the review report must be issued (U11.8).

    Where it votes by ballot it has a teller and a counter; where it decides on a list, somebody who keeps the record.
    """
    round = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    refused = convening_refusals(round, by=by)
    if held_on < at.astimezone(clock.SHANGHAI).date():
        refused.append(Blocker("会议日期不能早于今天。"))
    if not (title.strip() and place.strip()):
        refused.append(Blocker("请填写会议名称和地点。"))
    if rulebook_for(round).decision.mode.value in BALLOT_MODES:
        if not (teller.strip() and counter.strip()):
            refused.append(Blocker("请填写监票人和计票人。"))
    elif not recorder.strip():
        refused.append(Blocker("请填写记录人。"))
    if refused:
        raise DeskRefused(refused)
    meeting = Meeting.objects.create(
        round=round, title=title.strip(), held_on=held_on, place=place.strip(), teller=teller.strip(),
        counter=counter.strip(), recorder=recorder.strip(), convened_at=at,
    )  # fmt: skip
    called = electorate_of(round)
    MeetingMember.objects.bulk_create(MeetingMember(meeting=meeting, user=user) for user in called)
    send_message(called, subject=f"会议通知：{meeting.title}", body=f"{date_zh(held_on)}，{meeting.place}", at=at)
    _record(meeting, "convene", by=by, at=at)
    return meeting


def convening_refusals(round: Round, *, by: User) -> list[Blocker]:
    """Why no meeting can be called now."""
    book = rulebook_for(round)
    found = []
    if not works_in(by, round.office):
        return [Blocker("审议会议由办公室筹备。")]
    ground = book.ground(book.stage(State.DELIBERATION))
    if not ReviewReport.objects.issued().filter(round=round).exists():
        found.append(Blocker(f"{book.instrument('review_report')}尚未签发，不能提请审议。", ground))
    if not Application.objects.filter(round=round, state=State.DELIBERATION).exists():
        found.append(Blocker(f"没有待{book.label(State.DELIBERATION)}的{book.noun}，不能召集会议。", ground))
    if round.meetings.exclude(state=Meeting.State.DECIDED).exists():
        found.append(Blocker("已有一次会议在筹备或者进行中。"))
    if not electorate_of(round):
        found.append(Blocker("审议机构没有登记成员，请系统管理员在单位和任职中登记。"))
    return found


def electorate_of(round: Round) -> list[User]:
    """Everybody who works in the scheme's leading body today."""
    units = Unit.objects.active().of_scheme(round.scheme.key).of_kind("leading_body")
    people = {user.pk: user for unit in units for user in people_of(unit)}
    return [people[key] for key in sorted(people)]


@transaction.atomic
def mark_attendance(meeting: Meeting, *, present: set[int], by: User, at: datetime) -> Meeting:
    """Who is in the room (member pks); closed to change once a ballot is open."""
    meeting = lock_meeting(meeting, by=by)
    if meeting.ballots.filter(state=Ballot.State.OPEN).exists():
        raise DeskRefused.because("正在投票，不能变更到会情况。")
    if meeting.state == Meeting.State.DECIDED:
        raise DeskRefused.because("会议已形成决定，不能变更到会情况。")
    for member in meeting.members.all():
        member.is_present = member.pk in present
        member.save(update_fields=["is_present"])
    # who is in the room counts for every name: a list decided before is decided again
    meeting.lines.filter(is_decided=True).update(is_decided=False)
    counted = meeting.members.filter(is_present=True).count()
    if meeting.state == Meeting.State.PREPARING:
        meeting.state, meeting.opened_at = Meeting.State.OPEN, at
        meeting.save(update_fields=["state", "opened_at"])
    _record(meeting, "attendance", by=by, at=at, present=counted)
    return meeting


@transaction.atomic
def recuse_member(member: MeetingMember, *, application: Application, ground: str, by: User, at: datetime) -> None:
    """A member takes no part in one name (U23): ballots he had a part in, open or counted, are voted again."""
    meeting = lock_meeting(member.meeting, by=by)
    if not ground.strip():
        raise DeskRefused.because("请写明回避理由。", rulebook_for(meeting.round).recusal_ground)
    if meeting.state == Meeting.State.DECIDED:
        raise DeskRefused.because("会议已形成决定，不能再登记回避。")
    if application.round_id != meeting.round_id:
        raise DeskRefused.because("该申报不属于本届，不能登记回避。")
    _, is_new = MemberRecusal.objects.get_or_create(
        member=member, application=application, defaults={"ground": ground.strip()[:200]}
    )
    annulled = annul_ballots_on(meeting, application, member, at=at) if is_new else 0
    # who counts on the name has changed: what the meeting resolved on it is resolved again
    meeting.lines.filter(application=application, is_decided=True).update(is_decided=False)
    _record(meeting, "recuse", by=by, at=at, application=str(application.public_id), annulled=annulled)


def recused_names(meeting: Meeting) -> dict[int, set[int]]:
    """Member pk → the applications he is recused for."""
    found: dict[int, set[int]] = {}
    rows = MeetingMember.objects.filter(meeting=meeting, recusals__isnull=False)
    for member, application in rows.values_list("pk", "recusals__application"):
        found.setdefault(member, set()).add(application)
    return found


def bases_of(meeting: Meeting, names: Iterable[Application]) -> dict[int, int]:
    """Application pk → the members in the room who are not recused for it: the count a show of hands adds up to."""
    present = set(meeting.members.filter(is_present=True).values_list("pk", flat=True))
    recused = {member: names for member, names in recused_names(meeting).items() if member in present}
    return {one.pk: len(present) - sum(one.pk in names for names in recused.values()) for one in names}


def quorum_blockers(meeting: Meeting) -> list[Blocker]:
    """⅔ of the electorate in the room, or whatever the rulebook says."""
    book = rulebook_for(meeting.round)
    electorate, present = meeting.members.count(), meeting.members.filter(is_present=True).count()
    if is_quorate(present, electorate, quorum=share(book.decision.quorum.value)):
        return []
    text = f"应到{electorate}人，实到{present}人，未达到应到成员的{book.decision.quorum.value}，不能表决。"
    return [Blocker(text, book.ground(book.decision.quorum))]


def lock_meeting(meeting: Meeting, *, by: User) -> Meeting:
    """The locked meeting, for its office only."""
    if not works_in(by, meeting.round.office):
        raise DeskRefused.because("会议事务由办公室办理。")
    return Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)


def _record(meeting: Meeting, verb: str, *, by: User, at: datetime, **data) -> None:
    evidence.record(
        f"meeting.{verb}", chain=meeting.round.chain, by=by, subject=f"meeting:{meeting.public_id}", at=at, data=data
    )
