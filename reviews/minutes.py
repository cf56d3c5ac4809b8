"""The paper of a meeting: 会议纪要, 审议决议 or 得分排序确认表; every count, nobody's secret vote (U11.8, B15, Y11)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from applications.desk_rules import DeskRefused, require_text
from applications.models import Application
from applications.pipeline import State
from awards.parameters import rulebook_for
from awards.rounds import draft_note
from awards.rulebook import Rulebook
from awards.workdays import date_zh
from documents.issuing import issue_document
from documents.models import IssuedDocument
from organizations import evidence
from organizations.models import User

from .meeting_facts import how_voted, out_of_order, paper_figures, people_content
from .meetings import lock_meeting
from .models import Ballot, BallotCandidate, ListLine, Meeting, MinutesDraft, MinutesVersion, NamedVote
from .proceedings import list_rules
from .tiers import Listing, mode_of

# what a meeting does, by the way its scheme decides
WORDS = {"secret_vote": "表决", "roll_call": "表决", "resolution": "审议", "rank": "确认得分排序"}
HOW = {
    "secret_vote": "以无记名投票方式对{noun}进行表决。表决情况和决定纪要如下。",
    "roll_call": "以记名方式对{noun}进行表决。表决情况和决定纪要如下。",
    "resolution": "对拟订名单逐一进行审议，决议如下。",
    "rank": "按综合得分顺序确认名单如下。",
}
PAPERS = {"resolution": "resolution_record", "rank": "ranking_record"}


def paper_of(book: Rulebook) -> str:
    """The kind of paper the scheme's meetings end in: its own where it names one, else the minutes."""
    key = PAPERS.get(book.decision.mode.value, "")
    return key if key and book.has_instrument(key) else "meeting_minutes"


@transaction.atomic
def save_draft(meeting: Meeting, *, text: str, by: User, at: datetime) -> MinutesDraft:
    """The words of the minutes, edited by the office until the decision issues them."""
    meeting = lock_meeting(meeting, by=by)
    if meeting.state == Meeting.State.DECIDED:
        raise DeskRefused.because("会议文书已经签发，不能再改草稿；需要更正的，请办理更正。")
    draft, _ = MinutesDraft.objects.update_or_create(
        meeting=meeting, defaults={"text": text.strip()[:4000], "saved_at": at, "saved_by": by}
    )
    return draft


def drafted_text(meeting: Meeting) -> str:
    draft = MinutesDraft.objects.filter(meeting=meeting).first()
    return draft.text if draft else ""


@transaction.atomic
def correct_minutes(meeting: Meeting, *, text: str, reason: str, by: User, at: datetime) -> IssuedDocument:
    """A new version with other words and its reason; figures and decision stay as issued, and so does the old paper."""
    meeting = lock_meeting(meeting, by=by)
    if meeting.minutes is None:
        raise DeskRefused.because("会议文书尚未签发，请直接修改草稿。")
    text, reason = require_text(text, "会议情况"), require_text(reason, "更正理由")[:300]
    before, number = meeting.minutes, meeting.versions.count() + 1
    if text == before.content.get("narrative", ""):
        raise DeskRefused.because("会议情况没有变化，不需要更正。")
    content = before.content | {
        "narrative": text, "version": number, "correction": reason, "replaces": before.number,
        "date": date_zh(at.date()),
    }  # fmt: skip
    paper = issue_document(
        before.kind, title=before.title, template=before.template, content=content, scheme_key=before.scheme_key,
        chain=before.chain, subject=before.subject, issuer=before.issuer, by=by, at=at,
    )  # fmt: skip
    MinutesVersion.objects.create(meeting=meeting, number=number, document=paper, reason=reason)
    meeting.minutes = paper
    meeting.save(update_fields=["minutes"])
    evidence.record(
        "meeting.correct_minutes", chain=meeting.round.chain, by=by, subject=f"meeting:{meeting.public_id}", at=at,
        data={"version": number, "replaces": before.number},
    )  # fmt: skip
    return paper


def issue_minutes(
    meeting: Meeting, waiting: list[Application], listed: Mapping[int, Listing], *, by: User, at: datetime
) -> IssuedDocument:
    """Freeze and number the paper: who was there, what was counted or resolved on each name, the list that follows."""
    round, book = meeting.round, rulebook_for(meeting.round)
    kind, mode = paper_of(book), mode_of(meeting)
    voted_on = BallotCandidate.objects.filter(ballot__meeting=meeting).values("application")
    shown = Application.objects.with_names().filter(Q(pk__in=[one.pk for one in waiting]) | Q(pk__in=voted_on))
    named = {one.pk: str(one.organization) for one in shown}
    title = f"{round.title}{book.instrument(kind)}"
    content = {
        "title": title,
        "issuer": book.bodies.leading_body.name,
        "meeting": meeting.title,
        "held_on": date_zh(meeting.held_on),
        "place": meeting.place,
        "electorate": meeting.members.count(),
        "present": meeting.members.filter(is_present=True).count(),
        "teller": meeting.teller,
        "counter": meeting.counter,
        "recorder": meeting.recorder,
        "noun": book.noun,
        "how": HOW[mode].format(noun=book.noun),
        "report": book.instrument("review_report"),
        "ballots": [_ballot_content(one, named) for one in meeting.ballots.order_by("pk")],
        "elected": _listed_content(book, named, listed),
        "narrative": drafted_text(meeting),
        "vacancies": list(meeting.vacancies.values("tier_name", "places", "reason")),
        "deviations": out_of_order(meeting),
        **people_content(meeting),
        "cite": book.ground(book.stage(State.DELIBERATION)),
        "draft_note": draft_note(round),
        "date": date_zh(at.date()),
    }
    if mode in PAPERS:
        content |= _list_content(meeting, book, mode)
    paper = issue_document(
        kind,
        title=title,
        template="list_decision.html" if mode in PAPERS else "meeting_minutes.html",
        content=content,
        scheme_key=round.scheme.key,
        chain=round.chain,
        subject=f"meeting:{meeting.public_id}",
        issuer=round.office,
        by=by,
        at=at,
    )
    MinutesVersion.objects.create(meeting=meeting, number=1, document=paper)
    return paper


def _listed_content(book: Rulebook, named: Mapping[int, str], listed: Mapping[int, Listing]) -> list[dict[str, Any]]:
    """The list tier by tier as the rulebook names them, in the order of the applications."""
    order = [one.key for one in book.tiers]
    rows = sorted(listed.items(), key=lambda row: (order.index(row[1].tier), row[0]))
    return [
        {"name": named[pk], "tier": book.tier(one.tier).name, "outside_quota": one.outside_quota} for pk, one in rows
    ]


def _ballot_content(ballot: Ballot, named: Mapping[int, str]) -> dict[str, Any]:
    counted = ballot.state == Ballot.State.CLOSED
    named_votes: dict[int, list[str]] = {}
    votes = NamedVote.objects.filter(candidate__ballot=ballot).select_related("member__user", "member__mandate")
    for vote in votes.prefetch_related("changes").order_by("member"):
        named_votes.setdefault(vote.candidate_id, []).append(named_vote_zh(vote))
    return {
        "tier": ballot.tier_name,
        "number": ballot.number,
        "seats": ballot.seats,
        "state": ballot.get_state_display(),
        "present": ballot.present_count,
        "cast": ballot.cast_count or 0,
        "by_name": bool(named_votes),
        "how": how_voted(ballot),
        "paper": paper_figures(ballot),
        "ground": ballot.annulled_ground,
        "rows": [
            {
                "name": named[one.application_id],
                "base": one.base,
                "for": one.votes_for,
                "against": one.votes_against,
                "abstain": one.votes_abstain,
                "elected": one.is_elected,
                "tied": one.is_tied,
                "outside_quota": one.outside_quota,
                "votes": named_votes.get(one.pk, []),
            }
            for one in ballot.candidates.all()
        ]
        if counted
        else [],
    }


def named_vote_zh(vote: NamedVote) -> str:
    """Who said what, with what he had said before it was corrected."""
    said = vote.get_choice_display()
    for one in vote.changes.all():
        said += f"，原登记{one.get_before_display()}，更正理由：{one.reason}"
    return f"{vote.member.label}（{said}）"


def _list_content(meeting: Meeting, book: Rulebook, mode: str) -> dict[str, Any]:
    rules = [f"{text}（{ground}）" for text, ground in list_rules(meeting)]
    return {"mode": mode, "rules": rules, "lines": lines_of(meeting, book)}


def lines_of(meeting: Meeting, book: Rulebook) -> list[dict[str, Any]]:
    """The list as the page and the paper show it, highest score first."""
    lines = meeting.lines.select_related("application__organization").order_by("rank", "pk")
    return [_line_content(book, one) for one in lines]


def _line_content(book: Rulebook, line: ListLine) -> dict[str, Any]:
    return {
        "rank": line.rank,
        "name": str(line.application.organization),
        "percent": str(line.percent),
        "proposed": book.tier(line.proposed_tier).name if line.proposed_tier else "不列入",
        "reason": line.reason,
        "is_decided": line.is_decided,
        "decided": book.tier(line.tier).name if line.tier else "不列入",
        "as_proposed": line.tier == line.proposed_tier,
        "outside_quota": line.outside_quota,
        "tied": line.is_tied,
        "ground": line.ground,
        "base": line.base,
        "hands": line.votes_for is not None,
        "for": line.votes_for,
        "against": line.votes_against,
        "abstain": line.votes_abstain,
    }
