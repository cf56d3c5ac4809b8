"""What an upheld objection does to an application, read from the finding and the rulebook alone (U13, B16, Z17.8)."""

from __future__ import annotations

from applications.models import Application
from applications.pipeline import State

from .models import Objection

ON_THE_LIST = (State.AWARD_PUBLICITY, State.APPROVAL)


def is_about_application(about: str) -> bool:
    return about in (Objection.About.APPLICATION, Objection.About.BOTH)


def is_about_recommender(about: str) -> bool:
    return about in (Objection.About.RECOMMENDER, Objection.About.BOTH)


def is_upheld_on_application(objection: Objection) -> bool:
    """Upheld as to the application itself: what the recommender did is not the applicant's."""
    return objection.finding == Objection.Finding.UPHELD and is_about_application(objection.found_about)


def list_rule(application: Application) -> str:
    """What becomes of a proposed winner on whom an objection is upheld; "" where it is on no list."""
    rule = application.rulebook.objections.upheld_on_list
    return rule.value if rule is not None and application.state in ON_THE_LIST else ""


def disqualifies(objection: Objection) -> bool:
    """Upheld, and on a condition the regulation prohibits (U13)."""
    book = objection.application.rulebook
    return bool(
        is_upheld_on_application(objection)
        and objection.found_condition
        and book.condition(objection.found_condition).prohibitive.value
    )


def puts_out(objection: Objection) -> bool:
    """Whether the finding itself takes the application out: a prohibited condition, or struck off the list (Z17.8).

    Where the leading body cancels, the office takes no proposed winner out by itself (B16).
    """
    application = objection.application
    rule = list_rule(application)
    if not application.is_active or rule == "leading_body_cancels" or objection.handler_id:
        return False
    return disqualifies(objection) or (rule == "strike" and is_upheld_on_application(objection))


def declines(objection: Objection) -> bool:
    """Whether the recommender that handles the objection may not recommend any more: not 经公示无异议 (U11.3, O6)."""
    return bool(objection.handler_id and objection.application.is_active and disqualifies(objection))
