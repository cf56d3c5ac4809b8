"""Lines of the imported credit lists that are, or may be, a given organisation (U11.3).

The same code is the same body. A name alone, or nearly the same name, is for a person to decide (`NameMatch`), and what
was decided of a pair is asked once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from organizations.codes import is_valid_code
from organizations.models import Organization, User

from .models import ListedEntity, NameMatch, Scheme
from .names import former_names, nearly_same, one_apart, plain_name, split_names


@dataclass(frozen=True)
class Candidate:
    """A line that is not the organisation by its code and may be it by its name; with what a person decided of it."""

    line: ListedEntity
    why: str
    decision: NameMatch | None

    @property
    def is_open(self) -> bool:
        return self.decision is None

    @property
    def is_same(self) -> bool:
        return self.decision is not None and self.decision.is_same


def lines_by_code(scheme: Scheme, organization: Organization, *, on: date) -> list[ListedEntity]:
    """The standing lines that carry the organisation's code."""
    lines = ListedEntity.objects.standing(on).filter(scheme=scheme, code=organization.code)
    return list(lines.select_related("source").order_by("-listed_on", "pk"))


def candidates(scheme: Scheme, organization: Organization, *, on: date, former: Iterable[str] = ()) -> list[Candidate]:
    """The standing lines of another or no code whose name is the organisation's, or nearly; three queries at most."""
    lines = ListedEntity.objects.standing(on).filter(scheme=scheme).exclude(code=organization.code)
    own = plain_name(organization.name)
    earlier = {plain_name(one) for one in (*former, *former_names(organization.name))} - {own, ""}
    whys: dict[int, str] = {}
    for pk, name, names_before, code in lines.values_list("pk", "name", "former_names", "code"):
        why = _why(name, names_before, code, organization=organization, own=own, earlier=earlier)
        if why:
            whys[pk] = why
    if not whys:
        return []
    decided: dict[tuple[str, str], NameMatch] = {}
    for one in NameMatch.objects.filter(scheme=scheme, code=organization.code, name=organization.name):
        decided.setdefault((one.listed_name, one.listed_code), one)
    found = ListedEntity.objects.filter(pk__in=whys).select_related("source").order_by("pk")
    return [Candidate(one, whys[one.pk], decided.get((one.name, one.code))) for one in found]


def _why(name: str, names_before: str, code: str, *, organization: Organization, own: str, earlier: set[str]) -> str:
    """Why the line may be the organisation, in Chinese; empty when it is not."""
    theirs = plain_name(name)
    if name == organization.name:
        return "名称相同，代码不同" if code else "名称相同，名单未载代码"
    if theirs == own:
        return "名称仅写法不同（全角半角、括号、空格或者公司类型的写法）"
    if theirs in earlier:
        return "与申报组织的曾用名相同"
    before = {plain_name(one) for one in (*split_names(names_before), *former_names(name))}
    if own in before:
        return "名单所载曾用名与申报组织名称相同"
    certain = is_valid_code(code)
    if code and not certain and one_apart(code, organization.code):
        return "代码仅一位之差，且名单所载代码的校验位不符"
    # two valid codes are two bodies, however near their names
    if not certain and nearly_same(theirs, own):
        return "名称仅一字之差"
    return ""


def decide_match(
    scheme: Scheme,
    line: ListedEntity,
    organization: Organization,
    *,
    is_same: bool,
    reason: str,
    by: User,
    at: datetime,
) -> NameMatch:
    """Keep what a person decided of the pair; the caller asks whether it is theirs to decide and puts it on record."""
    return NameMatch.objects.create(
        scheme=scheme, listed_name=line.name, listed_code=line.code, name=organization.name, code=organization.code,
        is_same=is_same, reason=reason, decided_at=at, decided_by=by,
    )  # fmt: skip
