"""What stands open on the desks of the demo: objections, a case on a winner."""

from __future__ import annotations

from applications.models import Application
from award_portal.lib import clock
from awards.models import Award
from objections import explaining, handling, investigating
from objections.models import Objection
from supervision import case_inquiry, cases
from supervision.models import Case

from . import filing_moves
from .opening_moves import Player


def object_in_all_ways(player: Player, first: Application, second: Application, *, condition: str) -> None:
    """One objection under investigation whose question waits, one nobody has taken up, one that lacks something."""
    asked = filing_moves.object_to(first, condition=condition, name=filing_moves.SECOND)
    ask_and_wait(player, asked)
    filing_moves.object_to(first, condition=condition)
    filing_moves.object_incompletely(second, condition=condition)


def ask_and_wait(player: Player, objection: Objection) -> None:
    """Forwarded and taken up; the applicant has a question to answer (U13, U14)."""
    desk = player.world.staff_of(objection.handled_by)
    objection = handling.forward(objection, by=desk, at=clock.now())
    assert objection.investigator is not None
    by = player.world.staff_of(objection.investigator)
    objection = investigating.begin_investigation(objection, by=by, at=clock.now())
    question = "请说明近三年是否受到有关部门处理，并附证明材料。（虚构）"
    explaining.ask_applicant(objection, question=question, by=by, at=clock.now())


def report_a_winner(player: Player) -> Case | None:
    """Somebody has told of the last winner that stands; the office has taken it up and asked the winner (U19, Y21)."""
    award = Award.objects.filter(round=player.round, state=Award.State.GRANTED).exclude(organization=None).last()
    if award is None:
        return None
    case, _ = cases.report_award(
        award, kind=Case.Kind.MISUSE, text="该组织在产品包装上使用获奖标志，没有注明获奖年度。（虚构）",
        happened_on=None, contact={}, file=None, at=clock.now(),
    )  # fmt: skip
    officer = player.world.officer
    case = cases.accept_case(case, kind=Case.Kind.MISUSE, by=officer, at=clock.now())
    case_inquiry.ask_party(case, text="请说明获奖标志的使用情况。（虚构）", by=officer, at=clock.now())
    return case
