"""The review of a round as its people play it: panels by lot, sheets, opinions, cuts, sessions and visits."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from applications.models import Application
from applications.pipeline import State
from award_portal.lib import clock
from awards.calendars import current_calendar
from organizations.models import User
from reviews import (
    consensus,
    cutting,
    discrepancies,
    grouping,
    hearing,
    invitations,
    opinions,
    pledges,
    readers,
    recusal,
    review_notices,
    scoring,
    sessions,
)
from reviews import panels as forming
from reviews.models import Assignment, Invitation, Panel, PanelGroup, PanelOpinion, Session
from reviews.panel_places import judged_by, panel_of, unplaced_of

from .opening_moves import Player
from .visit_moves import make_visits

WITNESS = "样例监督员（虚构）"
PANEL_SIZE = 7
MANY = 6  # from so many papers on a stage is divided
GROUPS = ("第一评审组", "第二评审组")
OPINION = "评审组认为，申报材料属实，质量管理制度、模式、方法具有特色，成效明显；建议加强同行业对比。（虚构）"
CONSENSUS = "评分差异较大的项目经合议，维持各自评分。（虚构）"


def review_stage(player: Player, stage: str, *, leave: int = 0, recused: Application | None = None) -> None:
    """One review stage to its end: panel, readers, sessions where there are any, sheets, opinions, the cut.

    `leave` names with the lowest scores do not go on; for `recused` one reader steps back and is replaced.
    """
    if not player.in_state(stage):
        return
    panels = open_panels(player, stage)
    if recused is not None and recused in player.in_state(stage):
        step_back(player, panel_of(recused, stage) or panels[0], recused)
    for panel in panels:
        if player.round_book.review(stage).session_minutes.value:
            hold_sessions(player, panel)
    player.wait_working_days(3)
    for panel in panels:
        fill_sheets(player, panel)
        conclude_opinions(player, panel)
    decide_cut(player, stage, leave=leave)


def open_panels(player: Player, stage: str) -> list[Panel]:
    """The stage's one panel; where many are on paper before it, two groups by field with a panel each."""
    names, book = player.in_state(stage), player.round_book
    if len(names) < MANY or book.review(stage).session_minutes.value:
        return [open_panel(player, stage)]
    return [open_panel(player, stage, group=one) for one in divide_stage(player, stage, names)]


def divide_stage(player: Player, stage: str, names: list[Application]) -> list[PanelGroup]:
    """Two groups, the industries in turn; each application goes by its own, and what fits neither by hand (U11.5)."""
    given: dict[str, Any] = {"by": player.world.officer, "at": clock.now()}
    industries = sorted({one.industry for one in names if one.industry})
    groups = [
        grouping.set_up_group(player.round, stage=stage, name=name, fields=industries[place::2], **given)
        for place, name in enumerate(GROUPS)
    ]
    grouping.place_by_field(player.round, stage=stage, **given)
    for place, one in enumerate(unplaced_of(player.round, stage).with_names().order_by("pk")):
        grouping.place_application(one, groups[place % 2], **given)
    return [one for one in groups if one.places.exists()]


def open_panel(player: Player, stage: str, *, group: PanelGroup | None = None) -> Panel:
    """The office draws the panel, or that of a group, and hands out the dossiers."""
    officer, seed = player.world.officer, lot_seed(player, f"{stage}:{group}" if group else stage)
    size = player.round_book.review(stage).panel_min.value if group else PANEL_SIZE
    panel = forming.form_panel(
        player.round, stage=stage, group=group, by=officer, at=clock.now(), size=size, seed=seed, witness=WITNESS
    )
    answer_invitations(panel)
    readers.assign_readers(panel, by=officer, at=clock.now(), seed=seed)
    return panel


def lot_seed(player: Player, what: str) -> str:
    """A seed such as the portal makes, the same for the same round rehearsed again."""
    return hashlib.sha256(f"{player.seed}:{what}".encode()).hexdigest()[:16]


def answer_invitations(panel: Panel) -> None:
    """Everybody asked to the panel accepts, and signs the round's pledge if they have not yet."""
    waiting = Invitation.objects.waiting().filter(member__panel=panel).with_panel().order_by("pk")
    digest = pledges.text_digest(pledges.pledge_text(panel.round)) if waiting else ""
    for one in waiting:
        expert = one.member.expert
        invitations.accept_invitation(one, by=expert.user, at=clock.now())
        if pledges.pledge_of(expert, panel.round) is None:
            pledges.sign_pledge(
                expert, panel.round, name=str(expert.user), digest=digest, by=expert.user, at=clock.now()
            )


def step_back(player: Player, panel: Panel, application: Application) -> None:
    """A reader finds a tie of kinship and is out at once; the lot finds another."""
    assignment = Assignment.objects.of_stage(application, panel.stage).order_by("pk")[0]
    recusal.recuse_oneself(
        assignment, ground="kinship", reason="与该组织负责人有亲属关系（虚构）", by=assignment.expert.user,
        at=clock.now(), seed=lot_seed(player, "recused"),
    )  # fmt: skip
    answer_invitations(panel)


def hold_sessions(player: Player, panel: Panel) -> None:
    """A visit to each on the on-site stage; else a hearing for all, by lot where the rulebook says so."""
    if panel.stage == State.ONSITE_REVIEW:
        make_visits(player, panel)
        return
    names, officer = player.in_state(panel.stage), player.world.officer
    by_lot = player.round_book.review(panel.stage).order_by_lot.value
    groups = [names] if by_lot else [[one] for one in names]
    planned = [_schedule(player, panel, group, number) for number, group in enumerate(groups, start=1)]
    for session in planned:
        player.wait_until(session.starts_at)
        for expert in forming.current_members(panel):
            hearing.take_seat(session, expert, by=expert.user, at=clock.now())
        slots = list(session.slots.select_related("application").order_by("pk"))
        for slot in slots:
            sessions.sign_in(session, slot.application, by=officer, at=clock.now())
            hearing.note_leader_present(slot, present=True, note="", by=officer, at=clock.now())
        if by_lot:
            sessions.draw_lots(session, witness=WITNESS, by=officer, at=clock.now(), seed=lot_seed(player, "lots"))
        for slot in slots:
            hearing.note_question(
                slot, question="最有特色的质量管理方法是什么？（虚构）", answer="以数据驱动的过程改进。（虚构）",
                asker=panel.chair, by=officer, at=clock.now(),
            )  # fmt: skip
        sessions.write_minutes(
            session, minutes="到会人员齐全，程序符合规定，情况如实记录。（虚构）", by=officer, at=clock.now()
        )


def _schedule(player: Player, panel: Panel, group: list[Application], number: int) -> Session:
    day = current_calendar().add_working_days(clock.today(), 1 + (number + 1) // 2)
    place = "市民大厅三楼会议室（虚构）" if len(group) > 1 else f"{group[0].organization}（现场）"
    made = sessions.schedule_session(
        panel, applications=group, starts_at=clock.at(day, 9, 30), place=place, by=player.world.officer, at=clock.now()
    )
    for slot in made.slots.select_related("application__created_by"):
        people = [("样例负责人（虚构）", "总经理", "leader"), ("样例质量总监（虚构）", "质量总监", "states")]
        hearing.name_presenters(slot, people=people, by=slot.application.created_by, at=clock.now())
    review_notices.issue_session_notices(made, by=player.world.officer, at=clock.now())
    return made


def fill_sheets(player: Player, panel: Panel) -> None:
    """Every expert scores every item with words, independently, and submits."""
    for assignment in Assignment.objects.filter(panel=panel, ended_at=None).with_names().order_by("pk"):
        fill_sheet(player, assignment)


def fill_sheet(player: Player, assignment: Assignment) -> None:
    user = assignment.expert.user
    items = _scores(player, assignment)
    scoring.save_sheet(
        assignment, items=items, comments="总体良好，特色鲜明，对比数据有待补充。（虚构）", by=user, at=clock.now()
    )
    scoring.submit_sheet(assignment, by=user, at=clock.now())


def _scores(player: Player, assignment: Assignment) -> dict[str, dict[str, str]]:
    """An application is as good as the seed made it; experts differ a little, in the steps of the criteria."""
    application, stage = assignment.application, assignment.panel.stage
    quality = player.quality(application)
    random = Random(f"{player.seed}:{stage}:{application.number}:{user_key(assignment)}")
    rubric = scoring.rubric_of(application, stage)
    items = {}
    for one in rubric.items:
        share = Decimal(str(min(0.98, max(0.3, quality + random.uniform(-0.05, 0.05)))))
        items[one.key] = {
            "score": str(rubric.score_at(one, share)),
            "strengths": f"{one.title}做法系统，有数据支持。（虚构）",
            "improvements": "补充与行业标杆的对比。（虚构）",
        }
    return items | {veto.key: {"veto": "no"} for veto in rubric.vetoes}


def user_key(assignment: Assignment) -> str:
    return assignment.expert.user.username


def conclude_opinions(player: Player, panel: Panel) -> None:
    for one in judged_by(panel).with_names().order_by("pk"):
        conclude_opinion(one, panel, by=player.world.officer)


def conclude_opinion(application: Application, panel: Panel, *, by: User, text: str = OPINION) -> PanelOpinion:
    """The consensus where scores lie too far apart, the words, every member's own signature, the issue."""
    hold_consensus(application, panel, by=by)
    draft = opinions.draft_opinion(application, stage=panel.stage, text=text, by=by, at=clock.now())
    for member in opinions.members_to_sign(panel, application):
        opinions.sign_opinion(draft, by=member.user, at=clock.now())
    return opinions.issue_opinion(application, stage=panel.stage, by=by, at=clock.now())


def hold_consensus(application: Application, panel: Panel, *, by: User, conclusion: str = CONSENSUS) -> None:
    """Everybody comes, each flagged item is spoken of, and all stand by their scores."""
    if not consensus.consensus_blockers(application, panel):
        return
    flagged = discrepancies.flagged_items(application, panel.stage)
    at = clock.now()
    session = consensus.convene_consensus(
        application, stage=panel.stage, starts_at=at, place="市民大厅三楼会议室（虚构）", by=by, at=at
    )
    for one in Assignment.objects.of_stage(application, panel.stage).select_related("expert__user").order_by("pk"):
        consensus.attend_consensus(session, assignment=one, by=one.expert.user, at=at)
    for item in flagged:
        consensus.discuss_item(session, item=item.key, said="各自说明依据，维持评分。（虚构）", by=by, at=at)
    consensus.close_consensus(session, conclusion=conclusion, by=by, at=at)


def decide_cut(player: Player, stage: str, *, leave: int = 0) -> None:
    """The office decides who goes on, best first and within the ceiling; each other is told why."""
    ranked = cutting.ranked_table(player.round, stage)
    places = cutting.places_left(player.round, stage)
    keep = len(ranked) if places is None else min(places, len(ranked) - leave)
    passing = [row.application for row in ranked[:keep]]
    reasons = {row.application.pk: "综合得分排名靠后，未进入下一环节。（虚构）" for row in ranked[keep:]}
    cutting.decide_cut(
        player.round, stage=stage, passing=passing, reasons=reasons, by=player.world.officer, at=clock.now()
    )
    player.wait_until(clock.now() + timedelta(hours=1))


def review_round(player: Player, *, recused: Application | None = None) -> None:
    """Every review stage in the rulebook's order; where many are left, the last of them leaves."""
    for stage in player.round_book.review_states:
        here = len(player.in_state(stage))
        leave = 1 if here > player.seats + 1 else 0
        review_stage(player, stage, leave=leave, recused=recused if stage == State.DOCUMENT_REVIEW else None)
