"""When an objection is taken: while a list is public, and during acceptance and review (U12, Z17.8, B16)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from applications.models import Application
from applications.pipeline import PUBLICITIES
from awards.workdays import date_zh
from publicity.models import Notice, NoticeItem
from publicity.opening import latest_items, running_item


def window_refusal(application: Application, *, at: datetime) -> str:
    """Why no objection is taken now, or "": during a publicity, and during acceptance and review (U12)."""
    item = running_item(application) if application.state in PUBLICITIES else None
    return _refusal(application, item, at)


def window_refusals(applications: Iterable[Application], *, at: datetime) -> dict[int, str]:
    """The same of many names, read at once."""
    found = list(applications)
    items = latest_items(found)
    return {one.pk: _refusal(one, items.get(one.pk), at) for one in found}


def _refusal(application: Application, item: NoticeItem | None, at: datetime) -> str:
    """`item` is its place on the latest list of the publicity it stands in."""
    book = application.rulebook
    if not application.is_active:
        return f"该申报已结束（{application.state_label}），有关情况可以书面向{book.role('office')}反映。"
    order = (*book.states, "awarded")
    here = application.state if application.state in order else application.return_to
    first, last = order.index(book.objections.open_from), order.index(book.objections.open_through)
    if item and item.notice.is_running(at):
        return ""
    in_time = here in order and first <= order.index(here) <= last
    if item and (here == book.objections.open_through or not in_time):
        assert item.notice.last_on is not None
        over = f"公示期至{date_zh(item.notice.last_on)}24:00止，已经期满"
        return f"{over}，不再受理异议；有关情况可以书面向{book.role('office')}反映。"
    return "" if in_time else f"现阶段不受理异议（{book.ground(book.objections)}）。"


def running_notice(application: Application, at: datetime) -> Notice | None:
    """The publicity an objection filed now falls into."""
    item = running_item(application) if application.state in PUBLICITIES else None
    return item.notice if item and item.notice.is_running(at) else None
