"""Objections on the office's page of a round: how many run, which are near their day or past it, what each holds."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F
from django.urls import reverse

from applications.models import Application, Hold
from applications.pipeline import steps_of
from awards.models import Round
from awards.round_panels import Cell, RoundPanel, round_panel_provider
from organizations.models import User

from .filing import last_day_zh
from .models import Objection, Outcome
from .models.objection import SOON

SHOWN = 20
Line = list[tuple[str, list[Cell]]]
HEADINGS = ("收件编号", "申报", "受理单位", "环节和期限", "暂停的步骤")


@round_panel_provider
def objections_of_round(round: Round, user: User, at: datetime) -> RoundPanel | None:
    """None where nobody ever objected in the round."""
    everything = Objection.objects.visible_to(user).filter(application__round=round)
    if not everything.exists():
        return None
    cases = reverse("objections:cases")
    query = f"{cases}?round={round.public_id}&"
    waiting = Outcome.objects.outstanding().of_office(user).filter(objection__application__round=round)
    waiting = waiting.select_related("objection__application__organization", "objection__handler")
    found = everything.unfinished().select_related("application__organization", "handler", "lead")
    counts = {
        "办理中": (found.count(), "state=open", ""),
        "三日内到期": (everything.due_soon(at).count(), "due=soon", "amber"),
        "已逾期": (everything.late(at).count(), "due=overdue", "red"),
    }
    figures = [
        Cell(f"{label} {count} 件", f"{query}{asked}" if count else "", tone if count else "")
        for label, (count, asked, tone) in counts.items()
    ]
    held = _held_steps(round)
    rows = [_outcome_line(one, held) for one in waiting]
    rows += [_line(one, round, held, at) for one in found.order_by(F("due_at").asc(nulls_last=True), "pk")[:SHOWN]]
    more = Cell(f"本届全部异议（{everything.count()}件）", f"{cases}?round={round.public_id}")
    return RoundPanel("异议", figures, HEADINGS, rows, more)


def _held_steps(round: Round) -> dict[str, list[Cell]]:
    """The steps each open hold stops, by what placed it."""
    labels = {name: edges[0].custom["label"] for name, edges in steps_of(Application).items()}
    labels["close_publicity"] += "转入下一环节"
    return {
        one.source: [Cell("、".join(labels.get(step, step) for step in one.steps))]
        for one in Hold.objects.open().filter(application__round=round)
    }


def _line(one: Objection, round: Round, held: dict[str, list[Cell]], at: datetime) -> Line:
    due = [Cell(one.leg_zh or one.get_state_display())]
    if one.due_at is not None:
        due.append(Cell(f"至{last_day_zh(one.due_at)}"))
        if one.leg and one.due_at <= at:
            due.append(Cell("逾期", tone="red"))
        elif one.leg and one.due_at <= at + SOON:
            due.append(Cell("三日内到期", tone="amber"))
    number = [Cell(one.number, one.get_absolute_url())]
    if one.lead is not None:
        number.append(Cell(f"（并入{one.lead.number}）"))
    handled_by = one.handler or round.office
    told = (number, [Cell(str(one.application.organization))], [Cell(handled_by.name)], due)
    return list(zip(HEADINGS, (*told, held.get(one.hold_source, [])), strict=True))


def _outcome_line(one: Outcome, held: dict[str, list[Cell]]) -> Line:
    """What was found and still waits for the leading body's decision (B16)."""
    case = one.objection
    url = reverse("objections:cancellation", args=[one.public_id]) if one.kind == Outcome.Kind.CANCELLATION else ""
    what = [Cell(f"{one.get_kind_display()}：待登记决定" if url else one.get_kind_display(), url)]
    number, name = [Cell(case.number, case.get_absolute_url())], [Cell(str(case.application.organization))]
    return list(zip(HEADINGS, (number, name, [], what, held.get(one.hold_source, [])), strict=True))
