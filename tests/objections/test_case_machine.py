"""Whatever people do and wherever a sweep is killed: no case ends untold, none passes a deadline unseen (U13, O2).

Hypothesis plays objectors, the office and the investigating unit against the doors while the clock moves on. The days
are counted here on the published holidays, not with the portal's own arithmetic.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

import chinese_calendar
import pytest
from django.db import connection, transaction
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from award_portal.lib import clock
from objections import completing, extending, handling, investigating, joining, merging, outcomes
from objections.casework import HandlingRefused
from objections.escalating import sweep_cases
from objections.filing import file_objection
from objections.form_check import FilingRefused
from objections.models import CaseLetter, Objection
from objections.pipeline import ENDED, State
from organizations.models import AuditRecord, OutboxItem
from tests.publicity.builders import at

from .builders import fields_of, files_of, make_case

DAYS = {"form_check": 3, "forward": 3, "report": 5, "decide": 10, "tell": 3}
ACTS = (
    "file", "file", "file_incomplete", "complete", "supplement", "withdraw", "accept", "forward", "return_form",
    "refuse_form", "begin", "report", "decide", "tell", "extend", "merge", "merge", "wait", "wait", "wait",
    "next", "next",
)  # fmt: skip
NEXT = {"received": "forward", "accepted": "forward", "forwarded": "report", "investigating": "report",
        "reported": "decide", "decided": "tell", "incomplete": "complete"}  # fmt: skip


class Killed(BaseException):
    """The power goes out in the middle of a sweep."""


class StopsAtMessage:
    """Lets so many messages be ordered, then the database fails or the process dies."""

    def __init__(self, number: int, error: type[BaseException]) -> None:
        self.left, self.error = number, error

    def __call__(self, execute, sql, params, many, context):
        if "INSERT INTO" in sql and "organizations_outboxitem" in sql:
            self.left -= 1
            if self.left < 0:
                raise self.error("no more messages")
        return execute(sql, params, many, context)


def days_after(moment: datetime, days: int) -> datetime:
    """The end of so many working days, the first day not counted."""
    day: date = clock.day_of(moment)
    while days:
        day += timedelta(days=1)
        days -= chinese_calendar.is_workday(day)
    return clock.at(day + timedelta(days=1), 0)


class Play:
    """One made-up case file, with what the player remembers of it."""

    def __init__(self, world) -> None:
        self.world, self.now, self.persons = world, at(3, 2), 0
        self.due: dict[int, datetime] = {}

    def one(self, place: int) -> Objection | None:
        found = list(Objection.objects.order_by("pk"))
        return found[place % len(found)] if found else None

    def act(self, name: str, place: int, number: int) -> None:
        if name == "wait":
            return self.wait(number)
        if name.startswith("file"):
            return self.file(name == "file", person=number % 4)
        case = self.one(place)
        if case is None:
            return None
        step = NEXT.get(case.state, "withdraw") if name == "next" else name
        before = case.leg
        try:
            with transaction.atomic():
                getattr(self, f"do_{step}")(case, number)
        except (HandlingRefused, FilingRefused):
            return None
        self.remember(case.pk, step, before)
        return None

    def file(self, complete: bool, *, person: int) -> None:
        fields = fields_of(person=person)
        given = (
            {"fields": fields, "files": files_of()} if complete else {"fields": {"name": fields["name"]}, "files": {}}
        )
        try:
            filed, _ = file_objection(
                self.world.application, form="person", text="虚构的事实", incomplete_ok=True, at=self.now, **given
            )
        except FilingRefused:
            return
        if filed.state == State.RECEIVED and filed.pk not in self.due:
            self.due[filed.pk] = days_after(filed.clock_started_at, DAYS["form_check"])

    def remember(self, pk: int, step: str, before: str) -> None:
        """What is due next, counted by hand."""
        case = Objection.objects.get(pk=pk)
        if step == "extend":
            self.due[pk] = days_after(self.due[pk] - timedelta(hours=1), 1)
        elif case.leg and case.leg != before:
            begun = case.clock_started_at if case.leg in ("form_check", "forward") else self.now
            own = step != "merge"
            self.due[pk] = days_after(begun, DAYS[case.leg]) if own else self.due[case.lead_id]
        for follower in case.followers.all():
            if pk in self.due and follower.state == case.state:
                self.due[follower.pk] = self.due[pk]

    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    # -- the steps -------------------------------------------------------------------------------------------------

    def do_complete(self, case, number) -> None:
        fields = fields_of(person=number % 4)
        completing.complete_filing(case, fields=fields, files=files_of(), at=self.now)

    def do_supplement(self, case, number) -> None:
        joining.supplement(case, text="补充的事实", files={}, at=self.now)

    def do_withdraw(self, case, number) -> None:
        handling.withdraw(case, because="误会", at=self.now)

    def do_accept(self, case, number) -> None:
        handling.accept(case, by=self.world.officer, at=self.now)

    def do_forward(self, case, number) -> None:
        handling.forward(case, by=self.world.officer, at=self.now)

    def do_return_form(self, case, number) -> None:
        completing.require_completion(case, keys=["identity"], because="看不清", by=self.world.officer, at=self.now)

    def do_refuse_form(self, case, number) -> None:
        completing.refuse_form(case, because="不符合形式", by=self.world.officer, at=self.now)

    def do_begin(self, case, number) -> None:
        investigating.begin_investigation(case, by=self.world.clerk, at=self.now)

    def do_report(self, case, number) -> None:
        investigating.report(case, text="经现场核实，情况如下所述。", by=self.world.clerk, at=self.now)

    def do_decide(self, case, number) -> None:
        finding = "upheld" if number % 2 else "dismissed"
        outcomes.decide(case, finding=finding, text="经审议，作出本认定。", by=self.world.officer, at=self.now)

    def do_tell(self, case, number) -> None:
        handling.tell(case, by=self.world.officer, at=self.now)

    def do_extend(self, case, number) -> None:
        extending.extend_leg(case, days=1, ground="现场核实尚需时日", by=self.world.officer, at=self.now)

    def do_merge(self, case, number) -> None:
        with_investigator = Objection.objects.filter(state__in=("forwarded", "investigating"), lead=None)
        into = with_investigator.exclude(pk=case.pk).first() or case
        merging.merge_case(case, into=into, by=self.world.officer, at=self.now)

    # -- the sweep and what must always hold -------------------------------------------------------------------------

    def sweep(self, stops_at: int | None, error: type[BaseException]) -> None:
        """Once until it is stopped, as often as it may be, and then whole."""
        if stops_at is not None:
            try:
                with connection.execute_wrapper(StopsAtMessage(stops_at, error)):
                    sweep_cases(self.now)
            except (Killed, ExceptionGroup):
                pass
        sweep_cases(self.now)
        assert sweep_cases(self.now) == 0

    def check(self) -> None:
        for case in Objection.objects.select_related("lead"):
            if case.state in ENDED:
                self.was_told(case)
            elif case.leg:
                assert case.due_at == self.due[case.pk], (case.state, case.leg)
                assert (case.due_at <= self.now) == (case.escalated_at is not None)
            else:
                assert case.due_at > self.now, "an incomplete filing outlived its days"
            held = self.world.application.holds.open().filter(source=case.hold_source).count()
            if case.state in ENDED or case.state == State.DECIDED:
                assert held == 0, case.state
            elif case.state != State.INCOMPLETE:
                assert held == 1, case.state
            overdue = AuditRecord.objects.filter(verb="objection.overdue", subject=case.hold_source).count()
            for user in (self.world.officer, self.world.supervisor):
                assert messages(user, f"异议办理逾期：{case.number}") == overdue

    def was_told(self, case: Objection) -> None:
        assert case.told_at is not None
        assert case.recommender_told_at is not None
        assert messages(self.world.clerk, f"异议处理结果通报：{case.number}") == 1
        assert case.due_at is None
        if case.state != State.WITHDRAWN:
            assert case.letters.filter(document=case.reply, audience=CaseLetter.Audience.OBJECTOR).exists()

    def finish(self) -> None:
        """The desks do what is left; every case then has its end, and nobody was left without an answer."""
        for _ in range(6):
            for case in Objection.objects.exclude(state__in=list(ENDED)):
                step = NEXT[case.state]
                if step not in ("report", "decide") or case.lead_id is None:
                    self.act(step, list(Objection.objects.order_by("pk")).index(case), 0)
        self.wait(24 * 40)
        sweep_cases(self.now)
        assert not Objection.objects.exclude(state__in=list(ENDED)).exists()
        self.check()


def messages(user, subject: str) -> int:
    return OutboxItem.objects.filter(payload__user=user.pk, payload__subject=subject).count()


@pytest.mark.django_db
@settings(max_examples=5, phases=[Phase.generate])
@given(seed=st.integers(0, 10**9))
def test_u13_no_case_ends_untold_and_no_deadline_passes_unseen(played_world, seed) -> None:
    chance, point = Random(seed), transaction.savepoint()
    try:
        play = Play(played_world)
        for name in ("file", "file_incomplete", "file", *chance.choices(ACTS, k=28)):
            play.act(name, chance.randrange(6), chance.randint(1, 120))
            play.sweep(chance.choice((None, 0, 0, 1, 2, 4)), chance.choice((Killed, OSError)))
            play.check()
        play.finish()
    finally:
        transaction.savepoint_rollback(point)


@pytest.fixture
def played_world(db, frozen, calendars):
    """A name in review, so that objections are taken for weeks."""
    world = make_case()
    type(world.application).objects.filter(pk=world.application.pk).update(state="defense")
    return world
