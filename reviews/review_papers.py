"""The papers of the review, each with all it prints frozen into it. Issued inside the transaction they tell of."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db.models import Q

from applications.models import Application
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rounds import draft_note
from awards.workdays import date_zh
from documents.access import document_reader
from documents.issuing import issue_document
from documents.models import IssuedDocument
from organizations.models import Membership, User

from .models import Assignment, Panel

PREVIEW = "预览稿"


def issue_review_paper(
    kind: str, round: Round, content: dict[str, Any], *, title: str, subject: str, by: User, at: datetime
) -> IssuedDocument:
    return issue_document(
        kind,
        title=title,
        template=f"{kind}.html",
        content=headed(round, content, title=title, at=at),
        scheme_key=round.scheme.key,
        chain=round.chain,
        subject=subject,
        issuer=round.office,
        by=by,
        at=at,
    )


def preview_review_paper(
    kind: str, round: Round, content: dict[str, Any], *, title: str, at: datetime
) -> IssuedDocument:
    """The same paper unsaved and without a number; every page says that it is not issued."""
    frozen = json.loads(json.dumps(headed(round, content, title=title, at=at), ensure_ascii=False, default=str))
    return IssuedDocument(
        number=PREVIEW, scheme_key=round.scheme.key, chain=round.chain, kind=kind, title=title, issuer=round.office,
        template=f"{kind}.html", content=frozen | {"rehearsal_note": f"{PREVIEW}，未签发"}, issued_at=at,
    )  # fmt: skip


def headed(round: Round, content: dict[str, Any], *, title: str, at: datetime) -> dict[str, Any]:
    book, office = rulebook_for(round), round.office
    return {
        "title": title,
        "round_title": round.title,
        "issuer": office.name,
        "date": date_zh(at.date()),
        "draft_note": draft_note(round),
        "regulation": book.regulation.title,
        "award_name": book.award_name,
        "contact": {"phone": office.phone, "address": office.address},
        **content,
    }


def about(application: Application) -> dict[str, str]:
    return {
        "name": str(application.organization),
        "code": application.organization.display_code,
        "you": application.addressed_as,
        "noun": application.noun,
        "number": application.number,
    }


def opinion_title(panel: Panel) -> str:
    """材料评审意见, 陈述答辩评审意见: the stage and the paper without saying 评审 twice."""
    return paper_of_stage(panel.stage_label, rulebook_for(panel.round).instrument("review_opinion"))


def paper_of_stage(label: str, paper: str) -> str:
    """A stage's paper by name: words the label ends with are not said again (材料评审 + 评审意见)."""
    shared = next((size for size in range(len(paper), 0, -1) if label.endswith(paper[:size])), 0)
    return label + paper[shared:]


@document_reader
def readers_of_the_review(user: User, document: IssuedDocument) -> bool:
    """The leading body reads the report of its scheme's rounds; who judged an application reads its papers."""
    if document.kind == "review_report":
        places = Membership.objects.current().filter(user=user, unit__scheme_key=document.scheme_key)
        return places.filter(unit__kind="leading_body").exists()
    if document.kind in ("review_opinion", "consensus_record"):
        return _took_part(user, document)
    return False


def _took_part(user: User, document: IssuedDocument) -> bool:
    """The panel's leader, and the readers of the application who were not ended."""
    papers = Q(opinions__document=document) | Q(consensus_sessions__document=document)
    if Panel.objects.filter(papers, chair__user=user).exists():
        return True
    key = document.subject.removeprefix("review:")
    own = Assignment.objects.active().filter(panel__in=Panel.objects.filter(papers), expert__user=user)
    return own.filter(application__public_id=key).exists()
