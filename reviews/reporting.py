"""The review report for the leading body: composite table, opinions, narrative, frozen at issue (U11.8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from applications.desk_rules import DeskRefused
from applications.gates import Blocker
from applications.models import Application
from applications.pipeline import REVIEWS, State
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from organizations import evidence
from organizations.messages import send_message
from organizations.models import Membership, User
from publicity.commenting import summary_missing, summary_of

from .aggregating import rounded
from .models import PanelOpinion, ReviewReport
from .panels import require_office
from .review_papers import issue_review_paper


@dataclass(frozen=True)
class Candidate:
    """One candidate of the report: stage → opinion, and the composite in percent."""

    application: Application
    opinions: dict[str, PanelOpinion]
    composite: Decimal
    rank: int


def composite_of(book: Rulebook, opinions: dict[str, PanelOpinion]) -> Decimal:
    """Each stage's score in percent of its total, weighted as the rulebook says over the stages there were."""
    weights = {one.state: one.percent for one in book.scoring.composite.value if one.state in opinions}
    whole = sum(weights.values(), Decimal(0))
    if not whole:
        return Decimal(0)
    return rounded(
        sum(
            (opinions[state].score / opinions[state].total * 100 * share for state, share in weights.items()),
            Decimal(0),
        )
        / whole
    )


def candidates(round: Round) -> list[Candidate]:
    """Those who stand before the leading body, highest composite first; equal ones share a rank."""
    book = rulebook_for(round)
    standing = list(
        Application.objects.filter(round=round, state__in=[State.PUBLIC_COMMENT, State.DELIBERATION]).with_names()
    )
    opinions: dict[int, dict[str, PanelOpinion]] = {}
    for one in PanelOpinion.objects.filter(application__in=standing):
        opinions.setdefault(one.application_id, {})[one.stage] = one
    rows = [(composite_of(book, opinions.get(one.pk, {})), one) for one in standing]
    ranks: dict[Decimal, int] = {}
    table = []
    for position, (composite, one) in enumerate(sorted(rows, key=lambda row: (-row[0], row[1].pk)), start=1):
        rank = ranks.setdefault(composite, position)
        table.append(Candidate(one, opinions.get(one.pk, {}), composite, rank))
    return table


def report_blockers(round: Round) -> list[Blocker]:
    """The report is written once: candidates stand before the leading body, nobody is reviewed or before the public.

    Where the public was asked, what it said is summed up first (B15).
    """
    book = rulebook_for(round)
    cite = book.ground(book.stage(State.DELIBERATION))
    if ReviewReport.objects.issued().filter(round=round).exists():
        return [Blocker("评审报告已经签发。", cite)]
    states = set(Application.objects.filter(round=round).values_list("state", flat=True))
    found = []
    before = (*REVIEWS, State.PUBLIC_COMMENT)
    if State.DELIBERATION not in states:
        found.append(Blocker(f"还没有进入审议的{book.noun}。", cite))
    if still := states & set(before):
        names = "、".join(book.label(one) for one in before if one in still)
        found.append(Blocker(f"还有{book.noun}处于{names}。", cite))
    return found + summary_missing(round)


@transaction.atomic
def save_report(round: Round, *, narrative: str, by: User, at: datetime, version: int | None = None) -> ReviewReport:
    """Keep the draft's narrative; an issued report never changes."""
    require_office(round, by)
    Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    report, _ = ReviewReport.objects.get_or_create(round=round, defaults={"saved_at": at})
    if report.issued_at is not None:
        book = rulebook_for(round)
        raise DeskRefused.because("评审报告已经签发，不能修改。", book.ground(book.stage(State.DELIBERATION)))
    if version is not None and version != report.version:
        raise DeskRefused.because("报告刚在别处保存过。您填写的内容仍在本页，请核对后再保存。")
    report.narrative, report.saved_at = narrative.strip(), at
    report.version += 1
    report.save()
    return report


@transaction.atomic
def issue_report(round: Round, *, narrative: str, by: User, at: datetime) -> ReviewReport:
    """Freeze the table with the narrative and issue the 评审报告; the leading body is told."""
    report = save_report(round, narrative=narrative, by=by, at=at)
    found = report_blockers(round)
    book = rulebook_for(round)
    if not report.narrative:
        found.append(Blocker("请填写评审工作情况。", book.ground(book.stage(State.DELIBERATION))))
    if found:
        raise DeskRefused(found)
    report.table = frozen_table(round)
    consulted = summary_of(round)
    content = {
        "addressee": book.bodies.leading_body.name,
        "narrative": report.narrative,
        "ground": book.ground(book.stage(State.DELIBERATION)),
        "weights": [
            {"stage": book.label(one.state), "percent": str(one.percent)} for one in book.scoring.composite.value
        ],
        "weights_ground": book.ground(book.scoring.composite),
        "stages": [book.label(one) for one in book.review_states],
        "rows": report.table,
        "consulted": consulted and {"label": consulted.label, "rows": [list(one) for one in consulted.rows]},
        "noun": book.noun,
    }
    report.document = issue_review_paper(
        "review_report", round, content, title=f"{round.title}{book.instrument('review_report')}",
        subject=f"round:{round.public_id}", by=by, at=at,
    )  # fmt: skip
    report.issued_at, report.issued_by = at, by
    report.save()
    evidence.record(
        "report.issue", chain=round.chain, by=by, subject=f"report:{report.public_id}", at=at,
        data={"document": report.document.number, "candidates": [row["application"] for row in report.table]},
    )  # fmt: skip
    members = Membership.objects.current().filter(unit__scheme_key=round.scheme.key, unit__kind="leading_body")
    send_message(
        [one.user for one in members.select_related("user")], subject=f"{round.title}评审报告已形成",
        url=report.document.get_absolute_url(), at=at,
    )  # fmt: skip
    return report


def frozen_table(round: Round) -> list[dict[str, Any]]:
    """The candidates as plain values, with each stage's score and opinion."""
    book = rulebook_for(round)
    return [
        {
            "application": str(one.application.public_id),
            "name": one.application.listed_name,
            "number": one.application.number,
            "district": one.application.district,
            "industry": one.application.industry,
            "rank": one.rank,
            "composite": str(one.composite),
            "scores": [str(one.opinions[s].score) if s in one.opinions else "" for s in book.review_states],
            "opinions": [
                {"stage": book.label(s), "text": one.opinions[s].text} for s in book.review_states if s in one.opinions
            ],
        }
        for one in candidates(round)
    ]
