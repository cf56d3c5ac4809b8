"""Who may read which parts of a dossier: decided here and nowhere else (R7, U11.2).

The applying organisation reads its own. The recommender and the office read what was submitted to them. Anybody else
reads through a `DossierGrant` in force: which parts, until when, with or without the marked ones; revoked, the next
request finds nothing. Such a reader never sees the fields the rulebook calls personal: names and telephones serve those
who must call, not those who judge (E4). A part marked as a trade secret opens only for those who must judge it, by an
opening of its own that goes on record.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import transaction

from organizations import evidence
from organizations.models import StoredFile, User

from .models import Application, Dossier, DossierGrant, SecretOpening
from .personal import sections_told
from .rules import acts_for, works_in

Guard = Callable[[Application, User], bool]
_guards: list[Guard] = []


def grant_guard(guard: Guard) -> Guard:
    """Register what a grant is held against at every request; called from a module the room's `ready()` imports."""
    _guards.append(guard)
    return guard


class NotReadable(Exception):
    """The person may not read this part; pages answer 404, so that nothing is told about what is there."""


@dataclass(frozen=True)
class Access:
    """What one person may read, and open of what is marked: None for all; `is_own` needs no opening."""

    parts: frozenset[str] | None
    secret_parts: frozenset[str] | None
    is_own: bool = False
    with_personal: bool = True

    def reaches(self, key: str) -> bool:
        return self.parts is None or key in self.parts

    def opens(self, key: str) -> bool:
        return self.secret_parts is None or key in self.secret_parts


@dataclass(frozen=True)
class FrozenFile:
    """One attached file as it was submitted."""

    public_id: str
    key: str
    name: str
    size: int
    sha256: str
    is_secret: bool


@dataclass(frozen=True)
class ReadableDossier:
    """A frozen dossier in the hands of one person; ask it before showing anything."""

    application: Application
    dossier: Dossier
    access: Access

    @property
    def version(self) -> int:
        return self.dossier.version

    @cached_property
    def section_keys(self) -> list[str]:
        """The sections this person may know of, in the form's order."""
        stored = self.dossier.content["sections"]
        return [
            one.key
            for one in self.application.rulebook.sections_for(self.application.subject)
            if one.kind != "attachments" and one.key in stored and self.access.reaches(one.key)
        ]

    @cached_property
    def files(self) -> list[FrozenFile]:
        """The files this person may know of, marked ones among them."""
        return [
            one
            for one in map(_frozen_file, self.dossier.content["attachments"])
            if self.access.reaches(one.key) or self.access.reaches("attachments")
        ]

    def files_of(self, key: str) -> list[FrozenFile]:
        return [one for one in self.files if one.key == key]

    def is_secret(self, key: str) -> bool:
        return bool(self.dossier.content["sections"][key].get("is_secret"))

    def secret_reason(self, key: str) -> str:
        return str(self.dossier.content["sections"][key].get("secret_reason", ""))

    def needs_opening(self, key: str) -> bool:
        return self.is_secret(key) and not self.access.is_own

    def may_open(self, key: str) -> bool:
        """Whether this person must judge a marked part (`key` of a section or of an attachment)."""
        return self.access.opens(key) or (self._is_attachment(key) and self.access.opens("attachments"))

    def _is_attachment(self, key: str) -> bool:
        return any(one.key == key for one in self.application.rulebook.form.attachments)

    def answers(self, key: str) -> dict[str, Any]:
        """The answers of a section that needs no opening; raises NotReadable for any other."""
        if key not in self.section_keys or self.needs_opening(key):
            raise NotReadable(key)
        return self.told(key)

    @cached_property
    def withheld(self) -> frozenset[str]:
        """The fields of the form that name or reach a person, where this reader has no business with them."""
        if self.access.with_personal:
            return frozenset()
        sections = self.application.rulebook.form.sections
        return frozenset(one.key for section in sections for one in section.fields if one.personal)

    def told(self, key: str) -> dict[str, Any]:
        """A section's answers without the withheld ones; whether it may be opened is asked before."""
        data = self._sections[key] if self.access.with_personal else self.dossier.content["sections"][key]["data"]
        return {name: value for name, value in data.items() if name not in self.withheld}

    @cached_property
    def _sections(self) -> dict[str, dict[str, Any]]:
        return sections_told(self.dossier)

    @property
    def self_publicity(self) -> dict[str, Any]:
        return self.dossier.content.get("self_publicity") or {}

    def file(self, public_id: uuid.UUID) -> FrozenFile:
        """A file of this dossier by its id; raises NotReadable when there is none for this person."""
        for one in self.files:
            if one.public_id == str(public_id):
                return one
        raise NotReadable(str(public_id))


def access_to(application: Application, *, user: User, at: datetime) -> Access | None:
    """What the person may read of this application's dossiers at `at`; None for nothing at all."""
    if not user.is_active or application.submitted_at is None:
        return None
    if acts_for(user, application):
        return Access(parts=None, secret_parts=None, is_own=True)
    if application.recommender_id and works_in(user, application.recommender):
        return Access(parts=None, secret_parts=None)
    if works_in(user, application.round.office):
        return Access(parts=None, secret_parts=None)
    return _granted(application, user=user, at=at)


def readable_dossier(
    application: Application, *, user: User, at: datetime, version: int | None = None
) -> ReadableDossier | None:
    """The dossier (the latest, or a version) for this person, or None: then the page does not exist for them."""
    access = access_to(application, user=user, at=at)
    if access is None:
        return None
    dossiers = application.dossiers.order_by("-version")
    dossier = dossiers.filter(version=version).first() if version else dossiers.first()
    return ReadableDossier(application, dossier, access) if dossier else None


@transaction.atomic
def open_section(readable: ReadableDossier, key: str, *, by: User, at: datetime) -> dict[str, Any]:
    """The answers of a section; of a marked one only to those who must judge it, and the opening is on record."""
    if key not in readable.section_keys:
        raise NotReadable(key)
    if readable.needs_opening(key):
        _open(readable, key, part=key, by=by, at=at)
    return readable.told(key)


@transaction.atomic
def open_file(readable: ReadableDossier, public_id: uuid.UUID, *, by: User, at: datetime) -> StoredFile:
    """A file of the dossier; a marked one only to those who must judge it, and the opening is on record."""
    frozen = readable.file(public_id)
    if frozen.is_secret and not readable.access.is_own:
        _open(readable, frozen.key, part=f"file:{frozen.public_id}", by=by, at=at)
    return StoredFile.objects.get(public_id=frozen.public_id)


def proof_of_self_publicity(readable: ReadableDossier) -> StoredFile:
    """The proof that went with the dossier (U11.2); for those who read all of it."""
    key = readable.self_publicity.get("proof")
    if not key or readable.access.parts is not None:
        raise NotReadable("self_publicity")
    return StoredFile.objects.get(public_id=key)


def _open(readable: ReadableDossier, key: str, *, part: str, by: User, at: datetime) -> None:
    if not readable.may_open(key):
        raise NotReadable(part)
    SecretOpening.objects.create(application=readable.application, part=part, user=by, opened_at=at)
    evidence.record(
        "secret.open",
        chain=readable.application.round.chain,
        by=by,
        subject=f"application:{readable.application.public_id}",
        at=at,
        data={"part": part, "dossier": readable.version},
    )


def _granted(application: Application, *, user: User, at: datetime) -> Access | None:
    grants = list(DossierGrant.objects.in_force(at).filter(application=application, user=user))
    if not grants or not all(guard(application, user) for guard in _guards):
        return None
    secrets = _reach([grant for grant in grants if grant.with_secrets])
    return Access(parts=_reach(grants), secret_parts=secrets, with_personal=False)


def _reach(grants: list[DossierGrant]) -> frozenset[str] | None:
    """The parts several grants reach together; a grant that names none reaches all."""
    if any(not grant.parts for grant in grants):
        return None
    return frozenset(key for grant in grants for key in grant.parts)


def _frozen_file(row: dict[str, Any]) -> FrozenFile:
    return FrozenFile(
        public_id=str(row["file"]),
        key=row["key"],
        name=row["name"],
        size=int(row["size"]),
        sha256=row["sha256"],
        is_secret=bool(row.get("is_secret")),
    )
