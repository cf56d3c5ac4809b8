"""The supervising department beside a round, as its people play it: a spot check, advice, and what came of both."""

from __future__ import annotations

from award_portal.lib import clock
from supervision import advising, spot_checking
from supervision.models import SpotCheck, SpotCheckItem, SupervisionAdvice

from .opening_moves import Player
from .review_moves import lot_seed

CHECKED = 2


def watch_over(player: Player) -> tuple[SpotCheck, SupervisionAdvice]:
    """The supervising department has drawn a spot check and given advice; both wait for their results (Y22, B21)."""
    by, round = player.world.users["supervisor"], player.round
    check = spot_checking.draw_spot_check(
        round, count=CHECKED, purpose="资格审查、评分和公示情况", by=by, at=clock.now(),
        seed=lot_seed(player, "spot check"),
    )  # fmt: skip
    advice = advising.file_advice(
        round.scheme, round=round, facts="部分申报的征求意见复函归档不及时。（虚构）",
        advice="请补齐复函归档，并在审议前完成自查。（虚构）", by=by, at=clock.now(),
    )  # fmt: skip
    return check, advice


def answer(player: Player, check: SpotCheck, advice: SupervisionAdvice) -> None:
    """Each drawn application has its sheet and the check its conclusion; the office has answered in writing."""
    by, officer = player.world.users["supervisor"], player.world.officer
    for item in check.items.order_by("position"):
        spot_checking.record_result(
            item, finding=SpotCheckItem.Finding.IN_ORDER, text="", checked_on=clock.today(), by=by, at=clock.now()
        )
    spot_checking.close_spot_check(check, summary="抽查未发现问题。（虚构）", by=by, at=clock.now())
    advising.answer_advice(advice, is_taken=True, text="已补齐归档并完成自查。（虚构）", by=officer, at=clock.now())
