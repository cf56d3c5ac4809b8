"""递补: a place that falls free is vacant, unless the rulebook lets the next in order move up (section 7)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from applications.desk_rules import DeskRefused
from applications.gates import Attempt, Blocker, gate
from applications.models import Application
from applications.moves import move
from applications.pipeline import State
from awards.models import Round
from awards.parameters import rulebook_for
from organizations.models import StoredFile, User

from .body_decisions import Held, record_body_decision
from .candidacy import composites_of, entries_on, floor_of, list_above, place_refusals, places_of
from .models import BodyDecision, ShortlistEntry
from .places import Places, reaches

# how a listed name leaves its place
LEFT = (State.DISQUALIFIED, State.WITHDRAWN)


def freed_places(round: Round) -> list[ShortlistEntry]:
    """The places of the list whose name has left the round and to which nobody moved up."""
    rows = ShortlistEntry.objects.filter(
        application__round=round, application__state__in=LEFT, outside_quota=False, handed_to=None
    )
    return list(rows.select_related("application__organization", "meeting").order_by("pk"))


def next_in_order(freed: ShortlistEntry) -> list[Application]:
    """Who may move up to a freed place: the highest score of those not listed, several where they are equal."""
    round = freed.application.round
    book = rulebook_for(round)
    tier = book.tier(freed.tier)
    if list_above(tier) is not None:
        return []
    waiting = Application.objects.filter(round=round, state=State.NOT_SELECTED).with_names().order_by("number", "pk")
    names = list(waiting)
    scores, floor = composites_of(round, names), floor_of(book, tier)
    held = [one.application for one in entries_on(round, tier) if one.pk != freed.pk]
    fit = []
    for one in names:
        places = places_of(round, tier, [*held, one])
        places = Places(places.seats, places.limits, frozenset(each.pk for each in held))
        if reaches(scores[one.pk], floor) and not place_refusals(book, tier, [one.pk], places):
            fit.append(one)
    best = max((scores[one.pk] for one in fit), default=None)
    return [one for one in fit if scores[one.pk] == best]


def promotion_refusals(freed: ShortlistEntry, application: Application) -> list[Blocker]:
    """Why this name cannot move up to this place; the page foresees with it, the act refuses with it."""
    book = application.rulebook
    rule = book.decision.promotes_next
    ground = book.ground(rule)
    if not rule.value:
        return [Blocker("名额空缺不递补。", ground)]
    if freed.handed_to_id is not None or freed.application.state not in LEFT or freed.outside_quota:
        return [Blocker("该名额没有空出，或者已经递补。", ground)]
    if list_above(book.tier(freed.tier)) is not None:
        return [Blocker("该奖项从已有名单中产生，空出的名额由会议另行审议，不直接递补。", ground)]
    if application.pk not in {one.pk for one in next_in_order(freed)}:
        return [Blocker("只有未列入名单者中综合得分最高的可以递补。", ground)]
    return []


@transaction.atomic
def promote_next(
    freed: ShortlistEntry, application: Application, *, held: Held, ground: str, proof: StoredFile | None, by: User,
    at: datetime,
) -> BodyDecision:  # fmt: skip
    """The leading body decides anew: the next in order moves up, then stands in a publicity of its own (section 7).

    A decision that is not carried is recorded too, and the place stays vacant.
    """
    round = Round.objects.select_for_update(of=("self",)).get(pk=application.round_id)
    keys = sorted((application.pk, freed.application_id))
    locked = {
        one.pk: one for one in Application.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    }
    freed = ShortlistEntry.objects.select_for_update(of=("self",)).get(pk=freed.pk)
    application = locked[application.pk]
    if refused := promotion_refusals(freed, application):
        raise DeskRefused(refused)
    book = rulebook_for(round)
    cite, tier = book.ground(book.decision.promotes_next), book.tier(freed.tier)
    decision = record_body_decision(
        application, kind=BodyDecision.Kind.PROMOTE, held=held, ground=ground, cite=cite, proof=proof, by=by, at=at
    )
    if decision.is_carried:
        freed.handed_to = application
        freed.save(update_fields=["handed_to"])
        ShortlistEntry.objects.create(
            application=application, meeting=freed.meeting, tier=freed.tier, moved_up_by=decision
        )
        facts = {"decision": str(decision.public_id), "tier": tier.key, "tier_name": tier.name}
        move(application.pk, "promote", by=by, at=at, ground=f"{decision.name}递补", cite=cite, facts=facts)
    return decision


@gate("promotion_allowed")
def promotion_allowed(application: Application, attempt: Attempt) -> list[Blocker]:
    """The next in order moves up only where the rulebook allows it, on a new decision (section 7)."""
    book = application.rulebook
    rule = book.decision.promotes_next
    if not rule.value:
        return [Blocker("名额空缺不递补。", book.ground(rule))]
    moved = ShortlistEntry.objects.filter(
        application=application, moved_up_by__public_id=attempt.id_of("decision"), moved_up_by__is_carried=True
    )
    if not moved.exists():
        return [Blocker(f"{book.bodies.leading_body.short}尚未作出递补的决定。", book.ground(rule))]
    return []
