"""After the award as its people live it: money paid and accounted for, a later year's report, one that is late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from award_portal.lib import clock
from awards.models import Award
from organizations.files import store_upload
from organizations.models import StoredFile, UnitKind, User
from supervision import establishing, paying, sharing, spending, yearly_reports
from supervision.duties import sweep_duties, watching_units, winners_of
from supervision.models import BonusUse, YearlyReport

from . import made_up
from .opening_moves import Player

Tell = Callable[[str], None]
ACCOUNT = "9900000012345678"  # of no bank there is


def live_with_the_honour(player: Player, tell: Tell) -> None:
    """The first year after the award: bonus and its use, and where the scheme asks for it the year's reports."""
    awards = _awards(player)
    if not awards:
        return
    tell("奖金拨付、使用情况")
    sweep_duties(clock.now())
    for award in awards:
        pay_bonus(player, award)
    share_methods(player, awards[0])
    account_for(player, awards)
    report_a_year(player, awards, tell)


def pay_bonus(player: Player, award: Award) -> None:
    """What must be known is entered with proof, and the whole sum paid."""
    officer, now = player.world.officer, clock.now()
    for kind, _ in establishing.kinds_asked(award):
        establishing.establish_fact(
            award, kind=kind, holds=False, basis="经核实（虚构）", proof=_paper("核实材料", officer), by=officer, at=now
        )
    for one in paying.money_of(award):
        if one.left > 0:
            paying.record_payment(
                award, part=one.row.part, amount=one.left, paid_on=clock.today(), bank="样例银行（虚构）",
                account=ACCOUNT, receipt_number=f"样收{award.pk:04d}", receipt=_paper("收据", officer), by=officer,
                at=now,
            )  # fmt: skip


def share_methods(player: Player, award: Award) -> None:
    """An activity under the first duty, and what the unit near by makes of it (U17, U18)."""
    duties, winner = sharing.duties_of(award), _winner(award)
    if not duties:
        return
    record = sharing.file_sharing(
        award, duty=duties[0][0], held_on=clock.today(), title="质量管理经验交流（虚构）",
        content="介绍质量管理模式，接待同行观摩。（虚构）", audience=60, proof=None, by=winner, at=clock.now(),
    )  # fmt: skip
    sharing.review_sharing(record, note="情况属实（虚构）", by=player.world.officer, at=clock.now())


def account_for(player: Player, awards: list[Award]) -> None:
    """One winner plans and reports what it spent on an allowed purpose; the office accepts it (Z24, B19)."""
    paid = next((one for one in awards if spending.limit_of(one, "report") and spending.purposes_of(one)[0]), None)
    if paid is None:
        return
    winner, purposes = _winner(paid), spending.purposes_of(paid)[0]
    for kind in BonusUse.Kind.values:
        use = spending.begin_use(paid, kind=kind, by=winner, at=clock.now())
        spending.add_line(
            use, purpose=purposes[0], amount=Decimal(50_000), what="质量改进项目（虚构）", spent_on=clock.today(),
            proof=_paper("发票", winner), by=winner, at=clock.now(),
        )  # fmt: skip
        spending.file_use(use, summary="按规定用途使用。（虚构）", by=winner, at=clock.now())
        spending.review_use(use, accepted=True, note="", by=player.world.officer, at=clock.now())


def report_a_year(player: Player, awards: list[Award], tell: Tell) -> None:
    """A year on: one winner hands its report in, in time (B28)."""
    owed = YearlyReport.objects.filter(award__in=awards).order_by("year", "award", "duty")
    first = owed.first()
    if first is None:
        return
    tell("次年报送年度报告")
    player.wait_until(clock.at(date(first.year + 1, 2, 2), 10))
    write_report(player, first)


def see_who_is_late(player: Player) -> None:
    """On to the day after the first year's reports are due: whoever handed none in is marked."""
    first = YearlyReport.objects.filter(award__round=player.round, is_filed_duty=True).order_by("year").first()
    if first is not None:
        player.wait_until(first.due_at + timedelta(hours=10))


def write_report(player: Player, report: YearlyReport) -> None:
    """Written, handed in, checked near by where somebody watches, seen by the office; a kept one is only made."""
    report, winner, now = YearlyReport.objects.get(pk=report.pk), _winner(report.award), clock.now()
    duty = yearly_reports.duty_of(report)
    texts = {
        f"part{place}": f"{title}：按计划开展。（虚构）"
        for place, title in enumerate(yearly_reports.parts_of(duty), start=1)
    }
    figures = {row.key: "96.5" if row.unit == "%" else "1280" for row in yearly_reports.indicators_of(report.award)}
    yearly_reports.save_report(report, texts=texts, figures=figures, version=report.version, by=winner, at=now)
    filed = yearly_reports.file_report(report, by=winner, at=now)
    if not filed.is_filed_duty:
        return
    near = next((unit for unit in watching_units(report.award) if unit.kind == UnitKind.RECOMMENDER), None)
    if near is not None:
        yearly_reports.check_report(report, note="与统计报表一致（虚构）", by=player.world.staff_of(near), at=now)
    yearly_reports.see_report(report, note="", by=player.world.officer, at=now)


def _awards(player: Player) -> list[Award]:
    awards = Award.objects.standing().filter(round=player.round).order_by("pk")
    return list(awards.select_related("scheme", "organization", "round__scheme", "round__edition", "round__office"))


def _winner(award: Award) -> User:
    return next(iter(winners_of(award)))


def _paper(name: str, by: User) -> StoredFile:
    return store_upload(made_up.made_up_upload(name), purpose="bonus", by=by, at=clock.now())
