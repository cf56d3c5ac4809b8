"""Where an expert found it: a part or a file of the dossier this expert may read, and the pages (U11.5).

A pointer is two words of a sheet's item: `file` ("part:<section>" or "file:<id>") and `page` ("3、12-15").
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from django.urls import reverse

from applications.models import Application
from applications.reading import ReadableDossier
from award_portal.lib.compile import count_pages
from organizations.files import open_stored
from organizations.models import StoredFile

from .models import Assignment

RANGE = re.compile(r"(\d{1,4})(?:-(\d{1,4}))?")
MOST_RANGES = 8


@dataclass(frozen=True)
class Source:
    """One part or file an expert may point to; `url` opens it, a PDF at its page."""

    key: str
    title: str
    url: str
    has_pages: bool

    def at_page(self, pages: str) -> str:
        first = RANGE.match(pages) if self.has_pages else None
        return f"{self.url}#page={first[1]}" if first else self.url


def sources_of(readable: ReadableDossier | None) -> list[Source]:
    """The parts and files this reader may know of, in the form's order."""
    if readable is None:
        return []
    application, version = readable.application, readable.version
    dossier = f"{reverse('applications:dossier', args=[application.public_id])}?version={version}"
    parts = [
        Source(f"part:{key}", application.rulebook.section(key).title, dossier, False) for key in readable.section_keys
    ]
    files = []
    for one in readable.files:
        url = reverse("applications:dossier_file", args=[application.public_id, one.public_id])
        paged = one.name.lower().endswith(".pdf")
        files.append(Source(f"file:{one.public_id}", one.name, f"{url}?version={version}", paged))
    return [*parts, *files]


def read_pages(text: str) -> str:
    """ "3，12—15" → "3、12-15", "" for none; raises ValueError with the Chinese reason."""
    plain = unicodedata.normalize("NFKC", text).replace("第", "").replace("页", "")
    plain = re.sub(r"[—–~至]+", "-", plain)
    parts = [one for one in re.split(r"[,、;\s]+", plain) if one]
    if len(parts) > MOST_RANGES:
        raise ValueError(f"最多填写{MOST_RANGES}处页码")
    kept = []
    for one in parts:
        found = RANGE.fullmatch(one)
        if found is None or int(found[1]) == 0:
            raise ValueError("页码请填写数字，如“3、12-15”")
        first, last = int(found[1]), int(found[2] or found[1])
        if last < first:
            raise ValueError(f"页码{one}前后颠倒")
        kept.append(f"{first}-{last}" if last > first else str(first))
    return "、".join(kept)


def fault_of(readable: ReadableDossier | None, file: str, pages: str) -> str:
    """Why the pointer points nowhere, in Chinese; "" where it is in order."""
    if not file:
        return "填写页码的，请同时选择所在材料" if pages else ""
    source = next((one for one in sources_of(readable) if one.key == file), None)
    if source is None:
        return "所选材料不在可以查阅的申报材料之中"
    count = pages_of(source) if pages else None
    last = max((int(one) for one in re.findall(r"\d+", pages)), default=0)
    return f"《{source.title}》共{count}页，没有第{last}页" if count is not None and last > count else ""


def pages_of(source: Source) -> int | None:
    """How many pages a PDF has, where it says so; None for anything else."""
    if not source.has_pages:
        return None
    stored = StoredFile.objects.filter(public_id=source.key.removeprefix("file:")).first()
    return _count(stored.pk, stored.sha256) if stored else None


@lru_cache(maxsize=512)
def _count(pk: int, sha256: str) -> int | None:
    try:
        with open_stored(StoredFile.objects.get(pk=pk, sha256=sha256)) as file:
            return count_pages(file.read())
    except Exception:  # a stranger's file that does not open says nothing of its pages
        return None


def without_evidence(application: Application, stage: str) -> str:
    """The items of the stage for which no reader named where in the dossier it was found, as words; "" for none."""
    read = Assignment.objects.of_stage(application, stage).submitted().select_related("sheet")
    sheets = [one.sheet.items for one in read]
    items = application.rulebook.rubric_for(
        stage, subject=application.subject, category=application.category or None
    ).items
    bare = [one.title for one in items if sheets and not any(sheet.get(one.key, {}).get("file") for sheet in sheets)]
    return "各评分项目" if len(bare) == len(items) else "、".join(bare)
