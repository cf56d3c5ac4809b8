"""The public line of each name: 提出异议 while one is taken, 反映情况 where it is too late and tips are taken (U12)."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from applications.models import Application
from awards.parameters import rulebook_for
from awards.workdays import date_zh
from publicity.models import Notice, NoticeItem
from publicity.speaking_up import Way, Ways, ways_provider

from .situations import takes_situations
from .windows import window_refusals

OBJECT, TELL = "提出异议", "反映情况"


@ways_provider
def ways_to_object(notice: Notice, items: list[NoticeItem], at: datetime) -> Ways:
    """One look at all names: whoever may still be objected to has the way to it, others the way of a tip."""
    book = rulebook_for(notice.round)
    standing = {one.pk: _application_of(one, notice) for one in items if one.struck_at is None}
    late = window_refusals(standing.values(), at=at)
    tips = takes_situations(book)
    file, tell = (reverse(f"objections:{name}", args=[notice.public_id]) for name in ("file", "tell_situation"))
    found = {}
    for pk, application in standing.items():
        if not late[application.pk]:
            found[pk] = Way(OBJECT, f"{file}?name={application.public_id}")
        elif tips:
            found[pk] = Way(TELL, f"{tell}?name={application.public_id}")
    if notice.is_running(at) and not any(late.values()):
        return Ways(found, Way(OBJECT, file))
    return _after_the_window(notice, found, file=file, tell=tell)


def _after_the_window(notice: Notice, found: dict[int, Way], *, file: str, tell: str) -> Ways:
    """The window is over, or a name can be objected to no more: till when it was, and what can be filed still."""
    book = rulebook_for(notice.round)
    word, rule = book.objection_word, book.objections.said("late")
    assert notice.last_on is not None
    over = f"公示期至{date_zh(notice.last_on)}24:00止"
    labels = {one.label for one in found.values()}
    if OBJECT in labels:
        said = f"{over}；仍在评审的，可以继续提出{word}，其他的可以反映情况。"
        if labels == {OBJECT}:
            said = f"{over}；评审期间，可以继续对名单中的{book.noun}提出{word}。"
        return Ways(found, Way(OBJECT, file), said, book.ground(book.objections))
    if TELL in labels:
        said = f"{over}，已不受理{word}；有关情况可以继续反映，供办理时参考。"
        return Ways(found, Way(TELL, tell), said, book.ground(rule))
    return Ways({}, None, f"{over}，期满不再受理{word}。", book.ground(rule))


def _application_of(item: NoticeItem, notice: Notice) -> Application:
    application = item.application
    application.round = notice.round  # one round, read once
    return application
