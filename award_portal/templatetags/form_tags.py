"""A form's fields and faults as a page shows them, loaded as builtins."""

from __future__ import annotations

from typing import Any

from django import forms, template
from django.conf import settings
from django.forms import BoundField

register = template.Library()


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
