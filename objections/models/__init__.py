"""Objections: what was filed, who investigates, by when, and how it ended. The objector's identity is sealed."""

from .files import IdentityOpening, ObjectionFile
from .objection import Objection, ObjectionQuerySet

__all__ = ["IdentityOpening", "Objection", "ObjectionFile", "ObjectionQuerySet"]
