"""What may be uploaded, and ≥ 20 hostile files that may not."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import pytest
from docx import Document
from openpyxl import Workbook
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from award_portal.lib.uploads import UploadRefused, inspect

ALLOWED = ["pdf", "docx", "xlsx", "jpg", "jpeg", "png"]
MAX = 2 * 1024 * 1024


def pdf(change: Callable[[PdfWriter], None] | None = None, **encrypt: str) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    if change:
        change(writer)
    if encrypt:
        writer.encrypt(**encrypt)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def docx() -> bytes:
    document, out = Document(), io.BytesIO()
    document.add_paragraph("质量管理制度")
    document.save(out)
    return out.getvalue()


def xlsx() -> bytes:
    book, out = Workbook(), io.BytesIO()
    book.active["A1"] = "营业收入"
    book.save(out)
    return out.getvalue()


def picture(kind: str, size: tuple[int, int] = (8, 8)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, kind)
    return out.getvalue()


def with_part(data: bytes, name: str, body: bytes) -> bytes:
    """The same archive with one part added or replaced."""
    source, out = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for one in source.infolist():
            if one.filename != name:
                target.writestr(one.filename, source.read(one.filename))
        target.writestr(name, body)
    return out.getvalue()


def replaced(data: bytes, name: str, old: bytes, new: bytes) -> bytes:
    return with_part(data, name, zipfile.ZipFile(io.BytesIO(data)).read(name).replace(old, new))


def launch(writer: PdfWriter) -> None:
    action = DictionaryObject({NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("cmd.exe")})
    writer.root_object[NameObject("/OpenAction")] = action


def script(writer: PdfWriter) -> None:
    action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(action)


def rich_media(writer: PdfWriter) -> None:
    annotation = DictionaryObject({NameObject("/Subtype"): NameObject("/RichMedia")})
    writer.pages[0][NameObject("/Annots")] = ArrayObject([annotation])


def hidden_in_object_stream() -> bytes:
    """An OpenAction with a script inside a compressed object stream: nothing of it shows in the raw bytes."""
    hidden = b"7 0 << /S /JavaScript /JS (app.alert\\(1\\)) >>"
    body = zlib.compress(hidden)
    parts = {
        1: b"<< /Type /Catalog /Pages 2 0 R /OpenAction 7 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        6: b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream"
        % (len(body), body),
    }
    out, offsets = b"%PDF-1.5\n", {}
    for number, text in parts.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, text)
    start = len(out)
    rows = b""
    for number in range(8):
        kind, a, b = (1, offsets[number], 0) if number in offsets else (0, 0, 0)
        if number == 7:
            kind, a, b = 2, 6, 0
        if number == 5:
            kind, a = 1, start
        rows += struct.pack(">BIB", kind, a, b)
    stream = zlib.compress(rows)
    out += (
        b"5 0 obj\n<< /Type /XRef /Size 8 /W [1 4 1] /Root 1 0 R /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream\nendobj\n"
        % (len(stream), stream)
    )
    return out + b"startxref\n%d\n%%%%EOF\n" % start


def escaped_name() -> bytes:
    return pdf().replace(b"/Type /Catalog", b"/Type /Catalog /Open#41ction << /S /J#61vaScript >>", 1)


def bomb() -> bytes:
    return with_part(docx(), "word/media/zeros.xml", b"\0" * (60 * 1024 * 1024))


def lying_directory() -> bytes:
    """The directory promises fewer bytes than the part unpacks to."""
    data = bytearray(with_part(docx(), "word/footnotes.xml", b"<a>" + b" " * 300_000 + b"</a>"))
    at = data.rfind(b"word/footnotes.xml") - 46 + 24
    data[at : at + 4] = struct.pack("<I", 10)
    return bytes(data)


def huge_picture() -> bytes:
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    good = picture("PNG")
    return good[:8] + chunk + good[33:]


MAIN = b"wordprocessingml.document.main+xml"
EXTERNAL = (
    b'<Relationship Id="x" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" '
    b'Target="http://example.invalid/a.dotm" TargetMode="External"/></Relationships>'
)
HOSTILE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "empty": ("a.pdf", lambda: b"", "empty"),
    "too_big": ("a.pdf", lambda: b"%PDF-" + b"0" * MAX, "size"),
    "program": ("setup.exe", lambda: b"MZ\x90", "type"),
    "program_as_pdf": ("a.pdf", lambda: b"MZ\x90\x00" + b"0" * 100, "magic"),
    "double_extension": ("报告.exe.pdf", pdf, "name_double"),
    "right_to_left": ("报告\u202efdp.pdf", pdf, "name_control"),
    "path": ("../a.pdf", pdf, "name_path"),
    "backslash": ("..\\a.pdf", pdf, "name_path"),
    "null_byte": ("a\x00.pdf", pdf, "name_control"),
    "html_as_pdf": ("a.pdf", lambda: b"<html><script>1</script>", "magic"),
    "pdf_not_at_start": ("a.pdf", lambda: b"GIF89a" + pdf(), "magic"),
    "pdf_with_zip_behind": ("a.pdf", lambda: pdf() + docx(), "polyglot"),
    "pdf_with_html_behind": ("a.pdf", lambda: pdf() + b"<script>1</script>", "polyglot"),
    "pdf_cut": ("a.pdf", lambda: pdf()[:80], "pdf_truncated"),
    "pdf_script": ("a.pdf", lambda: pdf(script), "pdf_active"),
    "pdf_script_escaped": ("a.pdf", escaped_name, "pdf_active"),
    "pdf_script_compressed": ("a.pdf", hidden_in_object_stream, "pdf_active"),
    "pdf_launch": ("a.pdf", lambda: pdf(launch), "pdf_active"),
    "pdf_embedded": ("a.pdf", lambda: pdf(lambda one: one.add_attachment("a.exe", b"MZ")), "pdf_active"),
    "pdf_media": ("a.pdf", lambda: pdf(rich_media), "pdf_active"),
    "pdf_password": ("a.pdf", lambda: pdf(user_password="a", algorithm="RC4-128"), "pdf_encrypted"),
    "pdf_without_pages": ("a.pdf", lambda: _without_pages(), "pdf_empty"),
    "zip_as_docx": ("a.docx", lambda: with_part(_zip(), "a.txt", b"1"), "disguised"),
    "xlsx_as_docx": ("a.docx", xlsx, "disguised"),
    "docm_as_docx": (
        "a.docx",
        lambda: replaced(docx(), "[Content_Types].xml", b"openxmlformats", b"macroEnabled"),
        "macro",
    ),
    "docx_macro": ("a.docx", lambda: with_part(docx(), "word/vbaProject.bin", b"1"), "macro"),
    "docx_control": ("a.docx", lambda: with_part(docx(), "word/activeX/activeX1.xml", b"<a/>"), "macro"),
    "docx_object": ("a.docx", lambda: with_part(docx(), "word/embeddings/oleObject1.bin", b"1"), "macro"),
    "docx_nested": ("a.docx", lambda: with_part(docx(), "word/media/inner.zip", b"PK"), "office_nested"),
    "docx_path": ("a.docx", lambda: with_part(docx(), "../../evil.xml", b"<a/>"), "office_path"),
    "docx_bomb": ("a.docx", bomb, "bomb"),
    "docx_entity": (
        "a.docx",
        lambda: with_part(docx(), "word/x.xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
        "xml_entity",
    ),
    "docx_template": (
        "a.docx",
        lambda: replaced(docx(), "word/_rels/document.xml.rels", b"</Relationships>", EXTERNAL),
        "office_external",
    ),
    "docx_password": ("a.docx", lambda: b"\xd0\xcf\x11\xe0" + b"0" * 600, "office_encrypted"),
    "xlsx_links": ("a.xlsx", lambda: with_part(xlsx(), "xl/externalLinks/externalLink1.xml", b"<a/>"), "macro"),
    "png_as_jpg": ("a.jpg", lambda: picture("PNG"), "magic"),
    "png_with_zip_behind": ("a.png", lambda: picture("PNG") + docx(), "polyglot"),
    "jpg_with_script": ("a.jpg", lambda: picture("JPEG")[:-2] + b"<script>1</script>\xff\xd9", "polyglot"),
    "png_cut": ("a.png", lambda: picture("PNG")[:40], "image_broken"),
    "png_huge": ("a.png", huge_picture, "bomb"),
}


def _zip() -> bytes:
    out = io.BytesIO()
    zipfile.ZipFile(out, "w").close()
    return out.getvalue()


def _without_pages() -> bytes:
    out = io.BytesIO()
    PdfWriter().write(out)
    return out.getvalue()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_its_own_reason(name: str) -> None:
    filename, make, code = HOSTILE[name]
    with pytest.raises(UploadRefused) as refused:
        inspect(io.BytesIO(make()), name=filename, max_bytes=MAX, allowed=ALLOWED)
    assert refused.value.code == code
    assert refused.value.message.endswith("。")


def test_there_are_more_than_twenty_hostile_files() -> None:
    assert len(HOSTILE) > 20


def test_a_directory_that_lies_about_a_parts_size_is_refused() -> None:
    with pytest.raises(UploadRefused) as refused:
        inspect(io.BytesIO(lying_directory()), name="a.docx", max_bytes=MAX, allowed=ALLOWED)
    assert refused.value.code in {"bomb", "office_broken"}


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("自评报告.pdf", pdf),
        ("自评报告.docx", docx),
        ("三年指标.XLSX", xlsx),
        ("执照.png", lambda: picture("PNG")),
        ("执照.JPG", lambda: picture("JPEG")),
        ("执照.v2.jpeg", lambda: picture("JPEG")),
    ],
)
def test_an_honest_file_is_accepted_with_its_digest(name: str, make: Callable[[], bytes]) -> None:
    data = make()
    found = inspect(io.BytesIO(data), name=name, max_bytes=MAX, allowed=ALLOWED)
    assert found.size == len(data)
    assert found.extension == name.rsplit(".", 1)[1].lower()
    assert len(found.sha256) == 64


def test_letters_that_look_like_a_script_inside_a_picture_stream_do_no_harm() -> None:
    """`/JS ` turns up by chance in compressed data; only names that the structure holds count."""
    data = pdf()
    stream = b"9 0 obj\n<< /Length 12 >>\nstream\n\x01/JS \x02\x03abc\nendstream\nendobj\n"
    at = data.index(b"1 0 obj")
    assert inspect(io.BytesIO(data[:at] + stream + data[at:]), name="a.pdf", max_bytes=MAX, allowed=ALLOWED)


def test_the_reader_used_here_sees_the_compressed_script() -> None:
    """The fixture is a real PDF: it opens and has a page."""
    assert len(PdfReader(io.BytesIO(hidden_in_object_stream())).pages) == 1
