"""What of an application's answers names or reaches a person: sealed apart from the rest (E4, R7).

The rulebook marks the fields (`personal`). An `Answer` and a frozen `Dossier` keep them in a column of their own as one
sealed JSON object; `data` and `content` never hold them. A dossier's digest covers them all the same, by a salted
digest of what was sealed, so that it can still be checked after they were erased at the end of their term.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any

from award_portal.lib.sealed import seal, unseal
from awards.rulebook import Rulebook

from .models import Answer, Dossier

Answers = dict[str, Any]


def personal_names(book: Rulebook) -> frozenset[str]:
    """The fields of the form that name or reach a person; the identity number is sealed with the person itself."""
    return frozenset(
        one.key for section in book.form.sections for one in section.fields if one.personal and one.type != "identity"
    )


def told(answer: Answer) -> Answers:
    """All that was typed in a section."""
    sealed = unseal(answer, "personal_sealed")
    return {**answer.data, **json.loads(sealed)} if sealed else dict(answer.data)


def keep(answer: Answer, data: Mapping[str, Any]) -> None:
    """Put a section's answers where they belong; the caller saves."""
    names = personal_names(answer.application.rulebook)
    answer.data = {name: value for name, value in data.items() if name not in names}
    kept = {name: value for name, value in data.items() if name in names}
    if kept != (json.loads(unseal(answer, "personal_sealed") or "{}")):
        seal(answer, "personal_sealed", _json(kept) if kept else "")


def sections_told(dossier: Dossier) -> dict[str, Answers]:
    """Section key → all that was frozen of it; one opening for the whole dossier."""
    sealed = unseal(dossier, "personal_sealed")
    personal = json.loads(sealed)["sections"] if sealed else {}
    return {key: {**one["data"], **personal.get(key, {})} for key, one in dossier.content["sections"].items()}


def seal_sections(dossier: Dossier, content: Mapping[str, Any]) -> None:
    """Freeze `content` into the dossier: what is personal sealed, its salted digest beside the rest."""
    names = personal_names(dossier.application.rulebook)
    sections: dict[str, Any] = {}
    personal: dict[str, Answers] = {}
    for key, one in content["sections"].items():
        sections[key] = {**one, "data": {name: value for name, value in one["data"].items() if name not in names}}
        if kept := {name: value for name, value in one["data"].items() if name in names}:
            personal[key] = kept
    dossier.content = {**content, "sections": sections}
    if personal:
        text = _json({"salt": uuid.uuid4().hex, "sections": personal})
        seal(dossier, "personal_sealed", text)
        dossier.content["personal_sha256"] = hashlib.sha256(text.encode()).hexdigest()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
