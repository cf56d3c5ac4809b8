"""An objection upheld when the award is already granted goes to supervision, which registers itself here (S5).

Call: `handler(objection, award, ground_text=…, by=…, at=…) -> None`, inside the transaction of the finding. The text
carries no particulars of the objector.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from awards.models import Award
from organizations.models import User

from .models import Objection

Handler = Callable[..., None]
_handlers: list[Handler] = []


def on_upheld_after_award(handler: Handler) -> Handler:
    """Register who takes an upheld objection up after the award; called from a module `AppConfig.ready()` imports."""
    if handler not in _handlers:
        _handlers.append(handler)
    return handler


def award_of(objection: Objection) -> Award | None:
    """The award in the ledger that the objected-to application was granted, revoked or not."""
    application = objection.application
    return Award.objects.filter(round=application.round_id, application_number=application.number).first()


def hand_over(objection: Objection, award: Award, *, ground_text: str, by: User, at: datetime) -> int:
    """Tell everybody registered; how many took it up."""
    for handler in _handlers:
        handler(objection, award, ground_text=ground_text, by=by, at=at)
    return len(_handlers)
