"""What the review desks and the leading body's meetings keep."""

from .panels import (
    STAGES,
    Assignment,
    ConflictDeclaration,
    CutDecision,
    CutLine,
    DrawRecord,
    Expert,
    Panel,
    PanelMember,
    PanelOpinion,
    Recusal,
    ReviewReport,
    ScoreSheet,
    Session,
    SessionSlot,
)

__all__ = [
    "STAGES",
    "Assignment",
    "ConflictDeclaration",
    "CutDecision",
    "CutLine",
    "DrawRecord",
    "Expert",
    "Panel",
    "PanelMember",
    "PanelOpinion",
    "Recusal",
    "ReviewReport",
    "ScoreSheet",
    "Session",
    "SessionSlot",
]
