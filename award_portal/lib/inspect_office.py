"""What makes a .docx, .xlsx or .pptx more than text: macros, controls, carried files, links outward, bombs.

The directory is read first and parts are read singly, never more than the directory promised. What a part is named is
a matter of an allowlist; what it holds is looked at too, for a program may call itself a picture.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePosixPath
from xml.etree import ElementTree

from award_portal.lib.upload_refused import UploadRefused

MAX_ENTRIES = 2000
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 150
# Of a relationship list or the list of content types; the largest honest ones are a tenth of this.
MAX_LIST = 4 * 1024 * 1024
MAIN_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
}
DANGEROUS_PARTS = ("vbaproject", "activex", "embeddings/", "oleobject", "macrosheets", "externallinks/", "customui/")
# As content types or relationship types, however the part itself is named.
DANGEROUS_KINDS = re.compile(
    r"macroenabled|vbaproject|vbadata|activex|oleobject|externallink|relationships/(control|package|afchunk|subdocument|"
    r"frame|attachedtoolbars)\b|ms-excel\.(intl)?macrosheet",
    re.IGNORECASE,
)
XML = frozenset({"xml", "rels", "vml", "svg"})
PARTS = XML | {"png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "emf", "wmf", "wdp", "odttf", "fntdata"}
CARRIED = (b"PK\x03\x04", b"MZ", b"\xd0\xcf\x11\xe0", b"%PDF-", b"Rar!", b"7z\xbc\xaf", b"\x7fELF", b"#!")
LINKS = re.compile(r"(https?|ftp|mailto|tel):|#|[^:\\/]*$", re.IGNORECASE)


def inspect_office(data: bytes, extension: str) -> None:
    """Raise UploadRefused for a .docx, .xlsx or .pptx that does more than hold text, or is not one."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise UploadRefused("文件设有密码或者是旧版格式，请去除密码，另存为新版格式后重新上传。", "office_encrypted")
    if not data.startswith(b"PK\x03\x04"):
        raise UploadRefused(f"文件内容不是{extension}格式，请用原文件重新另存后上传。", "magic")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _inspect_directory(archive, extension)
            _inspect_kinds(archive, extension)
            for one in archive.infolist():
                _inspect_part(archive, one)
    except UploadRefused:
        raise
    except Exception as error:  # zipfile raises many kinds on broken archives: none may pass
        raise UploadRefused("文件损坏，无法读取，请重新另存后上传。", "office_broken") from error


def _inspect_directory(archive: zipfile.ZipFile, extension: str) -> None:
    """What the directory alone tells: count, size, ratio, names, encryption, something before or behind."""
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise UploadRefused("文件包含的部分过多，请重新另存后上传。", "bomb")
    unpacked = sum(one.file_size for one in entries)
    packed = sum(one.compress_size for one in entries) or 1
    if unpacked > MAX_UNPACKED or unpacked / packed > MAX_RATIO:
        raise UploadRefused("文件解压后过大，请压缩图片后重新另存上传。", "bomb")
    if archive.comment or min((one.header_offset for one in entries), default=0) != 0:
        raise UploadRefused("文件前后附带其他内容，请重新另存后上传。", "polyglot")
    # Part names are equal whatever their case: two that differ by it are read differently by different programs.
    if len({one.filename.lower() for one in entries}) != len(entries):
        raise UploadRefused("文件结构异常（部分重名），请重新另存后上传。", "office_structure")
    if "[Content_Types].xml" not in archive.namelist():
        raise UploadRefused(f"文件内容不是{extension}格式，请用原文件重新另存后上传。", "disguised")
    for one in entries:
        _inspect_entry(one)


def _inspect_entry(one: zipfile.ZipInfo) -> None:
    path = PurePosixPath(one.orig_filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in one.orig_filename or "\0" in one.orig_filename:
        raise UploadRefused("文件结构异常（含路径），请重新另存后上传。", "office_path")
    if one.flag_bits & 0x1:
        raise UploadRefused("文件设有密码，请去除密码后重新上传。", "office_encrypted")
    if one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UploadRefused("文件的压缩方式不受支持，请重新另存后上传。", "office_structure")
    lowered = one.filename.lower()
    if any(part in lowered for part in DANGEROUS_PARTS):
        raise _macro()
    printer = lowered.startswith("xl/printersettings/") and lowered.endswith(".bin")
    if not one.is_dir() and lowered.rpartition(".")[2] not in PARTS and not printer:
        raise UploadRefused("文件夹带其他文件，请删除后重新另存上传。", "office_nested")


def _inspect_kinds(archive: zipfile.ZipFile, extension: str) -> None:
    kinds = _read_xml(archive, archive.getinfo("[Content_Types].xml")).decode()
    if DANGEROUS_KINDS.search(kinds):
        raise _macro()
    if MAIN_TYPES[extension] not in kinds:
        raise UploadRefused(f"文件内容不是{extension}格式，请用原文件重新另存后上传。", "disguised")


def _inspect_part(archive: zipfile.ZipFile, one: zipfile.ZipInfo) -> None:
    kind = one.filename.lower().rpartition(".")[2]
    if kind not in XML:
        with archive.open(one) as part:
            if part.read(8).startswith(CARRIED):
                raise UploadRefused("文件夹带其他文件，请删除后重新另存上传。", "office_nested")
        return
    text = _read_xml(archive, one)
    if kind == "rels":
        _refuse_outward_relations(text)
    fields = b" ".join(re.findall(rb"<w:instrText[^>]*>([^<]*)", text)) + b" ".join(
        re.findall(rb"<w:fldSimple[^>]*w:instr=[\"']([^\"']*)", text)
    )
    if re.search(rb"\bDDE(AUTO)?\b", fields, re.IGNORECASE):
        raise UploadRefused("文件含有自动执行的域（DDE），请删除后重新另存上传。", "office_dde")


def _read_xml(archive: zipfile.ZipFile, one: zipfile.ZipInfo) -> bytes:
    """Read one XML part, never more than promised; no DTD, and no encoding in which one could hide."""
    if one.filename.endswith((".rels", "[Content_Types].xml")) and one.file_size > MAX_LIST:
        raise UploadRefused("文件结构过于复杂，请重新另存后上传。", "bomb")
    with archive.open(one) as part:
        text = part.read(one.file_size + 1)
    declared = re.match(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)", text)
    if b"\0" in text or (declared and declared[1].lower() not in (b"utf-8", b"us-ascii", b"ascii")):
        raise UploadRefused("文件使用了不受支持的编码，请用常用办公软件重新另存后上传。", "xml_encoding")
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise UploadRefused("文件结构异常（含外部实体），请重新另存后上传。", "xml_entity")
    return text


def _refuse_outward_relations(text: bytes) -> None:
    for relation in ElementTree.fromstring(text):
        kind = relation.get("Type", "")
        if DANGEROUS_KINDS.search(kind):
            raise _macro()
        if relation.get("TargetMode", "").lower() != "external":
            continue
        if not kind.endswith("/hyperlink"):
            raise UploadRefused("文件引用了外部模板或者数据，请断开链接后重新另存上传。", "office_external")
        if not LINKS.match(relation.get("Target", "").strip()):
            raise UploadRefused("文件中的超链接指向本机或者内部文件，请删除该链接后重新上传。", "office_link")


def _macro() -> UploadRefused:
    return UploadRefused(
        "文件含有宏、控件或者嵌入对象；请另存为不含宏的文件，可编辑的图表粘贴为图片，或者导出为PDF后上传。", "macro"
    )
