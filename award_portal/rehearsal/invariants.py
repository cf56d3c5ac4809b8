"""What must be true of a round that was played to its end; each broken one in words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F

from applications.models import Application, Hold, Step
from applications.pipeline import ENDS, State
from awards.calendars import current_calendar
from awards.models import Award, Round
from awards.parameters import rulebook_for
from documents.models import IssuedDocument
from objections.casework import leg_due
from objections.models import Objection, Outcome
from objections.pipeline import ENDED, LEGS_ZH, UNFINISHED
from organizations.auditing import verify_database
from organizations.models import AuditRecord, OutboxItem
from publicity.list_changes import notices_to_change
from publicity.models import Notice
from reviews.feedback import reviewed
from reviews.models import Ballot, FeedbackReport, Paper

UNSUBMITTED = (State.DRAFT, State.SELF_PUBLICITY)


def broken_invariants(round: Round, *, rendered: bool = True) -> list[str]:
    """Everything that is wrong with a finished round; nothing when it went as the regulation says."""
    return [
        *_unfinished(round),
        *_steps(round),
        *_publicities(round),
        *_quotas(round),
        *_objections(round),
        *_ballots(round),
        *_feedback(round),
        *_papers(round, rendered),
        *verify_database().faults,
    ]


def _unfinished(round: Round) -> list[str]:
    """Whoever submitted has come to an end; nothing is held any more."""
    rows = Application.objects.filter(round=round).exclude(state__in=[*ENDS, *UNSUBMITTED])
    found = [f"申报{one.number or one.pk}停在“{one.state_label}”" for one in rows.select_related("round")]
    held = Hold.objects.open().filter(application__round=round).count()
    return found + ([f"还有{held}个暂停没有解除"] if held else [])


def _steps(round: Round) -> list[str]:
    """Each application's steps join end to end, and the last led to where it stands."""
    found = []
    stands: dict[int, str] = {}
    for step in Step.objects.filter(application__round=round).order_by("application_id", "pk"):
        here = stands.get(step.application_id, State.DRAFT)
        if step.from_state != here:
            found.append(f"步骤{step.pk}从“{step.from_state}”出发，申报在“{here}”")
        stands[step.application_id] = step.to_state
    rows = Application.objects.filter(round=round).values_list("pk", "state")
    return found + [f"申报{pk}的状态与步骤不符" for pk, state in rows if state != stands.get(pk, State.DRAFT)]


def _publicities(round: Round) -> list[str]:
    """Every publicity ran its days, exact ones to the day, and was closed only afterwards (U11, B15)."""
    book, found = rulebook_for(round), []
    for notice in Notice.objects.windows().filter(round=round):
        asked = book.publicity(notice.kind).days
        days = days_in(notice)
        if days < asked.value or (asked.bound == "exactly" and days != asked.value):
            found.append(f"“{notice.title}”公示了{days}日，应为{asked.value}日")
        if notice.closed_at is None or notice.ends_at is None or notice.closed_at < notice.ends_at:
            found.append(f"“{notice.title}”没有期满结束")
    return found


def days_in(notice: Notice) -> int:
    """The window's days counted one by one, first and last included: working days, or all where the scheme says so."""
    first, last = notice.starts_on, notice.last_on
    assert first is not None and last is not None, "only windows are counted"  # noqa: PT018
    calendar, whole = current_calendar(), range((last - first).days + 1)
    if rulebook_for(notice.round).publicity(notice.kind).day_kind.value == "calendar":
        return len(whole)
    return sum(calendar.is_working(first + timedelta(days=day)) for day in whole)


def _quotas(round: Round) -> list[str]:
    """No tier has more winners than its quota; certificate numbers have no gap (U4)."""
    book, found = rulebook_for(round), []
    awards = Award.objects.filter(round=round)
    counted = Counter(awards.filter(outside_quota=False).values_list("tier", flat=True))
    for tier in book.tiers:
        if tier.quota.value is not None and counted[tier.key] > tier.quota.value:
            found.append(f"{tier.name}超过名额：{counted[tier.key]}个")
    numbers = sorted(int(one.rsplit("-", 1)[1]) for one in awards.values_list("certificate_number", flat=True))
    if numbers != list(range(1, len(numbers) + 1)):
        found.append(f"证书编号不连续：{numbers}")
    if awards.count() != Application.objects.filter(round=round, state=State.AWARDED).count():
        found.append("获奖名录与申报状态不符")
    return found


def _objections(round: Round) -> list[str]:
    open_ones = Objection.objects.filter(application__round=round, state__in=UNFINISHED)
    found = [f"异议{one.number}没有告知结果" for one in open_ones]
    undone = Outcome.objects.outstanding().filter(objection__application__round=round).select_related("objection")
    found += [f"异议{one.objection.number}：{one.get_kind_display()}没有办结" for one in undone]
    changed = notices_to_change(Round.objects.filter(pk=round.pk))
    found += [f"“{one.title}”名单变更没有公告" for one in changed]
    return found + _untold(round) + _unescalated(round)


def _untold(round: Round) -> list[str]:
    """No objection ended without the objector told, and the unit that recommended where there is one (U13)."""
    ended = Objection.objects.filter(application__round=round, state__in=ENDED)
    found = [f"异议{one.number}没有告知异议人" for one in ended.filter(told_at=None)]
    recommended = ended.filter(recommender_told_at=None).exclude(application__recommender=None)
    return found + [f"异议{one.number}没有通报推荐单位" for one in recommended]


def _unescalated(round: Round) -> list[str]:
    """No leg of an objection went past its day without its escalation on record (U13, O2)."""
    records = AuditRecord.objects.filter(chain=round.chain, verb="objection.overdue")
    told = {(one.subject, one.data["leg"]) for one in records}
    found = []
    for case in Objection.objects.filter(application__round=round).select_related("application").order_by("number"):
        for one in _legs(case):
            extended = case.extensions.filter(leg=one.leg).order_by("due_after").last()
            due = extended.due_after if extended else leg_due(case.application.rulebook, one.leg, one.counted_from)
            # a leg that was over before it began is told of with the one before it
            if one.ended_at > max(due, one.began_at) and (case.hold_source, one.leg) not in told:
                found.append(f"异议{case.number}“{LEGS_ZH[one.leg]}”逾期没有上报")
    return found


@dataclass(frozen=True)
class Leg:
    """One leg a case has lived through: what its days count from, when it began, when it was done."""

    leg: str
    counted_from: datetime
    began_at: datetime
    ended_at: datetime


def _legs(case: Objection) -> list[Leg]:
    """Those that are over; from the forwarding on a case handled with another has that one's."""
    received, accepted = case.clock_started_at, case.accepted_at
    from_receipt = case.application.rulebook.objections.clocks.forward.from_what.value == "receipt"
    moments = [
        ("form_check", received, received, accepted),
        ("forward", received if from_receipt else accepted, accepted, case.forwarded_at),
    ]
    if case.lead_id is None:
        moments += [
            ("report", case.forwarded_at, case.forwarded_at, case.reported_at),
            ("decide", case.reported_at, case.reported_at, case.decided_at),
            ("tell", case.decided_at, case.decided_at, case.told_at),
        ]
    return [Leg(leg, counted, began, ended) for leg, counted, began, ended in moments if counted and began and ended]


def _feedback(round: Round) -> list[str]:
    """Everybody a panel judged was told of it (section 8)."""
    told = set(FeedbackReport.objects.of_round(round).released().values_list("application_id", flat=True))
    return [f"申报{one.number}没有收到评审反馈报告" for one in reviewed(round) if one.pk not in told]


def _ballots(round: Round) -> list[str]:
    """Every ballot is counted, its key destroyed, and no paper is left."""
    ballots = Ballot.objects.filter(meeting__round=round)
    found = [f"{one.tier_name}第{one.number}次表决没有结束" for one in ballots.filter(state=Ballot.State.OPEN)]
    if Paper.objects.filter(ballot__in=ballots).exists():
        found.append("表决结束后仍有表决票")
    over = ballots.filter(state=Ballot.State.CLOSED, cast_count__gt=F("present_count"))
    return found + [f"{one.tier_name}收回的票多于到会人数" for one in over]


def _papers(round: Round, rendered: bool) -> list[str]:
    """The papers' numbers have no gap; each is rendered where that was asked for, and nothing else waits."""
    papers = IssuedDocument.objects.filter(scheme_key=round.scheme.key)
    found = [f"公文{one.number}没有生成" for one in papers.filter(sha256="")] if rendered else []
    by_year: dict[str, list[int]] = {}
    for one in papers.values_list("number", flat=True):
        year, number = one.rsplit("-", 2)[1:]
        by_year.setdefault(year, []).append(int(number))
    if any(sorted(numbers) != list(range(1, len(numbers) + 1)) for numbers in by_year.values()):
        found.append("公文编号不连续")
    unsent = OutboxItem.objects.filter(done_at=None)
    waiting = (unsent if rendered else unsent.exclude(kind="render_document")).count()
    return found + ([f"还有{waiting}件待办没有送达"] if waiting else [])
