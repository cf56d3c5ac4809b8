"""Objections: what was filed, who investigates, by when, and how it ended. The objector's identity is sealed."""

from .files import IdentityOpening, ObjectionFile
from .investigation import EvidenceItem, ExpertInquiry, Fact, IdentityGrant, Question, QuestionFile
from .objection import Objection, ObjectionQuerySet
from .outcomes import Outcome

__all__ = [
    "EvidenceItem",
    "ExpertInquiry",
    "Fact",
    "IdentityGrant",
    "IdentityOpening",
    "Objection",
    "ObjectionFile",
    "ObjectionQuerySet",
    "Outcome",
    "Question",
    "QuestionFile",
]
