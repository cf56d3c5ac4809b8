"""What is kept after the award: what winners owe and did, their money, their certificates, the archives of a round,
cases on winners and on those who judged, and what the supervising department found and advised."""

from .advice import SupervisionAdvice
from .archives import ArchiveDownload, RoundArchive
from .bonus import (
    BonusClawback,
    BonusFact,
    BonusInspection,
    BonusPayment,
    BonusUse,
    BonusUseLine,
    ClawbackReceipt,
    PartOfSum,
)
from .cases import Case, CaseEvidence, CaseQuestion, ContactOpening, Recovery
from .discipline import DisciplineCase, DutyRemoval
from .duties import DutySchedule, ReportAttachment, YearlyReport
from .erasures import Erasure, ErasureItem, RetentionTerm
from .ledger import CertificateReissue
from .plans import SharingInvitation, SharingPlan
from .sharing import SharingRecord
from .spot_checks import SpotCheck, SpotCheckItem

__all__ = [
    "ArchiveDownload", "BonusClawback", "BonusFact", "BonusInspection", "BonusPayment", "BonusUse", "BonusUseLine",
    "Case", "CaseEvidence", "CaseQuestion", "CertificateReissue", "ClawbackReceipt", "ContactOpening",
    "DisciplineCase", "DutyRemoval", "DutySchedule", "Erasure", "ErasureItem", "PartOfSum", "Recovery",
    "ReportAttachment", "RetentionTerm", "RoundArchive", "SharingInvitation",
    "SharingPlan", "SharingRecord", "SpotCheck", "SpotCheckItem",
    "SupervisionAdvice", "YearlyReport",
]  # fmt: skip
