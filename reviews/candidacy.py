"""The tier rules over a round's own names: scores, groups, floors, repeat winners, places left (U4, Y4, B18, Y23)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal

from django.db.models import Q

from applications.gates import Blocker
from applications.models import Application
from awards.models import Award, Round
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook, Ruled, Tier

from .models import Meeting, PanelOpinion, ShortlistEntry
from .places import Limit, Places, breaches, decision_order
from .reporting import composite_of


def tiers_in_order(book: Rulebook) -> list[Tier]:
    """The tiers as they are decided: the rulebook's order, but a nominee list before what is chosen from it."""
    keys = decision_order([_Ordered(one) for one in book.tiers])
    return [book.tier(one.key) for one in keys]


class _Ordered:
    def __init__(self, tier: Tier) -> None:
        self.key, self.chosen_from = tier.key, list_above(tier)


def list_above(tier: Tier) -> str | None:
    """The key of the tier on whose list the names of this one must stand first."""
    return tier.chosen_from.value if tier.chosen_from else None


def floors_of(book: Rulebook, tier: Tier) -> list[Ruled[int | None]]:
    """The rules that name a least score for this tier, the tier's own and the scheme's (Y11)."""
    found = [rule for rule in (tier.floor_percent, book.decision.floor_percent) if rule is not None and rule.value]
    return sorted(found, key=lambda rule: -(rule.value or 0))


def floor_of(book: Rulebook, tier: Tier) -> int | None:
    floors = floors_of(book, tier)
    return floors[0].value if floors else None


def composites_of(round: Round, applications: Collection[Application]) -> dict[int, Decimal]:
    """Application pk → composite in per cent of its own total, so that unlike applicants stand in one order (Y11)."""
    book = rulebook_for(round)
    opinions: dict[int, dict[str, PanelOpinion]] = {}
    for one in PanelOpinion.objects.filter(application__in=[each.pk for each in applications]):
        opinions.setdefault(one.application_id, {})[one.stage] = one
    return {one.pk: composite_of(book, opinions.get(one.pk, {})) for one in applications}


def repeats_of(round: Round, applications: Collection[Application]) -> dict[int, frozenset[str]]:
    """Application pk → the tiers its applicant has won before and may win again only for the honour (B18, Y23).

    Same tier only: a nominee who wins the main tier is no repeat winner. A revoked award is none.
    """
    book = rulebook_for(round)
    tiers = [one.key for one in book.tiers if one.repeat_winner.value == "honour_only_outside_quota"]
    if not tiers or not applications:
        return {}
    owners = {one.organization_id: one.organization for one in applications}
    codes = {one.code for one in owners.values() if one.code}
    ledger = Award.objects.filter(scheme=round.scheme, tier__in=tiers).exclude(state=Award.State.REVOKED)
    rows = ledger.filter(Q(organization__in=owners) | Q(code__in=codes)).exclude(round=round)
    found: dict[int, frozenset[str]] = {}
    for one in applications:
        owner = owners[one.organization_id]
        found[one.pk] = frozenset(
            row.tier
            for row in rows
            if row.organization_id == owner.pk
            or (owner.code and row.code == owner.code and row.unit_name == owner.unit_name)
        )
    return found


def entries_on(round: Round, tier: Tier, *, but: Meeting | None = None) -> list[ShortlistEntry]:
    """The names that hold a place of the tier: on its list, or moved from it to a tier chosen from it.

    A place that was handed to who moved up is held by that name alone.
    """
    book = rulebook_for(round)
    keys = [tier.key, *(one.key for one in book.tiers if list_above(one) == tier.key)]
    rows = ShortlistEntry.objects.filter(application__round=round, tier__in=keys, outside_quota=False, handed_to=None)
    if but is not None:
        rows = rows.exclude(meeting=but)
    return list(rows.select_related("application__organization").order_by("pk"))


def places_of(round: Round, tier: Tier, names: Iterable[Application], *, but: Meeting | None = None) -> Places:
    """The tier's places with what other meetings of the round than `but` gave of them (U4).

    A place that fell free since stays vacant, unless the next in order moved up to it (section 7).
    """
    entries = entries_on(round, tier, but=but) if but is not None else []
    known = {one.pk: one for one in [*names, *(entry.application for entry in entries)]}
    limits = tuple(
        Limit(
            members=frozenset(pk for pk, one in known.items() if rule.of.fits(**marks_of(one))),
            at_most=rule.at_most.value if rule.at_most else None,
            at_least=rule.at_least.value if rule.at_least else 0,
            label=rule.key,
        )
        for rule in tier.sub_quotas
    )
    return Places(tier.quota.value, limits, frozenset(entry.application_id for entry in entries))


def marks_of(application: Application) -> dict:
    """What a group of a sub-quota looks at."""
    return {
        "subject": application.subject,
        "category": application.category,
        "industry": application.industry,
        "district": application.district,
        "sme": application.is_sme,
    }


def place_refusals(book: Rulebook, tier: Tier, chosen: Collection[int], places: Places) -> list[Blocker]:
    """Why these names cannot all have a place of the tier beside those given already, each with its article."""
    found = []
    for limit in breaches(chosen, places):
        if limit is None:
            text = f"{tier.name}名额为{tier.quota.value}个，已经用完。"
            found.append(Blocker(text, book.ground(tier.quota)))
            continue
        rule = next(one for one in tier.sub_quotas if one.key == limit.label)
        whole = places.taken | set(chosen)
        if rule.at_most and len(limit.members & whole) > rule.at_most.value:
            text = f"{tier.name}中{rule.label}不超过{rule.at_most.value}个。"
            found.append(Blocker(text, book.ground(rule.at_most)))
        elif rule.at_least:
            text = f"{tier.name}中为{rule.label}保留{rule.at_least.value}个名额，没有合适的即空缺，不能给予其他申报者。"
            found.append(Blocker(text, book.ground(rule.at_least)))
    return found
