"""Those the list or the approval leaves out are told: in their inbox at once, and in writing (U11.8, U11.9)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from applications.aftermath import after
from applications.corrections import tell_applicant
from applications.gates import Attempt
from applications.models import Application, Step
from applications.pipeline import State
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rounds import draft_note
from awards.workdays import date_zh
from documents.issuing import issue_document
from documents.models import IssuedDocument
from organizations.models import User

from .panels import require_office
from .review_papers import about

LEFT_OUT = (State.NOT_SELECTED, State.NOT_APPROVED)
KIND = "not_advanced_notice"


@after("pass_over", "refuse")
def tell_who_is_left_out(application: Application, attempt: Attempt, left: str) -> None:
    """An inbox message with the outcome in the regulation's own words; the paper follows from the office."""
    book = application.rulebook
    tell_applicant(
        application,
        subject=f"{application.round.title}：{book.label(application.state)}",
        body=f"依据：{book.ground(book.stage(left))}。有疑问的，可以向办公室查询。",
        at=attempt.at,
    )


def waiting_for_notice(round: Round) -> list[Application]:
    """Those left out who have no written notice yet."""
    told = set(IssuedDocument.objects.filter(chain=round.chain, kind=KIND).values_list("subject", flat=True))
    found = Application.objects.filter(round=round, state__in=LEFT_OUT).with_names().order_by("number", "pk")
    return [one for one in found if f"application:{one.public_id}" not in told]


@transaction.atomic
def issue_outcome_notices(round: Round, *, by: User, at: datetime) -> list[IssuedDocument]:
    """A written notice to each who was left out and has none, all in one go; issued twice it does nothing more."""
    require_office(round, by)
    round = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    papers = []
    for one in waiting_for_notice(round):
        papers.append(_issue(one, by=by, at=at))
        tell_applicant(one, subject=f"{round.title}：告知书已送达，请查看", at=at)
    return papers


def _issue(application: Application, *, by: User, at: datetime) -> IssuedDocument:
    round, book = application.round, rulebook_for(application.round)
    step = Step.objects.filter(application=application, to_state=application.state).order_by("-pk").first()
    label, title = book.label(application.state), f"{book.label(application.state)}告知书"
    return issue_document(
        KIND,
        title=title,
        template="outcome_notice.html",
        content={
            **about(application),
            "title": title,
            "label": label,
            "round_title": round.title,
            "issuer": round.office.name,
            "stage": book.label(step.from_state) if step else "",
            "ground": step.cite if step and step.cite else book.ground(book.stage(State.DELIBERATION)),
            "reason": step.ground if step else "",
            "decided_on": date_zh(step.at.date()) if step else "",
            "contact": {"phone": round.office.phone, "address": round.office.address},
            "draft_note": draft_note(round),
            "date": date_zh(at.date()),
        },
        scheme_key=round.scheme.key,
        chain=round.chain,
        subject=f"application:{application.public_id}",
        issuer=round.office,
        by=by,
        at=at,
    )
