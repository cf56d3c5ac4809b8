"""Convening the leading body: electorate, attendance, quorum, recusals (V8, U23)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.db import transaction

from applications.desk_rules import DeskRefused, require_text
from applications.gates import Blocker
from applications.models import Application
from applications.pipeline import State
from applications.rules import on_duty
from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rulebook import share
from awards.workdays import date_zh
from organizations import evidence
from organizations.messages import people_of, send_message
from organizations.models import Unit, User

from .annulling import annul_ballots_on
from .models import AgendaItem, Ballot, Meeting, MeetingChange, MeetingMember, MemberRecusal, ReviewReport
from .tallying import is_quorate
from .tiers import BALLOT_MODES
from .work_plan import MODES

UNEXPLAINED = "未说明事由"


@transaction.atomic
def convene_meeting(
    round: Round, *, title: str, held_on: date, place: str, by: User, at: datetime, teller: str = "",
    counter: str = "", recorder: str = "", chair: User | None = None,
) -> Meeting:  # fmt: skip
    """Call a meeting: everybody who works in the leading body is called; the review report must be issued (U11.8).

    Where it votes by ballot it has a teller and a counter; where it decides on a list, somebody who keeps the record.
    """
    round = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    refused = convening_refusals(round, by=by)
    if held_on < clock.day_of(at):
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
        counter=counter.strip(), recorder=recorder.strip(), chair=chair, convened_at=at,
    )  # fmt: skip
    called = electorate_of(round)
    MeetingMember.objects.bulk_create(MeetingMember(meeting=meeting, user=user) for user in called)
    AgendaItem.objects.bulk_create(
        AgendaItem(meeting=meeting, position=place, title=title, ground=ground)
        for place, (title, ground) in enumerate(standard_agenda(meeting), start=1)
    )
    tell_the_called(meeting, "会议通知", at=at)
    _record(meeting, "convene", by=by, at=at)
    return meeting


def standard_agenda(meeting: Meeting) -> list[tuple[str, str]]:
    """What a meeting of this scheme goes through, each with its article; the office edits it until it is opened."""
    book = rulebook_for(meeting.round)
    stage, decision = book.stage(State.DELIBERATION), book.decision
    mode = MODES[decision.mode.value]
    quotas = "，".join(f"{one.name}不超过{one.quota.value}个" for one in book.tiers)
    return [
        (f"清点到会人数（须达到应到成员的{decision.quorum.value}）", book.ground(decision.quorum)),
        ("申明回避", book.recusal_ground),
        (f"听取{book.instrument('review_report')}和{book.noun}情况", book.ground(stage)),
        (
            f"{book.label(State.DELIBERATION)}（{mode}；{quotas}）"[:200],
            book.ground(decision.mode),
        ),
        ("宣布结果，形成决定", ""),
    ]


def tell_the_called(meeting: Meeting, word: str, *, at: datetime, note: str = "") -> None:
    """A message to everybody who has a seat, member or deputy, with date and place as they stand."""
    seats = list(meeting.members.with_people())
    people = [one.user for one in seats] + [one.mandate.user for one in seats if one.mandate and one.mandate.user]
    body = f"{date_zh(meeting.held_on)}，{meeting.place}" + (f"。{note}" if note else "")
    send_message(people, subject=f"{word}：{meeting.title}", body=body, at=at)


def convening_refusals(round: Round, *, by: User) -> list[Blocker]:
    """Why no meeting can be called now."""
    book = rulebook_for(round)
    found = []
    if not on_duty(by, round.office, round):
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
def mark_attendance(
    meeting: Meeting, *, present: set[int], by: User, at: datetime, reasons: Mapping[int, str] | None = None
) -> Meeting:
    """Who is in the room (member pks), and why who is not; closed to change while a ballot is open."""
    meeting = lock_meeting(meeting, by=by)
    _require_countable(meeting)
    reasons = reasons or {}
    for member in meeting.members.all():
        member.is_present = member.pk in present
        if member.is_present and member.signed_in_at is None:
            member.signed_in_at, member.signed_in_by = at, by
        elif not member.is_present:
            member.signed_in_at = member.signed_in_by = None
        excused = reasons.get(member.pk, "").strip() or member.absence_reason or UNEXPLAINED
        member.absence_reason = "" if member.is_present else excused[:100]
        member.save(update_fields=["is_present", "signed_in_at", "signed_in_by", "absence_reason"])
    # who is in the room counts for every name: a list decided before is decided again
    meeting.lines.filter(is_decided=True).update(is_decided=False)
    counted = meeting.members.filter(is_present=True).count()
    if meeting.state == Meeting.State.PREPARING:
        meeting.state, meeting.opened_at = Meeting.State.OPEN, at
        meeting.save(update_fields=["state", "opened_at"])
    _record(meeting, "attendance", by=by, at=at, present=counted)
    return meeting


@transaction.atomic
def sign_in(meeting: Meeting, *, by: User, at: datetime) -> MeetingMember:
    """A member, or the deputy he sent, signs in at his own desk on the day; it counts once the office has opened."""
    meeting = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
    member = meeting.members.held_by(by).first()
    if member is None:
        raise DeskRefused.because("您不在应到成员之列，或者已委托他人出席，不能签到。")
    _require_countable(meeting)
    if meeting.held_on != clock.day_of(at):
        raise DeskRefused.because(f"会议当日方可签到，会议日期为{date_zh(meeting.held_on)}。")
    if member.signed_in_at is None:
        member.is_present, member.signed_in_at, member.signed_in_by, member.absence_reason = True, at, by, ""
        member.save(update_fields=["is_present", "signed_in_at", "signed_in_by", "absence_reason"])
        meeting.lines.filter(is_decided=True).update(is_decided=False)
        _record(meeting, "sign_in", by=by, at=at)
    return member


@transaction.atomic
def reschedule_meeting(
    meeting: Meeting, *, held_on: date, place: str, reason: str, by: User, at: datetime
) -> MeetingChange:
    """Another day or place, until the meeting is opened; what stood before is kept, everybody called is told."""
    meeting = lock_meeting(meeting, by=by)
    if meeting.state != Meeting.State.PREPARING:
        raise DeskRefused.because("会议已经开始，不能变更日期和地点。")
    place, reason = require_text(place, "地点")[:120], require_text(reason, "变更理由")[:200]
    if held_on < clock.day_of(at):
        raise DeskRefused.because("会议日期不能早于今天。")
    if (held_on, place) == (meeting.held_on, meeting.place):
        raise DeskRefused.because("日期和地点没有变化，不需要变更。")
    change = MeetingChange.objects.create(
        meeting=meeting, old_held_on=meeting.held_on, old_place=meeting.place, new_held_on=held_on, new_place=place,
        reason=reason, changed_at=at, changed_by=by,
    )  # fmt: skip
    meeting.held_on, meeting.place = held_on, place
    meeting.save(update_fields=["held_on", "place"])
    # who had signed in for the day that is no more signs in again
    meeting.members.update(is_present=False, signed_in_at=None, signed_in_by=None)
    tell_the_called(meeting, "会议变更通知", at=at, note=f"变更理由：{reason}")
    _record(meeting, "reschedule", by=by, at=at, held_on=held_on.isoformat())
    return change


@transaction.atomic
def set_agenda(meeting: Meeting, *, titles: Sequence[str], by: User, at: datetime) -> list[AgendaItem]:
    """The items in their order, until the meeting is opened; an item that keeps its words keeps its article."""
    meeting = lock_meeting(meeting, by=by)
    if meeting.state != Meeting.State.PREPARING:
        raise DeskRefused.because("会议已经开始，不能变更议程。")
    kept = [one.strip()[:200] for one in titles if one.strip()]
    if not kept:
        raise DeskRefused.because("议程至少有一项议题。")
    grounds = dict(meeting.agenda.values_list("title", "ground"))
    meeting.agenda.all().delete()
    items = AgendaItem.objects.bulk_create(
        AgendaItem(meeting=meeting, position=place, title=title, ground=grounds.get(title, ""))
        for place, title in enumerate(kept, start=1)
    )
    _record(meeting, "agenda", by=by, at=at, items=len(items))
    return items


def _require_countable(meeting: Meeting) -> None:
    if meeting.ballots.filter(state=Ballot.State.OPEN).exists():
        raise DeskRefused.because("正在投票，不能变更到会情况。")
    if meeting.state == Meeting.State.DECIDED:
        raise DeskRefused.because("会议已形成决定，不能变更到会情况。")


@transaction.atomic
def recuse_member(member: MeetingMember, *, application: Application, ground: str, by: User, at: datetime) -> None:
    """A member takes no part in one name (U23); what he has voted on it already, he or his deputy, is voted again."""
    meeting = lock_meeting(member.meeting, by=by)
    if not ground.strip():
        raise DeskRefused.because("请写明回避理由。", rulebook_for(meeting.round).recusal_ground)
    if meeting.state == Meeting.State.DECIDED:
        raise DeskRefused.because("会议已形成决定，不能再登记回避。")
    if application.round_id != meeting.round_id:
        raise DeskRefused.because("该申报不属于本届，不能登记回避。")
    stand_back(meeting, member, application, ground=ground, by=by, at=at)


def stand_back(
    meeting: Meeting, member: MeetingMember, application: Application, *, ground: str, by: User, at: datetime,
    **told: object,
) -> int:  # fmt: skip
    """The recusal itself, the meeting locked: on record, and every ballot the member had a part in is void.

    Returns how many ballots.
    """
    _, is_new = MemberRecusal.objects.get_or_create(
        member=member, application=application, defaults={"ground": ground.strip()[:200]}
    )
    annulled = annul_ballots_on(meeting, application, member, by=by, at=at) if is_new else 0
    # who counts on the name has changed: what the meeting resolved on it is resolved again
    meeting.lines.filter(application=application, is_decided=True).update(is_decided=False)
    _record(meeting, "recuse", by=by, at=at, application=str(application.public_id), annulled=annulled, **told)
    return annulled


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
    if not on_duty(by, meeting.round.office, meeting.round):
        raise DeskRefused.because("会议事务由办公室办理。")
    return Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)


def _record(meeting: Meeting, verb: str, *, by: User, at: datetime, **data) -> None:
    evidence.record(
        f"meeting.{verb}", chain=meeting.round.chain, by=by, subject=f"meeting:{meeting.public_id}", at=at, data=data
    )
