"""Who objected, as the page of a case shows it: who may open it, who did and why (U12, section 4)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from applications.rules import works_in

from .. import identity
from ..case_steps import CaseStep
from ..investigation_forms import GroundForm
from ..models import Objection

IDENTITY_STEPS: dict[str, CaseStep] = {
    "grant": CaseStep(
        lambda case, data, by, at: identity.grant_identity(case, ground=data["ground"], by=by, at=at), GroundForm
    ),
}


def identity_context(request: HttpRequest, objection: Objection, may_know: bool) -> dict[str, Any]:
    """The openings so far with their grounds, and what may be done; nothing of the identity itself."""
    in_office = works_in(request.user, objection.handled_by)  # type: ignore[arg-type]
    other = objection.investigator is not None and objection.investigator != objection.handled_by
    grants = list(objection.identity_grants.select_related("unit"))
    return {
        "may_know": may_know,
        "open_form": GroundForm(),
        "openings": list(objection.openings.select_related("user").order_by("-pk")) if in_office else [],
        "grants": grants,
        "may_grant": in_office and other and not grants and not objection.accuses_recommender,
    }
