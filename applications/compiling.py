"""An application as one PDF: cover, contents, the form with its signature page, then every attachment, numbered."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string

from award_portal.lib.compile import count_pages, merge_pdfs
from award_portal.lib.pdf import render_pdf
from organizations.files import open_stored
from organizations.models import StoredFile

from .dossier_layout import Part, lay_out_section
from .models import Application
from .submitting import dossier_content

PICTURES = ("jpg", "jpeg", "png")


@dataclass(frozen=True)
class Enclosure:
    """One attached file on its way into the compilation."""

    title: str
    name: str
    sha256: str
    extension: str
    is_secret: bool
    stored: StoredFile


def form_content(application: Application) -> dict[str, Any]:
    """What the printed 申报表 says: the frozen dossier, or the draft while nothing was submitted."""
    dossier = application.current_dossier
    return dossier.content if dossier else dossier_content(application)


def form_parts(application: Application, content: dict[str, Any]) -> list[Part]:
    """The sections laid out for reading, marked ones named as such."""
    parts = []
    for section in application.rulebook.sections_for(application.subject):
        if section.kind == "attachments":
            continue
        stored = content["sections"].get(section.key, {})
        part = lay_out_section(application, section.key, stored.get("data", {}))
        part.is_secret = bool(stored.get("is_secret"))
        parts.append(part)
    return parts


def enclosures_of(application: Application, content: dict[str, Any]) -> list[Enclosure]:
    """The files in the order of the rulebook's list of materials."""
    rows = content["attachments"]
    stored = {str(one.public_id): one for one in StoredFile.objects.filter(public_id__in=[row["file"] for row in rows])}
    labels = {one.key: one.label for one in application.rulebook.attachments_for(application.subject)}
    order = list(labels)
    rows = sorted(rows, key=lambda row: order.index(row["key"]) if row["key"] in order else len(order))
    return [
        Enclosure(
            title=labels.get(row["key"], row["key"]),
            name=row["name"],
            sha256=row["sha256"],
            extension=stored[row["file"]].extension,
            is_secret=bool(row.get("is_secret")),
            stored=stored[row["file"]],
        )
        for row in rows
        if row["file"] in stored
    ]


def compile_application(application: Application, *, at: datetime) -> bytes:
    """One PDF: a cover and contents without page numbers, then everything numbered from 1, each under a bookmark."""
    content = form_content(application)
    enclosures = enclosures_of(application, content)
    context = {
        "application": application,
        "book": application.rulebook,
        "dossier": application.current_dossier,
        "parts": form_parts(application, content),
        "declarations": application.rulebook.declarations_for(application.subject),
        "enclosures": enclosures,
        "own": content["self_publicity"],
        "at": at,
    }
    body = [("申报表", _render("form", context, at))]
    body += [(f"{one.title}：{one.name}", _as_pdf(one, at)) for one in enclosures]
    page, rows = 1, []
    for title, data in body:
        rows.append((title, page))
        page += count_pages(data)
    front = _render("front", context | {"rows": rows}, at)
    return merge_pdfs([("封面和目录", front), *body], numbered_from=1)


def _render(name: str, context: dict[str, Any], at: datetime) -> bytes:
    return render_pdf(render_to_string(f"applications/applicant/compiled/{name}.html", context), created_at=at).data


def _as_pdf(one: Enclosure, at: datetime) -> bytes:
    """A PDF goes in as it is, a picture on a page of its own, anything else as a page that names it."""
    if one.extension in ("pdf", *PICTURES):
        with open_stored(one.stored) as file:
            data = file.read()
        if one.extension == "pdf":
            return data
        picture = f"data:{one.stored.content_type};base64,{b64encode(data).decode()}"
        return _render("picture", {"one": one, "picture": picture}, at)
    return _render("slip", {"one": one}, at)
