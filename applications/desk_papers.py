"""The papers of the recommender's and the office's desks, each with all it prints frozen into it.

Every function must run inside the transaction of the decision it tells, after the applications are locked and before
the step is taken: the number counter is locked before the head of the evidence chain.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from award_portal.lib.clock import SHANGHAI
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rounds import draft_note
from awards.rulebook.process import Leg
from awards.workdays import date_zh
from documents.issuing import issue_document
from documents.models import IssuedDocument
from organizations.models import Unit, User

from .models import Application


def issue_correction_notice(
    application: Application, *, stage: str, parts: list[str], reason: str, due_at: datetime, by: User, at: datetime
) -> IssuedDocument:
    """补正通知书: which parts, why, until when, and what happens when nothing comes."""
    book = application.rulebook
    content = {
        "parts": [part_title(application, key) for key in parts],
        "reason": reason,
        "stage": book.label(stage),
        "due": date_zh(last_day_of(due_at)),
        "days": book.correction.days.value,
        "days_ground": book.ground(book.correction.days),
        "overdue_ground": book.ground(book.correction.overdue),
    }
    return _to_applicant("correction_notice", application, content, stage=stage, by=by, at=at)


def issue_decline_notice(application: Application, *, ground: str, cite: str, by: User, at: datetime) -> IssuedDocument:
    """不予推荐告知书."""
    content = {"ground": ground, "cite": cite}
    return _to_applicant("declined_notice", application, content, stage="recommendation_review", by=by, at=at)


def issue_rejection_notice(
    application: Application, *, ground: str, cite: str, by: User, at: datetime
) -> IssuedDocument:
    """不予受理告知书."""
    content = {"ground": ground, "cite": cite}
    return _to_applicant("rejection_notice", application, content, stage="qualification", by=by, at=at)


def issue_disqualification_notice(
    application: Application, *, condition: str, ground: str, cite: str, by: User, at: datetime
) -> IssuedDocument:
    """取消参评资格告知书, naming the prohibitive condition it rests on (U13)."""
    content = {"ground": ground, "cite": cite, "condition": condition}
    return _to_applicant("disqualification_notice", application, content, stage="qualification", by=by, at=at)


def issue_consultation_letter(
    round: Round,
    *,
    stage: str,
    sender: Unit,
    department: Unit,
    applications: list[Application],
    period_from: date,
    period_to: date,
    due_at: datetime,
    by: User,
    at: datetime,
) -> IssuedDocument:
    """征求意见函 to one department with the names and codes annexed, and nothing else of the dossiers."""
    book = rulebook_for(round)
    rule = book.consultation(stage)
    assert rule is not None
    content = {
        "department": department.name,
        "names": [
            {"position": position, "name": one.listed_name, "code": one.organization.display_code}
            for position, one in enumerate(applications, start=1)
        ],
        "period": f"{date_zh(period_from)}至{date_zh(period_to)}",
        "due": date_zh(last_day_of(due_at)),
        "reply_days": rule.reply_days.value,
        "regulation": book.regulation.title,
        "award_name": book.award_name,
        "noun": book.noun,
        "ground": book.ground(rule),
        "silence": f"逾期未复函的，按照{book.ground(rule.silence_is_clearance)}，视为无意见。"
        if rule.silence_is_clearance.value
        else "",
        "contact": {"phone": sender.phone, "address": sender.address},
    }
    title = f"关于征求对{round.title}{book.noun}意见的函"
    return issue_desk_paper(
        "consultation_letter", round, content, title=title, issuer=sender, subject=_unit(sender), by=by, at=at
    )


def issue_recommendation_papers(
    applications: list[Application],
    *,
    recommender: Unit,
    opinion: str,
    publicity_result: str,
    consultation: Mapping[str, Any] | None = None,
    by: User,
    at: datetime,
) -> tuple[IssuedDocument, IssuedDocument]:
    """审核推荐意见 and 推荐汇总表: one letter for all candidates, and the table that goes with it (U11.3).

    The letter says how publicity and consultation went where the scheme has them, and nothing of them where not.
    """
    round = applications[0].round
    book = rulebook_for(round)
    content = {
        "office": round.office.name,
        "opinion": opinion,
        "publicity_result": publicity_result,
        "consultation": dict(consultation or {}),
        "noun": book.noun,
        "regulation": book.regulation.title,
        "ground": book.ground(book.stage("recommendation")),
        "award_name": book.award_name,
        "names": [_summary_row(position, one) for position, one in enumerate(applications, start=1)],
    }
    about: dict[str, Any] = {"issuer": recommender, "subject": _unit(recommender), "by": by, "at": at}
    letter = issue_desk_paper(
        "recommendation_opinion",
        round,
        content,
        title=f"{recommender.name}关于{round.title}的{book.instrument('recommendation_opinion')}",
        **about,
    )
    table = issue_desk_paper(
        "recommendation_summary",
        round,
        {**content, "letter_number": letter.number},
        title=f"{round.title}{book.instrument('recommendation_summary')}（{recommender.name}）",
        **about,
    )
    return letter, table


def issue_consent_letter(
    application: Application, *, leg: Leg, unit: Unit | None, review: Mapping[str, Any], by: User, at: datetime
) -> IssuedDocument | None:
    """同意推荐意见 to be printed, signed and sealed by the unit that consents (Z17.3); None where no paper is named."""
    book = application.rulebook
    if not book.has_instrument("consent_letter"):
        return None
    dossier = application.current_dossier
    content = {
        **_summary_row(1, application),
        "leg": leg.label,
        "sealed": leg.sealed,
        "ground": book.ground(leg),
        "award_name": book.award_name,
        "noun": book.noun,
        "recommender": application.recommender.name if application.recommender else "",
        "dossier_version": dossier.version if dossier else 1,
        "review": dict(review),
        "unit": unit.name if unit else "",
    }
    title = f"{book.instrument('consent_letter')}（{application.organization}）"
    return issue_desk_paper(
        "consent_letter", application.round, content, title=title, issuer=application.recommender,
        subject=f"application:{application.public_id}", by=by, at=at,
    )  # fmt: skip


def part_title(application: Application, key: str) -> str:
    """The title of a section or an attachment of the form by its key."""
    form = application.rulebook.form
    titles = {one.key: one.title for one in form.sections} | {one.key: f"附件：{one.label}" for one in form.attachments}
    return titles.get(key, key)


def last_day_of(due_at: datetime) -> date:
    """The last day of a period whose end is the midnight after it."""
    return (due_at.astimezone(SHANGHAI) - timedelta(microseconds=1)).date()


def _summary_row(position: int, application: Application) -> dict[str, Any]:
    book = application.rulebook
    return {
        "position": position,
        "number": application.number,
        "name": application.listed_name,
        "code": application.organization.display_code,
        "kind": book.applicant_kind(application.applicant_kind).label if application.applicant_kind else "",
        "category": book.category(application.category).label if application.category else "",
        "district": application.district,
        "industry": application.industry,
        "sme": "是" if application.is_sme else "否",
    }


def _to_applicant(
    kind: str, application: Application, content: dict[str, Any], *, stage: str, by: User, at: datetime
) -> IssuedDocument:
    book = application.rulebook
    issuer = application.round.office if stage == "qualification" else application.recommender
    content = {
        **content,
        "name": str(application.organization),
        "code": application.code_or_employer,
        "you": application.addressed_as,
        "number": application.number,
        "regulation": book.regulation.title,
        "contact": {"phone": issuer.phone, "address": issuer.address} if issuer else {},
    }
    return issue_desk_paper(
        kind,
        application.round,
        content,
        title=book.instrument(kind),
        issuer=issuer,
        subject=f"application:{application.public_id}",
        by=by,
        at=at,
    )


def issue_desk_paper(
    kind: str,
    round: Round,
    content: dict[str, Any],
    *,
    title: str,
    issuer: Unit | None,
    subject: str = "",
    by: User,
    at: datetime,
) -> IssuedDocument:
    """A paper of a desk of this round, about `subject` or else about the unit that issues it."""
    return issue_document(
        kind,
        title=title,
        template=f"{kind}.html",
        content={
            "title": title,
            "round_title": round.title,
            "issuer": issuer.name if issuer else "",
            "date": date_zh(at.date()),
            "draft_note": draft_note(round),
            **content,
        },
        scheme_key=round.scheme.key,
        chain=round.chain,
        subject=subject or (_unit(issuer) if issuer else ""),
        issuer=issuer,
        by=by,
        at=at,
    )


def _unit(unit: Unit) -> str:
    return f"unit:{unit.public_id}"
