"""Columns that hold sealed text: which there are, so that keys can be changed and nothing sealed is overlooked.

A `SealedTextField` keeps a token of `crypto` and never opens it by itself: a queryset, a `repr`, a dump or a history
carries the token. `binding` names the attribute of the model that says which row the token belongs to.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models

from . import crypto

# what stands where something was erased: known to have been there, and gone for ever
ERASED = "erased"


class SealedTextField(models.TextField):
    """A token bound to its row; sealed and opened by name, `seal(row, text)` and `unseal(row)`."""

    def __init__(self, *args: Any, binding: str = "", **kwargs: Any) -> None:
        self.binding = binding
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """To migrations it is the plain column it is in the database."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs

    def bound_to(self, row: models.Model) -> str:
        return str(getattr(row, self.binding))


def seal(row: models.Model, field: str, text: str) -> None:
    """Put the text's token into the row's column, to be saved by the caller; an empty text leaves it empty."""
    setattr(row, field, crypto.encrypt(text, bound_to=_field(row, field).bound_to(row)) if text else "")


def is_erased(row: models.Model, field: str) -> bool:
    """Whether there was a text and it was erased at the end of its term."""
    return bool(getattr(row, field) == ERASED)


def unseal(row: models.Model, field: str) -> str:
    """The text, or "" where there is none or it was erased; raises DecryptionFailed."""
    token = getattr(row, field)
    return "" if token in ("", ERASED) else crypto.decrypt(token, bound_to=_field(row, field).bound_to(row))


def sealed_fields() -> Iterator[SealedTextField]:
    """Every sealed column of the portal, in the order of its rooms."""
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, SealedTextField):
                yield field


def _field(row: models.Model, name: str) -> SealedTextField:
    field = row._meta.get_field(name)
    assert isinstance(field, SealedTextField), f"{row._meta.label}.{name} is not sealed"
    return field
