"""What makes a PDF more than paper: programs, automatic actions, carried files, passwords, something behind its end.

Two passes, because readers differ in what they follow: the raw bytes outside streams, then every object that can be
reached, object streams too.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

from award_portal.lib.upload_refused import UploadRefused

MAX_OBJECTS = 200_000
# Names that carry programs, carry other files, or send what is filled in.
ACTIVE = frozenset({
    "/JavaScript", "/JS", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/RichMedia", "/XFA", "/GoToE", "/SubmitForm",
    "/ImportData", "/Movie", "/Sound", "/Rendition",
})  # fmt: skip
# Where an action runs without being asked; only a jump inside the document may stand there.
AUTOMATIC = frozenset({"/OpenAction", "/AA"})


def inspect_pdf(data: bytes) -> None:
    """Raise UploadRefused for a PDF that does more than show pages, or is not one."""
    if not data.startswith(b"%PDF-"):
        raise UploadRefused("文件内容不是PDF，请用原文件重新导出。", "magic")
    end = data.rfind(b"%%EOF")
    if end < 0:
        raise UploadRefused("PDF文件不完整，请重新导出后上传。", "pdf_truncated")
    if data[end + 5 :].strip(b"\r\n \t\x00"):
        raise UploadRefused("PDF文件末尾附带其他内容，请重新导出后上传。", "polyglot")
    if zipfile.is_zipfile(io.BytesIO(data)):
        raise UploadRefused("PDF文件中夹带压缩包，请重新导出后上传。", "polyglot")
    _refuse_active_names(data)
    _read_structure(data)


def _active() -> UploadRefused:
    return UploadRefused("PDF含有脚本、自动动作或者嵌入文件，请“打印为PDF”后重新上传。", "pdf_active")


def _refuse_active_names(data: bytes) -> None:
    """Look for active names outside streams, with #-escapes undone (`/J#61vaScript`).

    Streams are left to the structure walk: three letters turn up by chance in any picture.
    """
    outside = b"".join(_outside_streams(data))
    text = re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), outside)
    names = b"|".join(re.escape(name.encode()) for name in ACTIVE)
    if re.search(rb"(?:" + names + rb")(?![A-Za-z0-9])", text):
        raise _active()


def _outside_streams(data: bytes) -> Iterator[bytes]:
    """By hand and not by pattern: a file of nothing but `stream` would keep a pattern busy for hours."""
    at = 0
    while found := re.compile(rb"stream\r?\n").search(data, at):
        end = data.find(b"endstream", found.end())
        if end < 0:
            break
        yield data[at : found.start()]
        at = end + len(b"endstream")
    yield data[at:]


def _read_structure(data: bytes) -> None:
    from pypdf import PdfReader

    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted:
            raise UploadRefused("PDF设有密码，请去除密码后重新上传。", "pdf_encrypted")
        if len(reader.pages) == 0:
            raise UploadRefused("PDF没有页面，请重新导出后上传。", "pdf_empty")
        _walk(reader.trailer)
    except UploadRefused:
        raise
    except Exception as error:  # pypdf raises many kinds on broken files: none may pass
        raise UploadRefused("PDF文件损坏，无法读取，请重新导出后上传。", "pdf_broken") from error


def _walk(root: object) -> None:
    """Every object that can be reached; an active name inside an object stream is an active name."""
    from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject

    # Each with whether it stands below /OpenAction or /AA.
    waiting: list[tuple[object, bool]] = [(root, False)]
    seen: set[tuple[int, int, bool]] = set()
    looked = 0
    while waiting:
        one, automatic = waiting.pop()
        looked += 1
        if looked > MAX_OBJECTS:
            raise UploadRefused("PDF结构过于复杂，请“打印为PDF”后重新上传。", "pdf_complex")
        if isinstance(one, IndirectObject):
            mark = (one.idnum, one.generation, automatic)
            if mark in seen:
                continue
            seen.add(mark)
            one = one.get_object()
        if isinstance(one, DictionaryObject):
            # A jump leads to a page, and from there to the whole document: not below the action any more.
            if automatic and one.get("/S", "/GoTo") != "/GoTo":
                raise _active()
            jump = "/S" in one or one.get("/Type") == "/Page"
            for key, value in one.items():
                if str(key) in ACTIVE or (isinstance(value, NameObject) and str(value) in ACTIVE):
                    raise _active()
                waiting.append((value, str(key) in AUTOMATIC or (automatic and not jump)))
        elif isinstance(one, ArrayObject):
            # An array below /OpenAction is a destination (a page and a view), not an action.
            waiting.extend((value, False) for value in one)
