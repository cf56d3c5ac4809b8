"""What the review desks and the leading body's meetings keep."""

from .conflicts import Recusal
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
from .ties import DECLARED_KINDS, ConflictKind, GroupLink, LikenessDecision, Tie, TieSource

__all__ = [
    "DECLARED_KINDS",
    "STAGES",
    "Approval",
    "ApprovalItem",
    "Assignment",
    "Ballot",
    "BallotCandidate",
    "ConflictKind",
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
    "GroupLink",
    "LikenessDecision",
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
    "Tie",
    "TieSource",
    "Voter",
]
