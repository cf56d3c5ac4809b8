"""Before the last sheet is in, no byte anybody gets differs with the hidden scores (U11.5, DESIGN section 5).

A stage stands with all sheets in but one for each application. The sheets are written over (other numbers, words,
vetoes) and every page of the review, export, error page, error text and file of a role is fetched again.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from award_portal.lib import clock
from awards.calendars import seed_calendars
from organizations.models import User
from reviews.models import Assignment, ScoreSheet, SheetReopening
from reviews.recusal import recuse_oneself
from reviews.sheet_words import rubric_of
from tests.conftest import MONDAY
from tests.factories import make_unit, make_user
from tests.reviews.panel_builders import accept_and_sign, build_review, full_items

from .table import NEVER, TABLE

# one use each, drawn by lot: nothing else may differ
BY_LOT = re.compile(rb'(name="(?:csrfmiddlewaretoken|form_key)" value)="[^"]*"')
HEADERS = ("Content-Type", "Content-Disposition", "Content-Length", "Location", "ETag", "Last-Modified")
FRONT = ("publicity:register", "publicity:evidence_digests", "applications:mine")
PUBLIC = ("anonymous", "other_applicant", "supervisor")
LISTS = (
    "reviews:mine", "reviews:panels", "applications:office", "applications:office_export", "applications:overview",
    "applications:recommendation_desk", "applications:recommendation_export", "applications:dossier",
)  # fmt: skip
# printed from what the pages beside them show, a second each
DRAWN_TO_PRINT = ("reviews:report_preview", "reviews:draws", "reviews:packs", "reviews:work_plan")
SHARES = ("0.15", "0.9")
WORDS = {"0.15": "部署薄弱甲甲", "0.9": "部署充分并有对比数据乙"}


@dataclass
class Kept:
    """A stage of two applications, by the table's names, and its readers' rows."""

    users: dict[str, User | None]
    args: dict[str, tuple[Any, ...]]
    reviewed: list[Assignment]

    def write(self, share: str, *, but: User | None) -> None:
        """Everybody's sheets but one expert's, at a share of the points: nothing else of the tables is touched."""
        for one in self.reviewed:
            if but is None or one.expert.user_id != but.pk:
                items = told(one, share)
                ScoreSheet.objects.filter(assignment=one).update(items=items, comments=f"总评：{WORDS[share]}")
                SheetReopening.objects.filter(assignment=one).update(items=items, comments=f"前稿：{WORDS[share]}")


def told(assignment: Assignment, share: str) -> dict[str, dict[str, str]]:
    """A whole sheet at a share of the points; the high one finds a veto besides, and points at a page."""
    items = full_items(assignment, share)
    for row in items.values():
        row |= {"strengths": WORDS[share], "improvements": WORDS[share] * 2, "page": str(len(WORDS[share]))}
    for veto in rubric_of(assignment.application, assignment.panel.stage).vetoes:
        items[veto.key] = {"veto": "yes", "reason": WORDS[share]} if share == "0.9" else {"veto": "no"}
    return items


@pytest.fixture(scope="module")
def kept(django_db_setup, django_db_blocker) -> Iterator[Kept]:
    with django_db_blocker.unblock(), clock.frozen(clock.at(MONDAY, 9)), transaction.atomic():
        seed_calendars(at=clock.at(MONDAY))
        yield build_kept()
        transaction.set_rollback(True)


def build_kept() -> Kept:
    """Everybody around two applications: one reader of the first has not handed in, another has stepped back."""
    review = build_review(applications=2, experts=9)
    panel = review.panel()
    review.assigned(panel)
    one, two = review.applications
    stepped_back, watching = [row for row in review.readers(one) if row.expert_id != panel.chair_id][:2]
    recuse_oneself(stepped_back, ground="kinship", reason="亲属（虚构）", by=stepped_back.expert.user, at=clock.now())
    accept_and_sign(panel)
    rows = list(Assignment.objects.filter(panel=panel).with_names().select_related("panel").order_by("pk"))
    for application in review.applications:
        active = [row for row in rows if row.application_id == application.pk and row.ended_at is None]
        out = next((row for row in active if row.expert_id == watching.expert_id), active[-1])
        handed_in = [row for row in active if row.pk != out.pk]
        assert len(handed_in) >= 2
        ScoreSheet.objects.filter(assignment__in=handed_in).update(submitted_at=clock.now(), version=9)
    asked = next(row for row in rows if row.application_id == one.pk and row.ended_at is None and row.pk != watching.pk)
    reopening = SheetReopening.objects.create(assignment=asked, reason="漏评一项（虚构）", asked_at=clock.now())
    users = {
        "expert": watching.expert.user, "recused_expert": stepped_back.expert.user, "applicant": one.created_by,
        "other_applicant": two.created_by, "recommender": make_user(review.recommender), "office": review.officer,
        "leader_of_panel": panel.chair.user, "supervisor": make_user(make_unit("supervisor")), "anonymous": None,
    }  # fmt: skip
    args = {
        "none": (), "assignment": (watching.public_id,), "panel": (panel.public_id,),
        "panel_name": (panel.public_id, one.public_id), "review_round": (review.round.public_id,),
        "deliberation_round": (review.round.public_id,), "reviewed": (one.public_id,), "submitted": (one.public_id,),
        "draft": (one.public_id,), "pool_expert": (watching.expert.public_id,), "reopening": (reopening.public_id,),
    }  # fmt: skip
    return Kept(users, args, rows)


# -- what a role gets --------------------------------------------------------------------------------------------------


def signed_in(user: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def answer_of(client: Client, url: str, data: dict[str, Any] | None = None) -> tuple[bytes, ...]:
    """Status, headers and body of one request, undone afterwards; what is drawn by lot for each page is taken out."""
    with transaction.atomic():
        answer = client.get(url) if data is None else client.post(url, data)
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
    """What the table opens to the role of the review and of the lists that say who goes on."""
    found = []
    for row in TABLE:
        if row.see == NEVER or row.object not in kept.args or row.name in DRAWN_TO_PRINT:
            continue
        at_review = row.name.startswith("reviews:") and row.object != "none"
        if (role in row.see.split() and (at_review or row.name in LISTS)) or (role in PUBLIC and row.name in FRONT):
            found.append(reverse(row.name, args=kept.args[row.object]) + row.query)
    return found


def addresses_shut(kept: Kept) -> list[str]:
    """Every reader's own pages of the first application, and its panel's: open to few, asked for by all."""
    shut = [reverse(f"reviews:{page}", args=kept.args["panel_name"]) for page in ("opinion", "consensus")]
    shut += [reverse(f"reviews:{page}", args=kept.args["panel"]) for page in ("cut",)]
    others = [one for one in kept.reviewed if one.public_id != kept.args["assignment"][0] and one.ended_at is None]
    return [*shut, reverse("reviews:sheet", args=[others[0].public_id])]


HREF = re.compile(rb'\b(?:href|src)="(/[^"#]*)')
# exports and files; sheets to print are drawn from the same rows as the workbook beside them
FOLLOWED = re.compile(r"format=xlsx|/documents/|/files?/|/export")


def links_in(pages: dict[str, tuple[bytes, ...]]) -> list[str]:
    """Where the pages lead that were not asked for yet: exports, files, papers, lists narrowed down."""
    found = {
        unescape(one.decode()) for answer in pages.values() if b"html" in answer[1] for one in HREF.findall(answer[-1])
    }
    return sorted(one for one in found - set(pages) if FOLLOWED.search(one) and "format=pdf" not in one)


# -- what is refused in words ------------------------------------------------------------------------------------------


def posts_of(kept: Kept) -> list[tuple[str, dict[str, str]]]:
    """What somebody might ask of the desks too early, to be told why not."""
    args = kept.args
    own, panel, name = args["assignment"], args["panel"], args["panel_name"]
    item = rubric_of(kept.reviewed[0].application, kept.reviewed[0].panel.stage).items[0].key
    review = {
        ("opinion", name): ["draft", "sign", "issue"],
        ("consensus", name): ["convene", f"discuss-{item}"],
        ("my_consensus", own): ["sign", f"change-{item}"],
        ("progress", panel): ["remind"],
    }
    words = {"text": "同意", "reason": "理由", "new": "12", "said": "已讨论", "place": "会议室", "conclusion": "一致"}
    found = [
        (reverse(f"reviews:{page}", args=where), words | {"action": action})
        for (page, where), actions in review.items()
        for action in actions
    ]
    for page, where, typed in (
        ("sheet", own, {f"score-{item}": "9999", "then": "submit"}),
        ("sheet", own, {"then": "submit"}),
        ("autosave", own, {"version": "0", f"score-{item}": "9999"}),
        ("ask_reopening", own, {"reason": "漏评"}),
        ("decide_reopening", args["reopening"], {"decision": "refuse", "ground": ""}),
        ("cut", panel, {}),
        ("feedback", args["review_round"], {"action": "release"}),
    ):
        found.append((reverse(f"reviews:{page}", args=where), typed))
    return found


# -- the proof ---------------------------------------------------------------------------------------------------------


def leaks(kept: Kept, role: str) -> list[str]:
    """The addresses whose answer to the role is another with other hidden scores."""
    user = kept.users[role]
    client, posts = signed_in(user), posts_of(kept) if role in AT_DESKS else []
    first: dict[str, tuple[bytes, ...]] = {}
    seen: list[dict[str, tuple[bytes, ...]]] = []
    for share in SHARES:
        with transaction.atomic():
            kept.write(share, but=user)
            if not first:
                asked = dict.fromkeys([*addresses_of(kept, role), *addresses_shut(kept)])
                first = {url: answer_of(client, url) for url in asked}
                links = links_in(first)
            again = {} if seen else first
            pages = again | {url: answer_of(client, url) for url in [*first, *links] if url not in again}
            refused = {f"POST {url} {data}": answer_of(client, url, data) for url, data in posts}
            seen.append(pages | refused)
            transaction.set_rollback(True)
    one, other = seen
    assert any(answer[0] in (b"200", b"302") for answer in one.values())
    return [url for url in one if one[url] != other[url]] + [url for url in one if one[url][0] == b"500"]


AT_DESKS = ("expert", "office")
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
