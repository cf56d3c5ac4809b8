"""Marks and components of the portal, loaded as builtins: a page never needs `{% load %}` for them.

With `words` and `form_tags` they format what a page shows; none of them queries or decides.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import template
from django.template import Context
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from award_portal.lib import clock
from awards.rulebook import cite_zh

from .words import local_time

register = template.Library()

# What a state looks like; its words come from the rulebook. A state not named here is under way.
STATE_TONES = {
    "draft": "grey",
    "correction": "amber",
    "awarded": "green",
    "withdrawn": "grey",
    "not_recommended": "grey",
    "not_accepted": "grey",
    "eliminated": "grey",
    "not_selected": "grey",
    "not_approved": "grey",
    "disqualified": "red",
    "revoked": "red",
    "expired": "grey",
    "granted": "green",
    "closed": "grey",
    "open": "blue",
}


@register.simple_tag
def icon(name: str) -> SafeString:
    """A decorative icon of static/icons.svg, hidden from screen readers: the words beside it say what it means."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("icons.svg"),
        name,
    )


@register.simple_tag
def cite(article: Any, title: str = "") -> SafeString:
    """The article a rule rests on, as a chip; `title` carries its full text. Accepts text or a rulebook citation."""
    text = getattr(article, "text", None) or (str(article) if article else "")
    if not text:
        return SafeString("")
    full = title or getattr(article, "full", "")
    if full:
        return format_html('<span class="cite" title="{}">{}</span>', full, text)
    return format_html('<span class="cite">{}</span>', text)


@register.filter
def articles(cite: str | None) -> str:
    """A rulebook's short citation as an official writes it: 11.2 is 第十一条第（二）项."""
    return cite_zh(cite) if cite else ""


@register.simple_tag
def assumed(why: str = "") -> SafeString:
    """Marks a value no article states (办公室设定); `why` is shown as its title."""
    return format_html('<span class="cite assumed" title="{}">办公室设定</span>', why or "条文未作规定，由办公室设定")


@register.simple_tag
def status_tag(subject: Any, tone: str = "", label: str = "") -> SafeString:
    """A status as a tag: text with a tone (grey, blue, green, amber, red), or an object with a `state`."""
    state = getattr(subject, "state", None)
    if state is not None:
        state = str(getattr(state, "value", state))
        display = getattr(subject, "state_label", None) or getattr(subject, "get_state_display", None)
        text = label or str(display() if callable(display) else display or state)
        tone = tone or STATE_TONES.get(state, "blue")
    else:
        text = label or str(subject)
    return format_html('<span class="tag tag-{}">{}</span>', tone or "grey", text)


@register.simple_tag
def form_key() -> SafeString:
    """A random key, once for each form shown: the server does what it asks at most once."""
    return format_html('<input type="hidden" name="form_key" value="{}">', uuid.uuid4())


@register.simple_tag
def crumb(label: str, url_name: str = "", *args: Any, **kwargs: Any) -> SafeString:
    """One place in the breadcrumb; without an address it is the page itself."""
    if not url_name:
        return format_html('<li aria-current="page">{}</li>', label)
    url = url_name
    if not url_name.startswith("/"):
        try:
            url = reverse(url_name, args=args, kwargs=kwargs)
        except NoReverseMatch:
            return format_html("<li>{}</li>", label)
    return format_html('<li><a href="{}">{}</a></li>', url, label)


@register.inclusion_tag("_components/countdown.html")
def countdown(
    subject: Any = None, last_on: dt.date | None = None, days_left: int | None = None, until: str = "24:00"
) -> dict[str, Any]:
    """Working days left in a window and its last day; from `last_on`/`days_left`, or read off the subject.

    The subject tells `last_on` (inclusive) or `due_at` (exclusive end), and `days_left` (working days, today included).
    Without `days_left` only the last day is told: a number of working days is never guessed.
    """
    if last_on is None:
        last_on = getattr(subject, "last_on", None)
    due_at = getattr(subject, "due_at", None)
    if last_on is None and isinstance(due_at, dt.datetime):
        last_on = (local_time(due_at) - dt.timedelta(microseconds=1)).date()
    if days_left is None:
        days_left = getattr(subject, "days_left", None)
        if callable(days_left):
            days_left = days_left()
    closed = last_on is not None and clock.today() > last_on
    return {
        "last_on": last_on,
        "days_left": days_left,
        "until": until or "24:00",
        "closed": closed,
        "today_is_last": last_on == clock.today(),
        "urgent": not closed and days_left is not None and days_left <= 1,
    }


@register.inclusion_tag("_components/document_link.html")
def doc_link(document: Any, url: str = "", title: str = "") -> dict[str, Any]:
    """A document with its number, pages and short sha256; one not rendered yet says so."""
    if not url and hasattr(document, "get_absolute_url"):
        url = document.get_absolute_url()
    sha256 = getattr(document, "sha256", "") or ""
    official, number = getattr(document, "official_number", ""), getattr(document, "number", "")
    return {
        "url": url,
        "title": title or getattr(document, "title", "") or str(document),
        "number": official or (f"系统编号 {number}" if number else ""),
        "pages": getattr(document, "pages", None),
        "size": getattr(document, "size", None),
        "sha256": sha256,
        "ready": bool(sha256),
        "is_void": getattr(document, "voided_at", None) is not None,
    }


@register.inclusion_tag("_components/export_links.html")
def export_links(url_name: str = "", *args: Any) -> dict[str, Any]:
    """The list on this page, or the one at another address, as a workbook and as a sheet to print."""
    return {"url": reverse(url_name, args=args) if url_name else ""}


@register.inclusion_tag("_components/bar_chart.html")
def bar_chart(rows: Any, caption: str = "", unit: str = "", label: str = "名称", most: Any = None) -> dict[str, Any]:
    """Bars drawn inside the table of their numbers; rows are (label, value) pairs, `most` the full length."""
    pairs = [(str(name), value) for name, value in rows]
    top = float(most) if most else max((float(value) for _, value in pairs), default=0.0)
    return {
        "caption": caption,
        "unit": unit,
        "label": label,
        "rows": [
            {"label": name, "value": value, "percent": f"{min(float(value) / top, 1) * 100:.1f}%" if top else "0%"}
            for name, value in pairs
        ],
    }


@register.inclusion_tag("_components/pagination.html", takes_context=True)
def pagination(context: Context, page: Any, key: str = "page") -> dict[str, Any]:
    """Links to the other pages of a Django `Page`, keeping the filters of the query."""
    request = context.get("request")
    query = request.GET.copy() if request else None
    links = []
    for number in page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1):
        links.append({"label": number, "url": _with_query(query, key, number), "current": number == page.number})
    return {
        "page": page,
        "links": links,
        "previous": _with_query(query, key, page.number - 1) if page.has_previous() else "",
        "next": _with_query(query, key, page.number + 1) if page.has_next() else "",
    }


def _with_query(query: Any, key: str, number: Any) -> str:
    if not isinstance(number, int):
        return ""
    if query is None:
        return f"?{key}={number}"
    query[key] = str(number)
    return "?" + query.urlencode()
