"""What an objection must carry to be one, asked of every field and file before anything is kept (U12)."""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from PIL import Image, ImageStat

from applications.form_answers import PHONE
from award_portal.lib.uploads import inspect
from awards.rulebook import Rulebook
from awards.rulebook.process import FilingField
from awards.rulebook.process import FilingForm as FilingRule
from organizations.files import UploadRefused

TEXT_LIMIT = 5000
EVIDENCE, SIGNATURE = "evidence", "signature"
EVIDENCE_LIMIT = 10
DRAWN_START = "data:image/png;base64,"
DRAWN_LIMIT = 400_000
Uploads = UploadedFile | Sequence[UploadedFile]


class FilingRefused(Exception):
    """An objection that cannot be accepted; `lacks` names each thing that is missing. Nothing was kept."""

    def __init__(self, lacks: list[tuple[str, str]]) -> None:
        self.lacks = lacks  # (field key or "", Chinese text)
        super().__init__("；".join(text for _, text in lacks))


def form_asked(book: Rulebook, form: str) -> FilingRule | None:
    return next((one for one in book.objections.filing if one.kind == form), None)


def filing_lacks(
    book: Rulebook, *, form: str, fields: Mapping[str, str], files: Mapping[str, Uploads], text: str
) -> list[tuple[str, str]]:
    """Each thing the form lacks, with the article that asks for it; anonymous objections lack everything."""
    asked = form_asked(book, form)
    if asked is None:
        return [("form", "请选择以个人还是单位名义提出异议。")]
    lacks = text_lacks(text)
    for field in asked.requires:
        told = field_lack(book, asked, field, fields=fields, files=files)
        if told:
            lacks.append((field.key, told))
    if EVIDENCE not in [one.key for one in asked.requires] and files.get(EVIDENCE):
        told = files_refusal(files[EVIDENCE])
        if told:
            lacks.append((EVIDENCE, told))
    return lacks


def text_lacks(text: str) -> list[tuple[str, str]]:
    if not text.strip():
        return [("text", "请写明异议的事实和理由。")]
    if len(text.strip()) > TEXT_LIMIT:
        return [("text", f"异议的事实和理由不超过{TEXT_LIMIT}个字，详细情况请写入证明材料。")]
    return []


def field_lack(
    book: Rulebook,
    asked: FilingRule,
    field: FilingField,
    *,
    fields: Mapping[str, str],
    files: Mapping[str, Uploads],
) -> str:
    """What is missing or wrong about one thing the rulebook asks, or ""."""
    ground, value = book.ground(asked), (fields.get(field.key) or "").strip()
    if field.kind == "file":
        return files_refusal(files[field.key]) if files.get(field.key) else f"缺少{field.label}（{ground}）。"
    if field.kind == "phone" and value and not PHONE.match(value):
        return f"{field.label}应为可以联系到的电话号码（{ground}）。"
    return "" if value else f"缺少{field.label}（{ground}）。"


def anonymity(book: Rulebook, *, form: str, fields: Mapping[str, str]) -> str:
    """Why a filing names nobody where the rulebook asks who files, or "": such a one is never taken (U12)."""
    asked = form_asked(book, form)
    assert asked is not None
    named = next((one for one in asked.requires if one.key == "name"), None)
    if named is None or (fields.get("name") or "").strip():
        return ""
    return f"不受理匿名{book.objection_word}：请至少写明{named.label}（{book.ground(asked)}）。"


def files_refusal(given: Uploads) -> str:
    """Why files cannot be kept, asked of every file before the first is written."""
    uploads = listed(given)
    if len(uploads) > EVIDENCE_LIMIT:
        return f"一次最多上传{EVIDENCE_LIMIT}个文件，请合并后上传。"
    for upload in uploads:
        try:
            inspect(
                upload.file,  # type: ignore[arg-type]
                name=upload.name or "",
                max_bytes=settings.UPLOAD_MAX_BYTES,
                allowed=settings.UPLOAD_ALLOWED,
            )
        except UploadRefused as refused:
            return refused.message if len(uploads) == 1 else f"“{upload.name}”：{refused.message}"
    return ""


def listed(given: Uploads | None) -> list[UploadedFile]:
    """One file or several as a list."""
    if not given:
        return []
    return [given] if isinstance(given, UploadedFile) else list(given)


def drawn_signature(drawn: str) -> SimpleUploadedFile | None:
    """The signature a browser drew, as a PNG of our own making; None where nothing was drawn.

    Only pixels are kept: what was sent is decoded and written anew. Raises UploadRefused for what is no drawing.
    """
    if not drawn:
        return None
    refused = UploadRefused("手写签名没有收到，请重新签名，或者上传签名文件。", "signature")
    if not drawn.startswith(DRAWN_START) or len(drawn) > DRAWN_LIMIT:
        raise refused
    try:
        data = base64.b64decode(drawn.removeprefix(DRAWN_START), validate=True)
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            if not (40 <= image.width <= 2000 and 20 <= image.height <= 1000):
                raise refused
            canvas = Image.new("RGB", image.size, "white")
            picture = image.convert("RGBA")
            canvas.paste(picture, mask=picture)
    except (binascii.Error, OSError, ValueError, SyntaxError) as error:
        raise refused from error
    if ImageStat.Stat(canvas.convert("L").point(lambda light: 1 if light < 128 else 0)).sum[0] < 60:
        raise UploadRefused("签名区还是空白，请签名后提交，或者上传签名文件。", "signature")
    written = io.BytesIO()
    canvas.save(written, "PNG")
    return SimpleUploadedFile("手写签名.png", written.getvalue(), content_type="image/png")
