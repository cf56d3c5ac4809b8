"""An application and everything that stands on it: what was handed in, holds, steps, desk work."""

from .application import Application, ApplicationQuerySet, Step
from .consents import LegConsent
from .consultations import Consultation, ConsultationReply
from .desk_work import Checklist, Correction, CreditCheck, Finding, RecommendationOpinion
from .dossiers import Answer, Attachment, Dossier, DossierGrant, SecretOpening, SelfPublicity
from .holding import Hold

__all__ = [
    "Answer", "Application", "ApplicationQuerySet", "Attachment", "Checklist", "Consultation", "ConsultationReply",
    "Correction", "CreditCheck", "Dossier", "DossierGrant", "Finding", "Hold", "LegConsent", "RecommendationOpinion",
    "SecretOpening", "SelfPublicity", "Step",
]  # fmt: skip
