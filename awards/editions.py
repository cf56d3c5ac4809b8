"""From a document to a published edition: a draft keeps what was sent, faulty or not, until it may be published (R1).

Who may: the office of the scheme; for a scheme without an office yet, the person who drafts it, in an office or an
administrator.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

import yaml
from django.db import transaction

from organizations.models import Unit, UnitKind, User

from .models import Edition, EditionDraft, Scheme
from .preparing import offices_of
from .rulebook import Rulebook, RulebookError, RulebookInvalid, load_rulebook
from .schemes import EditionRefused, latest_edition, load_scheme, storing_refusals

LONGEST = 600_000  # characters; the longest rulebook we know has some thirty thousand


class DraftStale(Exception):
    """Somebody else saved the draft since it was opened; what was typed is with whoever typed it."""


@dataclass(frozen=True)
class Examined:
    """A document as it was read: a rulebook, or every error in it."""

    book: Rulebook | None
    errors: tuple[RulebookError, ...]


@dataclass
class Line:
    """One line of a document with what is wrong on it."""

    number: int
    text: str
    errors: list[RulebookError] = field(default_factory=list)


@lru_cache(maxsize=32)
def examine(text: str) -> Examined:
    """The rulebook of a text, or all its errors; never raises."""
    try:
        return Examined(load_rulebook(text), ())
    except RulebookInvalid as invalid:
        return Examined(None, tuple(invalid.errors))


def lines_of(text: str, *, most: int = 200) -> list[Line]:
    """The text line by line, each of the first errors at its line; one without a line stands at the first."""
    lines = [Line(number, one) for number, one in enumerate(text.split("\n"), 1)]
    for error in examine(text).errors[:most]:
        lines[min(max(error.line or 1, 1), len(lines)) - 1].errors.append(error)
    return lines


def windows_of(lines: list[Line], *, around: int = 3) -> list[list[Line]]:
    """The faulty lines with their neighbours, in runs."""
    shown = {near for one in lines if one.errors for near in range(one.number - around, one.number + around + 1)}
    runs: list[list[Line]] = []
    for one in lines:
        if one.number not in shown:
            continue
        if runs and runs[-1][-1].number == one.number - 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs


def replace_lines(text: str, lines: dict[int, str]) -> str:
    """The text with some of its lines written anew; one may become several."""
    kept = text.split("\n")
    for number, written in lines.items():
        if 1 <= number <= len(kept):
            kept[number - 1] = tidy(written).rstrip()
    return "\n".join(kept)


def read_upload(data: bytes) -> str:
    """The text of a file: UTF-8, or the encoding Chinese Windows saves in; raises EditionRefused when it is no text."""
    marked = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ()
    for encoding in (*marked, "utf-8-sig", "gb18030"):
        try:
            return tidy(data.decode(encoding))
        except UnicodeDecodeError:
            continue
    raise EditionRefused("文件不是文本，请在编辑器中另存为UTF-8文本（.yaml）后重新选择。")


def tidy(text: str) -> str:
    """One kind of line end, so that the numbers of lines are the writer's; refuses what is no text or too long."""
    if "\x00" in text:
        raise EditionRefused("文件不是文本，请在编辑器中另存为UTF-8文本（.yaml）后重新选择。")
    if len(text) > LONGEST:
        raise EditionRefused(f"文件过长（{len(text):,}字），规则文件不超过{LONGEST:,}字，请核对是否选错了文件。")
    return text.replace("\r\n", "\n").replace("\r", "\n")


# -- drafts ------------------------------------------------------------------------------------------------------------


def keep_draft(text: str, *, by: User, at: datetime) -> EditionDraft:
    """A new draft of what was sent, whatever is wrong with it."""
    text = tidy(text)
    return EditionDraft.objects.create(text=text, by=by, saved_by=by, saved_at=at, **_identity(text))


@transaction.atomic
def save_draft(draft: EditionDraft, text: str, *, version: int, by: User, at: datetime) -> EditionDraft:
    """The corrected text in place of the older one. Raises DraftStale when another saved meanwhile."""
    text = tidy(text)
    locked = EditionDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if locked.published_at is not None:
        raise EditionRefused("该规则文件已经发布，不能再改。请以已发布的版本为底稿另行起草。")
    if locked.version != version:
        raise DraftStale
    for name, value in _identity(text).items():
        setattr(locked, name, value)
    locked.text, locked.saved_by, locked.saved_at = text, by, at
    locked.version += 1
    locked.save()
    return locked


def _identity(text: str) -> dict[str, str]:
    """Key, edition and name as far as a faulty text still tells them."""
    found = {}
    for column, word, most in (("scheme_key", "key", 60), ("edition", "edition", 40), ("name", "name", 120)):
        written = re.search(rf"^{word}:[ \t]*(.+)$", text, re.MULTILINE)
        try:
            value = yaml.safe_load(written[1]) if written else ""
        except yaml.YAMLError:
            value = ""
        found[column] = str(value).strip()[:most] if isinstance(value, str | int | float) else ""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", found["scheme_key"]):
        found["scheme_key"] = ""
    return found


def next_edition_text(edition: Edition, *, name: str) -> str:
    """The text of an edition as the ground of a new one: the same, under the new edition's name."""
    return re.sub(r"^edition:.*$", lambda _: f'edition: "{name}"', edition.text, count=1, flags=re.MULTILINE)


# -- publishing --------------------------------------------------------------------------------------------------------


def may_prepare(user: User) -> bool:
    """Whether the person may bring a document at all: an office, or an administrator."""
    return bool(user.is_active and (user.is_staff or offices_of(user).exists()))


def may_publish(user: User, key: str) -> bool:
    """The scheme's own office; as long as it has none, an administrator or a person of any office."""
    offices = Unit.objects.active().of_scheme(key).of_kind("office")
    if offices.exists():
        return offices_of(user).filter(scheme_key=key).exists()
    return may_prepare(user)


def publishing_refusals(draft: EditionDraft, *, by: User) -> list[str]:
    """Everything that keeps a draft from becoming an edition."""
    if draft.published_at is not None:
        return ["该规则文件已经发布。"]
    found = examine(draft.text)
    if found.book is None:
        return [f"还有{len(found.errors)}处错误，请先更正。"]
    book, reasons = found.book, [f"{one}。" for one in storing_refusals(found.book)]
    scheme = Scheme.objects.filter(key=book.key).first()
    if not may_publish(by, book.key):
        name = scheme.name if scheme else book.name
        reasons.append(f"“{name}”的规则由其办公室发布，您不在该办公室任职。草稿已保留。")
    same = Edition.objects.filter(scheme__key=book.key, edition=book.edition).first()
    if same is not None and same.sha256 == book.sha256:
        reasons.append(f"版本 {book.edition} 已经发布，内容完全相同，无需再次发布。")
    elif same is not None and same.rounds.exists():
        reasons.append(f"版本 {book.edition} 已有届次使用，内容不得变更。请将 edition 改为新的版本，例如修订的年份。")
    return reasons


@transaction.atomic
def publish_draft(draft: EditionDraft, *, version: int, by: User, at: datetime) -> Edition:
    """The draft becomes an edition on which rounds can be opened; on record with its digest (R1)."""
    locked = EditionDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if locked.version != version:
        raise DraftStale
    if reasons := publishing_refusals(locked, by=by):
        raise EditionRefused("；".join(one.rstrip("。") for one in reasons))
    edition = load_scheme(locked.text, at=at, by=by)
    locked.published_as, locked.published_by, locked.published_at = edition, by, at
    locked.save(update_fields=["published_as", "published_by", "published_at"])
    return edition


def edition_before(book: Rulebook) -> Edition | None:
    """What a document is compared with: the newest edition of its scheme that is not itself."""
    newest = Edition.objects.filter(scheme__key=book.key).select_related("scheme").order_by("-loaded_at", "-pk")
    same = newest.filter(edition=book.edition).first()
    if same is not None:
        earlier = newest.exclude(pk=same.pk).filter(loaded_at__lte=same.loaded_at).first()
        return same if same.sha256 != book.sha256 else earlier
    return latest_edition(book.key)


# -- what a new scheme still needs -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seat:
    """A kind of unit the rulebook speaks of, and how many of it there are with somebody at work."""

    kind: str
    label: str
    official: str
    units: int
    staffed: int
    recommender_key: str = ""
    is_needed: bool = True

    @property
    def is_filled(self) -> bool:
        return self.units > 0 and self.staffed == self.units


def seats_of(book: Rulebook) -> list[Seat]:
    """The units a scheme needs before its call goes out, each with what is there."""
    units = list(
        Unit.objects.active().of_scheme(book.key).prefetch_related("memberships__user").order_by("kind", "pk")
    )  # fmt: skip

    def seat(kind: str, label: str, official: str, key: str = "", *, is_needed: bool = True) -> Seat:
        found = [one for one in units if one.kind == kind and (not key or one.recommender_key == key)]
        staffed = [
            one for one in found if any(at.ended_at is None and at.user.is_active for at in one.memberships.all())
        ]
        return Seat(kind, label, official, len(found), len(staffed), key, is_needed)

    bodies, role = book.bodies, book.role
    seats = [seat("office", bodies.office.short, bodies.office.name)]
    seats += [
        seat("recommender", role("recommender"), one.name, one.key)
        if one.role == "recommends"
        else seat("consenter", UnitKind.CONSENTER.label, one.name, one.key)
        for one in bodies.recommenders
    ]
    if any(stage.consultation for stage in book.stages):
        seats.append(seat("consulted", role("consulted"), "、".join(bodies.consulted.value)))
    seats.append(seat("leading_body", bodies.leading_body.short, bodies.leading_body.name))
    seats.append(seat("government", bodies.government.short, bodies.government.name))
    if bodies.supervisor is not None:
        seats.append(seat("supervisor", role("supervisor"), bodies.supervisor.name, is_needed=False))
    return seats
