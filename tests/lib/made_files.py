"""Files built by code for the tests of uploads: honest ones, and hostile ones with the reason each is refused for."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

from docx import Document
from openpyxl import Workbook
from openpyxl.chart import LineChart, Reference
from openpyxl.comments import Comment
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

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


def hidden_in_object_stream(names: bytes = b"/JavaScript /JS") -> bytes:
    """An OpenAction with a script inside a compressed object stream: nothing of it shows in the raw bytes."""
    hidden = b"7 0 << /S %s (app.alert\\(1\\)) >>" % names
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
        b"5 0 obj\n<< /Type /XRef /Size 8 /W [1 4 1] /Root 1 0 R /Filter /FlateDecode /Length %d >>\n"
        b"stream\n%s\nendstream\nendobj\n" % (len(stream), stream)
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


def huge_picture(width: int = 60_000, height: int = 60_000) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    good = picture("PNG")
    return good[:8] + chunk + good[33:]


def opens_at_its_first_page(writer: PdfWriter) -> None:
    writer.add_outline_item(title="第一章", page_number=0)
    jump = {NameObject("/S"): NameObject("/GoTo"), NameObject("/D"): ArrayObject([writer.pages[0].indirect_reference])}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(jump)
    link = {NameObject("/S"): NameObject("/URI"), NameObject("/URI"): TextStringObject("https://example.invalid/")}
    annotation = DictionaryObject(
        {NameObject("/Subtype"): NameObject("/Link"), NameObject("/A"): DictionaryObject(link)}
    )
    writer.pages[0][NameObject("/Annots")] = ArrayObject([annotation])


def chart() -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in ([2023, 1], [2024, 2], [2025, 3]):
        book.active.append(row)
    drawn = LineChart()
    drawn.add_data(Reference(book.active, min_col=2, min_row=1, max_row=3))
    book.active.add_chart(drawn, "D2")
    book.active["A5"].comment = Comment("已审计", "财务部")
    book.save(out)
    return out.getvalue()


def with_picture() -> bytes:
    document, out = Document(), io.BytesIO()
    document.add_picture(io.BytesIO(picture("PNG", (64, 64))))
    document.save(out)
    return out.getvalue()


def opens_a_page_on_the_web(writer: PdfWriter) -> None:
    action = {NameObject("/S"): NameObject("/URI"), NameObject("/URI"): TextStringObject("http://example.invalid/")}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(action)


def acts_on_every_page(writer: PdfWriter) -> None:
    action = {NameObject("/S"): NameObject("/URI"), NameObject("/URI"): TextStringObject("http://example.invalid/")}
    writer.pages[0][NameObject("/AA")] = DictionaryObject({NameObject("/O"): DictionaryObject(action)})


def behind_a_false_stream() -> bytes:
    """A comment that pretends a stream begins, so that a scan of the raw bytes skips the catalog."""
    return pdf(script).replace(b"1 0 obj", b"%stream\n1 0 obj", 1).replace(b"xref", b"%endstream\nxref", 1)


def archive(method: int, **parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as target:
        source = zipfile.ZipFile(io.BytesIO(docx()))
        for one in source.infolist():
            target.writestr(one.filename, source.read(one.filename))
        for name, body in parts.items():
            target.writestr(name, body)
    return out.getvalue()


def with_comment() -> bytes:
    out = io.BytesIO(docx())
    with zipfile.ZipFile(out, "a") as target:
        target.comment = b"MZ" * 100
    return out.getvalue()


def relation(kind: str, target: str, mode: str = "External") -> Callable[[], bytes]:
    """A .docx whose document points somewhere."""
    row = (
        f'<Relationship Id="x" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" '
        f'Target="{target}" TargetMode="{mode}"/></Relationships>'
    )
    return lambda: replaced(docx(), "word/_rels/document.xml.rels", b"</Relationships>", row.encode())


def utf16_entity() -> bytes:
    text = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
    return with_part(docx(), "word/x.xml", text.encode("utf-16"))


def ebcdic_entity() -> bytes:
    text = b'<?xml version="1.0" encoding="cp037"?>' + "<!DOCTYPE a><a/>".encode("cp037")
    return with_part(docx(), "word/x.xml", text)


def hidden_macro() -> bytes:
    """The program under another name; only the list of content types says what it is."""
    part = b'<Override PartName="/word/a.xml" ContentType="application/vnd.ms-office.vbaProject"/></Types>'
    return replaced(docx(), "[Content_Types].xml", b"</Types>", part)


def dde() -> bytes:
    field = b'<w:r><w:instrText>DDEAUTO c:\\windows\\system32\\cmd.exe "/k calc"</w:instrText></w:r><w:sectPr'
    return replaced(docx(), "word/document.xml", b"<w:sectPr", field)


EXTERNAL = (
    b'<Relationship Id="x" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" '
    b'Target="http://example.invalid/a.dotm" TargetMode="External"/></Relationships>'
)


def script_of_another_revision() -> bytes:
    """A script no object leads to in this reading of the file; another reader may read it otherwise."""
    data = pdf()
    orphan = b"9 0 obj\n<< /S /JavaScript /JS (app.alert) >>\nendobj\n"
    return data + orphan + data[data.rindex(b"startxref") :]


def with_flagged_part() -> bytes:
    """One part says in the directory that it is encrypted."""
    data = bytearray(docx())
    at = data.index(b"PK\x01\x02") + 8
    data[at] |= 1
    return bytes(data)


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
    "invisible_letter": ("报\u061c告.pdf", pdf, "name_control"),
    "long_name": ("长" * 200 + ".pdf", pdf, "name_length"),
    "pdf_opens_the_web": ("a.pdf", lambda: pdf(opens_a_page_on_the_web), "pdf_active"),
    "pdf_page_action": ("a.pdf", lambda: pdf(acts_on_every_page), "pdf_active"),
    "pdf_script_behind_false_stream": ("a.pdf", behind_a_false_stream, "pdf_active"),
    "pdf_script_compressed_escaped": ("a.pdf", lambda: hidden_in_object_stream(b"/J#61vaScript /#4aS"), "pdf_active"),
    "pdf_broken": ("a.pdf", lambda: b"%PDF-1.4\n1 0 obj <<>> endobj trailer <<>> %%EOF", "pdf_broken"),
    "docx_encoding": ("a.docx", utf16_entity, "xml_encoding"),
    "docx_old_encoding": ("a.docx", ebcdic_entity, "xml_encoding"),
    "docx_macro_renamed": ("a.docx", hidden_macro, "macro"),
    "docx_html_inside": ("a.docx", relation("aFChunk", "a.xml", "Internal"), "macro"),
    "docx_program_as_picture": ("a.docx", lambda: with_part(docx(), "word/media/a.png", b"MZ\x90"), "office_nested"),
    "docx_zip_as_picture": ("a.docx", lambda: with_part(docx(), "word/media/a.png", docx()), "office_nested"),
    "docx_unknown_part": ("a.docx", lambda: with_part(docx(), "word/a.hta", b"<a/>"), "office_nested"),
    "docx_link_to_share": ("a.docx", relation("hyperlink", "file://server/share/a.exe"), "office_link"),
    "docx_link_unc": ("a.docx", relation("hyperlink", "\\\\server\\share\\a.exe"), "office_link"),
    "docx_link_script": ("a.docx", relation("hyperlink", "javascript:alert(1)"), "office_link"),
    "docx_remote_picture": ("a.docx", relation("image", "http://example.invalid/a.png"), "office_external"),
    "docx_dde": ("a.docx", dde, "office_dde"),
    "docx_comment": ("a.docx", with_comment, "polyglot"),
    "docx_behind_another": ("a.docx", lambda: _zip_of("a") + docx(), "polyglot"),
    "docx_same_name": ("a.docx", lambda: with_part(docx(), "WORD/document.xml", b"<a/>"), "office_structure"),
    "docx_compression": ("a.docx", lambda: archive(zipfile.ZIP_LZMA), "office_structure"),
    "docx_many_parts": (
        "a.docx",
        lambda: archive(zipfile.ZIP_STORED, **{f"word/{number}.xml": b"<a/>" for number in range(2001)}),
        "bomb",
    ),
    "docx_broken": ("a.docx", lambda: docx()[:500] + b"\0" * 200 + docx()[700:], "office_broken"),
    "jpg_with_archive_behind": (
        "a.jpg",
        lambda: picture("JPEG") + b"Rar!\x1a\x07" + b"0" * 50 + b"\xff\xd9",
        "polyglot",
    ),
    "jpg_with_half_a_picture_behind": ("a.jpg", lambda: picture("JPEG") + picture("JPEG")[:40], "polyglot"),
    "png_with_picture_behind": ("a.png", lambda: picture("PNG") + picture("PNG"), "polyglot"),
    "jpg_cut": ("a.jpg", lambda: picture("JPEG")[:-2], "image_broken"),
    "docx_password": ("a.docx", lambda: b"\xd0\xcf\x11\xe0" + b"0" * 600, "office_encrypted"),
    "xlsx_links": ("a.xlsx", lambda: with_part(xlsx(), "xl/externalLinks/externalLink1.xml", b"<a/>"), "macro"),
    "png_as_jpg": ("a.jpg", lambda: picture("PNG"), "magic"),
    "png_with_zip_behind": ("a.png", lambda: picture("PNG") + docx(), "polyglot"),
    "jpg_with_script": ("a.jpg", lambda: picture("JPEG")[:-2] + b"<script>1</script>\xff\xd9", "polyglot"),
    "png_cut": ("a.png", lambda: picture("PNG")[:40], "image_broken"),
    "pdf_script_of_another_revision": ("a.pdf", script_of_another_revision, "pdf_active"),
    "docx_part_with_password": ("a.docx", with_flagged_part, "office_encrypted"),
    "png_large": ("a.png", lambda: huge_picture(9_000, 9_500), "bomb"),
    "png_huge": ("a.png", huge_picture, "bomb"),
}


def _zip() -> bytes:
    out = io.BytesIO()
    zipfile.ZipFile(out, "w").close()
    return out.getvalue()


def _zip_of(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        target.writestr(name, b"1")
    return out.getvalue()


def _without_pages() -> bytes:
    out = io.BytesIO()
    PdfWriter().write(out)
    return out.getvalue()
