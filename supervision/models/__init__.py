"""What is kept after the award: what winners owe and did, their money, their certificates, the archives of a round."""

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
from .duties import DutySchedule, ReportAttachment, YearlyReport
from .erasures import Erasure, ErasureItem, RetentionTerm
from .ledger import CertificateReissue
from .sharing import SharingRecord

__all__ = [
    "ArchiveDownload", "BonusClawback", "BonusFact", "BonusInspection", "BonusPayment", "BonusUse", "BonusUseLine",
    "CertificateReissue", "ClawbackReceipt", "DutySchedule", "Erasure", "ErasureItem", "PartOfSum",
    "ReportAttachment", "RetentionTerm", "RoundArchive",
    "SharingRecord", "YearlyReport",
]  # fmt: skip
