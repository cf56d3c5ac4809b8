"""合议记录: who took part, what was said of each item, who changed what and why, without a name beside a score."""

from __future__ import annotations

from datetime import datetime

from award_portal.lib import clock
from awards.parameters import rulebook_for
from documents.models import IssuedDocument
from organizations.models import User

from .discrepancies import column_of, discrepancy_matrix, leader_of
from .models import ConsensusChange, ConsensusSession
from .review_papers import about, issue_review_paper


def issue_consensus_record(session: ConsensusSession, *, by: User, at: datetime) -> IssuedDocument:
    """The record of a session, frozen as it ends."""
    panel, application = session.panel, session.application
    book = rulebook_for(panel.round)
    label = book.label(panel.stage)
    said = dict(session.items.values_list("item", "said"))
    changes: dict[str, list[dict[str, str]]] = {}
    in_force = ConsensusChange.objects.in_force().filter(session=session, assignment__ended_at=None)
    for one in in_force.select_related("assignment__application", "assignment__panel"):
        row = {"expert": f"专家{column_of(one.assignment)}", "old": one.old, "new": one.new, "reason": one.reason}
        changes.setdefault(one.item, []).append(row)
    items = [
        {
            "title": row.title, "points": row.points, "spread": row.spread, "spread_after": row.spread_after,
            "said": said.get(row.key, ""), "changes": changes.get(row.key, []),
        }
        for row in discrepancy_matrix(application, panel.stage)
        if row.is_flagged
    ]  # fmt: skip
    attended = session.attendances.filter(assignment__ended_at=None).select_related("assignment__expert__user")
    content = {
        **about(application),
        "stage": label,
        "ground": book.ground(book.review(panel.stage).discrepancy_percent),
        "percent": book.review(panel.stage).discrepancy_percent.value,
        "held": f"{session.starts_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}",
        "place": session.place,
        "attended": [
            {"name": str(one.assignment.expert), "mode": one.get_mode_display(), "words": one.words} for one in attended
        ],
        "items": items,
        "conclusion": session.conclusion,
        "leader": str(leader_of(panel, application)),
    }
    return issue_review_paper(
        "consensus_record", panel.round, content, title=f"{label}合议记录",
        subject=f"review:{application.public_id}", by=by, at=at,
    )  # fmt: skip
