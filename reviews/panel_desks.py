"""The desks the review gives a person: the expert's own assignments, and the office's organising of the review.

To an applicant it gives the way to ask for an expert's recusal, from the hour its panel is formed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.urls import reverse

from applications.applicant_links import ApplicantLink, applicant_links
from applications.models import Application
from applications.office_desk import DueItem, days_left, office_due_provider
from award_portal.lib import clock
from awards.calendars import current_calendar
from awards.workdays import Calendar, CalendarMissing
from organizations.desks import Desk, desk_provider
from organizations.models import Unit, User

from .board import StageRow, review_board
from .expert_desk import todo_count
from .late_conflicts import late_conflicts_of_office
from .models import Assignment, Expert, IntegrityFeedback, Recusal
from .panel_places import panel_of
from .panels import planned_due
from .ties import may_name_ties


@desk_provider
def review_desks(user: User) -> Iterable[Desk]:
    """`count` is what waits for this person: sheets, invitations and pledges, recusals not yet decided."""
    if Expert.objects.filter(user=user).exists():
        waiting = Assignment.objects.of_expert(user).filter(sheet__submitted_at=None)
        yield Desk("我的评审", reverse("reviews:mine"), count=waiting.count() + todo_count(user), order=35)
    if Unit.objects.of_user(user).of_kind("office").exists():
        asked = Recusal.objects.of_office(user).waiting().count() + len(late_conflicts_of_office(user))
        yield Desk("评审组织", reverse("reviews:panels"), count=asked, order=40)
        yield Desk("专家库", reverse("reviews:experts"), order=41)
    if Unit.objects.of_user(user).of_kind("supervisor").exists():
        unread = IntegrityFeedback.objects.of_supervisor(user).filter(read_at=None).count()
        yield Desk("廉洁反馈", reverse("reviews:integrity_list"), count=unread, order=45)


@office_due_provider
def review_due(user: User, at: datetime) -> Iterable[DueItem]:
    """The stages with applications on them: the panel to form, the sheets that are out, the opinions, the cut."""
    calendar, today = current_calendar(), clock.day_of(at)
    for row in review_board(user):
        if row.unplaced:
            yield from _placing_due(row, calendar, today, at)
        if not row.standing:
            continue
        if row.panel is None:
            try:
                due_on, todo = planned_due(row.round, row.stage, at), "待组建评审组"
            except CalendarMissing:
                continue
            url = reverse("reviews:new_panel", args=[row.round.public_id, row.stage])
            url += f"?group={row.group.public_id}" if row.group else ""
        else:
            due_on, url = row.panel.due_on, reverse("reviews:panel", args=[row.panel.public_id])
            todo = _todo(row)
        yield DueItem(f"{row.title}：{todo}", row.round.title, due_on, days_left(calendar, due_on, today), url)


def _placing_due(row: StageRow, calendar: Calendar, today: date, at: datetime) -> Iterable[DueItem]:
    """Applications that no panel of a divided stage has yet."""
    try:
        due_on = planned_due(row.round, row.stage, at)
    except CalendarMissing:
        return
    url = reverse("reviews:panel_groups", args=[row.round.public_id, row.stage])
    text = f"{row.label}：待分组{row.unplaced}家"
    yield DueItem(text, row.round.title, due_on, days_left(calendar, due_on, today), url)


def _todo(row: StageRow) -> str:
    if not row.assigned:
        return "待分配材料"
    if row.submitted < row.assigned:
        return f"评分表已交{row.submitted}份，应交{row.assigned}份"
    if row.opinions < row.standing:
        return "待形成评审意见"
    return "待决定进入下一环节"


@applicant_links
def recusal_link(application: Application) -> Iterable[ApplicantLink]:
    """Asking for recusal, while a panel of the application's own stage stands (U23)."""
    if may_name_ties(application):
        yield ApplicantLink("说明利害关系", reverse("reviews:name_ties", args=[application.public_id]))
    if panel_of(application, application.state) is not None:
        asked = Recusal.objects.filter(application=application, source=Recusal.Source.APPLICANT).first()
        day = asked.asked_at.astimezone(clock.SHANGHAI) if asked else None
        note = f"{day:%Y-%m-%d}提出：{asked.get_state_display()}" if asked else ""
        yield ApplicantLink("申请评审专家回避", reverse("reviews:ask_recusal", args=[application.public_id]), note)
