"""What waits where: the queues of both desks, the office's 待办 and 收件登记."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from award_portal.lib import clock
from awards.calendars import current_calendar
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from awards.workdays import Calendar, CalendarMissing
from organizations.models import User

from .desk_papers import last_day_of
from .desk_rules import EXAMINED
from .models import Application, Checklist, Consultation, ConsultationReply, Correction, Finding, Step
from .pipeline import ENDS, PUBLICITIES, State


@dataclass(frozen=True)
class QueueRow:
    """One application in a queue, with what is left to do on it and by when."""

    application: Application
    arrived_at: datetime | None
    due_on: date | None
    days_left: int | None
    todo: str

    @property
    def is_late(self) -> bool:
        return self.days_left is not None and self.days_left < 0


def recommender_applications(user: User) -> QuerySet[Application]:
    return _with_work(Application.objects.of_recommender(user), EXAMINED[0])


def office_applications(user: User) -> QuerySet[Application]:
    return _with_work(Application.objects.of_office(user), EXAMINED[1])


def queue_rows(applications: Iterable[Application], *, at: datetime) -> list[QueueRow]:
    """The rows of a queue with their planned last days; a missing calendar year leaves the day open."""
    calendar = current_calendar()
    rows = []
    for one in applications:
        due_on = planned_last_day(one, calendar)
        rows.append(
            QueueRow(
                application=one,
                arrived_at=one.arrived_at,  # type: ignore[attr-defined]
                due_on=due_on,
                days_left=days_left(calendar, due_on, at.date()),
                todo=what_is_left(one, at),
            )
        )
    return rows


def planned_last_day(application: Application, calendar: Calendar) -> date | None:
    """When the stage should be done: the correction's due date, or the planned working days from arrival."""
    if application.state == State.CORRECTION:
        due_at = application.correction_due_at  # type: ignore[attr-defined]
        return last_day_of(due_at) if due_at else None
    book = application.rulebook
    arrived = application.arrived_at or application.submitted_at  # type: ignore[attr-defined]
    # a publicity ends with its notice, which the publicity room keeps
    if arrived is None or application.state in PUBLICITIES or not book.has_stage(application.state):
        return None
    try:
        last = calendar.add_working_days(clock.day_of(arrived), book.stage(application.state).plan_days.value)
    except CalendarMissing:
        return None
    sent_by = application.round.recommendation_due_on
    early = (State.RECOMMENDATION_REVIEW, State.RECOMMENDATION_PUBLICITY, State.RECOMMENDATION)
    return min(last, sent_by) if sent_by and application.state in early else last


def days_left(calendar: Calendar, due_on: date | None, today: date) -> int | None:
    """Working days left, the last day included; negative when it has passed."""
    if due_on is None:
        return None
    try:
        return calendar.working_days_between(today, due_on)
    except CalendarMissing:
        return None


def what_is_left(application: Application, at: datetime) -> str:
    """The next thing to do, in the words of the desk; `application` carries the counts of `_with_work`."""
    one = application
    match one.state:
        case State.RECOMMENDATION_REVIEW | State.QUALIFICATION:
            if not one.findings_run:  # type: ignore[attr-defined]
                return "待系统核查"
            if one.open_findings:  # type: ignore[attr-defined]
                return f"待核实{one.open_findings}项"  # type: ignore[attr-defined]
            # a scheme consults at one desk, at both or at neither
            if one.rulebook.consultation(one.state) is not None and not one.replies_asked:  # type: ignore[attr-defined]
                return "待征求意见"
            if one.replies_open and not (one.replies_overdue == one.replies_open and _clears(one.rulebook, one.state)):  # type: ignore[attr-defined]
                return f"待复函{one.replies_open}件"  # type: ignore[attr-defined]
            return "待作出决定" if one.is_signed else "待填写审核表"  # type: ignore[attr-defined]
        case State.CORRECTION:
            return f"待补正（{one.rulebook.label(one.return_to)}）"
        case State.RECOMMENDATION_PUBLICITY | State.ACCEPTANCE_PUBLICITY:
            return "待公示或公示中"
        case State.RECOMMENDATION:
            return "待出具推荐意见"
    return ""


def _with_work(applications: QuerySet[Application], stage: str) -> QuerySet[Application]:
    """Annotate what a queue tells of each row, in one query whatever the number of rows."""
    findings = Q(findings__stage=stage)
    is_open = (
        findings
        & ~Q(findings__result=Finding.Result.CLEAR)
        & (Q(findings__settled_at=None) | Q(findings__settled_at__lt=F("findings__found_at")))
    )
    replies = ConsultationReply.objects.filter(application=OuterRef("pk"), consultation__stage=stage)
    waiting = replies.filter(answer=ConsultationReply.Answer.NONE, noted_at=None)
    overdue = waiting.filter(consultation__due_at__lte=clock.now())
    arrived = Step.objects.filter(application=OuterRef("pk"), to_state=OuterRef("state")).order_by("-pk")
    signed = Checklist.objects.filter(application=OuterRef("pk"), stage=stage, signed_at__isnull=False)
    correction = Correction.objects.filter(application=OuterRef("pk"), answered_at=None).order_by("-asked_at")
    return applications.with_names().annotate(
        arrived_at=Subquery(arrived.values("at")[:1]),
        correction_due_at=Subquery(correction.values("due_at")[:1]),
        findings_run=Count("findings", filter=findings, distinct=True),
        open_findings=Count("findings", filter=is_open, distinct=True),
        replies_asked=Exists(replies),
        replies_open=_number(waiting),
        replies_overdue=_number(overdue),
        is_signed=Exists(signed),
    )


def _number(replies: QuerySet[ConsultationReply]) -> Subquery:
    return Subquery(replies.order_by().values("application").annotate(number=Count("pk")).values("number")[:1])


# -- the office's 待办 -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StageCount:
    state: str
    label: str
    number: int
    ended: bool


@dataclass(frozen=True)
class DueItem:
    """Something with a date: what, whose, by when, and where it is done."""

    what: str
    who: str
    due_on: date
    days_left: int | None
    url: str


def stage_counts(user: User, round_pk: int | None = None) -> list[StageCount]:
    """How many applications stand at each stage of the office's rounds, in the rulebook's order, ends last."""
    applications = Application.objects.of_office(user)
    if round_pk:
        applications = applications.filter(round=round_pk)
    counts = {
        row["state"]: row["number"] for row in applications.order_by().values("state").annotate(number=Count("pk"))
    }
    first = applications.with_names().first()
    if first is None:
        return []
    book = first.rulebook
    order = [*book.states, State.CORRECTION.value, *(state for state in State.values if state in ENDS)]
    return [StageCount(state, book.label(state), counts[state], state in ENDS) for state in order if counts.get(state)]


DueProvider = Callable[[User, datetime], Iterable[DueItem]]
_due_providers: list[DueProvider] = []


def office_due_provider(provider: DueProvider) -> DueProvider:
    """Register what a higher room has due at the office. Called from a module its `AppConfig.ready()` imports."""
    _due_providers.append(provider)
    return provider


def office_due(user: User, *, at: datetime, limit: int = 30) -> list[DueItem]:
    """What the office waits for or owes, nearest date first: its own desks' and what the later rooms add."""
    calendar = current_calendar()
    found = [
        DueItem(
            what=f"{row.application.state_label}：{row.todo}",
            who=str(row.application.organization),
            due_on=row.due_on,
            days_left=row.days_left,
            url=_examine_url(row.application),
        )
        for row in queue_rows(
            office_applications(user).filter(
                Q(state__in=(State.QUALIFICATION, State.ACCEPTANCE_PUBLICITY))
                | Q(state=State.CORRECTION, return_to=State.QUALIFICATION)
            ),
            at=at,
        )
        if row.due_on
    ]
    found += consultation_due(user, at=at, calendar=calendar)
    found += [one for provider in _due_providers for one in provider(user, at)]
    return sorted(found, key=lambda one: one.due_on)[:limit]


def consultation_due(user: User, *, at: datetime, calendar: Calendar) -> list[DueItem]:
    """The unanswered letters of the person's units with their reply dates."""
    letters = Consultation.objects.of_sender(user).with_names().unanswered().order_by("due_at")
    books = {round.pk: rulebook_for(round) for round in {one.round for one in letters}}
    return [
        DueItem(
            what="待复函",
            who=str(one.department),
            due_on=last_day_of(one.due_at),
            days_left=days_left(calendar, last_day_of(one.due_at), at.date()),
            url=_letter_url(one),
        )
        for one in letters
        # a reply that counts as no objection once its day has passed is waited for no longer
        if at < one.due_at or not _clears(books[one.round_id], one.stage)
    ]


# -- 收件登记 ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class IntakeRow:
    """One line of 收件登记: what came in from which recommender, when, and the digest of exactly that dossier."""

    application: Application
    received_at: datetime
    opinion_number: str
    dossier_version: int
    dossier_sha256: str


def intake_rows(user: User) -> list[IntakeRow]:
    """Everything recommended to the office, in order of receipt; the same number of queries for any number."""
    steps = (
        Step.objects.filter(step="recommend", application__in=Application.objects.of_office(user))
        .select_related(
            "application__organization", "application__recommender", "application__round__scheme",
            "application__round__edition", "application__recommendation_opinion__document",
        )
        .prefetch_related("application__dossiers")
        .order_by("at", "pk")
    )  # fmt: skip
    rows = []
    for step in steps:
        frozen = [one for one in step.application.dossiers.all() if one.frozen_at <= step.at]
        dossier = max(frozen, key=lambda one: one.version)
        rows.append(
            IntakeRow(
                application=step.application,
                received_at=step.at,
                opinion_number=step.application.recommendation_opinion.document.number,
                dossier_version=dossier.version,
                dossier_sha256=dossier.sha256,
            )
        )
    return rows


def _clears(book: Rulebook, stage: str) -> bool:
    rule = book.consultation(stage)
    return rule is not None and rule.silence_is_clearance.value


def _examine_url(application: Application) -> str:
    return reverse("applications:examine", args=[application.public_id])


def _letter_url(letter: Consultation) -> str:
    return reverse("applications:consultation", args=[letter.public_id])
