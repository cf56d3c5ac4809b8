"""公文台账 of a round, and all papers of one kind in one go: merged to print, or zipped to send."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from zipfile import ZIP_STORED, ZipFile

from django.db.models import Count, Q, QuerySet

from award_portal.lib.compile import merge_pdfs
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from documents.models import IssuedDocument
from documents.registers import Register
from organizations.models import User

from .desk_rules import DeskRefused
from .registers import minute

# papers that tell a case's objector or its handling; who reads them is for that room to say
NOT_HERE = "objection_"
# what one request may merge in memory
MOST_PAPERS = 200


@dataclass(frozen=True)
class PaperKind:
    """One kind of paper of a round with how many were issued and how many are rendered."""

    kind: str
    label: str
    number: int
    rendered: int


def rounds_of(user: User) -> QuerySet[Round]:
    return Round.objects.visible_to(user).select_related("scheme", "edition", "office").order_by("-pk")


def papers_of(round: Round) -> QuerySet[IssuedDocument]:
    """Every paper of the round but those of objections, in the order of issue."""
    papers = IssuedDocument.objects.filter(chain=round.chain).exclude(kind__startswith=NOT_HERE)
    return papers.order_by("issued_at", "pk")


def paper_kinds(round: Round) -> list[PaperKind]:
    """The kinds of paper issued so far, named as the rulebook names them."""
    book = rulebook_for(round)
    found = papers_of(round).order_by().values("kind")
    counts = found.annotate(number=Count("pk"), waiting=Count("pk", filter=Q(sha256="")))
    return [
        PaperKind(row["kind"], label_of(book, row["kind"]), row["number"], row["number"] - row["waiting"])
        for row in sorted(counts, key=lambda row: row["kind"])
    ]


def label_of(book: Rulebook, kind: str) -> str:
    return book.instrument(kind) if book.has_instrument(kind) else "其他文书"


def paper_register(round: Round, papers: Sequence[IssuedDocument]) -> Register:
    """公文台账: system number, title, issuer, what the desk entered of number and date, and the digest."""
    book = rulebook_for(round)
    return Register(
        title=f"{round.title}公文台账",
        headings=[
            "序号", "系统编号", "文种", "标题", "发文单位", "签发时间", "发文字号", "成文日期", "盖章件", "页数",
            "摘要",
        ],
        rows=[
            [
                place, one.number, label_of(book, one.kind), one.title, str(one.issuer or ""), minute(one.issued_at),
                one.official_number, one.official_on.isoformat() if one.official_on else "",
                "有" if one.sealed_scan_id else "无", one.pages or 0, one.sha256[:16],
            ]
            for place, one in enumerate(papers, start=1)
        ],
        widths=[2, 6, 5, 10, 7, 5, 5, 4, 3, 2, 5],
    )  # fmt: skip


def merged(papers: Sequence[IssuedDocument]) -> bytes:
    """All of them as one PDF in the order of issue, each under its own bookmark."""
    return merge_pdfs([(one.title, _bytes(one)) for one in _ready(papers)])


def zipped(papers: Sequence[IssuedDocument]) -> bytes:
    """Each as a file of its own, named by number and title."""
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_STORED) as archive:
        for one in _ready(papers):
            archive.writestr(f"{one.number} {safe_name(one.title)}.pdf", _bytes(one))
    return buffer.getvalue()


def safe_name(title: str) -> str:
    """A title as a file name on any system."""
    return "".join("_" if one in '\\/:*?"<>|' or ord(one) < 32 else one for one in title)[:80]


def _ready(papers: Sequence[IssuedDocument]) -> list[IssuedDocument]:
    if not papers:
        raise DeskRefused.because("还没有这种文书。")
    if waiting := [one for one in papers if not one.is_rendered]:
        raise DeskRefused.because(f"还有{len(waiting)}件正在生成，请稍后再试。")
    if len(papers) > MOST_PAPERS:
        raise DeskRefused.because(f"一次最多合并{MOST_PAPERS}件，现有{len(papers)}件，请逐件下载。")
    return list(papers)


def _bytes(paper: IssuedDocument) -> bytes:
    with paper.file.open("rb") as stored:
        return stored.read()
