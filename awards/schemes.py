"""Loading the rulebooks of schemes: an edition a round uses is never replaced (R1)."""

from __future__ import annotations

import re
from datetime import date, datetime

from django.db import transaction

from organizations.evidence import record
from organizations.models import User

from .models import Edition, Scheme
from .rulebook import Rulebook, load_rulebook
from .rulebook.rubric_library import frozen_text
from .workdays import date_zh

_parsed: dict[str, Rulebook] = {}


class EditionRefused(Exception):
    """An edition cannot be stored, or a round cannot be opened on it; the text is for people."""


class EditionAltered(Exception):
    """The stored text no longer has the digest it was stored with."""


@transaction.atomic
def load_scheme(text: str, *, at: datetime, by: User | None = None) -> Edition:
    """Store a document as an edition of its scheme. Raises RulebookInvalid or EditionRefused.

    The same content again changes nothing; other content under the same edition is refused once a round uses it.
    """
    book = load_rulebook(text)
    if refusals := storing_refusals(book):
        raise EditionRefused("；".join(refusals))
    scheme, _ = Scheme.objects.get_or_create(key=book.key, defaults={"name": book.name, "short_name": book.short_name})
    scheme = Scheme.objects.select_for_update(of=("self",)).get(pk=scheme.pk)
    edition = scheme.editions.filter(edition=book.edition).first()
    if edition is not None and edition.sha256 == book.sha256:
        return edition
    if edition is not None and edition.rounds.exists():
        raise EditionRefused(
            f"“{scheme.name}”的规则版本 {book.edition} 已有届次使用，内容不得变更（原摘要 {edition.sha256[:12]}…，"
            f"新摘要 {book.sha256[:12]}…）。请在规则文件中改用新的 edition 后再载入；原版本未作任何改动。"
        )
    edition = edition or Edition(scheme=scheme, edition=book.edition)
    edition.text = frozen_text(text)
    edition.sha256 = book.sha256
    edition.source_status = book.regulation.status
    edition.effective_on = book.effective_on
    edition.expires_on = book.expires_on
    edition.loaded_at = at
    edition.save()
    scheme.name, scheme.short_name = book.name, book.short_name
    scheme.save(update_fields=["name", "short_name"])
    record(
        "load_edition", by=by, subject=f"scheme:{scheme.key}", at=at,
        data={"edition": edition.edition, "sha256": edition.sha256},
    )  # fmt: skip
    return edition


def storing_refusals(book: Rulebook) -> list[str]:
    """What a rulebook may say and an edition cannot be kept under: names too long, an edition no address can carry."""
    longest = (("版本", book.edition, 40), ("名称", book.name, 120), ("简称", book.short_name, 60))
    refusals = [f"{what}“{text[:20]}…”过长，不超过{most}个字" for what, text, most in longest if len(text) > most]
    if not re.fullmatch(r"[\w.-]+", book.edition) or book.edition in (".", ".."):
        refusals.append(f"版本“{book.edition[:40]}”只能由文字、数字和 . - _ 组成，例如 2026")
    return refusals


def rulebook_of(edition: Edition) -> Rulebook:
    """The rulebook of an edition alone, read once a process. A rule reads `parameters.rulebook_for(round)` instead."""
    book = _parsed.get(edition.sha256)
    if book is None:
        book = load_rulebook(edition.text)
        if book.sha256 != edition.sha256:
            raise EditionAltered(f"规则版本 {edition} 的内容与载入时的摘要不符，已停止使用，请系统管理员核查")
        _parsed[edition.sha256] = book
    return book


def latest_edition(key: str) -> Edition | None:
    """The edition of a scheme loaded last."""
    return Edition.objects.filter(scheme__key=key).select_related("scheme").order_by("-loaded_at", "-pk").first()


def opening_blockers(edition: Edition, *, on: date) -> list[str]:
    """Why no round may be opened on an edition on a day: its regulation not in effect yet, or expired (R2)."""
    book = rulebook_of(edition)
    title = book.regulation.title
    blockers = []
    if edition.effective_on and on < edition.effective_on:
        blockers.append(f"《{title}》自{date_zh(edition.effective_on)}起施行，此前不得据以开展评审")
    if edition.expires_on and on >= edition.expires_on:
        blockers.append(f"《{title}》有效期至{date_zh(edition.expires_on)}，已经失效，请载入新的规则版本")
    return blockers


def needs_confirmation(edition: Edition) -> str | None:
    """What the office must confirm on record before a round on a text that is not in force, or None."""
    names = {"draft": "征求意见稿", "reading": "政策解读"}
    kind = names.get(edition.source_status)
    title = re.sub(r"（[^（）]*征求意见稿）$", "", rulebook_of(edition).regulation.title)
    return kind and f"本届依据《{title}》的{kind}，尚非正式文本。确认后，本届文书均注明“依据{kind}”。"
