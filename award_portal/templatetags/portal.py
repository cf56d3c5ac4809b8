"""Template tags of the portal, loaded as builtins: a page never needs `{% load %}` for them.

They format what a page shows and render the components that need arguments; none of them queries or decides.
"""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms, template
from django.conf import settings
from django.forms import BoundField
from django.template import Context
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from award_portal.lib import clock
from awards.rulebook import cite_zh

register = template.Library()

WEEKDAYS = "一二三四五六日"

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


# --- words and numbers ------------------------------------------------------------------------------------------------


def _local(value: dt.datetime) -> dt.datetime:
    return value if timezone.is_naive(value) else value.astimezone(timezone.get_default_timezone())


@register.filter
def zh_date(value: dt.date | dt.datetime | None) -> str:
    """2026年3月2日; an instant is told in Beijing time, nothing is told as nothing."""
    if not isinstance(value, dt.date):
        return ""
    if isinstance(value, dt.datetime):
        value = _local(value)
    return f"{value.year}年{value.month}月{value.day}日"


@register.filter
def zh_weekday(value: dt.date | dt.datetime | None) -> str:
    """星期一, for the day in Beijing."""
    if not isinstance(value, dt.date):
        return ""
    if isinstance(value, dt.datetime):
        value = _local(value)
    return f"星期{WEEKDAYS[value.weekday()]}"


@register.filter
def zh_datetime(value: dt.datetime | None) -> str:
    """2026年3月2日 09:05, Beijing time; a bare date is told as a date."""
    if not isinstance(value, dt.datetime):
        return zh_date(value)
    value = _local(value)
    return f"{value.year}年{value.month}月{value.day}日 {value.hour:02d}:{value.minute:02d}"


@register.filter
def zh_last_day(value: dt.datetime | None) -> str:
    """The last day of a window that ends, exclusively, at `value`: midnight belongs to the day before."""
    if not isinstance(value, dt.datetime):
        return zh_date(value)
    return zh_date(_local(value) - dt.timedelta(microseconds=1))


@register.filter
def zh_until(value: dt.datetime | None) -> str:
    """When something ends, exclusively, at `value`: an official writes midnight as 24:00 of the day before."""
    if not isinstance(value, dt.datetime):
        return zh_date(value)
    local = _local(value)
    return f"{zh_last_day(value)}24:00" if (local.hour, local.minute) == (0, 0) else zh_datetime(value)


@register.filter
def days_to_go(days: int) -> str:
    """Working days after today up to the last one, in words."""
    return f"还有{days}个工作日" if days else "今日到期"


@register.filter
def yuan(value: Any) -> str:
    """300,000 元; cents only when there are any."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return ""
    return f"{amount:,.0f} 元" if amount == amount.to_integral_value() else f"{amount:,.2f} 元"


@register.filter
def file_size(value: int | None) -> str:
    """820 B, 34 KB, 1.2 MB."""
    if value is None or value == "":
        return ""
    size = float(value)
    if size < 1024:
        return f"{size:.0f} B"
    if size < 1024 * 1024:
        return f"{size / 1024:.0f} KB"
    text = f"{size / 1024 / 1024:.1f}".removesuffix(".0")
    return f"{text} MB"


# --- small marks ------------------------------------------------------------------------------------------------------


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


# --- components with arguments ----------------------------------------------------------------------------------------


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
        last_on = (_local(due_at) - dt.timedelta(microseconds=1)).date()
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


# --- forms ------------------------------------------------------------------------------------------------------------


@register.inclusion_tag("_components/field.html")
def field(
    bound: BoundField,
    hint: str = "",
    cite: Any = "",
    suffix: str = "",
    width: str = "",
    label: str = "",
    legend_size: str = "",
) -> dict[str, Any]:
    """A form field with label, hint, article, error, required mark and, for long texts, a character counter."""
    widget = bound.field.widget
    kind = _kind(widget)
    name = bound.auto_id or bound.html_name
    hint = hint or str(bound.help_text or "")
    errors = _faults(bound)
    described = []
    if hint:
        described.append(f"{name}-hint")
    if kind == "file":
        described.append(f"{name}-limits")
    if errors:
        described.append(f"{name}-error")
    attrs: dict[str, Any] = {}
    limit = getattr(bound.field, "max_length", None)
    if kind == "textarea":
        attrs.setdefault("rows", widget.attrs.get("rows") if str(widget.attrs.get("rows", "10")) != "10" else 5)
        if limit:
            # maxlength would cut a pasted text silently; the counter says how much is too much instead.
            attrs |= {"maxlength": False, "data-max-length": limit}
            described.append(f"{name}-count")
    if kind not in ("radios", "checkboxes"):
        attrs["aria-describedby"] = " ".join(described) or False
        if errors:
            attrs["aria-invalid"] = "true"
    # a page that takes other kinds of file says so on its field
    allowed = getattr(bound.field, "upload_allowed", settings.UPLOAD_ALLOWED)
    if kind == "file":
        attrs |= {
            "accept": ",".join(f".{extension}" for extension in allowed),
            "data-max-bytes": settings.UPLOAD_MAX_BYTES,
        }
    # A browser's own bubble hides the summary of errors and speaks the browser's language: the server says it.
    bound.form.use_required_attribute = False
    if bound.field.required and kind in ("input", "textarea", "select"):
        attrs["aria-required"] = "true"
    return {
        "bound": bound,
        "kind": kind,
        "id": name,
        "widget": None if kind in ("radios", "checkboxes") else bound.as_widget(attrs=attrs),
        "label": label or bound.label,
        "hint": hint,
        "cite": cite or getattr(bound.field, "cite", ""),
        "suffix": suffix or getattr(bound.field, "suffix", ""),
        "width": width or getattr(bound.field, "width", ""),
        "errors": errors,
        "required": bound.field.required,
        "limit": limit if kind == "textarea" else None,
        "described": " ".join(described),
        "legend_size": legend_size,
        "upload_max": settings.UPLOAD_MAX_BYTES,
        "upload_allowed": [extension for extension in allowed if extension != "jpeg"],
    }


def _kind(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return "checkboxes"
    if isinstance(widget, forms.RadioSelect):
        return "radios"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    if isinstance(widget, forms.Textarea):
        return "textarea"
    if isinstance(widget, forms.FileInput):
        return "file"
    if isinstance(widget, forms.Select):
        return "select"
    return "input"


def _faults(bound: BoundField) -> list[str]:
    """What is wrong with a field, as an official would say it: Django's own words (该变量) tell nobody what to do."""
    texts = []
    for error, text in zip(bound.errors.as_data(), bound.errors, strict=True):
        if error.code == "required" and error.message == forms.Field.default_error_messages["required"]:
            kind = _kind(bound.field.widget)
            text = MISSING.get(kind, "请填写这一项。")
        elif error.code in LIMITS and error.params:
            text = LIMITS[error.code] % error.params
        texts.append(str(text))
    return texts


LIMITS = {
    "max_length": "不超过%(limit_value)s个字，现有%(show_value)s个字。",
    "min_length": "不少于%(limit_value)s个字，现有%(show_value)s个字。",
    "max_value": "不大于%(limit_value)s。",
    "min_value": "不小于%(limit_value)s。",
}
MISSING = {
    "file": "请选择文件。",
    "radios": "请选择一项。",
    "checkboxes": "请至少选择一项。",
    "select": "请选择一项。",
    "checkbox": "请阅读并勾选。",
}


@register.inclusion_tag("_components/form_fields.html")
def form_fields(form: forms.BaseForm) -> dict[str, Any]:
    """Every field of a form in its order, hidden ones included."""
    return {"form": form}


@register.inclusion_tag("_components/error_summary.html")
def error_summary(*bound_forms: Any, kept: str = "") -> dict[str, Any]:
    """What is wrong in the forms, each fault a link to its field, and what was kept; nothing when nothing is wrong."""
    faults = []
    for form in _flat(bound_forms):
        if not form.is_bound:
            continue
        faults += [{"text": text, "href": "", "label": ""} for text in form.non_field_errors()]
        for bound in form:
            target = bound.auto_id or bound.html_name
            if _kind(bound.field.widget) in ("radios", "checkboxes"):
                target += "_0"
            faults += [{"text": text, "href": f"#{target}", "label": bound.label} for text in _faults(bound)]
    return {"faults": faults, "kept": kept}


def _flat(bound_forms: Any) -> list[Any]:
    flat: list[Any] = []
    for form in bound_forms:
        if form is None:
            continue
        flat += list(form) if hasattr(form, "management_form") else [form]
    return flat


@register.filter
def beside(labels: list[Any], values: list[Any]) -> list[tuple[Any, Any]]:
    """Each label with its value, for the cards a table becomes on a telephone."""
    return list(zip(labels, values, strict=False))
