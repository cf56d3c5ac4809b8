"""Rendering an issued paper from its frozen content, after its number is committed; done once, the same for ever."""

from __future__ import annotations

import logging
import re
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string

from award_portal.lib import clock
from award_portal.lib.pdf import Rendered, render_pdf
from organizations.outbox import DeliveryFailed, outbox_handler

from .models import IssuedDocument

# WeasyPrint draws a box for a character no font has, and says so in its log alone.
MISSING_GLYPH = re.compile(r"^\.notdef glyph .*\(U\+([0-9A-F]+)\)")
HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def render_document(document: IssuedDocument) -> Rendered:
    """The paper as a PDF: nothing but its template and its frozen content goes into it.

    The content's keys are the template's variables, beside `document` and `check_url`. Raises DeliveryFailed when the
    template is not there, and when no font has a character of the text: a box in a name is no name.
    """
    issued_on = document.issued_at.astimezone(clock.SHANGHAI)
    context = {
        "title": document.title,
        "issuer": document.issuer.name if document.issuer else "",
        "date": f"{issued_on.year}年{issued_on.month}月{issued_on.day}日",
        **document.content,
        "document": document,
        "check_url": f"{settings.PUBLIC_BASE_URL}{document.get_absolute_url()}",
    }
    try:
        html = render_to_string(f"documents/{document.template}", context)
    except TemplateDoesNotExist as missing:
        raise DeliveryFailed(f"缺少文书模板 {missing}") from None
    with _watching_for_boxes() as boxes:
        rendered = render_pdf(html, created_at=document.issued_at)
    if boxes:
        raise DeliveryFailed(f"字体缺字：{''.join(sorted(boxes))[:40]}；请安装含有这些字的字体（fonts-noto-cjk）")
    return rendered


@contextmanager
def _watching_for_boxes() -> Iterator[set[str]]:
    """Collects the Chinese characters that WeasyPrint, in this thread, says it printed as boxes."""
    boxes: set[str] = set()
    thread = threading.get_ident()

    def take(record: logging.LogRecord) -> bool:
        found = MISSING_GLYPH.search(record.getMessage()) if record.thread == thread else None
        if found and HAN.match(character := chr(int(found[1], 16))):
            boxes.add(character)
        return True

    logger = logging.getLogger("weasyprint")
    logger.addFilter(take)
    try:
        yield boxes
    finally:
        logger.removeFilter(take)


def store_rendered(document: IssuedDocument, rendered: Rendered) -> bool:
    """Keep the first rendering; a second one changes nothing. Whether this one was kept.

    A sweeper killed between writing the file and committing leaves a file nobody names, never a paper without one.
    """
    storage = document.file.storage
    name = storage.save(f"{uuid.uuid4().hex}.pdf", ContentFile(rendered.data))
    kept = IssuedDocument.objects.filter(pk=document.pk, sha256="").update(
        file=name, sha256=rendered.sha256, pages=rendered.pages, size=len(rendered.data)
    )
    if not kept:
        storage.delete(name)
    return bool(kept)


def _prepare(payload: dict[str, Any]) -> Rendered | None:
    document = IssuedDocument.objects.select_related("issuer").get(pk=payload["document"])
    return None if document.is_rendered else render_document(document)


def _carry_out(payload: dict[str, Any], rendered: Rendered | None, at: datetime) -> None:
    if rendered is not None:
        store_rendered(IssuedDocument.objects.get(pk=payload["document"]), rendered)


outbox_handler("render_document", _carry_out, prepare=_prepare)
