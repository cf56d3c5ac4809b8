"""What stands open on the desks of the demo: objections, a case on a winner, the supervising department's work."""

from __future__ import annotations

from applications.models import Application
from award_portal.lib import clock
from awards.models import Award
from objections import explaining, handling, investigating
from objections.models import Objection
from supervision import advising, case_inquiry, cases, spot_checking
from supervision.models import Case, SpotCheck, SupervisionAdvice

from . import filing_moves, review_moves
from .opening_moves import Player

CHECKED = 2


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


def watch_over(player: Player) -> tuple[SpotCheck, SupervisionAdvice]:
    """The supervising department has drawn a spot check and given advice; both wait for their results (Y22, B21)."""
    by, round = player.world.users["supervisor"], player.round
    check = spot_checking.draw_spot_check(
        round, count=CHECKED, purpose="资格审查、评分和公示情况", by=by, at=clock.now(),
        seed=review_moves.lot_seed(player, "spot check"),
    )  # fmt: skip
    advice = advising.file_advice(
        round.scheme, round=round, facts="部分申报的征求意见复函归档不及时。（虚构）",
        advice="请补齐复函归档，并在审议前完成自查。（虚构）", by=by, at=clock.now(),
    )  # fmt: skip
    return check, advice


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
