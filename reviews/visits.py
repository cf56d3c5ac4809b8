"""Planning a visit: days, team, programme; the applicant confirms it or asks for another day (U11.7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import combinations

from django.db import transaction
from django.urls import reverse

from applications.corrections import tell_applicant
from applications.desk_rules import DeskRefused, require_text
from applications.gates import Blocker
from applications.models import Application
from applications.pipeline import State
from applications.rules import acts_for, works_in
from award_portal.lib import clock
from award_portal.lib.sealed import seal, unseal
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from awards.workdays import date_zh
from organizations import evidence
from organizations.messages import people_of, send_message
from organizations.models import User

from .collisions import visit_collisions
from .conflicts import conflicts_between
from .models import (
    Assignment,
    Expert,
    Panel,
    Recusal,
    Visit,
    VisitMember,
    VisitReply,
    VisitStop,
)
from .panel_places import judged_by
from .panels import current_members, require_office
from .visit_questions import ask_from_documents

MOST_DAYS = 5
Kind = VisitReply.Kind


@dataclass(frozen=True)
class Stop:
    """One row of the programme as it is planned."""

    day: date
    starts: time
    ends: time
    place: str
    item: str
    who: str = ""


@transaction.atomic
def plan_visit(
    panel: Panel,
    application: Application,
    *,
    starts_on: date,
    ends_on: date,
    address: str,
    contact_name: str,
    contact_phone: str,
    by: User,
    at: datetime,
    team: Sequence[Expert] = (),
    leader: Expert | None = None,
) -> Visit:
    """A visit in draft with a programme of its own to edit and a question list from the document review.

    The team is the application's readers unless the office names members of the panel; nobody of it has a tie to the
    applicant or is elsewhere on those days (U23). The panel's leader leads where he is on the team.
    """
    require_office(panel.round, by)
    book = rulebook_for(panel.round)
    cite = book.ground(book.stage(panel.stage))
    locked = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    if panel.stage != State.ONSITE_REVIEW or locked.state != panel.stage or locked.round_id != panel.round_id:
        raise DeskRefused.because("该申报不在现场评审环节。页面可能已过时，请刷新后再办。", cite)
    if panel.group and not judged_by(panel).filter(pk=locked.pk).exists():
        raise DeskRefused.because(f"该申报不由{panel.label}评审，请在其所在的评审组安排。", cite)
    if Visit.objects.standing().filter(panel=panel, application=locked).exists():
        raise DeskRefused.because("该申报已经拟定现场评审日程。", cite)
    members = list(dict.fromkeys(team)) or readers_of(panel, locked)
    leader = leader or (panel.chair if panel.chair in members else next(iter(members), None))
    _refuse_days(starts_on, ends_on, at, cite)
    _refuse_team(panel, locked, members, leader, starts_on, ends_on)
    assert leader is not None
    visit = Visit.objects.create(
        panel=panel, application=locked, leader=leader, starts_on=starts_on, ends_on=ends_on,
        address=require_text(address, "现场地址"), contact_name=require_text(contact_name, "联系人"), planned_at=at,
        planned_by=by,
    )  # fmt: skip
    seal(visit, "contact_sealed", require_text(contact_phone, "联系电话"))
    visit.save()
    VisitMember.objects.bulk_create(VisitMember(visit=visit, expert=one, joined_at=at) for one in members)
    VisitStop.objects.bulk_create(VisitStop(visit=visit, **vars(one)) for one in usual_programme(starts_on, ends_on))
    ask_from_documents(visit, by=by, at=at)
    record("visit.plan", visit, by=by, at=at, data=_days(visit))
    return visit


@transaction.atomic
def set_programme(visit: Visit, *, stops: Sequence[Stop], by: User, at: datetime) -> None:
    """The rows of the 日程; those of one day never overlap. Once sent, another programme goes out anew."""
    locked = lock_open(visit)
    if not leads_visit(locked, by):
        require_office(locked.panel.round, by)
    cite = cite_of(locked)
    if not stops:
        raise DeskRefused.because("日程至少有一行。", cite)
    for one in stops:
        if not locked.starts_on <= one.day <= locked.ends_on:
            raise DeskRefused.because(f"{date_zh(one.day)}不在现场评审日期之内。", cite)
        if one.ends <= one.starts:
            raise DeskRefused.because(f"“{one.item}”的结束时间应晚于开始时间。", cite)
    ordered = sorted(stops, key=lambda one: (one.day, one.starts))
    for before, after in combinations(ordered, 2):
        same = not before.who or not after.who or before.who == after.who
        if before.day == after.day and after.starts < before.ends and same:
            raise DeskRefused.because(f"“{before.item}”和“{after.item}”的时间重叠，分组进行的请写明人员。", cite)
    locked.stops.all().delete()
    VisitStop.objects.bulk_create(VisitStop(visit=locked, **vars(one)) for one in ordered)
    record("visit.programme", locked, by=by, at=at, data={"rows": len(ordered)})
    if locked.sent_at is not None:
        _tell_applicant(locked, "现场评审日程有调整，请查看", at=at)


@transaction.atomic
def send_plan(visit: Visit, *, by: User, at: datetime) -> Visit:
    """The plan goes to the applicant to confirm, and to the team."""
    locked = lock_open(visit)
    require_office(locked.panel.round, by)
    if locked.confirmed_at is not None:
        raise DeskRefused.because("对方已经确认日程，不必再送。", cite_of(locked))
    if not locked.stops.exists():
        raise DeskRefused.because("请先填写日程。", cite_of(locked))
    locked.sent_at = at
    locked.save()
    VisitReply.objects.create(visit=locked, kind=Kind.SENT, at=at, by=by)
    record("visit.send", locked, by=by, at=at, data=_days(locked))
    _tell_applicant(locked, f"现场评审日程（{days_zh(locked)}），请确认", at=at)
    _tell_team(locked, f"现场评审：{days_zh(locked)}", at=at)
    return locked


@transaction.atomic
def confirm_plan(visit: Visit, *, by: User, at: datetime, note: str = "") -> Visit:
    """The applicant confirms; or the office, noting how it was told (by telephone, by letter)."""
    locked = lock_open(visit)
    own = acts_for(by, locked.application)
    if not own:
        require_office(locked.panel.round, by)
        require_text(note, "对方以何种方式确认")
    if locked.sent_at is None:
        raise DeskRefused.because("日程还没有送达，不能确认。", cite_of(locked))
    if locked.confirmed_at is not None:
        raise DeskRefused.because("日程已经确认。", cite_of(locked))
    locked.confirmed_at, locked.confirmed_by = at, by
    locked.save()
    VisitReply.objects.create(visit=locked, kind=Kind.CONFIRMED, text=note.strip()[:300], at=at, by=by)
    record("visit.confirm", locked, by=by, at=at, data={"by_applicant": own})
    return locked


@transaction.atomic
def ask_another_day(visit: Visit, *, wanted_on: date, reason: str, by: User, at: datetime) -> VisitReply:
    """The applicant asks for another day with a reason, before the visit begins; the office decides."""
    locked = lock_open(visit)
    if not acts_for(by, locked.application):
        raise DeskRefused.because(f"只能由{locked.application.noun}提出。")
    cite = cite_of(locked)
    if locked.sent_at is None or at >= clock.day_start(locked.starts_on):
        raise DeskRefused.because("现场评审已经开始，或者日程尚未送达，不能请求另定日期。", cite)
    if wanted_on <= at.date():
        raise DeskRefused.because("希望的日期应晚于今天。", cite)
    reply = VisitReply.objects.create(
        visit=locked, kind=Kind.ASKED, wanted_on=wanted_on, text=require_text(reason, "理由")[:300], at=at, by=by
    )
    record("visit.ask_another_day", locked, by=by, at=at, data={"wanted_on": wanted_on.isoformat()})
    send_message(
        people_of(locked.panel.round.office), subject=f"{locked.application.listed_name}请求另定现场评审日期"[:120],
        url=reverse("reviews:visit", args=[locked.public_id]), at=at,
    )  # fmt: skip
    return reply


@transaction.atomic
def change_visit(
    visit: Visit, *, starts_on: date, ends_on: date, reason: str, by: User, at: datetime,
    team: Sequence[Expert] = (), leader: Expert | None = None,
) -> Visit:  # fmt: skip
    """Other days or another team, with the reason; the programme moves along, the applicant confirms anew."""
    locked = lock_open(visit)
    require_office(locked.panel.round, by)
    cite, reason = cite_of(locked), require_text(reason, "变更原因")
    if locked.signatures.exists():
        raise DeskRefused.because("首次会议已经召开，不能再变更日程。", cite)
    _refuse_days(starts_on, ends_on, at, cite)
    members = list(dict.fromkeys(team)) or team_of(locked)
    chosen = leader or (locked.leader if locked.leader in members else members[0] if members else None)
    _refuse_team(locked.panel, locked.application, members, chosen, starts_on, ends_on, but=locked.pk)
    assert chosen is not None
    was, shift = days_zh(locked), starts_on - locked.starts_on
    for stop in locked.stops.all():
        stop.day = min(stop.day + shift, ends_on)
        stop.save()
    locked.starts_on, locked.ends_on, locked.leader = starts_on, ends_on, chosen
    locked.sent_at, locked.confirmed_at, locked.confirmed_by = at, None, None
    locked.save()
    _seat(locked, members, at)
    VisitReply.objects.create(visit=locked, kind=Kind.CHANGED, text=f"原定{was}。{reason}"[:300], at=at, by=by)
    record("visit.change", locked, by=by, at=at, data={**_days(locked), "reason": reason})
    _tell_applicant(locked, f"现场评审改为{days_zh(locked)}，请重新确认", body=f"变更原因：{reason}", at=at)
    _tell_team(locked, f"现场评审改为{days_zh(locked)}", at=at)
    return locked


@transaction.atomic
def cancel_visit(visit: Visit, *, reason: str, by: User, at: datetime) -> Visit:
    """Called off with the reason, before its opening meeting; another may be planned."""
    locked = lock_open(visit)
    require_office(locked.panel.round, by)
    reason = require_text(reason, "取消原因")
    if locked.signatures.exists():
        raise DeskRefused.because("首次会议已经召开，不能取消。", cite_of(locked))
    locked.cancelled_at = at
    locked.save()
    VisitReply.objects.create(visit=locked, kind=Kind.CANCELLED, text=reason[:300], at=at, by=by)
    record("visit.cancel", locked, by=by, at=at, data={"reason": reason})
    _tell_applicant(locked, "原定现场评审取消，另行安排", body=f"取消原因：{reason}", at=at)
    _tell_team(locked, "原定现场评审取消，另行安排", at=at)
    return locked


def readers_of(panel: Panel, application: Application) -> list[Expert]:
    """The experts who score the application at the panel's stage."""
    rows = Assignment.objects.of_stage(application, panel.stage).select_related("expert__user").order_by("pk")
    return [one.expert for one in rows]


def team_of(visit: Visit) -> list[Expert]:
    """Who is on the team now: left out are those who went, were suspended or stepped back from the applicant."""
    gone = Recusal.objects.filter(state=Recusal.State.GRANTED, application=visit.application_id).values("expert")
    rows = visit.members.filter(left_at=None, expert__state=Expert.State.ACTIVE).exclude(expert__in=gone)
    return [one.expert for one in rows.select_related("expert__user")]


def leads_visit(visit: Visit, user: User) -> bool:
    """Whether the person leads the visit now."""
    return any(one.pk == visit.leader_id and one.user_id == user.pk for one in team_of(visit))


def contact_phone(visit: Visit) -> str:
    return unseal(visit, "contact_sealed")


def usual_programme(starts_on: date, ends_on: date) -> list[Stop]:
    """What a visit of so many days looks like before anybody edits it: opening, looking, talking, papers, closing."""
    last = time(16, 0)
    stops = [
        Stop(starts_on, time(9, 0), time(9, 30), "会议室", "首次会议：介绍评审组、评审依据和日程，申报方介绍情况"),
        Stop(starts_on, time(9, 30), time(11, 30), "生产（服务）现场", "过程控制、设备设施和现场管理"),
        Stop(starts_on, time(13, 30), time(15, 30), "会议室、各部门", "查阅记录和证实材料，与管理层和员工交流"),
    ]
    day = starts_on + timedelta(days=1)
    while day <= ends_on:
        stops.append(Stop(day, time(9, 0), time(11, 30), "各部门", "问题清单所列事项逐项核实"))
        stops.append(Stop(day, time(13, 30), time(15, 30), "各部门", "关键指标和数据核实"))
        day += timedelta(days=1)
    stops.append(Stop(ends_on, time(15, 30), last, "会议室", "评审组内部会议：汇总核实情况"))
    return [*stops, Stop(ends_on, last, time(16, 30), "会议室", "末次会议：通报核实情况，听取申报方意见")]


def days_zh(visit: Visit) -> str:
    first = date_zh(visit.starts_on)
    return first if visit.starts_on == visit.ends_on else f"{first}至{date_zh(visit.ends_on)}"


def lock_open(visit: Visit) -> Visit:
    """The visit behind its application's lock, or DeskRefused when it is over or called off."""
    Application.objects.select_for_update(of=("self",)).get(pk=visit.application_id)
    Visit.objects.select_for_update(of=("self",)).get(pk=visit.pk)
    locked = Visit.objects.with_names().get(pk=visit.pk)
    if locked.cancelled_at is not None:
        raise DeskRefused.because("本次现场评审已经取消。页面可能已过时，请刷新。", cite_of(locked))
    if locked.closed_at is not None:
        raise DeskRefused.because("末次会议记录已经签署，现场评审的内容不能再改。", cite_of(locked))
    return locked


def cite_of(visit: Visit) -> str:
    book: Rulebook = rulebook_for(visit.panel.round)
    return book.ground(book.stage(visit.panel.stage))


def may_see_visit(visit: Visit, user: User) -> bool:
    return works_in(user, visit.panel.round.office) or any(one.user_id == user.pk for one in team_of(visit))


def record(verb: str, visit: Visit, *, by: User, at: datetime, data: dict) -> None:
    evidence.record(
        verb, chain=visit.panel.round.chain, by=by, subject=f"visit:{visit.public_id}", at=at,
        data={"application": str(visit.application.public_id), **data},
    )  # fmt: skip


def _refuse_days(starts_on: date, ends_on: date, at: datetime, cite: str) -> None:
    if starts_on < at.date():
        raise DeskRefused.because("现场评审日期不能早于今天。", cite)
    if not starts_on <= ends_on <= starts_on + timedelta(days=MOST_DAYS - 1):
        raise DeskRefused.because(f"结束日期不早于开始日期，一次现场评审不超过{MOST_DAYS}天。", cite)


def _refuse_team(
    panel: Panel, application: Application, team: list[Expert], leader: Expert | None, starts_on: date, ends_on: date,
    *, but: int = 0,
) -> None:  # fmt: skip
    """Of the panel, led by one of them, free of the applicant, and nowhere else on those days: all faults at once."""
    book = rulebook_for(panel.round)
    if not team:
        raise DeskRefused.because("请先分配评审专家，或者选定现场评审组成员。", book.ground(book.stage(panel.stage)))
    sitting = {one.pk for one in current_members(panel)}
    stepped = set(
        Recusal.objects.filter(state=Recusal.State.GRANTED, application=application).values_list("expert_id", flat=True)
    )
    tied = conflicts_between(team, [application])
    found = []
    for one in team:
        why = [str(each) for each in tied.get((one.pk, application.pk), [])]
        if one.pk in stepped:
            why.append("已对该申报回避")
        if one.pk not in sitting or one.state != Expert.State.ACTIVE:
            found.append(Blocker(f"{one}不是本评审组在任成员。", book.ground(book.stage(panel.stage))))
        if why:
            found.append(Blocker(f"{one}不能参加：{'；'.join(why)}。", book.recusal_ground))
    if leader not in team:
        found.append(Blocker("带队组长应为现场评审组成员。", book.ground(book.review(panel.stage).leader)))
    found += visit_collisions(panel.round, team, starts_on=starts_on, ends_on=ends_on, but=but)
    if found:
        raise DeskRefused(found)


def _seat(visit: Visit, members: list[Expert], at: datetime) -> None:
    """The rows of the team follow the list: who is not on it has left, who is new has joined."""
    visit.members.filter(left_at=None).exclude(expert__in=members).update(left_at=at)
    for one in members:
        VisitMember.objects.update_or_create(
            visit=visit, expert=one, defaults={"left_at": None}, create_defaults={"joined_at": at}
        )


def _days(visit: Visit) -> dict[str, str]:
    return {"starts_on": visit.starts_on.isoformat(), "ends_on": visit.ends_on.isoformat()}


def _tell_applicant(visit: Visit, subject: str, *, body: str = "", at: datetime) -> None:
    tell_applicant(visit.application, subject=subject, body=body, at=at)


def _tell_team(visit: Visit, subject: str, *, at: datetime) -> None:
    url = reverse("reviews:visit", args=[visit.public_id])
    send_message([one.user for one in team_of(visit)], subject=subject[:120], url=url, at=at)
