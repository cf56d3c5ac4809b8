"""Objections: what was filed, who investigates, by when, and how it ended. The objector's identity is sealed."""

from .extensions import LegExtension
from .files import IdentityOpening, ObjectionFile
from .investigation import EvidenceItem, ExpertInquiry, Fact, IdentityGrant, Question, QuestionFile
from .joined import JoinedFiling
from .letters import CaseLetter
from .objection import Objection, ObjectionQuerySet
from .outcomes import Outcome
from .situations import SituationFile, SituationReport, SituationReportQuerySet

__all__ = [
    "CaseLetter", "EvidenceItem", "ExpertInquiry", "Fact", "IdentityGrant", "IdentityOpening", "JoinedFiling",
    "LegExtension", "Objection", "ObjectionFile", "ObjectionQuerySet", "Outcome", "Question", "QuestionFile",
    "SituationFile", "SituationReport", "SituationReportQuerySet",
]  # fmt: skip
