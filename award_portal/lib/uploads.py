"""Inspecting an uploaded file before anything keeps it: name, size, kind, structure, antivirus. Refusal is the default.

A magic sniffer calls any zip a .docx and an antivirus passes a bomb, so the structure is read here, from the directory
first and never by unpacking everything.
"""

from __future__ import annotations

import hashlib
import io
import re
import socket
import struct
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO
from xml.etree import ElementTree

from django.conf import settings

CONTENT_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "csv": "text/csv",
}
MAX_ENTRIES = 2000
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 150
MAX_PIXELS = 80_000_000
MAX_PDF_OBJECTS = 200_000
SPEAKS_AS = {
    "exe", "com", "bat", "cmd", "scr", "js", "vbs", "ps1", "sh", "html", "htm", "svg", "php", "jar", "msi", "dll",
    "lnk", "hta", "docm", "xlsm", "pptm", "zip", "rar", "7z",
}  # fmt: skip
# Names in a PDF that act on opening, carry programs, or carry other files.
PDF_ACTIVE = ("/JavaScript", "/JS", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/RichMedia", "/XFA", "/GoToE",
              "/SubmitForm", "/ImportData", "/Movie", "/Sound", "/Rendition")  # fmt: skip


@dataclass(frozen=True)
class Inspected:
    """What an accepted file is: extension without dot, media type, bytes, SHA-256."""

    extension: str
    content_type: str
    size: int
    sha256: str


class UploadRefused(Exception):
    """A file that is not kept. `.message` is Chinese and says what to do; `.code` names the reason."""

    def __init__(self, message: str, code: str) -> None:
        self.message = message
        self.code = code
        super().__init__(message)


def inspect(file: BinaryIO, *, name: str, max_bytes: int, allowed: list[str]) -> Inspected:
    """Look at a file whole, or raise UploadRefused. The position of `file` afterwards is undefined."""
    extension = _extension(name, allowed)
    data = _read(file, max_bytes)
    match extension:
        case "pdf":
            _inspect_pdf(data)
        case "docx" | "xlsx":
            _inspect_office(data, extension)
        case "csv":
            _inspect_text(data)
        case _:
            _inspect_image(data, extension)
    _ask_antivirus(data)
    return Inspected(extension, CONTENT_TYPES[extension], len(data), hashlib.sha256(data).hexdigest())


def _extension(name: str, allowed: list[str]) -> str:
    """The extension by the name, which must be plain: no path, no control or direction-changing characters."""
    if not name or len(name) > 200:
        raise UploadRefused("文件名为空或者过长（不超过200个字），请改名后重新上传。", "name_length")
    if re.search(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", name):
        raise UploadRefused("文件名含有不可见的控制字符，请改名后重新上传。", "name_control")
    if "/" in name or "\\" in name or ".." in name:
        raise UploadRefused("文件名含有路径符号，请改名后重新上传。", "name_path")
    parts = name.lower().split(".")
    extension = parts[-1].strip() if len(parts) > 1 else ""
    if extension not in allowed or extension not in CONTENT_TYPES:
        raise UploadRefused(f"不接受该类文件，可上传：{'、'.join(allowed)}。", "type")
    if any(part.strip() in SPEAKS_AS for part in parts[1:-1]):
        raise UploadRefused("文件名带有双重扩展名，请改名后重新上传。", "name_double")
    return extension


def _read(file: BinaryIO, max_bytes: int) -> bytes:
    file.seek(0)
    data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise UploadRefused(f"文件超过{max_bytes // (1024 * 1024)} MB，请压缩或者拆分后重新上传。", "size")
    if not data:
        raise UploadRefused("文件是空的，请检查后重新上传。", "empty")
    return data


def _inspect_text(data: bytes) -> None:
    """Lists the office imports, where a page allows them: text without control bytes."""
    if re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", data):
        raise UploadRefused("文件内容不是CSV文本，请在表格软件中另存为CSV后重新上传。", "magic")


# -- PDF --------------------------------------------------------------------------------------------------------------


def _inspect_pdf(data: bytes) -> None:
    if not data.startswith(b"%PDF-"):
        raise UploadRefused("文件内容不是PDF，请用原文件重新导出。", "magic")
    end = data.rfind(b"%%EOF")
    if end < 0:
        raise UploadRefused("PDF文件不完整，请重新导出后上传。", "pdf_truncated")
    if data[end + 5 :].strip(b"\r\n \t\x00"):
        raise UploadRefused("PDF文件末尾附带其他内容，请重新导出后上传。", "polyglot")
    if b"PK\x03\x04" in data and zipfile.is_zipfile(io.BytesIO(data)):
        raise UploadRefused("PDF文件中夹带压缩包，请重新导出后上传。", "polyglot")
    _refuse_active_names(data)
    _read_pdf_structure(data)


def _refuse_active_names(raw: bytes) -> None:
    """Look for active names outside streams, with #-escapes undone (`/J#61vaScript`).

    Streams are left to the structure walk: three letters turn up by chance in any picture.
    """
    raw = re.sub(rb"stream\r?\n.*?endstream", b"", raw, flags=re.DOTALL)
    text = re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), raw)
    for name in PDF_ACTIVE:
        if re.search(re.escape(name.encode()) + rb"(?![A-Za-z0-9])", text):
            raise UploadRefused("PDF含有脚本、自动动作或者嵌入文件，请“打印为PDF”后重新上传。", "pdf_active")


def _read_pdf_structure(data: bytes) -> None:
    """Read the objects, compressed ones too: an active name inside an object stream is an active name."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted:
            raise UploadRefused("PDF设有密码，请去除密码后重新上传。", "pdf_encrypted")
        if len(reader.pages) == 0:
            raise UploadRefused("PDF没有页面，请重新导出后上传。", "pdf_empty")
        _walk(reader.trailer)
    except UploadRefused:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise UploadRefused("PDF文件损坏，无法读取，请重新导出后上传。", "pdf_broken") from error


def _walk(root: object) -> None:
    from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject

    waiting: list[object] = [root]
    seen: set[tuple[int, int]] = set()
    looked = 0
    while waiting:
        one = waiting.pop()
        looked += 1
        if looked > MAX_PDF_OBJECTS:
            raise UploadRefused("PDF结构过于复杂，请“打印为PDF”后重新上传。", "pdf_complex")
        if isinstance(one, IndirectObject):
            mark = (one.idnum, one.generation)
            if mark in seen:
                continue
            seen.add(mark)
            one = one.get_object()
        if isinstance(one, DictionaryObject):
            for key, value in one.items():
                named = str(value) if isinstance(value, NameObject) else ""
                if str(key) in PDF_ACTIVE or named in PDF_ACTIVE:
                    raise UploadRefused("PDF含有脚本、自动动作或者嵌入文件，请“打印为PDF”后重新上传。", "pdf_active")
                waiting.append(value)
        elif isinstance(one, ArrayObject):
            waiting.extend(one)


# -- Word and Excel ---------------------------------------------------------------------------------------------------

MAIN_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
}
DANGEROUS_PARTS = ("vbaproject", "activex", "embeddings/", "oleobject", "macrosheets", "externallinks/")


def _inspect_office(data: bytes, extension: str) -> None:
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise UploadRefused("文件设有密码或者是旧版格式，请去除密码，另存为新版格式后重新上传。", "office_encrypted")
    if not data.startswith(b"PK\x03\x04"):
        raise UploadRefused(f"文件内容不是{extension}格式，请用原文件重新另存后上传。", "magic")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        _inspect_directory(archive, extension)
        _inspect_parts(archive, extension)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, struct.error, OSError) as error:
        raise UploadRefused("文件损坏，无法读取，请重新另存后上传。", "office_broken") from error


def _inspect_directory(archive: zipfile.ZipFile, extension: str) -> None:
    """What the directory alone tells: count, size, ratio, names, encryption."""
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise UploadRefused("文件包含的部分过多，请重新另存后上传。", "bomb")
    unpacked = sum(one.file_size for one in entries)
    packed = sum(one.compress_size for one in entries) or 1
    if unpacked > MAX_UNPACKED or unpacked / packed > MAX_RATIO:
        raise UploadRefused("文件解压后过大，请压缩图片后重新另存上传。", "bomb")
    names = [one.filename for one in entries]
    if len(set(names)) != len(names):
        raise UploadRefused("文件结构异常（部分重名），请重新另存后上传。", "office_structure")
    for one in entries:
        path = PurePosixPath(one.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in one.filename:
            raise UploadRefused("文件结构异常（含路径），请重新另存后上传。", "office_path")
        if one.flag_bits & 0x1:
            raise UploadRefused("文件设有密码，请去除密码后重新上传。", "office_encrypted")
        lowered = one.filename.lower()
        if any(part in lowered for part in DANGEROUS_PARTS):
            raise UploadRefused("文件含有宏、控件或者嵌入对象，请另存为不含宏的文件后上传。", "macro")
        if (
            lowered.endswith((".zip", ".exe", ".dll", ".bin", ".js", ".vbs", ".html"))
            and "printersettings" not in lowered
        ):
            raise UploadRefused("文件夹带其他文件，请删除后重新另存上传。", "office_nested")
    if "[Content_Types].xml" not in names:
        raise UploadRefused(f"文件内容不是{extension}格式，请用原文件重新另存后上传。", "disguised")


def _inspect_parts(archive: zipfile.ZipFile, extension: str) -> None:
    """The parts that say what the file is and where it points; every XML part is refused a DTD."""
    kinds = _read_part(archive, "[Content_Types].xml").decode("utf-8", "replace")
    if "macroEnabled" in kinds:
        raise UploadRefused("文件含有宏，请另存为不含宏的文件后上传。", "macro")
    if MAIN_TYPES[extension] not in kinds:
        raise UploadRefused(f"文件内容不是{extension}格式，请用原文件重新另存后上传。", "disguised")
    for one in archive.infolist():
        if not one.filename.lower().endswith((".xml", ".rels")):
            continue
        text = _read_part(archive, one.filename)
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
            raise UploadRefused("文件结构异常（含外部实体），请重新另存后上传。", "xml_entity")
        if one.filename.lower().endswith(".rels"):
            _refuse_outside_targets(text)


def _read_part(archive: zipfile.ZipFile, name: str) -> bytes:
    """Read one part, never more than its directory entry promised."""
    promised = archive.getinfo(name).file_size
    with archive.open(name) as part:
        text = part.read(promised + 1)
    if len(text) > promised:
        raise UploadRefused("文件解压后过大，请重新另存后上传。", "bomb")
    return text


def _refuse_outside_targets(text: bytes) -> None:
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise UploadRefused("文件损坏，无法读取，请重新另存后上传。", "office_broken") from error
    for relation in root:
        outside = relation.get("TargetMode") == "External"
        if outside and not relation.get("Type", "").endswith("/hyperlink"):
            raise UploadRefused("文件引用了外部模板或者数据，请断开链接后重新另存上传。", "office_external")


# -- pictures ---------------------------------------------------------------------------------------------------------


def _inspect_image(data: bytes, extension: str) -> None:
    from PIL import Image

    png = extension == "png"
    if not data.startswith(b"\x89PNG\r\n\x1a\n" if png else b"\xff\xd8\xff"):
        raise UploadRefused("文件内容与扩展名不符，请上传原图。", "magic")
    end = data.rfind(b"IEND\xaeB`\x82") + 8 if png else data.rfind(b"\xff\xd9") + 2
    if end < 8:
        raise UploadRefused("图片不完整，请重新保存后上传。", "image_broken")
    if data[end:].strip(b"\x00\r\n \t"):
        raise UploadRefused("图片末尾附带其他内容，请重新保存后上传。", "polyglot")
    if re.search(rb"<script|<\?php|<html|PK\x03\x04", data, re.IGNORECASE):
        raise UploadRefused("图片中夹带其他内容，请重新保存后上传。", "polyglot")
    try:
        with Image.open(io.BytesIO(data), formats=["PNG" if png else "JPEG"]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise UploadRefused("图片尺寸过大，请缩小后重新上传。", "bomb")
            image.verify()
        with Image.open(io.BytesIO(data), formats=["PNG" if png else "JPEG"]) as image:
            image.load()
    except UploadRefused:
        raise
    except Image.DecompressionBombError as error:
        raise UploadRefused("图片尺寸过大，请缩小后重新上传。", "bomb") from error
    except Exception as error:  # Pillow raises many kinds on broken pictures: none may pass
        raise UploadRefused("图片损坏，无法读取，请重新保存后上传。", "image_broken") from error


# -- antivirus --------------------------------------------------------------------------------------------------------


def _ask_antivirus(data: bytes) -> None:
    """Ask clamd over its socket where one is configured; a scanner that does not answer lets nothing pass."""
    if not settings.CLAMD_SOCKET:
        return
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as daemon:
            daemon.settimeout(30)
            daemon.connect(settings.CLAMD_SOCKET)
            daemon.sendall(b"zINSTREAM\0")
            for start in range(0, len(data), 65536):
                chunk = data[start : start + 65536]
                daemon.sendall(struct.pack("!L", len(chunk)) + chunk)
            daemon.sendall(struct.pack("!L", 0))
            answer = daemon.recv(4096).decode("utf-8", "replace")
    except OSError as error:
        raise UploadRefused("病毒扫描服务暂时不可用，文件没有保存，请稍后重新上传。", "scanner_down") from error
    if "OK" not in answer:
        raise UploadRefused("文件未通过病毒扫描，没有保存。", "virus")
