"""The papers a finding brings about beside the answer: to the leading body, to the supervising department (B16)."""

from __future__ import annotations

from datetime import datetime

from award_portal.lib import clock
from awards.rounds import draft_note
from awards.workdays import date_zh
from documents.issuing import issue_document
from documents.models import IssuedDocument
from organizations.models import User

from .models import Objection


def issue_cancellation_request(objection: Objection, *, cite: str, by: User, at: datetime) -> IssuedDocument:
    """提请取消授奖资格的请示, addressed to the leading body: the finding, never who objected (B16)."""
    body = objection.application.rulebook.bodies.leading_body
    return _issue(
        objection, "cancellation_request", "关于提请取消授奖资格的请示", to=body.name, cite=cite,
        subject=f"cancellation:{objection.public_id}", by=by, at=at,
    )  # fmt: skip


def issue_recommender_report(objection: Objection, *, to: str, by: User, at: datetime) -> IssuedDocument:
    """The report to the supervising department on what was upheld against a recommender."""
    application = objection.application
    return _issue(
        objection, "recommender_report", "关于审核推荐单位有关情况的报告", to=to,
        cite=application.rulebook.discipline_ground, subject=f"recommender_report:{objection.public_id}", by=by, at=at,
    )  # fmt: skip


def _issue(
    objection: Objection, kind: str, name: str, *, to: str, cite: str, subject: str, by: User, at: datetime
) -> IssuedDocument:
    application = objection.application
    round, book = application.round, application.rulebook
    title = book.instrument(kind) if book.has_instrument(kind) else name
    return issue_document(
        kind,
        title=title,
        template="outcome_report.html",
        content={
            "title": title,
            "kind": kind,
            "to": to,
            "issuer": objection.handled_by.name,
            "number": objection.number,
            "round_title": round.title,
            "organization": application.listed_name,
            "noun": application.noun,
            "recommender": application.recommender.name if application.recommender else "",
            "recommender_word": book.role("recommender"),
            "text": objection.finding_text,
            "cite": cite,
            "date": date_zh(clock.day_of(at)),
            "draft_note": draft_note(round),
        },
        scheme_key=round.scheme.key,
        chain=round.chain,
        subject=subject,
        issuer=objection.handled_by,
        by=by,
        at=at,
    )
