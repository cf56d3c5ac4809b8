"""Who objected: sealed, opened only by who handles the case, each time with a ground and on record (U12, section 4).

The investigating unit opens it only where the rulebook says so, or where the handling unit let it on a ground. A
machine compares it (a question must not quote it, an expert must be free of it) without showing it to anybody.
"""

from __future__ import annotations

import json
import unicodedata
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from applications.rules import works_in
from award_portal.lib.sealed import unseal
from organizations.messages import people_of, send_message
from organizations.models import Unit, User

from .casework import HandlingRefused, record_act
from .models import IdentityGrant, IdentityOpening, Objection, ObjectionFile

# what names a person or a unit beyond doubt; an address alone may be the applicant's own street
TELLING = ("name", "phone")


def may_open(user: User, objection: Objection) -> bool:
    """The unit that handles the case; the one that investigates where the rulebook or the handling unit lets it."""
    if works_in(user, objection.handled_by):
        return True
    if objection.investigator is None or not works_in(user, objection.investigator):
        return False
    rule = objection.application.rulebook.objections.identity_to_investigator
    return bool(rule and rule.value) or objection.identity_grants.filter(unit=objection.investigator).exists()


@transaction.atomic
def open_identity(
    objection: Objection, *, ground: str, by: User, at: datetime, paper: ObjectionFile | None = None
) -> dict[str, str]:
    """The objector's particulars (or, with `paper`, the right to read that one), on a ground that stays on record."""
    objection = Objection.objects.select_for_update(of=("self",)).get(pk=objection.pk)
    if not may_open(by, objection):
        raise HandlingRefused("异议人信息只对办理该异议的人员开放；调查单位确需了解的，由受理单位批准。")
    if len(ground.strip()) < 4:
        raise HandlingRefused("请写明查看异议人信息的理由，理由记入查阅登记。")
    if quotes_objector(objection, ground):
        raise HandlingRefused("查看理由中不得写入异议人的信息。")
    IdentityOpening.objects.create(
        objection=objection, user=by, opened_at=at, ground=ground.strip()[:200], paper=paper.label if paper else ""
    )
    record_act(objection, "open_identity", by=by, at=at, paper=paper.key if paper else "")
    return particulars(objection)


def opened_today(objection: Objection, *, by: User, at: datetime) -> IdentityOpening | None:
    """The person's opening of this case on the same day: its ground goes for the papers that tell the same."""
    found = objection.openings.filter(user=by, opened_at__lte=at).exclude(ground="").order_by("-pk").first()
    return found if found is not None and found.opened_at.date() == at.date() else None


@transaction.atomic
def grant_identity(objection: Objection, *, ground: str, by: User, at: datetime) -> IdentityGrant:
    """The handling unit lets the investigating unit know who objected, because the inquiry cannot do without."""
    objection = Objection.objects.select_for_update(of=("self",)).get(pk=objection.pk)
    if not works_in(by, objection.handled_by):
        raise HandlingRefused("由受理异议的单位批准。")
    if objection.investigator is None or objection.investigator == objection.handled_by:
        raise HandlingRefused("该异议没有转送其他单位调查，不需要批准。")
    if objection.accuses_recommender:
        raise HandlingRefused("异议涉及审核推荐单位，不得向其提供异议人信息。")
    if len(ground.strip()) < 4:
        raise HandlingRefused("请写明批准的理由。")
    grant, is_new = IdentityGrant.objects.get_or_create(
        objection=objection,
        unit=objection.investigator,
        defaults={"ground": ground.strip()[:200], "granted_at": at, "granted_by": by},
    )
    if is_new:
        record_act(objection, "grant_identity", by=by, at=at)
        send_message(
            people_of(objection.investigator), subject=f"异议人信息已批准查阅：{objection.number}",
            body="查阅时请写明理由，每次查阅均有记录。", url=objection.get_absolute_url(), at=at,
        )  # fmt: skip
    return grant


def openings_for(user: User) -> QuerySet[IdentityOpening]:
    """The register of openings: the handling units read their own, the supervising department its schemes'."""
    units = Unit.objects.of_user(user)
    handled = Q(objection__handler=None, objection__application__round__office__in=units) | Q(
        objection__handler__in=units
    )
    watched = Q(objection__application__round__scheme__key__in=units.of_kind("supervisor").values("scheme_key"))
    return (
        IdentityOpening.objects.filter(handled | watched)
        .select_related("objection__application__round", "user")
        .distinct()
        .order_by("-opened_at", "-pk")
    )


def particulars(objection: Objection) -> dict[str, str]:
    """The sealed particulars in the open, for this room's own comparing and for who may open them."""
    return json.loads(unseal(objection, "identity") or "{}")


def handled_together(objection: Objection) -> list[Objection]:
    """The case itself and those joined with it: what is kept from others is kept of every one of their objectors."""
    lead = objection.lead or objection
    return [lead, *lead.followers.order_by("pk")]


def quotes_objector(objection: Objection, *texts: str) -> bool:
    """Whether a text that others will read names an objector or gives the phone, however it is spaced or written."""
    known = [particulars(one) for one in handled_together(objection)]
    telling = [plain(one[key]) for one in known for key in TELLING if key in one]
    return any(one in plain(text) for one in telling if len(one) > 1 for text in texts)


def plain(text: str) -> str:
    """A text as it compares, however it is spaced, cased or written."""
    wide = unicodedata.normalize("NFKC", text)
    return "".join(one for one in wide.casefold() if one.isalnum())
