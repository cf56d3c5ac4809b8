"""请示: the list put before whoever approves it, with how its publicity went and that no objection is open (U11.9)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from applications.desk_rules import DeskRefused
from applications.gates import Blocker
from applications.models import Application, Hold
from applications.pipeline import State
from awards.models import Round
from awards.parameters import rulebook_for
from awards.workdays import date_zh
from documents.models import IssuedDocument
from organizations.models import User
from publicity.models import Notice

from .approving import names_before
from .panels import require_office
from .review_papers import issue_review_paper


def request_blockers(round: Round) -> list[Blocker]:
    """Why the request cannot be issued now: nobody waits, or an objection about a name is still open."""
    book = rulebook_for(round)
    ground = book.ground(book.stage(State.APPROVAL))
    if not book.has_instrument("approval_request"):
        return [Blocker("本办法没有列出这种文书。")]
    names = names_before(round)
    if not names:
        return [Blocker(f"没有待{book.label(State.APPROVAL)}的{book.noun}。", ground)]
    held = Hold.objects.open().filter(application__in=names).select_related("application__organization")
    return [
        Blocker(f"{one.application.organization}尚有未办结的异议，办结后再行请示。", one.cite or ground)
        for one in held
        if "approve" in one.steps
    ]


@transaction.atomic
def issue_approval_request(round: Round, *, by: User, at: datetime) -> IssuedDocument:
    """Issue the 请示 with the list as it stands; a list that changed afterwards needs a new one."""
    require_office(round, by)
    round = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    if refused := request_blockers(round):
        raise DeskRefused(refused)
    book, names = rulebook_for(round), names_before(round)
    paper, label = book.instrument("approval_request"), book.label(State.APPROVAL)
    content = {
        "addressee": book.approver.name,
        "label": label,
        "noun": book.noun,
        "ground": book.ground(book.stage(State.APPROVAL)),
        "body": book.bodies.leading_body.name,
        "deliberation": book.label(State.DELIBERATION),
        "deliberation_ground": book.ground(book.stage(State.DELIBERATION)),
        "publicity": publicity_result(round, names),
        "tiers": [
            {
                "name": tier.name,
                "rows": [_row(one) for one in names if one.shortlist_entry.tier == tier.key],
                "quota": tier.quota.value,
                "may_stay_vacant": tier.may_stay_vacant.value,
            }
            for tier in book.tiers
        ],
        "number_of_names": len(names),
    }
    title = f"关于提请{label}{round.title}名单的{paper}"
    return issue_review_paper(
        "approval_request", round, content, title=title, subject=f"round:{round.public_id}", by=by, at=at
    )


def publicity_result(round: Round, names: list[Application]) -> str:
    """One sentence on the publicity of the list, from the notices and the objections on record."""
    book = rulebook_for(round)
    if not book.has_stage(State.AWARD_PUBLICITY):
        return ""
    label = book.label(State.AWARD_PUBLICITY)
    if book.publicity_after_approval:
        return f"按照程序，{label}在{book.label(State.APPROVAL)}后进行。"
    notices = (
        Notice.objects.public().windows().filter(round=round, kind=State.AWARD_PUBLICITY, items__application__in=names)
    )
    windows = sorted({(one.starts_on, one.last_on) for one in notices if one.starts_on and one.last_on})
    days = "、".join(f"{date_zh(first)}至{date_zh(last)}" for first, last in windows)
    objections = Hold.objects.filter(application__in=names, source__startswith="objection:").values("source").distinct()
    count = objections.count()
    said = f"收到异议{count}件，均已办结，不影响所列名单" if count else "未收到异议"
    return f"{label}已于{days}进行，公示期满，{said}。" if days else f"{label}{said}。"


def _row(application: Application) -> dict[str, Any]:
    return {
        "name": str(application.organization),
        "code": application.code_or_employer,
        "district": application.district,
        "industry": application.industry,
    }
