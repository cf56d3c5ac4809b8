"""What the portal knows of the ties of people: cards, employments, accounts, what was declared (U23).

A fact names a body; whether that body is an applicant, or one of its group, `reviews.conflicts` finds out. No fact
carries the name of a relative.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from award_portal.lib import clock
from awards.names import plain_name
from awards.workdays import date_zh
from organizations.models import Claim, Membership, User

from .models import ConflictKind, Expert, Tie

CARD, ACCOUNT, STAFF = "专家库登记", "系统账号", "任职登记"


@dataclass(frozen=True)
class Fact:
    """One tie of a person to a body, or to an authority's unit, with since when and until when."""

    person: int
    kind: str
    name: str = ""
    code: str = ""
    organization: int | None = None
    unit: int | None = None
    detail: str = ""
    ground: str = ""
    from_on: date | None = None
    until_on: date | None = None
    source: str = ""
    declared_on: date | None = None
    # by what a person's finding on this fact is kept; a doubtful one is a question until there is one
    likeness: str = ""
    is_doubtful: bool = False

    def ended_before(self, day: date) -> bool:
        return self.until_on is not None and self.until_on <= day

    @property
    def period(self) -> str:
        start = date_zh(self.from_on) if self.from_on else ""
        end = date_zh(self.until_on) if self.until_on else ""
        return f"{start}至{end}" if end else f"{start}起" if start else ""


def facts_of(people: Collection[User], *, scheme_key: str, units: Collection[int]) -> list[Fact]:
    """Every tie of these people the scheme knows of, in a fixed number of queries; `units` recommend or consent."""
    ids = [one.pk for one in people]
    experts = list(Expert.objects.of_scheme(scheme_key).filter(user__in=ids).prefetch_related("employments"))
    employed = [fact for one in experts for fact in _employments(one)]
    return [*employed, *_accounts(ids), *_staff(ids, units), *_declared(people, employed, scheme_key)]


def _employments(expert: Expert) -> Iterable[Fact]:
    """Where the expert works and worked; the card's own employer too, where no entry says the same."""
    entries = [
        (one.employer, one.employer_code, one.position, one.from_on, one.until_on) for one in expert.employments.all()
    ]
    if not any(plain_name(name) == plain_name(expert.employer) and until is None for name, *_, until in entries):
        entries.append((expert.employer, expert.employer_code, expert.title, None, None))
    for name, code, position, start, end in entries:
        yield Fact(
            expert.user_id, ConflictKind.EMPLOYMENT, name, code, detail=position, from_on=start, until_on=end,
            source=CARD, likeness=f"name:{plain_name(name)}",
        )  # fmt: skip


def _accounts(ids: Collection[int]) -> Iterable[Fact]:
    """Who acts for an applicant has its papers at hand."""
    claims = Claim.objects.filter(user__in=ids, state=Claim.State.VERIFIED).values_list("user_id", "organization_id")
    for user, organization in claims:
        yield Fact(user, ConflictKind.ACTING, organization=organization, source=ACCOUNT)


def _staff(ids: Collection[int], units: Collection[int]) -> Iterable[Fact]:
    for one in Membership.objects.filter(user__in=ids, unit__in=units).select_related("unit"):
        ended = clock.day_of(one.ended_at) if one.ended_at else None
        yield Fact(one.user_id, ConflictKind.RECOMMENDER, one.unit.name, unit=one.unit_id, until_on=ended, source=STAFF)


def _declared(people: Collection[User], employed: Collection[Fact], scheme_key: str) -> Iterable[Fact]:
    """Declared ties of these people; one that only names a person is certain when name and employer agree."""
    known = {one.pk for one in people}
    named: dict[str, list[int]] = {}
    for one in people:
        named.setdefault(plain_name(str(one)), []).append(one.pk)
    employers: dict[int, set[str]] = {}
    for fact in employed:
        employers.setdefault(fact.person, set()).add(plain_name(fact.name))
    ties = Tie.objects.standing().of_scheme(scheme_key).select_related("organization")
    for tie in ties:
        if tie.person_id is not None:
            if tie.person_id in known:
                yield _fact_of(tie, tie.person_id, is_doubtful=False)
            continue
        for person in named.get(plain_name(tie.person_name), ()):
            sure = plain_name(tie.person_employer) in employers.get(person, ())
            yield _fact_of(tie, person, is_doubtful=not sure)


def _fact_of(tie: Tie, person: int, *, is_doubtful: bool) -> Fact:
    name = tie.body_name or (str(tie.organization) if tie.organization else "")
    return Fact(
        person, tie.kind, name, tie.body_code or (tie.organization.code if tie.organization else ""),
        organization=tie.organization_id, detail=tie.detail, ground=tie.ground, from_on=tie.from_on,
        until_on=tie.until_on, source=tie.get_source_display(),
        declared_on=clock.day_of(tie.declared_at),
        likeness=f"tie:{tie.public_id}" if is_doubtful else f"name:{plain_name(name)}", is_doubtful=is_doubtful,
    )  # fmt: skip
