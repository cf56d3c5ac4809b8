"""The on-site visits of a round as their people play them: plan, confirmation, the day itself, both signatures."""

from __future__ import annotations

from datetime import date, timedelta

from applications.models import Application
from award_portal.lib import clock
from awards.calendars import current_calendar
from reviews import integrity, review_notices, visiting, visits
from reviews.models import Expert, Panel, Visit, VisitSignature

from .opening_moves import Player


def make_visits(player: Player, panel: Panel, *, but: Application | None = None) -> None:
    """A working day for each, nobody in two places: the earliest day on which all its readers are free."""
    planned = [plan(player, panel, one) for one in player.in_state(panel.stage) if one != but]
    for one in sorted(planned, key=lambda visit: (visit.starts_on, visit.pk)):
        player.wait_until(clock.at(one.starts_on, 9))
        visit_site(one)
    if planned:
        player.wait_until(clock.now() + timedelta(hours=2))
    for one in planned:
        applicant = one.application.created_by
        visiting.acknowledge_record(one, note="", by=applicant, at=clock.now())
        answers = dict.fromkeys(integrity.QUESTIONS, False)
        integrity.file_feedback(
            one.application, stage=panel.stage, answers=answers, text="", by=applicant, at=clock.now()
        )


def plan(player: Player, panel: Panel, application: Application) -> Visit:
    """Planned by the office, sent, and confirmed by the applicant."""
    officer, at = player.world.officer, clock.now()
    day = free_day(visits.readers_of(panel, application))
    visit = visits.plan_visit(
        panel, application, starts_on=day, ends_on=day, address=f"{application.organization}（现场，虚构）",
        contact_name="样例联系人（虚构）", contact_phone="0000-1234567", by=officer, at=at,
    )  # fmt: skip
    visits.send_plan(visit, by=officer, at=at)
    visit = visits.confirm_plan(visit, by=application.created_by, at=at)
    review_notices.issue_visit_notices(visit, by=officer, at=at)
    return visit


def free_day(team: list[Expert]) -> date:
    """The first working day after today on which none of them is on another visit."""
    calendar, day = current_calendar(), clock.today()
    while True:
        day = calendar.add_working_days(day, 1)
        if not Visit.objects.on_days(day, day).filter(members__expert__in=team, members__left_at=None).exists():
            return day


def visit_site(visit: Visit) -> None:
    """Opening, questions, one finding for each item of the rubric, closing; the leader signs the record."""
    leader, team = visit.leader.user, visits.team_of(visit)
    for meeting in VisitSignature.Meeting.values:
        for one in team:
            visiting.sign_meeting(visit, meeting=meeting, expert=one, by=one.user, at=clock.now())
        visiting.sign_meeting(
            visit, meeting=meeting, name="样例负责人（虚构）", post="总经理", by=leader, at=clock.now()
        )
    for question in visit.questions.order_by("pk"):
        visiting.settle_question(question, result="查阅记录，情况属实。（虚构）", by=leader, at=clock.now())
    for place, item in enumerate(visiting.item_titles(visit)[:3]):
        visiting.note_finding(
            visit, item=item, verdict="meets", text="查阅制度、记录和现场，与申报材料一致。（虚构）",
            by=team[place % len(team)].user, at=clock.now(),
        )  # fmt: skip
    visiting.close_visit(visit, text="向申报方通报核实情况，申报方无异议。（虚构）", by=leader, at=clock.now())
