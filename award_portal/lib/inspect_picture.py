"""What makes a picture more than a picture: something behind its end, pixels without number, a kind not its own."""

from __future__ import annotations

import io
import re
import zipfile

from award_portal.lib.upload_refused import UploadRefused

MAX_PIXELS = 80_000_000
PNG_START = b"\x89PNG\r\n\x1a\n"
JPEG_START = b"\xff\xd8\xff"


def inspect_picture(data: bytes, extension: str) -> None:
    """Raise UploadRefused for a .png or .jpg that is not one, is broken, or carries something else."""
    png = extension == "png"
    if not data.startswith(PNG_START if png else JPEG_START):
        raise UploadRefused("文件内容与扩展名不符，请上传原图。", "magic")
    end = _png_end(data) if png else _jpeg_end(data)
    if end < 0:
        raise _broken()
    # Phones put a second, smaller or brighter JPEG behind the first; it must be one, whole, and end the file.
    while not png and 0 <= end < len(data) and data.startswith(JPEG_START, end):
        end = _jpeg_end(data, end)
    if end < 0 or data[end:].strip(b"\x00\r\n \t") or zipfile.is_zipfile(io.BytesIO(data)):
        raise UploadRefused("图片末尾附带其他内容，请重新保存后上传。", "polyglot")
    if re.search(rb"<script|<\?php|<html", data, re.IGNORECASE):
        raise UploadRefused("图片中夹带其他内容，请重新保存后上传。", "polyglot")
    _decode(data, "PNG" if png else "JPEG")


def _decode(data: bytes, kind: str) -> None:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise UploadRefused("图片尺寸过大，请缩小后重新上传。", "bomb")
            image.verify()
        with Image.open(io.BytesIO(data), formats=[kind]) as image:
            # Every byte is decoded, at an eighth of the size: the memory of a large photograph, 64 times over.
            image.draft(None, (max(image.width // 8, 1), max(image.height // 8, 1)))
            image.load()
    except UploadRefused:
        raise
    except Image.DecompressionBombError as error:
        raise UploadRefused("图片尺寸过大，请缩小后重新上传。", "bomb") from error
    except Exception as error:  # Pillow raises many kinds on broken pictures: none may pass
        raise _broken() from error


def _png_end(data: bytes) -> int:
    """Where the IEND chunk ends, walking from chunk to chunk; -1 without one."""
    at = len(PNG_START)
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kind = data[at + 4 : at + 8]
        at += 12 + length
        if kind == b"IEND":
            return at if at <= len(data) else -1
    return -1


def _jpeg_end(data: bytes, start: int = 0) -> int:
    """Where the end-of-image marker of the JPEG at `start` ends; -1 without one.

    A thumbnail's own marker lies inside a segment and is stepped over with it.
    """
    at = start + 2
    marker = re.compile(rb"\xff+([^\x00\xff])")
    while found := marker.search(data, at):
        code = found[1][0]
        at = found.end()
        if code == 0xD9:
            return at
        if code == 0x01 or 0xD0 <= code <= 0xD8:
            continue
        at += int.from_bytes(data[at : at + 2], "big")
    return -1


def _broken() -> UploadRefused:
    return UploadRefused("图片损坏，无法读取，请重新保存后上传。", "image_broken")
