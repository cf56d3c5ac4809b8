"""What the review desks and the leading body's meetings keep."""

from .conflicts import ConflictDeclaration, Recusal
from .experts import Expert
from .meetings import (
    Approval,
    ApprovalItem,
    Ballot,
    BallotCandidate,
    ListLine,
    Meeting,
    MeetingMember,
    MemberRecusal,
    NamedVote,
    Paper,
    ShortlistEntry,
    Slip,
    Voter,
)
from .panels import STAGES, Assignment, DrawRecord, Panel, PanelMember
from .reports import ReviewReport
from .scoring import CutDecision, CutLine, PanelOpinion, ScoreSheet
from .sessions import Session, SessionSlot

__all__ = [
    "STAGES",
    "Approval",
    "ApprovalItem",
    "Assignment",
    "Ballot",
    "BallotCandidate",
    "ConflictDeclaration",
    "CutDecision",
    "CutLine",
    "DrawRecord",
    "Expert",
    "ListLine",
    "Meeting",
    "MeetingMember",
    "MemberRecusal",
    "NamedVote",
    "Panel",
    "PanelMember",
    "PanelOpinion",
    "Paper",
    "Recusal",
    "ReviewReport",
    "ScoreSheet",
    "Session",
    "SessionSlot",
    "ShortlistEntry",
    "Slip",
    "Voter",
]
