"""An overdue leg is told the same day, once, and never closed (U13, O2)."""

from __future__ import annotations

from objections import completing, handling
from objections.escalating import _escalate, escalate_overdue, next_overdue
from objections.models import Objection
from organizations.models import AuditRecord, OutboxItem
from tests.publicity.builders import at


def told(user) -> int:
    return OutboxItem.objects.filter(payload__user=user.pk, payload__subject__startswith="异议办理逾期").count()


def test_u13_an_overdue_forwarding_is_told_to_the_office_and_the_supervisor_and_stays_open(case):
    case.object_to()
    assert next_overdue(at(3, 5)) == at(3, 6, 0)
    assert escalate_overdue(at(3, 5, 23, 59)) == 0
    assert escalate_overdue(at(3, 6, 0)) == 1
    objection = Objection.objects.get()
    assert (objection.state, objection.escalated_at) == ("received", at(3, 6, 0))
    assert (told(case.officer), told(case.supervisor), told(case.clerk), told(case.applicant)) == (1, 1, 0, 0)
    assert case.holds.count() == 1


def test_sweeping_twice_tells_once(case):
    objection = case.object_to()
    assert [escalate_overdue(at(3, 6)), escalate_overdue(at(3, 6)), _escalate(objection.pk, at=at(3, 7))] == [1, 0, 0]
    assert told(case.officer) == 1
    assert AuditRecord.objects.filter(verb="objection.overdue").count() == 1


def test_u13_the_next_leg_is_told_again_and_the_investigator_with_it(case):
    objection = case.object_to()
    escalate_overdue(at(3, 6))
    handling.forward(objection, by=case.officer, at=at(3, 6))
    assert escalate_overdue(at(3, 13, 23)) == 0
    assert escalate_overdue(at(3, 14, 0)) == 1
    assert (told(case.officer), told(case.clerk)) == (2, 1)


def test_a_case_that_is_over_is_not_told(case):
    one, two = case.object_to(), case.object_to()
    handling.withdraw(one, because="误会", at=at(3, 3))
    completing.refuse_form(two, because="未签名", by=case.officer, at=at(3, 3))
    assert escalate_overdue(at(6, 1)) == 0
    assert next_overdue(at(3, 2)) is None
