"""A stage of the review with all sheets in but one for each of two applications, and everybody who might look at it.

A third application's sheets are all in and its opinion is issued: its figures are open, and stay what they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from applications.models import Application
from award_portal.lib import clock
from award_portal.rehearsal.made_up import made_up_upload
from objections import explaining, handling
from objections.filing import file_objection
from organizations.files import store_upload
from organizations.models import User
from reviews.hearing import hand_in_material
from reviews.models import Assignment, Expert, Panel, ScoreSheet, SheetReopening
from reviews.recusal import ask_recusal, recuse_oneself
from reviews.reporting import save_report
from reviews.sessions import schedule_session
from reviews.sheet_words import rubric_of
from tests.factories import make_unit, make_user
from tests.objections.builders import TEXT, fields_of, files_of
from tests.reviews.panel_builders import Review, accept_and_sign, build_review, full_items

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


def build_kept() -> Kept:
    """Everybody around two applications: one reader of the first has not handed in, another has stepped back."""
    review = build_review(applications=3, experts=9)
    panel = review.panel()
    review.assigned(panel)
    one, two, open_one = review.applications
    stepped_back, watching = [row for row in review.readers(one) if row.expert_id != panel.chair_id][:2]
    recuse_oneself(stepped_back, ground="kinship", reason="亲属（虚构）", by=stepped_back.expert.user, at=clock.now())
    accept_and_sign(panel)
    review.conclude(open_one)
    rows = list(
        Assignment.objects.filter(panel=panel, application__in=[one, two])
        .with_names().select_related("panel").order_by("pk")
    )  # fmt: skip
    for application in (one, two):
        hand_in_all_but_one(application, rows, watching.expert)
    asked = next(row for row in rows if row.application_id == one.pk and row.ended_at is None and row.pk != watching.pk)
    reopening = SheetReopening.objects.create(assignment=asked, reason="漏评一项（虚构）", asked_at=clock.now())
    save_report(review.round, sections={"overview": "评审情况草稿（虚构）。"}, by=review.officer, at=clock.now())
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
        "panel_member": (panel.public_id, panel.chair.public_id), "open_round": (review.round.public_id,),
        "draw": (panel.public_id, panel.draws.first().public_id), "dossier_part": (one.public_id, "overview"),
        "new_panel": (review.round.public_id, "defense"), "approval_round": (review.round.public_id,),
        "invitation": (panel.members.get(expert=watching.expert).invitation.public_id,),
        "open_name": (panel.public_id, open_one.public_id), "concluded": (open_one.public_id,),
    }  # fmt: skip
    args |= of_the_session(review, panel, one) | of_the_objection(users, one)
    return Kept(users, args, rows)


def hand_in_all_but_one(application: Application, rows: list[Assignment], watching: Expert) -> None:
    active = [row for row in rows if row.application_id == application.pk and row.ended_at is None]
    out = next((row for row in active if row.expert_id == watching.pk), active[-1])
    handed_in = [row for row in active if row.pk != out.pk]
    assert len(handed_in) >= 2
    ScoreSheet.objects.filter(assignment__in=handed_in).update(submitted_at=clock.now(), version=9)


def of_the_session(review: Review, panel: Panel, one: Application) -> dict[str, tuple[Any, ...]]:
    """A hearing is called, its material is in, and the applicant asks that an expert step back."""
    at, by = clock.now(), one.created_by
    session = schedule_session(
        panel,
        applications=[one],
        starts_at=at + timedelta(days=3),
        place="样例会议室（虚构）",
        by=review.officer,
        at=at,
    )
    material = hand_in_material(session.slots.get(), upload=made_up_upload("陈述"), by=by, at=at)
    proof = store_upload(made_up_upload("证明"), purpose="proof", by=by, at=at)
    asked = ask_recusal(
        one, named="样例专家（虚构）", ground="kinship", reason="亲属（虚构）", proof=proof, by=by, at=at
    )
    return {"session": (session.public_id,), "material": (material.public_id,), "recusal": (asked.public_id,)}


def of_the_objection(users: dict[str, User | None], one: Application) -> dict[str, tuple[Any, ...]]:
    """Somebody objects to the name under review; the recommender looks into it and asks the applicant."""
    at = clock.now()
    objection, secret = file_objection(one, form="person", fields=fields_of(), files=files_of(), text=TEXT, at=at)
    objection = handling.forward(objection, by=users["office"], at=at)
    explaining.ask_applicant(objection, question="请说明情况（虚构）。", by=users["recommender"], at=at)
    return {
        "receipt": (secret,), "case": (objection.public_id,),
        "case_file": (objection.public_id, objection.files.first().public_id),
    }  # fmt: skip
