"""The words of the review report, drafted from its figures and the rulebook; the office edits them (V7, section 8)."""

from __future__ import annotations

from typing import Any

from awards.models import Round
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook

from .work_plan import MODES

PARTS = {
    "overview": "评审工作概况",
    "procedure": "评审程序",
    "findings": "总体情况",
    "recommendation": "推荐意见",
}
LIMIT = 8000


def draft_words(round: Round, figures: dict[str, Any]) -> dict[str, str]:
    """Part key → text, as the figures stand now."""
    book = rulebook_for(round)
    return {
        "overview": _overview(round, book, figures),
        "procedure": _procedure(book, figures),
        "findings": _findings(book, figures),
        "recommendation": _recommendation(book, figures),
    }


def _overview(round: Round, book: Rulebook, figures: dict[str, Any]) -> str:
    count = {row["label"]: row["count"] for row in figures["funnel"]}
    stages, recusals = figures["stages"], figures["recusals"]
    came = f"按照《{book.regulation.title}》，{round.title}共收到申报{count['申报']}个"
    came += f"，推荐{count['推荐']}个，受理{count['受理']}个。"
    panels, drawn = sum(one["panels"] for one in stages), sum(one["drawn"] for one in stages)
    work = f"评审期间组建评审组{panels}个，从专家库随机抽取专家{drawn}人次，"
    work += (
        f"形成独立评分表{sum(one['sheets'] for one in stages)}份、评审意见{sum(one['opinions'] for one in stages)}份。"
    )
    sources = "、".join(f"{row['label']}{row['count']}人次" for row in recusals["rows"] if row["count"])
    away = f"专家回避{recusals['count']}人次（{sources}），均已停止相应评审。" if recusals["count"] else ""
    return "\n".join(one for one in (came, work, away) if one)


def _procedure(book: Rulebook, figures: dict[str, Any]) -> str:
    return "\n".join(_stage_line(book, one) for one in figures["stages"])


def _stage_line(book: Rulebook, stage: dict[str, Any]) -> str:
    line = f"{stage['label']}（{stage['ground']}）："
    if not stage["opinions"]:
        return line + "本届没有形成评审意见。"
    line += f"评审组{stage['members']}人，对{stage['opinions']}个{book.noun}进行评审" if stage["members"] else (
        f"对{stage['opinions']}个{book.noun}进行评审"
    )  # fmt: skip
    if stage["sessions"]:
        line += f"，安排{stage['sessions']}场（{stage['visited']}个，共{stage['session_days']}天）"
    line += "，专家独立评分"
    line += f"，其中{stage['consensus']}个因评分差异较大经评审组合议" if stage["consensus"] else ""
    line += f"。{stage['passed']}个进入下一环节" if stage["passed"] or stage["stayed"] else ""
    line += f"，{stage['stayed']}个未进入下一环节，已书面告知" if stage["stayed"] else ""
    return line + "。"


def _findings(book: Rulebook, figures: dict[str, Any]) -> str:
    lines = [
        f"{one['label']}{one['count']}个，得分率最高{one['highest']}%，中位{one['median']}%，最低{one['lowest']}%。"
        for one in figures["distribution"]
    ]
    items = _medians(figures)
    if len(items) > 2:
        best, weakest = items[0], items[-1]
        lines.append(f"从评分项目看，“{best[1]}”中位得分率最高（{best[0]}%），“{weakest[1]}”最低（{weakest[0]}%）。")
    every = [row for row in figures["districts"] if row["some"]]
    if every:
        lines.append("候选名单所在区域：" + "、".join(f"{row['label']}{row['some']}个" for row in every) + "。")
    return "\n".join(lines) or f"没有{book.noun}完成评审。"


def _medians(figures: dict[str, Any]) -> list[tuple[float, str]]:
    """The items of the first stage that was judged, highest median first."""
    for one in figures["profiles"]:
        for stage in one["stages"]:
            found = sorted(((float(row["median"]), row["title"]) for row in stage["rows"]), reverse=True)
            return [(round_plain(share), title) for share, title in found]
    return []


def round_plain(share: float) -> float:
    return int(share) if share == int(share) else round(share, 1)


def _recommendation(book: Rulebook, figures: dict[str, Any]) -> str:
    count = figures["funnel"][-1]["count"]
    if not count:
        return f"没有{book.noun}完成全部评审环节，建议本届奖项空缺。"
    quotas = "、".join(f"{one.name}不超过{one.quota.value}个" for one in book.tiers)
    body, label = book.bodies.leading_body.name, book.label("deliberation")
    how = MODES[book.decision.mode.value]
    return (
        f"经评审，建议将{count}个{book.noun}作为候选，按综合得分排序列于附表，报{body}{label}。\n"
        f"名额：{quotas}；达不到要求的可以空缺。{label}采用{how}的方式（{book.ground(book.decision.mode)}）。"
    )
