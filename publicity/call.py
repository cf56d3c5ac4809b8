"""Publishing the call for applications: what U11.1 asks, once everything the officer must settle is settled (R3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from applications.rules import on_duty
from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rounds import RoundRefused, announcement_refusals, draft_note
from awards.workdays import date_zh
from documents.issuing import issue_document
from organizations.models import User

from .announcing import announce
from .models import Notice


@transaction.atomic
def publish_call(round: Round, *, by: User, at: datetime) -> Notice:
    """Issue the 申报通知 and open the round's window; raises RoundRefused with everything still missing."""
    round = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    if not on_duty(by, round.office, round):
        raise RoundRefused(["申报通知由办公室发布。"])
    reasons = announcement_refusals(round, at=at)
    if reasons:
        raise RoundRefused(reasons)
    book = rulebook_for(round)
    title = f"关于开展{round.title}申报工作的通知"
    document = issue_document(
        "call",
        title=title,
        template="call.html",
        content=call_content(round, at=at),
        scheme_key=round.scheme.key,
        chain=round.chain,
        subject=f"round:{round.public_id}",
        issuer=round.office,
        is_public=True,
        by=by,
        at=at,
    )
    round.published_at = at
    round.save(update_fields=["published_at"])
    body = f"根据《{book.regulation.title}》，现开展{round.title}申报工作。"
    return announce(
        round, kind=Notice.Kind.CALL, title=title, body=body, issuer=round.office, by=by, at=at, document=document
    )


def call_content(round: Round, *, at: datetime) -> dict[str, Any]:
    """All that the call prints: window, conditions, categories, materials, criteria, recommenders, contacts."""
    book = rulebook_for(round)
    assert round.opens_at
    assert round.recommendation_due_on
    return {
        "title": f"关于开展{round.title}申报工作的通知",
        "issuer": round.office.name,
        "regulation": book.regulation.title,
        "award_name": book.award_name,
        "window": {"opens_at": instant_zh(round.opens_at), "closes_at": closing_zh(round)},
        "recommendation_due_on": date_zh(round.recommendation_due_on),
        "tiers": [
            {"name": tier.name, "quota": tier.quota.value, "vacant": tier.may_stay_vacant.value} for tier in book.tiers
        ],
        "conditions": [
            {"text": condition.text, "cite": book.cite_zh(condition.cite) if condition.cite else ""}
            for condition in book.eligibility.conditions
        ],
        "categories": [{"label": one.label, "help": one.help} for one in book.categories],
        "materials": [{"text": one.text, "copies": one.copies} for one in book.form.materials],
        "rubric": book.rubric().title,
        "recommenders": [one.name for one in book.recommenders],
        "self_publicity": book.has_stage("self_publicity"),
        "noun": book.noun,
        "secret_label": book.secret_label,
        "recommender_word": book.role("recommender"),
        "opinion_word": book.instrument("recommendation_opinion"),
        "contact": {"phone": round.office.phone, "address": round.office.address, "email": round.office.email},
        "charges_nothing": book.ground(book.charges_nothing),
        "draft_note": draft_note(round),
        "date": date_zh(clock.day_of(at)),
    }


def instant_zh(instant: datetime) -> str:
    """An instant as people in Shanghai say it."""
    local = instant.astimezone(clock.SHANGHAI)
    return f"{date_zh(local.date())}{local:%H:%M}"


def closing_zh(round: Round) -> str:
    """The end of the round's window as people say it."""
    assert round.closes_at
    return ending_zh(round.closes_at)


def ending_zh(closes_at: datetime) -> str:
    """An exclusive end as people say it: midnight is 24:00 of the day before."""
    closes = closes_at.astimezone(clock.SHANGHAI)
    if (closes.hour, closes.minute) == (0, 0):
        return f"{date_zh((closes - timedelta(days=1)).date())}24:00"
    return instant_zh(closes)
