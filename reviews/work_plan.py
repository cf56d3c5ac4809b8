"""评审工作方案: drafted from the rulebook and the round's timetable, edited by the office, then issued (section 8)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from applications.desk_rules import DeskRefused, require_text
from award_portal.lib import clock
from awards.calendars import current_calendar
from awards.models import Round
from awards.parameters import rulebook_for
from awards.planning import PlannedStage, plan_stages
from awards.rulebook import Rulebook
from awards.workdays import CalendarMissing, date_zh
from documents.models import IssuedDocument
from organizations.models import User

from .models import Panel
from .panels import require_office
from .review_papers import issue_review_paper

PARTS = {
    "basis": "评审依据和奖项设置",
    "organisation": "组织机构和分工",
    "procedure": "评审程序",
    "panels": "评审组和专家",
    "scoring": "评分和名单产生办法",
    "discipline": "工作纪律和监督",
}


def draft_plan(round: Round) -> dict[str, str]:
    """The text of each part as the rulebook has it; the office edits it before it is issued."""
    book = rulebook_for(round)
    bodies = book.bodies
    tiers = "；".join(f"{one.name}不超过{one.quota.value}个" for one in book.tiers)
    duties = [f"{one.name}：{one.duty}" for one in (bodies.leading_body, bodies.office) if one.duty]
    recommenders = "、".join(one.name for one in bodies.recommenders)
    return {
        "basis": f"按照《{book.regulation.title}》开展{round.title}评审。设{tiers}。",
        "organisation": "\n".join(
            [
                f"{bodies.leading_body.name}负责{book.label('deliberation')}，"
                f"{book.approver.name}负责{book.label('approval')}，"
                f"{round.office.name}负责日常工作，{recommenders}负责审核推荐。",
                *duties,
            ]
        ),
        "procedure": "按下列环节依次进行：" + "、".join(stage.label for stage in book.stages) + "。时间安排见附表。",
        "panels": "\n".join(_panel_lines(round, book)),
        "scoring": "\n".join(_scoring_lines(book)),
        "discipline": _discipline(book),
    }


def planned_rows(round: Round) -> list[dict[str, str]]:
    """The stages after the window with their planned days; empty while the dates or a calendar year are missing."""
    if round.closes_at is None:
        return []
    closes_on = clock.day_of(round.closes_at)
    try:
        stages: list[PlannedStage] = plan_stages(rulebook_for(round), current_calendar(), closes_on=closes_on)
    except CalendarMissing:
        return []
    return [
        {"label": one.label, "from": date_zh(one.starts_on), "to": date_zh(one.ends_on), "days": str(one.days)}
        for one in stages
    ]


@transaction.atomic
def issue_plan(round: Round, parts: Mapping[str, str], *, by: User, at: datetime) -> IssuedDocument:
    """Issue the plan as edited, with the timetable annexed; a changed plan is issued anew and the old one stays."""
    require_office(round, by)
    book = rulebook_for(round)
    if not book.has_instrument("review_plan"):
        raise DeskRefused.because("本办法没有列出这种文书。")
    paper = book.instrument("review_plan")
    content: dict[str, Any] = {
        "parts": [{"title": title, "text": require_text(parts.get(key, ""), title)} for key, title in PARTS.items()],
        "keys": {key: parts[key] for key in PARTS},
        "rows": planned_rows(round),
    }
    return issue_review_paper(
        "review_plan", round, content, title=f"{round.title}{paper}", subject=f"round:{round.public_id}", by=by, at=at
    )


def _panel_lines(round: Round, book: Rulebook) -> list[str]:
    formed: dict[str, list[Panel]] = {}
    for one in Panel.objects.filter(round=round).with_round().order_by("pk"):
        formed.setdefault(one.stage, []).append(one)
    lines = []
    for state in book.review_states:
        rule = book.review(state)
        line = f"{book.label(state)}：评审组不少于{rule.panel_min.value}人，"
        line += f"每份材料由不少于{rule.readers_min.value}名专家评审"
        line += "，设组长" if rule.leader.value else ""
        for panel in formed.get(state, []):
            members = panel.members.filter(left_at=None).count()
            line += f"；{panel.group_name or '评审组'}已组建，共{members}人，{date_zh(panel.due_on)}前完成"
        lines.append(line + "。")
    return [*lines, f"评审组成员从专家库中随机抽取，应当回避的按{book.recusal_ground}回避。"]


def _scoring_lines(book: Rulebook) -> list[str]:
    weights = "、".join(f"{book.label(one.state)}占{one.percent}%" for one in book.scoring.composite.value)
    lines = [f"综合得分：{weights}（{book.ground(book.scoring.composite)}）。"]
    for state in book.review_states:
        cut = book.review(state).cut_times_quota
        if cut.value is not None:
            lines.append(f"{book.label(state)}后进入下一环节的不超过名额的{cut.value}倍（{book.ground(cut)}）。")
    mode = MODES[book.decision.mode.value]
    return [*lines, f"{book.label('deliberation')}采用{mode}的方式（{book.ground(book.decision.mode)}）。"]


MODES = {"secret_vote": "无记名投票", "roll_call": "记名表决", "resolution": "会议审议通过", "rank": "按得分排序确认"}


def _discipline(book: Rulebook) -> str:
    rule = book.supervision.discipline
    said = f"{rule.text}（{book.ground(rule)}）。" if rule else "参加评审工作的人员应当遵守保密和廉洁纪律。"
    watched = f"{book.bodies.supervisor.name}对评审工作进行监督。" if book.bodies.supervisor else ""
    return said.replace("。（", "（") + watched
