"""异议台账: the register of objections for the desk, with nothing that leads to who objected (U12)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from award_portal.lib import clock
from documents.registers import Register

from .filing import last_day_zh
from .models import Objection

HEADINGS = (
    "收件编号", "届次", "被异议申报", "异议人类别", "收到时间", "涉及的申报条件", "状态", "受理单位", "受理时间",
    "异议调查单位",
    "转送时间", "报告时间", "认定", "认定时间", "告知异议人时间", "通报推荐单位时间", "当前环节", "本环节期限",
    "是否逾期", "延长次数", "并入", "补充件数",
)  # fmt: skip


def objection_register(objections: Iterable[Objection], *, at: datetime) -> Register:
    """The cases as the desk lists them; the queryset brings extensions, joined filings and the lead along."""
    rows = [_row(one, at=at) for one in objections]
    facts = [("件数", str(len(rows))), ("制表时间", _when(at))]
    return Register("异议台账", HEADINGS, rows, facts=facts, notes=["本台账不含异议人信息。"])


def _row(one: Objection, *, at: datetime) -> list[str | int]:
    book = one.application.rulebook
    return [
        one.number, one.application.round.title, one.application.listed_name, one.get_form_display(),
        _when(one.filed_at), book.condition(one.condition).text if one.condition else "其他", one.get_state_display(),
        one.handled_by.name, _when(one.accepted_at), one.investigator.name if one.investigator else "",
        _when(one.forwarded_at),
        _when(one.reported_at), one.get_finding_display(), _when(one.decided_at), _when(one.told_at),
        _when(one.recommender_told_at), one.leg_zh, last_day_zh(one.due_at),
        "逾期" if one.leg and one.due_at and one.due_at <= at else "", len(one.extensions.all()),
        one.lead.number if one.lead else "", len(one.joined.all()),
    ]  # fmt: skip


def _when(moment: datetime | None) -> str:
    return f"{moment.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}" if moment else ""
