"""What a person's ties are held against: applications, or the bodies an objection is about (U14, U23)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from applications.models import Answer, Application, LegConsent
from awards.names import former_names, plain_name
from awards.rulebook import Rulebook
from awards.years import add_years
from organizations.codes import CodeRefused, clean_code
from organizations.models import Organization, Unit

from .groups import Groups, body_keys


@dataclass(frozen=True)
class Target:
    """One body nobody tied to it may judge; `key` is the caller's. A person is found by itself, not by its name."""

    key: int
    name: str
    noun: str
    book: Rulebook
    organization: int | None = None
    code: str = ""
    other_names: tuple[str, ...] = ()
    is_person: bool = False
    employer: str = ""
    parent_code: str = ""
    # the units that recommend or consent, by key, with their names; a consent on paper has a name only
    units: Mapping[int, str] = field(default_factory=dict)
    unit_names: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        own = (f"org:{self.organization}",) if self.organization is not None else ()
        if self.is_person:
            return own
        return own + body_keys(self.name, self.code) + tuple(f"name:{plain_name(one)}" for one in self.other_names)

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.other_names)

    def since(self, today: date) -> date:
        """What ended by this day is too long ago to count."""
        return add_years(today, -self.book.recusal.lookback_years.value)


def targets_of(applications: Collection[Application]) -> list[Target]:
    """The applications with the units that recommend them and consent, in two queries, three where a form asks the
    parent's code."""
    parents = parent_codes_of(applications)
    legs: dict[int, list[LegConsent]] = {}
    consents = LegConsent.objects.standing().filter(application__in=[one.pk for one in applications])
    for leg in consents.select_related("unit"):
        legs.setdefault(leg.application_id, []).append(leg)
    recommenders = Unit.objects.in_bulk({one.recommender_id for one in applications if one.recommender_id})
    found = []
    for one in applications:
        units = {leg.unit_id: leg.unit.name for leg in legs.get(one.pk, ()) if leg.unit is not None}
        if one.recommender_id:
            units[one.recommender_id] = recommenders[one.recommender_id].name
        on_paper = tuple(leg.consenter for leg in legs.get(one.pk, ()) if leg.unit_id is None and leg.consenter)
        more = {"employer": one.employer, "parent_code": parents.get(one.pk, ""), "units": units}
        found.append(
            target_of(one.organization, key=one.pk, noun=one.noun, book=one.rulebook, unit_names=on_paper, **more)
        )
    return found


def target_of(organization: Organization, *, key: int, noun: str, book: Rulebook, **more) -> Target:
    whole = str(organization)
    others = (*((whole,) if whole != organization.name else ()), *former_names(organization.name))
    return Target(
        key, organization.name, noun, book, organization=organization.pk, code=organization.code, other_names=others,
        is_person=organization.is_person, **more,
    )  # fmt: skip


def parent_codes_of(applications: Collection[Application]) -> dict[int, str]:
    """Application pk → the code of the body that controls it, where the form asks it: the one bans reach it by."""
    asking: dict[int, str] = {}
    for one in applications:
        for section in one.rulebook.form.sections:
            if any(item.key == "parent_code" and item.type == "uscc" for item in section.fields):
                asking[one.pk] = section.key
    if not asking:
        return {}
    rows = Answer.objects.filter(application__in=asking, section__in=set(asking.values()))
    found = {}
    for application, section, data in rows.values_list("application_id", "section", "data"):
        if asking[application] == section:
            try:
                found[application] = clean_code(str(data.get("parent_code", "")))
            except CodeRefused:
                continue
    return found


def link_what_is_known(groups: Groups, targets: Iterable[Target]) -> None:
    """The parents the applicants themselves named join the group graph."""
    for one in targets:
        if one.parent_code and one.parent_code != one.code and not one.is_person:
            groups.add_link(body_keys("", one.parent_code), one.parent_code, body_keys(one.name, one.code), one.name)
