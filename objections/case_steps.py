"""The steps a desk may post on a case: each with its form and the function that takes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms

from organizations.models import User

from .models import Objection

Taken = Callable[[Objection, dict[str, Any], User, datetime], object]


@dataclass(frozen=True)
class CaseStep:
    """A step on the page of a case. The function gets the case, what the form cleaned, who, and when."""

    take: Taken
    form: Callable[..., forms.Form] | None = None
    # sent with files
    uploads: bool = False
    # the form is built for the case it is on: `Form(..., case=objection)`
    for_case: bool = False

    def form_for(self, objection: Objection, *given: Any) -> forms.Form | None:
        """The step's form, filled with what was posted where something was."""
        if self.form is None:
            return None
        return self.form(*given, case=objection) if self.for_case else self.form(*given)
