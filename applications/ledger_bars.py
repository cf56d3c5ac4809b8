"""What the ledger of a scheme's awards and bans says of an applicant, a person included (U16, U20, Y4).

Bars and bans are the scheme's own: another city's never count. A person stands in the ledger under a pseudonymous key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from award_portal.lib import clock
from awards.models import Award, Ban, Round
from awards.names import plain_name
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from awards.rulebook.parts import Tier
from awards.workdays import date_zh
from awards.years import add_years
from organizations.models import Organization

from .group_reach import parent_codes


@dataclass(frozen=True)
class Bar:
    """Why no application is accepted now and from when it would be; uncertain where the ledger names no code."""

    text: str
    cite: str
    is_certain: bool = True


def reapply_bar(round: Round, organization: Organization, *, at: datetime) -> Bar | None:
    """The bar that ends last among those of the applicant's earlier awards, in years or in rounds (U16)."""
    book, noun = rulebook_for(round), rulebook_for(round).noun_for(organization.subject)
    ledger = Award.objects.filter(scheme=round.scheme).select_related("round")
    own = ledger.filter(code=organization.code, unit_name=organization.unit_name)
    if found := _last_bar(own, book, round, at):
        when, award, cite = found
        return Bar(f"该{noun}{award.year}年获{award.tier_name}，{when}", cite)
    name = plain_name(organization.name)
    nameless = [one for one in ledger.filter(code="") if plain_name(one.name) == name]
    if found := _last_bar(nameless, book, round, at):
        when, award, cite = found
        line = f"历届获奖名录中{award.year}年获{award.tier_name}的一条记录未载代码"
        return Bar(f"{line}，名称与该{noun}相同，请核实是否同一主体：{when}", cite, is_certain=False)
    return None


def has_bars(book: Rulebook) -> bool:
    """Whether any tier keeps its winners from applying again."""
    return any(_years(one) or _rounds(one) for one in book.tiers)


def bar_ground(book: Rulebook) -> str:
    """The article on applying again: of a tier that bars, else of the first."""
    tier = next((one for one in book.tiers if _years(one) or _rounds(one)), book.tiers[0])
    rounds = tier.reapply_bar_rounds
    return book.ground(rounds if rounds is not None and not _years(tier) else tier.reapply_bar_years)


def ban(round: Round, organization: Organization, *, at: datetime, parent_code: str = "") -> Bar | None:
    """The ban in force on the applicant, or on a parent of its where the rule reaches subsidiaries; with its last day.

    Parents are the one its form names and those the scheme's register of groups knows, of parents too.
    """
    book, on = rulebook_for(round), clock.day_of(at)
    noun = book.noun_for(organization.subject)
    in_force = Ban.objects.in_force(on).filter(scheme=round.scheme).order_by("-ends_on")
    own = in_force.filter(code=organization.code).first()
    if own is not None:
        return Bar(_ban_text(own, organization), _ban_ground(own, book))
    reaching = {one.key: one.reaches_subsidiaries for one in book.supervision.bans}
    reaching = {key: one for key, one in reaching.items() if one is not None and one.value}
    above = in_force.filter(rule__in=reaching).exclude(code=organization.code) if reaching else in_force.none()
    found = list(above)
    if not found:
        return None
    parents = {parent_code, *parent_codes(round.scheme.key, organization)} - {""}
    for one in found:
        if one.code in parents:
            told = f"该{noun}所属的“{one.listed_name}”因{one.ground}不予受理申报，所属子公司同样不予受理"
            return Bar(f"{told}，{date_zh(one.ends_on)}起方可申报。", book.ground(reaching[one.rule]))
    return None


def _ban_text(ban: Ban, organization: Organization) -> str:
    """Whom it was placed on, by the name of then; it goes by the code, so a unit under the same one is told of it."""
    until = f"{date_zh(ban.ends_on)}起方可申报。"
    if ban.unit_name == organization.unit_name:
        return f"{ban.listed_name}因{ban.ground}，其申报不予受理，{until}"
    told = f"同一统一社会信用代码下的“{ban.listed_name}”因{ban.ground}不予受理申报"
    return f"{told}，该代码下的申报均不予受理，{until}"


def _ban_ground(ban: Ban, book: Rulebook) -> str:
    """The article of a ban; one placed on a value the office set says that."""
    if ban.cite:
        return book.cite(ban.cite)
    rule = next((one for one in book.supervision.bans if one.key == ban.rule), None)
    return book.ground(rule) if rule is not None else ban.decided_by


def _last_bar(awards, book: Rulebook, round: Round, at: datetime) -> tuple[str, Award, str] | None:
    """Of the bars in force the one that ends last: how long it lasts in words, its award and its article."""
    tiers = {one.key: one for one in book.tiers}
    found: list[tuple[date, str, Award, str]] = []
    for award in awards:
        tier = tiers.get(award.tier)
        if tier is None:
            continue
        years, rounds = _years(tier), _rounds(tier)
        if years and clock.day_of(at) < (free := add_years(award.awarded_on, years)):
            text = f"获奖后{years}年内不得重复申报，{date_zh(free)}起方可申报。"
            found.append((free, text, award, book.ground(tier.reapply_bar_years)))
        if rounds and (place := rounds_since(award, round)) <= rounds:
            first = round.ordinal + rounds - place + 1
            text = f"获奖后{rounds}届内不得重复申报，本届为其后第{place}届，第{first}届起方可申报。"
            found.append((date.max, text, award, book.ground(tier.reapply_bar_rounds)))
    if not found:
        return None
    _, text, award, cite = max(found, key=lambda one: one[0])
    return text, award, cite


def rounds_since(award: Award, round: Round) -> int:
    """Which round after the award this one is: 1 for the next. Imported awards count by the ledger's years."""
    if award.round is not None:
        return round.ordinal - award.round.ordinal
    between = Award.objects.filter(scheme=round.scheme, year__gt=award.year, year__lt=round.year)
    years = set(between.values_list("year", flat=True))
    years |= set(
        round.scheme.rounds.filter(ordinal__lt=round.ordinal, year__gt=award.year).values_list("year", flat=True)
    )
    return len(years) + 1


def _years(tier: Tier) -> int | None:
    return tier.reapply_bar_years.value


def _rounds(tier: Tier) -> int | None:
    return tier.reapply_bar_rounds.value if tier.reapply_bar_rounds is not None else None
