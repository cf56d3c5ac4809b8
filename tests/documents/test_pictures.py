"""Every paper the portal issues, issued and rendered as in an office, then looked at: picture, words, fonts."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import segno
from django.conf import settings
from django.db import transaction

from award_portal.lib import clock
from award_portal.lib.pdf import RenderRefused
from documents.issuing import REHEARSAL_NOTE, issue_document
from documents.models import IssuedDocument
from documents.rendering import render_document
from organizations.outbox import deliver_due
from tests.conftest import MONDAY
from tests.documents import papers
from tests.documents.case_papers import CASES
from tests.documents.desk_papers import MORE
from tests.documents.papers import CERTIFICATE_ADDRESS, DATE, DRAFT_NOTE, LONG, name_of
from tests.documents.printed import DPI, Printed, drawn_characters, run, write_latin_font

SAMPLES = papers.SAMPLES | MORE | CASES
TEMPLATES = Path(settings.BASE_DIR) / "templates/documents"
NAMES = sorted(SAMPLES)
LETTERS = [name for name in NAMES if not SAMPLES[name].is_certificate]
HEADING = re.compile(r"[一二三四五六七八九十]+、|事实和理由$|理由$")


def issue(name: str, **changed: Any) -> IssuedDocument:
    sample = SAMPLES[name]
    with transaction.atomic():
        return issue_document(
            sample.kind,
            title=sample.title,
            template=sample.file,
            content={**sample.full_content(), **changed},
            scheme_key="urumqi",
            at=clock.now(),
            by=None,
        )


@pytest.fixture(scope="module")
def shelf(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Printed]:
    """Every paper issued and delivered once for the whole file; nothing of it stays in the database."""
    folder = tmp_path_factory.mktemp("papers")
    printed = {}
    connected: list[object] = []
    connect = socket.socket.connect
    socket.socket.connect = lambda self, address: connected.append(address)  # type: ignore[method-assign]
    try:
        with django_db_blocker.unblock(), clock.frozen(clock.at(MONDAY, 9)), transaction.atomic():
            issued = {name: issue(name) for name in NAMES}
            deliver_due(clock.now())
            for name, document in issued.items():
                document.refresh_from_db()
                path = folder / f"{name}.pdf"
                path.write_bytes(document.file.read())
                printed[name] = Printed(SAMPLES[name], document, path)
            transaction.set_rollback(True)
    finally:
        socket.socket.connect = connect  # type: ignore[method-assign]
    assert not connected
    return printed


@pytest.fixture
def paper(request: pytest.FixtureRequest, shelf: dict[str, Printed]) -> Printed:
    return shelf[request.param]


every_paper = pytest.mark.parametrize("paper", NAMES, indirect=True)
every_letter = pytest.mark.parametrize("paper", LETTERS, indirect=True)


def test_every_template_of_a_paper_is_looked_at_here():
    written = {path.name for path in TEMPLATES.glob("*.html") if 'extends "documents/base.html"' in path.read_text()}
    assert written == {sample.file for sample in SAMPLES.values()}


def test_no_template_prints_markup_it_was_given():
    for path in TEMPLATES.glob("*.html"):
        assert not re.search(r"\|\s*safe\b|autoescape off", path.read_text()), path.name


@every_paper
def test_the_words_stand_in_the_order_of_an_official_paper(paper: Printed):
    """Issuer, title, addressee, text, signature, date, note; whatever is annexed comes after."""
    text = "".join(paper.texts)
    sample = paper.sample
    signature = {
        "review_opinion": "评审组组长：样例组长",
        "consensus_record": "评审组组长：样例组长",
        "integrity_pledge": "承诺人：样例专家",
    }.get(sample.kind, sample.issuer)
    annexed = ("附件", "征求意见名单", LONG, name_of(12)) if sample.kind == "consultation_letter" else ()
    head = {
        "recommendation_summary": (),
        "consultation_summary": (),
        "bonus_allocation": (),
        "commendation": (sample.issuer, "样政发〔2026〕15号"),
        "certificate": (sample.content.get("award_name", ""),),
    }.get(sample.kind, (sample.issuer, paper.document.number))
    at = 0
    for word in (*head, sample.title, *sample.words, signature, DATE, f"（{DRAFT_NOTE}）", *annexed):
        wanted = "".join(word.split())
        found = text.find(wanted, at)
        assert found >= 0, f"{word!r} is missing or out of order"
        at = found + len(wanted)


@every_paper
def test_no_page_is_blank_and_nothing_stands_in_the_margins(paper: Printed):
    left, top, right, bottom = (round(side / 25.4 * DPI) for side in paper.clear())
    pictures = paper.pictures()
    assert paper.sample.pages[0] <= len(pictures) <= paper.sample.pages[1]
    assert len(pictures) == paper.document.pages
    for picture in pictures:
        ink = picture.point(lambda grey: 255 if grey < 200 else 0)
        box = ink.getbbox()
        assert box is not None
        assert left <= box[0]
        assert top <= box[1]
        assert box[2] <= picture.width - right
        assert box[3] <= picture.height - bottom
        # between the head margin and the foot there is more than a line's worth
        body = ink.crop((left, top, picture.width - right, round(picture.height * 0.85)))
        assert sum(body.histogram()[200:]) > 500


@every_paper
def test_no_word_stands_on_another(paper: Printed):
    for page in paper.pages:
        for one, other in combinations(page.words, 2):
            width = min(one.right, other.right) - max(one.left, other.left)
            height = min(one.bottom, other.bottom) - max(one.top, other.top)
            # a font's box is higher than its characters
            lower = min(one.bottom - one.top, other.bottom - other.top)
            assert width < 1 or height < lower * 0.4, f"{one.text!r} and {other.text!r}"


@every_paper
def test_fonts_are_embedded_and_chinese(paper: Printed):
    rows = run("pdffonts", paper.path).splitlines()[2:]
    # the columns from the right: object id (two), unicode map, subset, embedded
    assert all(row.split()[-5] == "yes" for row in rows)
    assert sum("CJK" in row for row in rows) >= 2


@pytest.mark.parametrize("paper", ["certificate_long", "minutes", "summary"], indirect=True)
def test_every_character_has_a_drawing_in_its_font(paper: Printed):
    drawn = drawn_characters(paper.path)
    wanted = {character for page in paper.texts for character in page if character > "\u2e7f"}
    assert "镕" in wanted
    assert not wanted - drawn


@every_letter
def test_every_page_says_what_it_is_and_where_to_check_it(paper: Printed):
    document = paper.document
    for number, text in enumerate(paper.texts, start=1):
        assert f"系统编号{document.number}内容摘要{document.content_sha256[:16]}" in text
        assert f"核对{settings.PUBLIC_BASE_URL}{document.get_absolute_url()}" in text
        assert f"—{number}—" in text
        assert "演练文书" not in text


@every_letter
def test_no_heading_ends_a_page_and_no_signature_stands_alone(paper: Printed):
    signature = "".join(paper.sample.issuer.split())
    for lines in paper.lines:
        assert lines
        assert not HEADING.match(lines[-1])
        rest = [line for line in lines if line not in signature and line not in (DATE, f"（{DRAFT_NOTE}）")]
        assert rest, "a page with a signature and nothing it signs"


@every_letter
def test_the_date_stands_at_the_right_below_the_signature(paper: Printed):
    signed = [(page, word) for page in paper.pages for word in page.words if word.text == DATE]
    page, date = signed[-1]
    assert (date.left + date.right) / 2 > page.width * 0.55
    signature = {
        "review_opinion": "样例组长", "consensus_record": "样例组长", "integrity_pledge": LONG,
    }.get(paper.sample.kind, paper.sample.issuer)  # fmt: skip
    above = [word for word in page.words if word.bottom < date.bottom - 6 and word.right > date.left]
    assert max(above, key=lambda word: word.bottom).text[-3:] == signature[-3:]


@pytest.mark.parametrize(
    ("paper", "row", "head"),
    [
        ("opinion", "URUMQI2026-0", "统一社会信用代码"),
        ("summary", "一般组织", "统一社会信用代码"),
        ("minutes", "当选", "计票基数"),
        ("report", "931.83", "综合得分"),
    ],
    indirect=["paper"],
)
def test_a_table_over_several_pages_repeats_its_head(paper: Printed, row: str, head: str):
    with_rows = [text for text in paper.texts if row in text]
    assert len(with_rows) > 1
    assert all(head in text for text in with_rows)


@pytest.mark.parametrize("paper", ["certificate", "certificate_long"], indirect=True)
def test_the_certificate_has_its_number_decision_and_address(paper: Printed):
    page, text = paper.pages[0], paper.texts[0]
    assert page.width > page.height
    for word in ("证书编号URUMQI-ZS-2026-001", "表彰决定样政发〔2026〕15号", f"扫码核对{CERTIFICATE_ADDRESS}"):
        assert word in text
    assert paper.document.number in text
    assert ("有效期至2031年3月2日" in text) == (paper.path.stem == "certificate_long")


@pytest.mark.parametrize("paper", ["certificate", "certificate_long"], indirect=True)
def test_the_code_on_the_certificate_is_its_address_module_by_module(paper: Printed):
    """Sampled in the middle of every module; a margin of four modules around it is white, as readers need."""
    dpi = 200
    picture = paper.pictures(dpi)[0]
    wanted = [[bool(module) for module in row] for row in segno.make_qr(CERTIFICATE_ADDRESS, error="m").matrix]
    count, border = len(wanted), 2
    module = 27 / 25.4 * dpi / (count + 2 * border)
    left, top = 24 / 25.4 * dpi, picture.height - (23 + 27) / 25.4 * dpi

    def is_dark(row: int, column: int) -> bool:
        x, y = (round(edge + (border + at + 0.5) * module) for edge, at in ((left, column), (top, row)))
        return picture.getpixel((x, y)) < 128

    seen = [[is_dark(row, column) for column in range(count)] for row in range(count)]
    assert seen == wanted
    around = range(-4, count + 4)
    outside = [(row, column) for row in around for column in around if not (0 <= row < count and 0 <= column < count)]
    assert not any(is_dark(row, column) for row, column in outside)


CHILD = """
import json, sys
from datetime import datetime
import django
django.setup()
from documents.models import IssuedDocument
from documents.rendering import render_document
from organizations.outbox import DeliveryFailed
given = json.load(sys.stdin)
given["issued_at"] = datetime.fromisoformat(given["issued_at"])
try:
    print(render_document(IssuedDocument(**given)).sha256)
except DeliveryFailed as failed:
    print(failed)
"""


def rendered_elsewhere(document: IssuedDocument, **environment: str) -> str:
    """What another process makes of the same frozen paper: its digest, or why it is not rendered."""
    kept = ("id", "public_id", "number", "kind", "title", "template", "content", "content_sha256", "issued_at")
    given = {name: getattr(document, name) for name in kept}
    text = json.dumps(given | {"public_id": str(document.public_id), "issued_at": document.issued_at.isoformat()})
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        input=text, capture_output=True, text=True, check=True, cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "award_portal.settings_test", **environment},
    )  # fmt: skip
    return done.stdout.strip()


def test_another_process_renders_the_same_bytes(shelf: dict[str, Printed]):
    document = shelf["certificate"].document
    assert rendered_elsewhere(document, PYTHONHASHSEED="7") == document.sha256


def test_without_a_chinese_font_a_paper_waits_and_says_so(shelf: dict[str, Printed], tmp_path: Path):
    write_latin_font(tmp_path / "latin.ttf")
    (tmp_path / "fonts.conf").write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig>'
        f"<dir>{tmp_path}</dir><cachedir>{tmp_path}/cache</cachedir></fontconfig>"
    )
    said = rendered_elsewhere(shelf["certificate"].document, FONTCONFIG_FILE=str(tmp_path / "fonts.conf"))
    assert said.startswith("字体缺字：")
    assert "书" in said
    assert len(said) < 80


@pytest.mark.parametrize("name", ["certificate_long", "minutes_empty"])
def test_rendering_again_gives_the_same_bytes(shelf: dict[str, Printed], name: str):
    document = shelf[name].document
    assert render_document(document).sha256 == document.sha256


MARKUP = "<b>甲</b>&amp;<img src='http://198.51.100.1/x.png'>{{ issuer }}"


def marked(value: Any) -> Any:
    """The content with markup at the head of every text a person could have typed."""
    if isinstance(value, dict):
        return {key: one if key in ("kind", "qr", "date") else marked(one) for key, one in value.items()}
    if isinstance(value, list):
        return [marked(one) for one in value[:2]]
    return MARKUP + value if isinstance(value, str) else value


@pytest.mark.parametrize("name", ["certificate", "commendation", "correction", "minutes", "objection_reply"])
def test_markup_in_any_text_is_printed_and_not_followed(name: str, tmp_path: Path):
    sample = SAMPLES[name]
    document = IssuedDocument(
        number="URUMQI-2026-00001", kind=sample.kind, title=sample.title, template=sample.file,
        content=marked(sample.full_content()), issued_at=clock.at(MONDAY, 9),
    )  # fmt: skip
    path = tmp_path / "paper.pdf"
    path.write_bytes(render_document(document).data)
    text = "".join(line for page in Printed(sample, document, path).lines for line in page)
    assert text.count("".join(MARKUP.split())) >= 5
    assert text.count("<b>") == text.count("甲") == text.count("</b>")
    assert "&lt;" not in text


def test_a_picture_from_elsewhere_is_refused_not_left_out():
    sample = SAMPLES["certificate"]
    document = IssuedDocument(
        number="URUMQI-2026-00001", kind="certificate", title="证书", template=sample.file,
        content={**sample.full_content(), "qr": "http://198.51.100.1/qr.png"}, issued_at=clock.at(MONDAY, 9),
    )  # fmt: skip
    with pytest.raises(RenderRefused):
        render_document(document)


@pytest.mark.django_db
@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize("name", ["commendation", "certificate"])
def test_a_paper_of_a_rehearsal_says_so_on_every_page(name: str, settings: Any, tmp_path: Path):
    settings.REHEARSAL = True
    document = issue(name)
    assert document.content["rehearsal_note"] == REHEARSAL_NOTE
    path = tmp_path / "paper.pdf"
    path.write_bytes(render_document(document).data)
    pages = run("pdftotext", "-raw", path, "-").split("\f")[:-1]
    assert all(REHEARSAL_NOTE in page for page in pages)
