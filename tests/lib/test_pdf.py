"""Documents print Chinese as Chinese, fetch nothing, and come out the same twice."""

import hashlib
import subprocess
from base64 import b64encode
from datetime import date
from io import BytesIO

import pytest
from PIL import Image, ImageChops
from pypdf import PdfReader

from award_portal.lib import clock
from award_portal.lib.compile import count_pages, merge_pdfs
from award_portal.lib.pdf import RenderRefused, missing_parts, render_pdf
from award_portal.lib.qr import qr_svg

RARE = "镕喆堃珺昇"


def page(body: str, style: str = "") -> str:
    return f"<html lang=zh-CN><style>@page{{size:A4}}{style}</style><body>{body}"


def fonts_of(data: bytes) -> list[dict]:
    """Every font program of every page: its name and whether it is embedded."""
    found = []
    for sheet in PdfReader(BytesIO(data)).pages:
        for font in sheet["/Resources"].get("/Font", {}).values():
            for descendant in font.get_object().get("/DescendantFonts", []):
                descriptor = descendant.get_object()["/FontDescriptor"]
                embedded = any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3"))
                found.append({"name": str(descriptor["/FontName"]), "embedded": embedded})
    return found


def picture(data: bytes, tmp_path) -> Image.Image:
    (tmp_path / "page.pdf").write_bytes(data)
    subprocess.run(
        ["pdftoppm", "-r", "72", "-png", "-singlefile", "page.pdf", "page"], cwd=tmp_path, check=True, timeout=60
    )
    return Image.open(tmp_path / "page.png").convert("L")


def glyph(character: str, tmp_path) -> Image.Image:
    style = "@page{size:40mm;margin:0}body{margin:0;font-size:30mm;line-height:40mm;text-align:center}"
    return picture(render_pdf(page(character, style)).data, tmp_path)


def test_this_machine_can_print():
    assert missing_parts() == []


def test_chinese_is_set_in_an_embedded_chinese_font():
    rendered = render_pdf(page("<p>乌鲁木齐市市长质量奖受理公示</p>"))
    fonts = fonts_of(rendered.data)
    assert fonts
    assert all(font["embedded"] for font in fonts)
    assert any("CJK" in font["name"] for font in fonts)
    assert "乌鲁木齐市市长质量奖受理公示" in PdfReader(BytesIO(rendered.data)).pages[0].extract_text()


def test_rare_names_are_drawn_each_differently_and_not_as_boxes(tmp_path):
    # U+10FFFF has no glyph anywhere: what is drawn for it is what a missing character looks like.
    pictures = [glyph("\U0010ffff", tmp_path)] + [glyph(character, tmp_path) for character in RARE]
    for first in range(len(pictures)):
        for second in range(first):
            differing = sum(
                ImageChops.difference(pictures[first], pictures[second]).point(lambda v: v > 128).histogram()[1:]
            )
            assert differing > 200, (first, second)


def test_pages_and_digest_are_those_of_the_data():
    rendered = render_pdf(page('<p>一</p><p style="break-before:page">二</p>'))
    assert rendered.pages == count_pages(rendered.data) == 2
    assert rendered.sha256 == hashlib.sha256(rendered.data).hexdigest()


def test_the_same_document_gives_the_same_bytes():
    at = clock.at(date(2026, 9, 18), 10)
    first = render_pdf(page(f"<p>受理通知书 {RARE}</p>"), created_at=at)
    again = render_pdf(page(f"<p>受理通知书 {RARE}</p>"), created_at=at)
    other = render_pdf(page(f"<p>受理通知书 {RARE}</p>"), created_at=clock.at(date(2026, 9, 19)))
    assert first == again
    assert other.sha256 != first.sha256


@pytest.mark.parametrize(
    "body",
    [
        '<img src="file:///etc/hostname">',
        '<img src="http://127.0.0.1:9/x.png">',
        '<link rel="attachment" href="file:///etc/passwd">',
        '<link rel="stylesheet" href="FILE:///etc/passwd">',
        '<p style="background:url(ftp://127.0.0.1/x)">x</p>',
        '<img src="portal:nobody-handed-this.png">',
        "<style>@import url(file:///etc/passwd);</style>",
        "<style>@font-face{font-family:x;src:url(file:///etc/passwd)}</style>",
    ],
)
def test_what_was_not_handed_over_is_refused(body):
    with pytest.raises(RenderRefused):
        render_pdf(page(body))


def test_a_picture_cannot_read_files_either():
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image width="9" height="9" href="file:///etc/hostname"/></svg>'
    with pytest.raises(RenderRefused):
        render_pdf(page(f'<img src="data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}">'))


def test_what_was_handed_over_is_used(tmp_path):
    red = BytesIO()
    Image.new("RGB", (4, 4), "black").save(red, "PNG")
    handed = {"seal.png": red.getvalue(), "page.css": b"@page{size:40mm;margin:0}img{width:40mm;height:40mm}"}
    html = page('<link rel="stylesheet" href="portal:page.css"><img src="portal:seal.png">')
    drawn = picture(render_pdf(html, resources=handed).data, tmp_path)
    assert drawn.size[0] < 120
    assert drawn.getpixel((60, 60)) < 30


def test_an_offices_own_font_is_found(settings, tmp_path):
    """A separate process, as one process keeps one font configuration."""
    import sys

    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    pen = TTGlyphPen(None)
    pen.moveTo((0, 0)), pen.lineTo((900, 0)), pen.lineTo((900, 900)), pen.closePath()
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder([".notdef", "one"])
    font.setupCharacterMap({ord("壹"): "one"})
    font.setupGlyf({".notdef": pen.glyph(), "one": pen.glyph()})
    font.setupHorizontalMetrics({".notdef": (1000, 0), "one": (1000, 0)})
    font.setupHorizontalHeader(ascent=900, descent=-100)
    font.setupNameTable({"familyName": "Office Song Sample", "styleName": "Regular"})
    font.setupOS2()
    font.setupPost()
    (tmp_path / "own").mkdir()
    font.save(tmp_path / "own" / "song.ttf")
    program = (
        "from django.conf import settings\n"
        f"settings.configure(VAR_DIR={str(tmp_path)!r}, PORTAL_FONT_DIR={str(tmp_path / 'own')!r})\n"
        "from award_portal.lib.pdf import missing_parts, render_pdf\n"
        "assert missing_parts() == [], missing_parts()\n"
        "import sys\n"
        "sys.stdout.buffer.write(render_pdf('<p style=\"font-family:Office Song Sample\">壹</p>').data)"
    )
    data = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, timeout=120).stdout
    assert any("Office-Song-Sample" in font["name"] or "OfficeSong" in font["name"] for font in fonts_of(data))


def test_a_missing_font_folder_is_named(settings):
    settings.PORTAL_FONT_DIR = "/nowhere/fonts"
    assert any("/nowhere/fonts" in text for text in missing_parts())


def test_merging_keeps_every_page_in_order_under_its_bookmark():
    parts = [
        ("封面", render_pdf(page("<p>封面</p>")).data),
        ("申报表", render_pdf(page('<p>甲</p><p style="break-before:page">乙</p>')).data),
        ("附件一", render_pdf(page("<p>丙</p>", "@page{size:A4 landscape}")).data),
    ]
    merged = PdfReader(BytesIO(merge_pdfs(parts, numbered_from=1)))
    texts = [sheet.extract_text() for sheet in merged.pages]
    assert [text.split()[0] for text in texts] == ["封面", "甲", "乙", "丙"]
    assert [(mark.title, merged.get_destination_page_number(mark)) for mark in merged.outline] == [
        ("封面", 0), ("申报表", 1), ("附件一", 3),
    ]  # fmt: skip
    assert "—" not in texts[0]
    assert ["— 1 —" in texts[1], "— 2 —" in texts[2], "— 3 —" in texts[3]] == [True, True, True]


def test_a_qr_code_is_a_picture_of_its_text_and_embeds_in_a_document():
    uri = qr_svg("https://example.invalid/zhengshu/1")
    assert uri.startswith("data:image/svg+xml")
    assert uri == qr_svg("https://example.invalid/zhengshu/1") != qr_svg("https://example.invalid/zhengshu/2")
    assert render_pdf(page(f'<img src="{uri}">')).pages == 1
