"""名单变更: a name taken off a list is announced, and the list runs again where the rulebook says so (R12)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from applications.gates import Blocker
from applications.models import Application
from applications.pipeline import State
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from awards.workdays import date_zh
from organizations import evidence
from organizations.models import Unit, User

from .correcting import amend_notice, lock_notice, not_of_issuer
from .models import Notice, NoticeItem
from .opening import PublicityRefused, open_publicity
from .rerunning import rerun_wanted


def unannounced(notice: Notice) -> QuerySet[NoticeItem]:
    """The names struck on a list since it was published that no 名单变更公告 has told of yet."""
    return _untold(notice.items.all())


def notices_to_change(rounds: QuerySet[Round]) -> QuerySet[Notice]:
    """The lists with a name put out of the round that nobody has announced; for desks."""
    out = _untold(NoticeItem.objects.filter(notice=OuterRef("pk"), application__state=State.DISQUALIFIED))
    return Notice.objects.public().windows().filter(Exists(out), round__in=rounds)


def own_lists_to_change(issuers: QuerySet[Unit]) -> QuerySet[Notice]:
    """The lists these units published themselves with a name they took off since, unannounced (U11.3)."""
    out = _untold(NoticeItem.objects.filter(notice=OuterRef("pk"), application__state=State.NOT_RECOMMENDED))
    return Notice.objects.public().windows().filter(Exists(out), issuer__in=issuers)


def _untold(items: QuerySet[NoticeItem]) -> QuerySet[NoticeItem]:
    told = Notice.objects.filter(
        kind=Notice.Kind.LIST_CHANGE, amends=OuterRef("notice"), published_at__gte=OuterRef("struck_at")
    )
    return items.exclude(struck_at=None).exclude(Exists(told))


def change_refusals(notice: Notice, *, because: str, by: User) -> list[Blocker]:
    """Why the change cannot be announced: the page foresees with it, the door refuses with it."""
    if refused := not_of_issuer(notice, by):
        return refused
    if notice.ends_at is None:
        return [Blocker("该公告不是名单公示，没有名单变更。")]
    if not because.strip():
        refused.append(Blocker("请写明名单变更的依据和理由，理由随公告公布；不得写入异议人的信息。"))
    if not unannounced(notice).exists():
        refused.append(Blocker("名单没有尚未公告的变更。"))
    return refused


@transaction.atomic
def publish_list_change(
    notice: Notice, *, because: str, by: User, at: datetime, moved_up: Iterable[str] = ()
) -> Notice:
    """Publish the 名单变更公告 of a list: who left it and on what ground, who moved up; it is returned.

    Where the rulebook has a changed list run again, the rest of it is published anew in the same transaction. Raises
    PublicityRefused or CalendarMissing, and then nothing changed.
    """
    round, notice = lock_notice(notice)
    refused = change_refusals(notice, because=because, by=by)
    if refused:
        raise PublicityRefused(refused)
    book = rulebook_for(round)
    said = [
        ("移出名单", f"{one.name}（{one.struck_because}，{date_zh(one.struck_at.date())}）")
        for one in unannounced(notice).order_by("position")
        if one.struck_at
    ]
    said += [("递补列入", f"{name}，另行公示") for name in moved_up]
    said.append(("依据和理由", because.strip()))
    again = _run_again(round, notice, book, by=by, at=at)
    if again is not None:
        assert again.last_on is not None
        said.append(("重新公示", f"其余名单自本公告发布之日起重新公示，至{date_zh(again.last_on)}24:00止"))
    text = "；".join(f"{label}：{value}" for label, value in said) + "。"
    return amend_notice(notice, kind=Notice.Kind.LIST_CHANGE, text=text, said=said, by=by, at=at)


def _run_again(round: Round, notice: Notice, book: Rulebook, *, by: User, at: datetime) -> Notice | None:
    """The names still standing, in a new window; the interrupted one is closed on record."""
    left = Application.objects.filter(
        notice_items__notice=notice, notice_items__struck_at=None, state=notice.kind
    ).order_by("pk")
    names = list(left)
    if not rerun_wanted(book, notice.kind) or not names:
        return None
    Notice.objects.filter(pk=notice.pk, closed_at=None).update(closed_at=at)
    evidence.record(
        "notice.interrupt", chain=round.chain, by=by, subject=f"notice:{notice.public_id}", at=at,
        data={"kind": notice.kind, "names": len(names)},
    )  # fmt: skip
    return open_publicity(round, kind=notice.kind, applications=names, issuer=notice.issuer, by=by, at=at)
