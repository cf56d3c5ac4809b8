"""Opening a publicity: a list of names, a window in the rulebook's days, the objection channel (U11.3, 11.4, 11.8)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from applications.gates import Attempt, Blocker, gate
from applications.models import Application
from applications.pipeline import State
from applications.rules import on_duty
from award_portal.lib import clock
from awards.calendars import current_calendar
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rounds import draft_note
from awards.rulebook import Rulebook
from awards.workdays import Window, date_zh
from documents.issuing import issue_document
from organizations import evidence
from organizations.models import Unit, User

from .models import Notice, NoticeItem
from .rerunning import rerun_blockers
from .tiers import tiers_of

INSTRUMENTS = {
    State.RECOMMENDATION_PUBLICITY: "recommendation_notice",
    State.ACCEPTANCE_PUBLICITY: "acceptance_notice",
    State.AWARD_PUBLICITY: "award_notice",
    State.PUBLIC_COMMENT: "public_comment_notice",
}


class PublicityRefused(Exception):
    """The list cannot be published as asked; nothing was published. `blockers` says why."""

    def __init__(self, blockers: list[Blocker]) -> None:
        self.blockers = blockers
        super().__init__("；".join(str(one) for one in blockers))


def propose_window(round: Round, *, kind: str, at: datetime, days: int | None = None) -> Window:
    """The window a notice published now would have. Raises CalendarMissing for an unpublished year (E1)."""
    rule = rulebook_for(round).publicity(kind)
    return current_calendar().window(clock.day_of(at), days or rule.days.value, rule.day_kind.value)


@transaction.atomic
def open_publicity(
    round: Round,
    *,
    kind: str,
    applications: Iterable[Application],
    issuer: Unit,
    by: User,
    at: datetime,
    days: int | None = None,
) -> Notice:
    """Publish a list with its window, its paper and its evidence, or raise PublicityRefused.

    `days` may lengthen what the article sets as 不少于, never shorten it. A list that proposes awards names
    each tier. Names stand in order of their system numbers; the notice says 排名不分先后.
    """
    round = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    keys = sorted(one.pk for one in applications)
    locked = list(Application.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"))
    book = rulebook_for(round)
    tiers = tiers_of(locked) if kind == State.AWARD_PUBLICITY else None
    refused = opening_refusals(round, kind=kind, applications=locked, issuer=issuer, by=by, days=days, tiers=tiers)
    if refused:
        raise PublicityRefused(refused)
    window = propose_window(round, kind=kind, at=at, days=days)
    named = list(Application.objects.with_names().filter(pk__in=keys).order_by("number", "pk"))
    title = notice_title(round, kind, issuer)
    document = issue_document(
        INSTRUMENTS[State(kind)],
        title=title,
        template="publicity_notice.html",
        content=notice_content(round, book, kind=kind, applications=named, issuer=issuer, window=window, tiers=tiers),
        scheme_key=round.scheme.key,
        chain=round.chain,
        issuer=issuer,
        is_public=True,
        by=by,
        at=at,
    )
    notice = Notice.objects.create(
        round=round,
        kind=kind,
        issuer=issuer,
        title=title,
        body=ground_of(book, kind),
        published_at=at,
        published_by=by,
        starts_on=window.first_day,
        last_on=window.last_day,
        ends_at=window.ends_at,
        close_due_at=window.ends_at + timedelta(minutes=book.timing.publicity_grace_minutes.value),
        days=window.days,
        day_kind=window.kind,
        calendar_version=window.calendar_version,
        document=document,
    )
    NoticeItem.objects.bulk_create(
        NoticeItem(
            notice=notice,
            application=one,
            position=position,
            name=one.listed_name[:120],
            code=one.organization.display_code,
            recommender_name=one.recommender.name if one.recommender else "",
            tier_name=(tiers or {}).get(one.pk, ""),
        )
        for position, one in enumerate(named, start=1)
    )
    evidence.record(
        "notice.open",
        chain=round.chain,
        by=by,
        subject=f"notice:{notice.public_id}",
        at=at,
        data={
            "kind": kind,
            "names": [str(one.public_id) for one in named],
            "starts_on": window.first_day.isoformat(),
            "last_on": window.last_day.isoformat(),
            "calendar": window.calendar_version,
        },
    )
    return notice


def opening_refusals(
    round: Round,
    *,
    kind: str,
    applications: list[Application],
    issuer: Unit,
    by: User,
    days: int | None = None,
    tiers: dict[int, str] | None = None,
) -> list[Blocker]:
    """Why this list cannot be published: the page foresees with it, the door refuses with it (U11.3, 11.4, 11.8)."""
    book = rulebook_for(round)
    label, rule = book.label(kind), book.publicity(kind)
    ground = book.ground(rule.days)
    if not on_duty(by, issuer, round) or (rule.held_by == "office" and issuer.pk != round.office_id):
        return [Blocker(f"“{label}”不由本单位发布。", ground)]
    if not applications:
        return [Blocker(f"请至少选择一个{book.noun}列入公示名单。", ground)]
    found = []
    if days is not None and days < rule.days.value:
        found.append(Blocker(f"公示时间不得少于{rule.days.value}日，拟设{days}日。", ground))
    if days is not None and rule.days.bound == "exactly" and days > rule.days.value:
        found.append(Blocker(f"公示时间为{rule.days.value}日，不得变更。", ground))
    listed = set(
        NoticeItem.objects.filter(
            application__in=applications, notice__kind=kind, notice__closed_at=None, struck_at=None
        ).values_list("application_id", flat=True)
    )
    for one in applications:
        if one.round_id != round.pk:
            found.append(Blocker(f"{one.organization}不是本届的申报，不能列入{label}。"))
        elif one.state != kind:
            found.append(Blocker(f"{one.organization}现处于“{one.state_label}”，不能列入{label}。"))
        elif one.pk in listed:
            found.append(Blocker(f"{one.organization}已在公示中，不能重复公示。"))
        elif rule.held_by == "recommender" and one.recommender_id != issuer.pk:
            found.append(Blocker(f"{one.organization}不由本单位审核推荐。", ground))
        elif kind == State.AWARD_PUBLICITY and not (tiers or {}).get(one.pk):
            found.append(Blocker(f"{one.organization}没有拟授奖项的审议结果，不能列入{label}。", ground))
    return found


def ground_of(book: Rulebook, kind: str) -> str:
    """The article a list is published on: of its length, or where the office set that, of the stage itself."""
    stage, days = book.stage(kind), book.publicity(kind).days
    cited = next((one for one in (days, stage) if one.cite), None)
    return book.ground(cited) if cited else f"《{book.regulation.title}》"


def notice_title(round: Round, kind: str, issuer: Unit) -> str:
    """The notice's heading; of several units that publish the same, each names itself."""
    label = rulebook_for(round).label(kind)
    return f"{round.title}{label}" if issuer == round.office else f"{round.title}{label}（{issuer.name}）"


def notice_content(
    round: Round,
    book: Rulebook,
    *,
    kind: str,
    applications: list[Application],
    issuer: Unit,
    window: Window,
    tiers: dict[int, str] | None,
) -> dict[str, Any]:
    """All that the notice prints: names, the three dates, the objection channel and what an objection must carry."""
    return {
        "title": notice_title(round, kind, issuer),
        "issuer": issuer.name,
        "ground": ground_of(book, kind),
        "round_title": round.title,
        "kind": kind,
        "comments": book.publicity(kind).comments,
        "noun": book.noun,
        "recommender_word": book.role("recommender"),
        "names": [
            {
                "position": position,
                "name": one.listed_name,
                "code": one.organization.display_code,
                "recommender": one.recommender.name if one.recommender else "",
                "tier": (tiers or {}).get(one.pk, ""),
            }
            for position, one in enumerate(applications, start=1)
        ],
        "published_on": date_zh(window.published_on),
        "first_day": date_zh(window.first_day),
        "last_day": date_zh(window.last_day),
        "days": window.days,
        "day_unit": "个工作日" if window.kind == "working" else "个自然日",
        "channel": {"unit": issuer.name, "phone": issuer.phone, "address": issuer.address, "email": issuer.email},
        "written": book.objections.written.value,
        "filing": [
            {"label": form.label, "requires": [field.label for field in form.requires], "cite": book.ground(form)}
            for form in book.objections.filing
        ],
        "draft_note": draft_note(round),
        "date": date_zh(window.published_on),
    }


def running_item(application: Application) -> NoticeItem | None:
    """The application's place on the latest list of its present publicity, if it is on one."""
    return (
        NoticeItem.objects.filter(application=application, notice__kind=application.state, struck_at=None)
        .select_related("notice")
        .order_by("-notice__published_at", "-pk")
        .first()
    )


def latest_items(applications: Iterable[Application]) -> dict[int, NoticeItem]:
    """The same of many, with one query."""
    found = NoticeItem.objects.filter(
        application__in=list(applications), notice__kind=F("application__state"), struck_at=None
    )  # fmt: skip
    return {one.application_id: one for one in found.select_related("notice").order_by("notice__published_at", "pk")}


@gate("publicity_elapsed")
def publicity_elapsed(application: Application, attempt: Attempt) -> list[Blocker]:
    """A publicity closes only after its last day has run out (U11.3, U11.4, U11.8)."""
    book = application.rulebook
    ground = book.ground(book.publicity(application.state).days)
    item = running_item(application)
    if item is None:
        return [Blocker(f"{application.state_label}尚未发布。", ground)]
    assert item.notice.close_due_at is not None
    assert item.notice.last_on is not None
    if attempt.at < item.notice.close_due_at:
        return [Blocker(f"{application.state_label}至{date_zh(item.notice.last_on)}24:00止，尚未期满。", ground)]
    return rerun_blockers(item.notice, book)
