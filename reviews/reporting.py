"""The review report for the leading body: table, figures, words; frozen at issue, corrected by a new version (V7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from applications.desk_rules import DeskRefused, require_text
from applications.gates import Blocker
from applications.models import Application
from applications.pipeline import REVIEWS, State
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from documents.models import IssuedDocument
from organizations import evidence
from organizations.messages import send_message
from organizations.models import Membership, User
from publicity.commenting import summary_missing, summary_of

from .combining import Weighed, composite_percent
from .models import PanelOpinion, ReviewReport
from .panels import require_office
from .report_figures import figures_of
from .report_words import LIMIT, PARTS, draft_words
from .review_papers import issue_review_paper, preview_review_paper


class StaleReport(DeskRefused):
    """The draft was saved elsewhere since: `theirs` holds the stored text of each part that was to be written over."""

    def __init__(self, theirs: dict[str, str], version: int) -> None:
        self.theirs, self.version = theirs, version
        super().__init__([Blocker("报告刚在别处保存过。您填写的内容仍在本页，请核对后再保存。")])


@dataclass(frozen=True)
class Candidate:
    """One candidate of the report: stage → opinion, and the composite in percent."""

    application: Application
    opinions: dict[str, PanelOpinion]
    composite: Decimal
    rank: int


def composite_of(book: Rulebook, opinions: dict[str, PanelOpinion]) -> Decimal:
    """Each stage's score in percent of its total, weighted as the rulebook says over the stages there were (B15)."""
    return composite_percent(
        [
            Weighed(opinions[one.state].score, opinions[one.state].total, one.percent)
            for one in book.scoring.composite.value
            if one.state in opinions
        ]
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


def draft_of(round: Round) -> ReviewReport | None:
    """The version that is being written: the first, or a correction."""
    return ReviewReport.objects.drafts().filter(round=round).first()


def standing_report(round: Round) -> ReviewReport | None:
    """The version the leading body has before it."""
    return ReviewReport.objects.issued().filter(round=round).select_related("document").first()


def report_figures(round: Round) -> dict[str, Any]:
    """What the report's charts, tables and drafted words are made of, as the data stand now."""
    return figures_of(round, [one.application for one in candidates(round)])


def report_blockers(round: Round) -> list[Blocker]:
    """Why no report can be issued now: candidates are before the leading body, nobody in review or before the public.

    Where the public was asked, what it said is summed up first (B15). What is issued stands until it is corrected.
    """
    book = rulebook_for(round)
    cite = book.ground(book.stage(State.DELIBERATION))
    if draft_of(round) is None and standing_report(round) is not None:
        return [Blocker(f"{book.instrument('review_report')}已经签发。", cite)]
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
def save_report(
    round: Round, *, sections: Mapping[str, str], by: User, at: datetime, version: int | None = None
) -> ReviewReport:
    """Keep the draft's parts that are given, the others as they were; an issued report never changes.

    `version` is what the page saw: a draft saved elsewhere since is refused when it says otherwise.
    """
    report = _locked_draft(round, by=by, at=at)
    _refuse_unfit(sections)
    texts = {key: text.strip() for key, text in sections.items()}
    if all(report.sections.get(key) == text for key, text in texts.items()):
        return report
    if version is not None and version != report.version:
        raise StaleReport({key: report.sections.get(key, "") for key in texts}, report.version)
    report.sections, report.saved_at = {**report.sections, **texts}, at
    report.version += 1
    report.save()
    return report


@transaction.atomic
def issue_report(
    round: Round,
    *,
    by: User,
    at: datetime,
    sections: Mapping[str, str] | None = None,
    narrative: str | None = None,
    version: int | None = None,
) -> ReviewReport:
    """Freeze figures, table and words and issue the 评审报告; the leading body is told (U11.8, B15, Y6.5).

    A part nobody wrote is the drafted one; `narrative` is the first part's text alone.
    """
    report = _locked_draft(round, by=by, at=at)
    given = dict(sections or {}) | ({} if narrative is None else {"overview": narrative})
    _refuse_unfit(given)
    if version is not None and version != report.version:
        raise StaleReport({key: report.sections.get(key, "") for key in given}, report.version)
    figures = report_figures(round)
    report.sections = {**draft_words(round, figures), **report.sections, **given}
    book, found = rulebook_for(round), report_blockers(round)
    cite = book.ground(book.stage(State.DELIBERATION))
    found += [Blocker(f"请填写{title}。", cite) for key, title in PARTS.items() if not report.sections[key].strip()]
    if found:
        raise DeskRefused(found)
    before = standing_report(round)
    report.figures, report.table, report.saved_at = figures, frozen_table(round), at
    label = book.instrument("review_report")
    report.document = issue_review_paper(
        "review_report", round, report_content(round, report, before), title=report_title(round, report),
        subject=f"round:{round.public_id}", by=by, at=at,
    )  # fmt: skip
    ReviewReport.objects.issued().filter(round=round).update(superseded_at=at)
    report.issued_at, report.issued_by = at, by
    report.version += 1
    report.save()
    evidence.record(
        "report.issue" if before is None else "report.correct", chain=round.chain, by=by,
        subject=f"report:{report.public_id}", at=at,
        data={"document": report.document.number, "sha256": report.document.content_sha256, "number": report.number,
              "candidates": [row["application"] for row in report.table]},
    )  # fmt: skip
    members = Membership.objects.current().filter(unit__scheme_key=round.scheme.key, unit__kind="leading_body")
    send_message(
        [one.user for one in members.select_related("user")],
        subject=f"{round.title}{label}已{'形成' if before is None else '更正，以新版为准'}",
        url=report.document.get_absolute_url(), at=at,
    )  # fmt: skip
    return report


@transaction.atomic
def start_correction(round: Round, *, ground: str, by: User, at: datetime) -> ReviewReport:
    """Open a new version of an issued report, with why; the issued one stands until the new one is issued."""
    require_office(round, by)
    round = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    found = correction_blockers(round)
    if found:
        raise DeskRefused(found)
    before = standing_report(round)
    assert before is not None
    report = ReviewReport.objects.create(
        round=round, number=before.number + 1, ground=require_text(ground, "更正理由")[:300],
        sections=before.sections, saved_at=at,
    )  # fmt: skip
    evidence.record(
        "report.reopen", chain=round.chain, by=by, subject=f"report:{report.public_id}", at=at,
        data={"number": report.number, "replaces": str(before.public_id)},
    )  # fmt: skip
    return report


def correction_blockers(round: Round) -> list[Blocker]:
    """A report is corrected once it is issued and until the leading body has decided on its candidates."""
    book = rulebook_for(round)
    label, cite = book.instrument("review_report"), book.ground(book.stage(State.DELIBERATION))
    if standing_report(round) is None:
        return [Blocker(f"{label}尚未签发，可以直接修改。", cite)]
    if draft_of(round) is not None:
        return [Blocker(f"{label}的更正稿已经在办。", cite)]
    if not Application.objects.filter(round=round, state=State.DELIBERATION).exists():
        return [Blocker(f"{book.label(State.DELIBERATION)}已经作出决定，{label}不再更正。", cite)]
    return []


@transaction.atomic
def drop_correction(round: Round, *, by: User, at: datetime) -> None:
    """Give a correction up: the issued version stands on, and the record says that one was begun."""
    require_office(round, by)
    Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    report = draft_of(round)
    if report is None or report.number == 1:
        raise DeskRefused.because("没有在办的更正稿。")
    evidence.record(
        "report.drop", chain=round.chain, by=by, subject=f"report:{report.public_id}", at=at,
        data={"number": report.number},
    )  # fmt: skip
    report.delete()


def report_title(round: Round, report: ReviewReport) -> str:
    label = rulebook_for(round).instrument("review_report")
    return f"{round.title}{label}" + (f"（第{report.number}版）" if report.number > 1 else "")


def report_content(round: Round, report: ReviewReport, before: ReviewReport | None) -> dict[str, Any]:
    """All that the paper prints: words, table, figures, what it replaces."""
    book, consulted = rulebook_for(round), summary_of(round)
    replaced = before.document.number if before and before.document else ""
    return {
        "addressee": book.bodies.leading_body.name,
        "correction": {"ground": report.ground, "replaces": replaced} if report.ground else None,
        "parts": [{"key": key, "title": title, "text": report.sections[key]} for key, title in PARTS.items()],
        "ground": book.ground(book.stage(State.DELIBERATION)),
        "weights": [
            {"stage": book.label(one.state), "percent": str(one.percent)} for one in book.scoring.composite.value
        ],
        "weights_ground": book.ground(book.scoring.composite),
        "stages": [book.label(one) for one in book.review_states],
        "rows": report.table,
        "figures": report.figures,
        "consulted": consulted and {"label": consulted.label, "rows": [list(one) for one in consulted.rows]},
        "noun": book.noun,
    }


def preview_report(round: Round, *, at: datetime) -> IssuedDocument:
    """The paper as it would be issued now: not kept, without a number, and saying so on every page."""
    kept = draft_of(round) or ReviewReport(round=round, number=1)
    figures = report_figures(round)
    report = ReviewReport(
        round=round, number=kept.number, ground=kept.ground, figures=figures, table=frozen_table(round),
        sections={**draft_words(round, figures), **kept.sections},
    )  # fmt: skip
    content = report_content(round, report, standing_report(round))
    return preview_review_paper("review_report", round, content, title=report_title(round, report), at=at)


def _locked_draft(round: Round, *, by: User, at: datetime) -> ReviewReport:
    """The draft under the round's lock, made where there is none yet; what is issued is refused."""
    require_office(round, by)
    Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    report = draft_of(round)
    if report is not None:
        return report
    if standing_report(round) is not None:
        book = rulebook_for(round)
        text = f"{book.instrument('review_report')}已经签发，不能修改；确有错误的，请办理更正。"
        raise DeskRefused.because(text, book.ground(book.stage(State.DELIBERATION)))
    return ReviewReport.objects.create(round=round, saved_at=at)


def _refuse_unfit(sections: Mapping[str, str]) -> None:
    found = [Blocker("报告没有这一部分。") for key in sections if key not in PARTS]
    found += [
        Blocker(f"{PARTS[key]}不超过{LIMIT}字，现为{len(text.strip())}字。")
        for key, text in sections.items()
        if key in PARTS and len(text.strip()) > LIMIT
    ]
    if found:
        raise DeskRefused(found)


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
