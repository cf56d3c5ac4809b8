"""The year after a round: a winner is found to have cheated, loses its award, is refused at the next application."""

from __future__ import annotations

from datetime import date
from itertools import count

from applications.filling import start_application
from applications.ledger_bars import ban as ban_of
from applications.moves import StepRefused
from award_portal.lib import clock
from awards.calendars import current_calendar
from awards.models import Award
from organizations.models import Claim, User
from supervision.case_deciding import decide_bar, decide_revocation, state_defence, submit_case
from supervision.case_executing import claw_back, close_case, demand_return, publish_case, settle_recovery, still_to_do
from supervision.case_inquiry import add_evidence, answer_question, ask_party, intend
from supervision.case_rules import consequences
from supervision.cases import accept_case, open_case
from supervision.models import Case

from . import opening_moves
from .opening_moves import Player

KIND = "false_material"
FACTS = "抽查发现其申报的检测报告系伪造。（虚构）"


def play_later_year(player: Player) -> Case | None:
    """In the spring of the next year a case on the first winner goes to its end; None where nobody won."""
    award = _first_winner(player)
    if award is None:
        return None
    # its people may have lived on into that year already
    year = next(one for one in count(player.round.year + 1) if date(one, 3, 1) > clock.today())
    first_working_day = current_calendar().next_working_day(date(year, 3, 1))
    player.wait_until(clock.at(first_working_day, 10))
    case = investigate(player, award)
    case = decide(player, case)
    carry_out(player, case)
    return Case.objects.with_names().get(pk=case.pk)


def investigate(player: Player, award: Award) -> Case:
    """Opened, taken up, the winner asked; what is intended is told to it, and it speaks."""
    officer, winner = player.world.officer, _user_of(award)
    case, _ = open_case(award=award, kind=KIND, text=FACTS, source="office", by=officer, at=clock.now())
    case = accept_case(case, kind=KIND, by=officer, at=clock.now())
    question = ask_party(case, text="请说明检测报告的来源。（虚构）", by=officer, at=clock.now())
    player.wait_working_days(1)
    answer_question(question, text="报告由外部机构提供。（虚构）", file=None, by=winner, at=clock.now())
    add_evidence(
        case, kind="letter", label="检测机构的核查复函", obtained_from="样例检测机构（虚构）",
        obtained_on=clock.today(), proves="报告不是该机构出具", file=None, by=officer, at=clock.now(),
    )  # fmt: skip
    offered = consequences(player.round_book, KIND, award=award)
    rule = max(offered, key=lambda one: (one.revokes, one.years or 0))
    case = intend(case, rule=rule.key, text=FACTS, by=officer, at=clock.now())
    player.wait_working_days(2)
    return state_defence(
        case, text="我单位不知情，请从轻处理。（虚构）", file=None, is_all=False, by=winner, at=clock.now()
    )


def decide(player: Player, case: Case) -> Case:
    """Not before the winner's days are over: by the government, or by the office where only a bar follows."""
    officer, considered = player.world.officer, "经复核，不影响事实认定。（虚构）"
    assert case.statement_until is not None
    player.wait_until(case.statement_until)
    if case.outcome == Case.Outcome.BAR:
        return decide_bar(case, considered=considered, by=officer, at=clock.now())
    case = submit_case(case, considered=considered, by=officer, at=clock.now())
    player.wait_working_days(5)
    return decide_revocation(
        case, decision_number=f"演政发〔{clock.today().year}〕9号", decided_on=clock.today(), scan=None, by=officer,
        at=clock.now(),
    )  # fmt: skip


def carry_out(player: Player, case: Case) -> None:
    """Certificate and plaque come back or are void, the bonus is demanded, the public told; then it is closed."""
    officer = player.world.officer
    if any(one.startswith("通知交回") for one in still_to_do(case)):
        for place, one in enumerate(demand_return(case, by=officer, at=clock.now())):
            back = {"returned_on": clock.today(), "void_on": None} if place == 0 else {
                "returned_on": None, "void_on": clock.today(),
            }  # fmt: skip
            settle_recovery(one, **back, text="演练登记", by=officer, at=clock.now())
    if "追缴奖金" in still_to_do(case):
        claw_back(case, by=officer, at=clock.now())
    publish_case(case, by=officer, at=clock.now())
    close_case(case, by=officer, at=clock.now())


def refused_next_time(player: Player, case: Case) -> str:
    """The next round's call is out; the one the case was about is refused in words, with the day the ban ends."""
    if case.ban is None or case.award is None or case.award.organization is None:
        return ""
    title = f"第二届{player.world.book.name}"
    round = opening_moves.open_round(
        player.world, year=clock.today().year, ordinal=player.round.ordinal + 1, title=title
    )
    assert ban_of(round, case.award.organization, at=clock.now()) is not None
    try:
        start_application(round, organization=case.award.organization, by=_user_of(case.award), at=clock.now())
    except StepRefused as refused:
        return str(refused)
    return ""


def _first_winner(player: Player) -> Award | None:
    awards = Award.objects.filter(round=player.round, state=Award.State.GRANTED).exclude(organization=None)
    return awards.select_related("organization", "scheme", "round__scheme", "round__edition").order_by("pk").first()


def _user_of(award: Award) -> User:
    claims = Claim.objects.filter(organization=award.organization, state=Claim.State.VERIFIED).select_related("user")
    return claims.order_by("pk")[0].user
