"""Papers as a reader gets them: Chinese that is really there, the same bytes for ever, and an error that is told."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from django.db import transaction

from award_portal.lib import clock
from documents.issuing import issue_document
from documents.models import IssuedDocument
from documents.rendering import render_document, store_rendered
from organizations.models import OutboxItem, Unit
from organizations.outbox import deliver_due
from tests.factories import make_unit, valid_uscc

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

ISSUER = "样例区市场监督管理局（虚构）"
NAMES = [
    {
        "position": number,
        "name": f"样例镕喆堃珺昇{number}号有限公司（虚构）",
        "code": valid_uscc(number),
        "number": f"A-{number:03d}",
    }
    for number in range(1, 41)
]


def issue(template: str = "recommendation_opinion.html", **content) -> IssuedDocument:
    office = Unit.objects.filter(name=ISSUER).first() or make_unit("recommender", ISSUER)
    with transaction.atomic():
        return issue_document(
            "recommendation_opinion",
            title="关于报送市政府质量奖审核推荐意见的函（样章）",
            template=template,
            content={
                "office": "样例质量强市推进委员会办公室（虚构）",
                "award_name": "市政府质量奖",
                "ground": "第十一条",
                "opinion": "经审核，所列组织符合申报条件。\n同意推荐。",
                "publicity_result": "公示期内未收到异议。",
                "names": NAMES,
                **content,
            },
            scheme_key="urumqi",
            at=clock.now(),
            by=None,
            issuer=office,
        )


def delivered(document: IssuedDocument) -> IssuedDocument:
    deliver_due(clock.now())
    return IssuedDocument.objects.get(pk=document.pk)


def run(*command: object) -> str:
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    document = delivered(issue())
    path = tmp_path / "paper.pdf"
    path.write_bytes(document.file.read())
    return path


def test_what_was_issued_is_rendered_by_the_sweep_and_kept_with_its_digest():
    document = issue()
    assert not document.is_rendered
    document = delivered(document)
    assert document.is_rendered
    assert document.pages >= 2
    assert document.size == len(document.file.read())


def test_rendering_again_gives_the_same_bytes_and_keeps_the_first_file():
    document = delivered(issue())
    again = render_document(document)
    assert again.sha256 == document.sha256
    first = document.file.name
    assert not store_rendered(IssuedDocument.objects.get(pk=document.pk), again)
    assert IssuedDocument.objects.get(pk=document.pk).file.name == first


def test_a_paper_carries_its_issuer_number_date_and_where_to_check_it(paper: Path):
    text = run("pdftotext", "-layout", paper, "-")
    document = IssuedDocument.objects.get()
    assert "样例区市场监督管理局（虚构）" in text
    assert document.title in text.replace("\n", "").replace(" ", "")
    assert f"系统编号 {document.number}" in text
    assert document.content_sha256[:16] in text
    assert document.get_absolute_url() in text
    assert "2026年3月2日" in text
    assert "—2—" in text.replace(" ", "")
    # names with rare characters must not vanish
    assert all(one["name"] in text.replace("\n", "").replace(" ", "") for one in NAMES)


def test_every_font_is_embedded(paper: Path):
    rows = run("pdffonts", paper).splitlines()[2:]
    assert rows
    # the columns from the right: object id (two), unicode map, subset, embedded
    assert all(row.split()[-5] == "yes" for row in rows)
    assert any("CJK" in row for row in rows)


def test_no_page_is_blank_and_the_issuer_stands_in_red(paper: Path, tmp_path: Path):
    run("pdftoppm", "-r", "50", paper, tmp_path / "page")
    pictures = sorted(tmp_path.glob("page*.ppm"))
    assert len(pictures) == IssuedDocument.objects.get().pages
    for picture in pictures:
        dark, _ = counted(picture)
        assert dark > 300
    assert counted(pictures[0])[1] > 300
    assert counted(pictures[1])[1] == 0


def counted(picture: Path) -> tuple[int, int]:
    """How many pixels are dark, and how many are red."""
    pixels = picture.read_bytes().split(b"\n", 3)[3]
    triples = zip(pixels[0::3], pixels[1::3], pixels[2::3], strict=True)
    dark = red = 0
    for r, g, b in triples:
        dark += r < 128 and g < 128 and b < 128
        red += r > 150 and g < 100 and b < 100
    return dark, red


def test_a_paper_without_its_template_waits_with_the_reason_and_the_next_one_is_rendered():
    broken, whole = issue("no_such_paper.html"), issue()
    deliver_due(clock.now())
    row = OutboxItem.objects.get(key=f"render:{broken.public_id}")
    assert row.done_at is None
    assert row.attempts == 1
    assert "documents/no_such_paper.html" in row.last_error
    assert IssuedDocument.objects.get(pk=whole.pk).is_rendered


def test_markup_in_the_content_is_text():
    document = delivered(issue(opinion="<img src='file:///etc/passwd'> 1 < 2"))
    assert document.is_rendered
