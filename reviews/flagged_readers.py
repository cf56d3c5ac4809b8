"""Sheets of experts disqualified afterwards: kept and counted as they were, and flagged wherever they are read.

Nothing is erased (U22): who reads the scores sees whose they are to be weighed with care, and since when.
"""

from __future__ import annotations

from applications.models import Application
from awards.models import Round
from awards.workdays import date_zh

from .agreed_sheets import in_lot_order
from .models import Assignment, ExpertSanction


def flagged_columns(application: Application, stage: str) -> list[str]:
    """For each column of the score matrix whose reader was disqualified: which it is, since when, on what article."""
    readers = in_lot_order(Assignment.objects.of_stage(application, stage))
    found = _disqualified({one.expert_id for one in readers})
    return [
        f"专家{number}已于{date_zh(found[one.expert_id].from_on)}被取消评审专家资格（{found[one.expert_id].cite}），"
        "其评分保留，供审阅时参考。"
        for number, one in enumerate(readers, start=1)
        if one.expert_id in found
    ]


def flagged_in_stage(round: Round, stage: str) -> list[str]:
    """The same for a whole stage: each disqualified expert once, with how many applications the expert scored."""
    sheets = Assignment.objects.filter(
        panel__round=round, panel__stage=stage, ended_at=None, sheet__submitted_at__isnull=False
    )
    counts: dict[int, int] = {}
    for expert in sheets.values_list("expert_id", flat=True):
        counts[expert] = counts.get(expert, 0) + 1
    return [
        f"{one.expert}已于{date_zh(one.from_on)}被取消评审专家资格（{one.cite}），其在本环节评分的{counts[pk]}个申报予以标明。"
        for pk, one in _disqualified(set(counts)).items()
    ]


def _disqualified(experts: set[int]) -> dict[int, ExpertSanction]:
    """The first disqualification of each of these experts; one whose term is over is flagged still."""
    rows = ExpertSanction.objects.filter(expert__in=experts, kind=ExpertSanction.Kind.DISQUALIFICATION)
    found: dict[int, ExpertSanction] = {}
    for one in rows.select_related("expert__user").order_by("made_at", "pk"):
        found.setdefault(one.expert_id, one)
    return found
