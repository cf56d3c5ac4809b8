"""表决票 and 计票单 to print: every paper of a ballot is the same to the letter, without a number of its own (V8)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from award_portal.lib.pdf import render_pdf
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from awards.workdays import date_zh
from documents.issuing import REHEARSAL_NOTE

from .ballots import limits_for
from .models import Ballot

MOST_COPIES = 99


def void_rules(ballot: Ballot) -> list[str]:
    """What makes a paper void, and what a paper is that is not filled in."""
    rules = [
        "在所选一栏内划“√”，每个名单只选一栏；用蓝黑或者黑色墨水书写。",
        "一个名单划两栏以上、涂改后无法辨认、另行书写其他姓名或者作标记的，整张票无效。",
        "对某一名单不划的，该名单计作弃权；已经登记回避的成员对回避的名单不划。",
    ]
    if limits_for(ballot):
        text = f"划“同意”的不得超过名额{ballot.seats}个，超过的整张票无效；不占名额的不计。"
        rules.insert(1, text)
    return rules


def papers_pdf(ballot: Ballot, *, copies: int, at: datetime) -> bytes:
    """As many identical papers as asked for, one a page, for the seal and the handing out."""
    return _pdf("ballot_paper.html", _content(ballot) | {"copies": range(max(1, min(copies, MOST_COPIES)))}, at=at)


def count_form_pdf(ballot: Ballot, *, at: datetime) -> bytes:
    """The empty 计票单: filled in by hand at the table, signed, and scanned."""
    content = _content(ballot)
    paper = ballot.on_paper_as  # type: ignore[attr-defined]
    return _pdf("tally_sheet.html", content | {"teller": str(paper.teller), "counter": str(paper.counter)}, at=at)


def paper_word(book: Rulebook) -> str:
    return book.instrument("ballot_paper") if book.has_instrument("ballot_paper") else "表决票"


def sheet_word(book: Rulebook) -> str:
    return book.instrument("tally_sheet") if book.has_instrument("tally_sheet") else "计票单"


def _content(ballot: Ballot) -> dict[str, Any]:
    meeting = ballot.meeting
    book = rulebook_for(meeting.round)
    again = f"（第{ballot.number}次投票）" if ballot.number > 1 else ""
    return {
        "title": f"{meeting.round.title}{ballot.tier_name}",
        "paper": f"{paper_word(book)}{again}",
        "sheet": f"{sheet_word(book)}{again}",
        "noun": book.noun,
        "meeting": meeting.title,
        "held_on": date_zh(meeting.held_on),
        "seats": ballot.seats,
        "present": ballot.present_count,
        "names": [
            {"position": one.position, "name": str(one.application.organization), "outside": one.outside_quota}
            for one in ballot.candidates.select_related("application__organization").order_by("position")
        ],
        "rules": void_rules(ballot),
        "issuer": book.bodies.leading_body.name,
        "cite": book.ground(book.decision.mode),
    }


def _pdf(template: str, content: dict[str, Any], *, at: datetime) -> bytes:
    content["rehearsal_note"] = REHEARSAL_NOTE if settings.REHEARSAL else ""
    return render_pdf(render_to_string(f"documents/{template}", content), created_at=at).data
