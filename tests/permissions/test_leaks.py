"""Before the last sheet is in, no byte anybody gets differs with the hidden scores (U11.5, DESIGN section 5).

A stage stands with all sheets in but one for each of two applications. The sheets are written over (other numbers,
words, vetoes) and what a role gets is asked for again: pages of the review, of objections and of what comes after,
exports, papers to print, files, searches for the hidden words, and what it is told when it asks too early.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pypdf import PdfWriter
from pypdf.generic import NameObject, TextStringObject

from award_portal.lib import clock
from awards.calendars import seed_calendars
from organizations.models import User
from reviews.models import ScoreSheet, SheetReopening
from reviews.sheet_words import rubric_of
from tests.conftest import MONDAY

from .leak_world import SHARES, WORDS, Kept, build_kept
from .table import EVERYONE, NEVER, SIGNED_IN, TABLE

# one use each, drawn by lot: nothing else may differ
BY_LOT = re.compile(rb'(name="(?:csrfmiddlewaretoken|form_key)" value)="[^"]*"')
HEADERS = ("Content-Type", "Content-Disposition", "Content-Length", "Location", "ETag", "Last-Modified")
FRONT = ("publicity:register", "publicity:evidence_digests", "publicity:notices", "applications:mine")
PUBLIC = ("anonymous", "other_applicant", "supervisor")
# the rooms that stand beside or above the review
ROOMS = ("applications:", "documents:", "reviews:", "objections:", "supervision:")
HELD_IN = [model._meta.db_table for model in (ScoreSheet, SheetReopening)]
# the table's roles, by those of this world
SEEN_AS = {"leader_of_panel": "expert", "other_applicant": "applicant"}
# lists that are narrowed down by words, and the words' name in the address
SEARCHED = (
    ("recommender", "applications:recommendation_desk", (), "q"),
    ("office", "applications:qualification_desk", (), "q"),
    ("office", "reviews:experts", (), "q"),
    ("office", "reviews:conflicts", ("review_round",), "name"),
    ("office", "reviews:conflicts_export", ("review_round",), "name"),
    ("office", "publicity:comments", ("open_round",), "q"),
    ("office", "objections:cases", (), "q"),
    ("anonymous", "publicity:register", (), "name"),
)


@pytest.fixture(scope="module")
def kept(django_db_setup, django_db_blocker) -> Iterator[Kept]:
    with django_db_blocker.unblock(), clock.frozen(clock.at(MONDAY, 9)), transaction.atomic(), printed_as_written():
        seed_calendars(at=clock.at(MONDAY))
        yield build_kept()
        transaction.set_rollback(True)


class AsWritten:
    """Stands for WeasyPrint: the same words and pictures give the same PDF, so what goes in is what is compared."""

    pages = (None,)

    def __init__(self, *, string: str, url_fetcher: Any) -> None:
        self.written = string
        self.metadata = SimpleNamespace()

    def render(self, **given: Any) -> AsWritten:
        return self

    def write_pdf(self, **given: Any) -> bytes:
        """A real PDF, since some are bound together: one empty page that carries the words."""
        paper, out = PdfWriter(), BytesIO()
        paper.add_blank_page(210, 297)[NameObject("/Written")] = TextStringObject(self.written)
        paper.write(out)
        return out.getvalue()


@contextmanager
def printed_as_written() -> Iterator[None]:
    """Nothing is drawn: a page to print takes a second, and this test asks for dozens of them twice."""
    import weasyprint

    drawn, weasyprint.HTML = weasyprint.HTML, AsWritten
    try:
        yield
    finally:
        weasyprint.HTML = drawn


# -- what a role gets --------------------------------------------------------------------------------------------------


def signed_in(user: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def answer_of(client: Client, url: str, data: dict[str, Any] | None = None) -> tuple[bytes, ...]:
    """Status, headers and body of one request, undone afterwards; what is drawn by lot for each page is taken out."""
    client.cookies.pop("messages", None)  # what was said at the request before
    with transaction.atomic():
        answer = client.get(url) if data is None else client.post(url, data, follow=True)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    headers = [f"{name}: {answer.get(name)}".encode() for name in HEADERS if not is_sized_by_packing(name, answer)]
    return str(answer.status_code).encode(), *headers, *parts_of(BY_LOT.sub(rb"\1", body))


def is_sized_by_packing(name: str, answer: HttpResponse) -> bool:
    return name == "Content-Length" and "html" not in answer.get("Content-Type", "")


def parts_of(body: bytes) -> list[bytes]:
    """A workbook or an archive by its members, without the instant a program packed it."""
    if not body.startswith(b"PK\x03\x04"):
        return [body]
    with zipfile.ZipFile(BytesIO(body)) as packed:
        return [one.encode() + packed.read(one) for one in packed.namelist() if one != "docProps/core.xml"]


def addresses_of(kept: Kept, role: str) -> list[str]:
    """What the table opens to the role in the rooms of and above the review; its lists searched for hidden words."""
    found, name = [], SEEN_AS.get(role, role)
    for row in TABLE:
        if row.see == NEVER or row.object not in kept.args:
            continue
        seen_by = row.see.split()
        own = name in seen_by or (SIGNED_IN in seen_by and role != "anonymous") or EVERYONE in seen_by
        if (own and row.name.startswith(ROOMS)) or (role in PUBLIC and row.name in FRONT):
            found.append(reverse(row.name, args=kept.args[row.object]) + row.query)
    for whose, name, keys, field in SEARCHED:
        if whose == role:
            where = reverse(name, args=[one for key in keys for one in kept.args[key]])
            found += [f"{where}?{field}={word}" for word in WORDS.values()]
    return found


def addresses_shut(kept: Kept) -> list[str]:
    """Every reader's own pages of the first application, and its panel's: open to few, asked for by all."""
    shut = [
        reverse(f"reviews:{page}", args=kept.args[name])
        for name in ("panel_name", "open_name")
        for page in ("opinion", "consensus")
    ]
    shut += [reverse(f"reviews:{page}", args=kept.args["panel"]) for page in ("panel", "progress", "cut", "draws")]
    shut += [reverse(f"reviews:{page}", args=kept.args["review_round"]) for page in ("report_preview", "feedback")]
    shut += [reverse("reviews:own_feedback", args=kept.args[name]) for name in ("reviewed", "concluded")]
    others = [one for one in kept.reviewed if one.public_id != kept.args["assignment"][0] and one.ended_at is None]
    return [*shut, reverse("reviews:sheet", args=[others[0].public_id])]


HREF = re.compile(rb'\b(?:href|src)="(/[^"#]*)')
# exports, papers to print and files
FOLLOWED = re.compile(r"format=|/documents/|/files?/|/export|print|proof|/materials/")


def links_in(pages: dict[str, tuple[bytes, ...]]) -> list[str]:
    """Where the pages lead that were not asked for yet: exports, files, papers, lists narrowed down."""
    found = {
        unescape(one.decode()) for answer in pages.values() if b"html" in answer[1] for one in HREF.findall(answer[-1])
    }
    return sorted(one for one in found - set(pages) if FOLLOWED.search(one))


# -- what is refused in words ------------------------------------------------------------------------------------------

WORDS_TYPED = {
    "text": "同意", "reason": "理由", "new": "12", "said": "已讨论", "place": "会议室", "conclusion": "一致",
    "because": "缺材料", "finding": "upheld", "question": "请说明",
}  # fmt: skip


def posts_of(kept: Kept, role: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """What somebody might ask of the desks too early, to be told why not; most to most people are not even there."""
    args, own = kept.args, kept.args["assignment"]
    item = rubric_of(kept.reviewed[0].application, kept.reviewed[0].panel.stage).items[0].key
    other = next(one for one in kept.reviewed if one.public_id != own[0] and one.ended_at is None)
    asked: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
        *(("reviews:opinion", args["panel_name"], {"action": one}) for one in ("draft", "sign", "issue")),
        *(("reviews:consensus", args["panel_name"], {"action": one}) for one in ("convene", f"discuss-{item}")),
        *(("reviews:my_consensus", own, {"action": one}) for one in ("sign", f"change-{item}")),
        ("reviews:my_consensus", (other.public_id,), {"action": f"change-{item}"}),
        ("reviews:progress", args["panel"], {"action": "remind"}),
        ("reviews:sheet", own, {f"score-{item}": "9999", "then": "submit"}),
        ("reviews:sheet", own, {"then": "submit"}),
        ("reviews:sheet", (other.public_id,), {"then": "submit"}),
        ("reviews:autosave", own, {"version": "0", f"score-{item}": "9999"}),
        ("reviews:autosave", (other.public_id,), {"version": "0", f"score-{item}": "1"}),
        ("reviews:ask_reopening", own, {"reason": "漏评"}),
        ("reviews:decide_reopening", args["reopening"], {"decision": "refuse", "ground": ""}),
        ("reviews:cut", args["panel"], {}),
        *(("reviews:feedback", args["review_round"], {"action": one}) for one in ("draft", "release")),
        *(("reviews:report", args["review_round"], {"then": one, "version": "1"}) for one in ("issue", "preview")),
        ("reviews:packs", args["review_round"], {"action": "request"}),
        ("reviews:recuse_self", own, {}),
        ("reviews:recuse_by_order", own, {}),
        ("reviews:ask_recusal", args["reviewed"], {}),
        ("reviews:name_ties", args["reviewed"], {}),
        ("reviews:convene", args["review_round"], {}),
        ("reviews:approve", args["review_round"], {}),
        ("applications:withdraw", args["reviewed"], {}),
        ("applications:disqualify_application", args["reviewed"], {}),
        *(("applications:" + one, args["reviewed"], {}) for one in ("pass_on", "refuse", "return_application")),
        ("objections:identity", args["case"], {}),
        *(("objections:act", (*args["case"], one), {}) for one in ("forward", "report", "decide", "tell", "ask")),
        ("objections:explain", args["case"], {"text": ""}),
        ("supervision:archives", args["open_round"], {}),
        ("supervision:allocation", args["open_round"], {}),
    ]  # fmt: skip
    name, heard = SEEN_AS.get(role, role), {row.name: row.do.split() for row in TABLE}
    return {
        f"POST {page} {typed}": (reverse(page, args=where), WORDS_TYPED | typed)
        for page, where, typed in asked
        if name in heard[page] or other.public_id in where
    }


# -- the proof ---------------------------------------------------------------------------------------------------------


def leaks(kept: Kept, role: str) -> list[str]:
    """The addresses whose answer to the role is another with other hidden scores.

    What was answered without a look at the sheets' tables is not asked for twice: it knows nothing of them.
    """
    user = kept.users[role]
    client, posts = signed_in(user), posts_of(kept, role)
    low, high = SHARES
    first: dict[str, tuple[bytes, ...]] = {}
    asked: dict[str, tuple[str, dict[str, Any] | None]] = {}
    with written(kept, low, but=user):
        pages = {url: (url, None) for url in [*addresses_of(kept, role), *addresses_shut(kept)]}
        for wanted in (lambda: pages, lambda: {url: (url, None) for url in links_in(first)}, lambda: posts):
            for name, (url, data) in wanted().items():
                with sheets_looked_at() as looks:
                    first[name] = answer_of(client, url, data)
                if looks:
                    asked[name] = (url, data)
    assert any(answer[0] in (b"200", b"302") for answer in first.values())
    with written(kept, high, but=user):
        differing = [name for name, (url, data) in asked.items() if answer_of(client, url, data) != first[name]]
    return differing + [name for name, answer in first.items() if answer[0] == b"500"]


@contextmanager
def written(kept: Kept, share: str, *, but: User | None) -> Iterator[None]:
    with transaction.atomic():
        kept.write(share, but=but)
        yield
        transaction.set_rollback(True)


@contextmanager
def sheets_looked_at() -> Iterator[list[str]]:
    """The statements on a table that holds scores or what was written beside them."""
    looks: list[str] = []

    def watch(execute: Any, sql: str, *given: Any) -> Any:
        if any(table in sql for table in HELD_IN):
            looks.append(sql)
        return execute(sql, *given)

    with connection.execute_wrapper(watch):
        yield looks


ROLES = (
    "expert", "recused_expert", "applicant", "other_applicant", "recommender", "office", "leader_of_panel",
    "supervisor", "anonymous",
)  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_u11_5_hidden_scores_change_no_byte(kept, role):
    assert leaks(kept, role) == []


def test_the_comparison_would_see_it(kept):
    """The sheet's own expert reads other bytes; and once the last sheet is in, so does the office at its page."""
    own = next(one for one in kept.reviewed if one.ended_at is None and one.public_id != kept.args["assignment"][0])
    page, opinion = (
        reverse("reviews:sheet", args=[own.public_id]),
        reverse("reviews:opinion", args=kept.args["panel_name"]),
    )
    seen = []
    for share in SHARES:
        with transaction.atomic():
            kept.write(share, but=None)
            hidden = answer_of(signed_in(kept.users["office"]), opinion)
            ScoreSheet.objects.filter(assignment__in=kept.reviewed).update(submitted_at=clock.now())
            opened = answer_of(signed_in(kept.users["office"]), opinion)
            seen.append((answer_of(signed_in(own.expert.user), page), hidden, opened))
            transaction.set_rollback(True)
    one, other = seen
    assert [a == b for a, b in zip(one, other, strict=True)] == [False, True, False]
