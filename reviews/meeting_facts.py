"""What the papers and registers of a meeting say of it: who sat there and for whom, who stepped back, how it voted."""

from __future__ import annotations

from typing import Any

from awards.parameters import rulebook_for
from awards.workdays import date_zh

from .candidacy import composites_of
from .models import Ballot, BallotCandidate, Meeting, MemberRecusal, PaperBallot
from .tiers import BALLOT_MODES, mode_of


def how_voted(ballot: Ballot) -> str:
    """The way one ballot was taken, for every paper and export that tells its figures."""
    if mode_of(ballot.meeting) == "roll_call":
        return "记名表决"
    return "无记名投票（纸质表决票）" if ballot.is_on_paper else "无记名投票（系统投票）"


def people_content(meeting: Meeting) -> dict[str, Any]:
    """Attendance name by name, deputies with whom they stand in for, absences with their reason, recusals."""
    seats = list(meeting.members.with_people())
    recusals = MemberRecusal.objects.filter(member__meeting=meeting)
    recusals = recusals.select_related("member__user", "member__mandate", "application__organization").order_by("pk")
    return {
        "chair": str(meeting.chair or ""),
        "in_person": [str(one.user) for one in seats if one.is_present and not one.mandate],
        "deputies": [
            {"name": one.mandate.name, "post": one.mandate.post, "for": str(one.user)}
            for one in seats
            if one.is_present and one.mandate
        ],
        "absent": [{"name": one.label, "reason": one.absence_reason} for one in seats if not one.is_present],
        "recusals": [
            {"name": one.member.label, "from": str(one.application.organization), "ground": one.ground}
            for one in recusals
        ],
        "agenda": list(meeting.agenda.values_list("title", flat=True)),
        "changes": [
            f"原定{date_zh(one.old_held_on)}在{one.old_place}召开，因{one.reason}变更" for one in meeting.changes.all()
        ],
    }


def paper_figures(ballot: Ballot) -> dict[str, int] | None:
    """发出, 收回, 有效, 无效 of a ballot on paper, once it is counted."""
    paper = PaperBallot.objects.filter(ballot=ballot).select_related("teller", "counter").first()
    if paper is None or paper.issued is None:
        return None
    return {key: getattr(paper, key) or 0 for key in ("issued", "collected", "valid", "void")}


def out_of_order(meeting: Meeting) -> list[str]:
    """Where a ballot put a name before one with a better score: the votes are the reason, and the minutes say so."""
    if mode_of(meeting) not in BALLOT_MODES:
        return []
    book = rulebook_for(meeting.round)
    rows = list(
        BallotCandidate.objects.filter(ballot__meeting=meeting, ballot__state=Ballot.State.CLOSED)
        .select_related("ballot", "application__organization")
        .order_by("ballot", "position")
    )
    scores = composites_of(meeting.round, [one.application for one in rows])
    found = []
    for tier in book.tiers:
        mine = [one for one in rows if one.ballot.tier == tier.key and not one.outside_quota]
        chosen = {one.application_id: one.application for one in mine if one.is_elected}
        others = {one.application_id for one in mine} - set(chosen)
        for pk, application in chosen.items():
            if passed := sum(scores[other] > scores[pk] for other in others):
                found.append(
                    f"{application.organization}列入{tier.name}，综合得分{scores[pk]}，低于未列入的{passed}个，系表决结果"
                )
    return found
