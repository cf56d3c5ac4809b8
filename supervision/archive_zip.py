"""Writing an archive: its pieces, 目录, SHA256SUMS. The same content gives the same bytes, whenever it is written."""

from __future__ import annotations

import hashlib
import io
import logging
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import IO, Any

import xlsxwriter
from django.conf import settings
from django.db.models.fields.files import FieldFile
from django.template.loader import render_to_string

from award_portal.lib import clock
from award_portal.lib.sweeping import describe_error
from awards.models import Round
from organizations.models import AuditRecord

from .archive_parts import CLASSES, SECRET_FOLDER, TERMS, Piece, Source, pieces_of, plain_json

log = logging.getLogger(__name__)
CHUNK = 1024 * 1024
MISSING = "原文件未能读取，未入包"
CHANGED = "与登记的摘要不符"
SUMS = "SHA256SUMS"
# what shrinks; papers, pictures and workbooks are packed already
TEXTS = (".json", ".jsonl", ".html", ".txt", ".yaml", ".py", SUMS)
COLUMNS = ("序号", "路径", "题名", "类别", "保管期限", "日期", "字节数", "SHA-256", "备注")


@dataclass(frozen=True)
class Entry:
    """One line of the 目录."""

    position: int
    path: str
    title: str
    kind: str
    term: str
    on: str
    size: int
    sha256: str
    is_secret: bool
    note: str


@dataclass(frozen=True)
class Written:
    """What was written: how many files the 目录 lists, and how many of them could not be read."""

    entries: int
    missing: int


def write_archive(round: Round, target: IO[bytes], *, retention: Mapping[str, str]) -> Written:
    """Write the whole archive of a round as it stands. Times in it are of its last record, never of the writing."""
    stamp = _stamp(round)
    labels = {one.key: one.label for one in CLASSES}
    terms = {one.key: TERMS[retention.get(one.key, one.default)] for one in CLASSES}
    entries: list[Entry] = []
    with zipfile.ZipFile(target, "w", allowZip64=True) as archive:
        writer = _Writer(archive, stamp)
        for position, piece in enumerate(pieces_of(round), start=1):
            size, sha256, note = writer.take(piece)
            entries.append(
                Entry(
                    position, piece.path, piece.title, labels[piece.kind], terms[piece.kind], piece.on, size, sha256,
                    piece.is_secret, note,
                )
            )  # fmt: skip
        context = _context(round, entries, stamp)
        if any(one.is_secret for one in entries):
            text = render_to_string("supervision/archive/secret.txt", context)
            writer.put(f"{SECRET_FOLDER}/须知.txt", text.encode())
        writer.put("00目录/目录.xlsx", _workbook(context))
        writer.put("00目录/目录.html", render_to_string("supervision/archive/index.html", context).encode())
        writer.put("00目录/index.json", plain_json(context["facts"] | {"entries": [asdict(one) for one in entries]}))
        writer.put("说明.txt", render_to_string("supervision/archive/readme.txt", context).encode())
        lines = "".join(f"{sha256}  {path}\n" for path, sha256 in sorted(writer.sums.items()))
        writer.put(SUMS, lines.encode())
    return Written(len(entries), sum(1 for one in entries if not one.sha256))


def _stamp(round: Round) -> datetime:
    """The instant of the round's last record: what the archive holds is as of then."""
    last = AuditRecord.objects.filter(chain=round.chain).order_by("-pk").first()
    return (last.at if last else round.prepared_at).astimezone(clock.SHANGHAI)


class _Writer:
    """Puts files into the zip under one fixed time and keeps their digests."""

    def __init__(self, archive: zipfile.ZipFile, stamp: datetime) -> None:
        self.archive, self.stamp = archive, stamp
        self.sums: dict[str, str] = {}

    def take(self, piece: Piece) -> tuple[int, str, str]:
        """Size, digest and note of a piece; one that cannot be read is noted and does not stop the others."""
        path = piece.path
        assert path not in self.sums, path
        try:
            chunks = _chunks(piece.source)
            first = next(chunks, b"")
        except Exception as error:
            log.error("archive piece %s cannot be read: %s", piece.kind, describe_error(error))
            return 0, "", MISSING
        size, sha256 = self._write(path, first, chunks)
        return size, sha256, CHANGED if piece.sha256 and piece.sha256 != sha256 else ""

    def put(self, path: str, data: bytes) -> None:
        self._write(path, data, iter(()))

    def _write(self, path: str, first: bytes, rest: Iterator[bytes]) -> tuple[int, str]:
        info = zipfile.ZipInfo(path, date_time=self.stamp.timetuple()[:6])
        info.create_system, info.external_attr = 3, 0o644 << 16
        info.compress_type = zipfile.ZIP_DEFLATED if path.endswith(TEXTS) else zipfile.ZIP_STORED
        digest, size = hashlib.sha256(), 0
        with self.archive.open(info, "w", force_zip64=True) as file:
            chunk = first
            while chunk:
                digest.update(chunk)
                size += len(chunk)
                file.write(chunk)
                chunk = next(rest, b"")
        self.sums[path] = digest.hexdigest()
        return size, self.sums[path]


def _chunks(source: Source) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
    elif isinstance(source, FieldFile):
        with source.storage.open(source.name or "", "rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk
    else:
        yield source()


def _context(round: Round, entries: list[Entry], stamp: datetime) -> dict[str, Any]:
    facts = {
        "round": str(round.public_id), "title": round.title, "scheme": round.scheme.key, "year": round.year,
        "ordinal": round.ordinal, "office": round.office.name, "edition": round.edition.edition,
        "edition_sha256": round.edition.sha256, "is_final": round.closed_at is not None,
        "state": "已结束" if round.closed_at else "未结束", "as_of": stamp.isoformat(),
        "rehearsal": bool(settings.REHEARSAL),
    }  # fmt: skip
    return {
        "round": round, "entries": entries, "facts": facts, "columns": COLUMNS, "stamp": stamp,
        "missing": [one for one in entries if not one.sha256], "secret_folder": SECRET_FOLDER,
    }  # fmt: skip


def _workbook(context: Mapping[str, Any]) -> bytes:
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties(
            {"title": f"{context['round'].title}归档目录", "created": context["stamp"].replace(tzinfo=None)}
        )
        sheet, bold = book.add_worksheet("目录"), book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, COLUMNS, bold)
        for row, one in enumerate(context["entries"], start=1):
            note = "；".join(filter(None, ["商业秘密" if one.is_secret else "", one.note]))
            values = (one.position, one.path, one.title, one.kind, one.term, one.on, one.size, one.sha256, note)
            sheet.write_row(row, 0, values)
        for column, width in enumerate((6, 60, 40, 22, 10, 12, 12, 68, 24)):
            sheet.set_column(column, column, width)
    return buffer.getvalue()
