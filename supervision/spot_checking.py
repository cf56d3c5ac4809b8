"""A random spot check of n applications: seed and candidates decide, anybody draws the same again (Y22, B21)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from applications.desk_rules import DeskRefused, require_text
from applications.models import Application
from applications.rules import works_for
from award_portal.lib import clock
from awards.models import Round
from documents.issuing import next_case_number
from organizations import evidence
from organizations.messages import people_of, send_message
from organizations.models import UnitKind, User
from reviews.drawing import draw, fresh_seed, ticket

from .models import SpotCheck, SpotCheckItem


@transaction.atomic
def draw_spot_check(round: Round, *, count: int, purpose: str, by: User, at: datetime, seed: str = "") -> SpotCheck:
    """Draw n of all applications handed in; seed, range and result go on record as they are drawn."""
    if not works_for(by, round.scheme.key, UnitKind.SUPERVISOR):
        raise DeskRefused.because("抽查由纪检监察机构进行。")
    handed_in = Application.objects.filter(round=round).submitted().exclude(number="")
    found = dict(handed_in.order_by("number").values_list("number", "pk"))
    if not 1 <= count <= len(found):
        raise DeskRefused.because(f"抽查数量应在1到{len(found)}之间（已提交的申报共{len(found)}个）。已填内容已保留。")
    seed, year = seed or fresh_seed(), at.astimezone(clock.SHANGHAI).year
    check = SpotCheck.objects.create(
        number=next_case_number("CC", scheme_key=round.scheme.key, year=year), round=round,
        purpose=require_text(purpose, "抽查内容")[:300], seed=seed, population=list(found), count=count, drawn_at=at,
        drawn_by=by,
    )  # fmt: skip
    drawn = draw(found, count, seed=seed)
    SpotCheckItem.objects.bulk_create(
        SpotCheckItem(check_of=check, application_id=found[number], position=position)
        for position, number in enumerate(drawn, start=1)
    )
    send_message(
        people_of(round.office),
        subject=f"{round.title}：开展抽查",
        body=f"编号{check.number}，抽查{count}个申报。",
        at=at,
    )
    evidence.record(
        "spot_check.draw", chain=round.chain, by=by, subject=f"spot_check:{check.public_id}", at=at,
        data={"seed": seed, "population": list(found), "count": count, "drawn": drawn},
    )  # fmt: skip
    return check


def replay(seed: str, population: Iterable[str], count: int) -> list[tuple[str, str]]:
    """The numbers drawn, each with its ticket: SHA-256 of `seed|number`, the lowest first."""
    return [(number, ticket(seed, number)) for number in draw(population, count, seed=seed)]


@transaction.atomic
def record_result(
    item: SpotCheckItem, *, finding: str, text: str, checked_on: date, by: User, at: datetime
) -> SpotCheckItem:
    """The result sheet of one application; what is not in order is said in words."""
    item = SpotCheckItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    check = SpotCheck.objects.select_related("round__scheme").get(pk=item.check_of_id)
    if not works_for(by, check.round.scheme.key, UnitKind.SUPERVISOR):
        raise DeskRefused.because("抽查结果由纪检监察机构登记。")
    if check.closed_at is not None:
        raise DeskRefused.because("该次抽查已经办结，不能再登记。")
    if finding not in SpotCheckItem.Finding.values:
        raise DeskRefused.because("请选择抽查结果。其他已填内容已保留。")
    if not clock.day_of(check.drawn_at) <= checked_on <= clock.day_of(at):
        raise DeskRefused.because("抽查日期应在抽取之日至今天之间。其他已填内容已保留。", field="checked_on")
    item.finding, item.checked_on, item.recorded_at, item.recorded_by = finding, checked_on, at, by
    in_order = finding == SpotCheckItem.Finding.IN_ORDER
    item.text = text.strip()[:2000] if in_order else require_text(text, "发现的问题")[:2000]
    item.save()
    evidence.record(
        "spot_check.result", chain=check.round.chain, by=by, subject=f"spot_check:{check.public_id}", at=at,
        data={"position": item.position, "finding": finding},
    )  # fmt: skip
    return item


@transaction.atomic
def close_spot_check(check: SpotCheck, *, summary: str, by: User, at: datetime) -> SpotCheck:
    """Closed with its conclusion when every sheet is in."""
    check = SpotCheck.objects.select_for_update(of=("self",)).get(pk=check.pk)
    if not works_for(by, check.round.scheme.key, UnitKind.SUPERVISOR):
        raise DeskRefused.because("抽查由纪检监察机构办结。")
    if check.closed_at is not None:
        raise DeskRefused.because("该次抽查已经办结。")
    if left := check.items.filter(recorded_at=None).count():
        raise DeskRefused.because(f"还有{left}个申报没有登记抽查结果。已填内容已保留。")
    check.summary, check.closed_at = require_text(summary, "抽查结论")[:2000], at
    check.save()
    evidence.record("spot_check.close", chain=check.round.chain, by=by, subject=f"spot_check:{check.public_id}", at=at)
    return check
