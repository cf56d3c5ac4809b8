"""Inspecting an uploaded file before anything keeps it: name, size, kind, structure, antivirus. Refusal is the default.

A magic sniffer calls any zip a .docx and an antivirus passes a bomb, so the structure is read here, from the directory
first and never by unpacking everything (`inspect_pdf`, `inspect_office`, `inspect_picture`).
"""

from __future__ import annotations

import hashlib
import re
import socket
import struct
import unicodedata
from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings

from award_portal.lib.inspect_office import inspect_office
from award_portal.lib.inspect_pdf import inspect_pdf
from award_portal.lib.inspect_picture import inspect_picture
from award_portal.lib.upload_refused import UploadRefused

__all__ = ["Inspected", "UploadRefused", "inspect"]

CONTENT_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "csv": "text/csv",
}
SPEAKS_AS = {
    "exe", "com", "bat", "cmd", "scr", "js", "vbs", "ps1", "sh", "html", "htm", "svg", "php", "jar", "msi", "dll",
    "lnk", "hta", "docm", "xlsm", "pptm", "zip", "rar", "7z",
}  # fmt: skip
SCANNER_SECONDS = 30


@dataclass(frozen=True)
class Inspected:
    """What an accepted file is: extension without dot, media type, bytes, SHA-256."""

    extension: str
    content_type: str
    size: int
    sha256: str


def inspect(file: BinaryIO, *, name: str, max_bytes: int, allowed: list[str]) -> Inspected:
    """Look at a file whole, or raise UploadRefused. The position of `file` afterwards is undefined."""
    extension = _extension(name, allowed)
    data = _read(file, max_bytes)
    match extension:
        case "pdf":
            inspect_pdf(data)
        case "docx" | "xlsx" | "pptx":
            inspect_office(data, extension)
        case "csv":
            _inspect_text(data)
        case _:
            inspect_picture(data, extension)
    _ask_antivirus(data)
    return Inspected(extension, CONTENT_TYPES[extension], len(data), hashlib.sha256(data).hexdigest())


def _extension(name: str, allowed: list[str]) -> str:
    """The extension by the name, which must be plain: no path, no control or direction-changing characters."""
    if not name or len(name) > 200:
        raise UploadRefused("文件名为空或者过长（不超过200个字），请改名后重新上传。", "name_length")
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in name):
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


def _ask_antivirus(data: bytes) -> None:
    """Ask clamd over its socket where one is configured; a scanner that does not answer lets nothing pass."""
    if not settings.CLAMD_SOCKET:
        return
    try:
        answer = _scan(data)
    except OSError as error:
        raise UploadRefused("病毒扫描服务暂时不可用，文件没有保存，请稍后重新上传。", "scanner_down") from error
    if answer.endswith("FOUND"):
        raise UploadRefused("文件未通过病毒扫描，没有保存；请清除病毒后重新上传。", "virus")
    # Only the whole answer is a pass: a virus may be called anything.
    if answer != "stream: OK":
        raise UploadRefused("病毒扫描服务没有完成检查，文件没有保存，请稍后重新上传。", "scanner_down")


def _scan(data: bytes) -> str:
    """Clamd's answer to the bytes (INSTREAM: length-prefixed chunks, an empty one ends); raises OSError."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as daemon:
        daemon.settimeout(SCANNER_SECONDS)
        daemon.connect(settings.CLAMD_SOCKET)
        daemon.sendall(b"zINSTREAM\0")
        for start in range(0, len(data), 65536):
            chunk = data[start : start + 65536]
            daemon.sendall(struct.pack("!L", len(chunk)) + chunk)
        daemon.sendall(struct.pack("!L", 0))
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < 4096 and (more := daemon.recv(4096)):
            answer += more
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")
