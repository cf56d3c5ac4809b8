"""What every desk function asks first: is this the person's desk, and is the application on it now."""

from __future__ import annotations

from collections.abc import Iterable

from organizations.models import Unit, User

from .duty_guards import is_barred_from
from .gates import Blocker
from .models import Application
from .moves import StepRefused
from .pipeline import State
from .rules import works_in

# The stages with a checklist, machine findings and a consultation of their own, each at one desk.
EXAMINED = (State.RECOMMENDATION_REVIEW, State.QUALIFICATION)


class DeskRefused(StepRefused):
    """Nothing was changed; `blockers` says why, in Chinese, each with its article; `field` is the one typed wrong."""

    field = ""

    @classmethod
    def because(cls, text: str, citation: str = "", *, field: str = "") -> DeskRefused:
        refused = cls([Blocker(text, citation)])
        refused.field = field
        return refused


def desk_unit(application: Application, stage: str) -> Unit | None:
    """The unit at whose desk a stage is worked."""
    return application.round.office if stage == State.QUALIFICATION else application.recommender


def may_examine(user: User, application: Application, stage: str) -> bool:
    unit = desk_unit(application, stage)
    return unit is not None and works_in(user, unit) and not is_barred_from(user, application.round)


def lock_on_desk(application: Application, *, stage: str, by: User) -> Application:
    """The locked application, or DeskRefused when it is not on this person's desk at this stage now."""
    return lock_all_on_desk([application], stage=stage, by=by)[0]


def lock_all_on_desk(applications: Iterable[Application], *, stage: str, by: User) -> list[Application]:
    """The same for several, locked in the order of their keys; says everything that is wrong at once."""
    keys = sorted(one.pk for one in applications)
    locked = list(Application.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"))
    found = []
    for one in locked:
        if not may_examine(by, one, stage):
            found.append(Blocker(f"{one.organization}不在本单位办理。"))
        elif one.state != stage:
            found.append(
                Blocker(f"{one.organization}现处于“{one.state_label}”，不能办理。页面可能已过时，请刷新后再办。")
            )
    if found:
        raise DeskRefused(found)
    return locked


def require_text(text: str, what: str) -> str:
    """The text without blanks around it; an empty one is refused by its name."""
    text = text.strip()
    if not text:
        raise DeskRefused.because(f"请填写{what}。其他已填内容已保留。")
    return text
