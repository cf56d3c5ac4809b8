"""What the review desks and the leading body's meetings keep."""

from .conflicts import ConflictDeclaration, Recusal
from .expert_records import ExpertAbsence, ExpertSanction, ExpertTraining, ExpertUseNote
from .experts import Expert, ExpertEmployment, ExpertSpecialty
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
    "ExpertAbsence",
    "ExpertEmployment",
    "ExpertSanction",
    "ExpertSpecialty",
    "ExpertTraining",
    "ExpertUseNote",
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
