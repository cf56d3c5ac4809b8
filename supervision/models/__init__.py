"""What is kept after the award: what winners owe and did, and the archives of a round."""

from .archives import ArchiveDownload, RoundArchive
from .sharing import SharingRecord

__all__ = ["ArchiveDownload", "RoundArchive", "SharingRecord"]
