"""What a schema cannot say: stages once and in a possible order, sums, citations that exist, words complete.

Works on plain data, tolerant of anything, so that a misspelt number elsewhere does not hide a stage written twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from . import citations
from .rubric_semantics import check_rubric, number
from .states import (
    END_STATES,
    INSTRUMENTS,
    ORDER,
    PUBLICITY_STATES,
    REQUIRED_STAGES,
    REVIEW_STATES,
    ROLES,
    SIDE_STATES,
)

Loc = tuple[str | int, ...]
Found = tuple[Loc, str, str]


def check_semantics(data: dict[str, Any], *, decided: bool = False) -> list[Found]:
    """Every semantic error of a document, however malformed the rest of it is."""
    checks: list[Callable[[dict[str, Any]], Iterator[Found]]] = [
        _stages_once_and_ordered, _stage_blocks, _unique_keys, _rubric_sums, _weights, _citations, _words, _shares,
        _references, _groups, _subjects,
    ]  # fmt: skip
    found = [one for check in checks for one in check(data)]
    if not decided:
        found += [
            (loc, "“decided”由系统写入，不得出现在规则文件中", "") for loc, node in walk(data, ()) if "decided" in node
        ]
    return found


def walk(node: Any, loc: Loc) -> Iterator[tuple[Loc, dict[Any, Any]]]:
    """Every mapping below `node` with its location."""
    if isinstance(node, dict):
        yield loc, node
        for key, inner in node.items():
            yield from walk(inner, (*loc, key))
    elif isinstance(node, list | tuple):
        for place, inner in enumerate(node):
            yield from walk(inner, (*loc, place))


def at(data: Any, *steps: str) -> Any:
    for step in steps:
        data = data.get(step) if isinstance(data, dict) else None
    return data


def rows(data: Any, *steps: str) -> list[tuple[int, dict[str, Any]]]:
    found = at(data, *steps)
    return [(i, one) for i, one in enumerate(found) if isinstance(one, dict)] if isinstance(found, list) else []


def names(data: Any, *steps: str, mark: str) -> set[str]:
    """The marks written in a list that are words at all."""
    found = (one.get(mark) for _, one in rows(data, *steps))
    return {one for one in found if isinstance(one, str)}


def _stages_once_and_ordered(data: dict[str, Any]) -> Iterator[Found]:
    first: dict[str, int] = {}
    for place, stage in rows(data, "stages"):
        state = stage.get("state")
        if not isinstance(state, str):
            continue
        if state in first:
            yield ("stages", place, "state"), f"环节“{state}”出现两次", "每个环节只出现一次"
        first.setdefault(state, place)
    if not first:
        return
    for state in REQUIRED_STAGES:
        if state not in first:
            yield ("stages",), f"缺少环节“{state}”", ""
    if not REVIEW_STATES & first.keys():
        yield ("stages",), "至少要有一个评审环节", "、".join(sorted(REVIEW_STATES))
    for earlier, later in ORDER:
        if earlier in first and later in first and first[earlier] > first[later]:
            yield ("stages", first[later], "state"), f"环节“{later}”不得先于“{earlier}”", f"{earlier} 在前"
    after = {state for state, place in first.items() if place > first.get("approval", place)}
    if after - {"award_publicity"}:
        yield ("stages", first["approval"], "state"), "审定（approval）之后只可以有授奖公示", "approval 在最后"


def _stage_blocks(data: dict[str, Any]) -> Iterator[Found]:
    wanted = (("publicity", PUBLICITY_STATES), ("review", REVIEW_STATES), ("decision", frozenset({"deliberation"})))
    for place, stage in rows(data, "stages"):
        state = stage.get("state")
        for block, states in wanted:
            if not isinstance(state, str):
                continue
            if state in states and not stage.get(block):
                yield ("stages", place, block), f"环节“{state}”缺少 {block}", f"该环节须写明 {block}"
            if stage.get(block) and state not in states:
                yield ("stages", place, block), f"环节“{state}”不应有 {block}", "、".join(sorted(states))


def _unique_keys(data: dict[str, Any]) -> Iterator[Found]:
    def lists(node: Any, loc: Loc) -> Iterator[tuple[Loc, list[Any]]]:
        if isinstance(node, dict):
            for key, inner in node.items():
                yield from lists(inner, (*loc, key))
        elif isinstance(node, list):
            yield loc, node
            for place, inner in enumerate(node):
                yield from lists(inner, (*loc, place))

    for loc, items in lists(data, ()):
        seen: set[str] = set()
        for place, item in enumerate(items):
            key = item.get("key") if isinstance(item, dict) else None
            if isinstance(key, str):
                if key in seen:
                    yield (*loc, place, "key"), f"标识“{key}”重复", "同一列表内标识唯一"
                seen.add(key)


def _rubric_sums(data: dict[str, Any]) -> Iterator[Found]:
    for place, rubric in rows(data, "rubrics"):
        yield from check_rubric(rubric, ("rubrics", place))


def _weights(data: dict[str, Any]) -> Iterator[Found]:
    loc: Loc = ("scoring", "composite", "value")
    weights = rows(data, *map(str, loc))
    states = names(data, "stages", mark="state")
    summed = [number(one.get("percent")) for _, one in weights]
    if summed and all(one is not None for one in summed) and sum(one for one in summed if one is not None) != 100:
        yield loc, f"权重之和为 {float(sum(one for one in summed if one is not None)):g}%", "合计 100%"
    for place, one in weights:
        if states and str(one.get("state")) not in states:
            yield (*loc, place, "state"), f"权重所指环节“{one.get('state')}”不在程序中", ""


def _citations(data: dict[str, Any]) -> Iterator[Found]:
    articles = at(data, "regulation", "articles")
    known = articles if isinstance(articles, dict) else {}
    for loc, node in walk(data, ()):
        cite = node.get("cite")
        if not isinstance(cite, str) or not cite.strip():
            continue
        try:
            pairs = list(citations.parse(cite))
        except ValueError as error:
            yield (*loc, "cite"), str(error), ""
            continue
        for article, item in pairs:
            if known and article not in known:
                yield (*loc, "cite"), f"管理办法没有第{citations.chinese_number(article)}条", f"共 {len(known)} 条"
            elif item is not None and known and isinstance(known.get(article), int) and item > known[article]:
                yield (
                    (*loc, "cite"),
                    f"第{citations.chinese_number(article)}条没有第（{citations.chinese_number(item)}）项",
                    f"{known[article]} 项",
                )


def _words(data: dict[str, Any]) -> Iterator[Found]:
    states = [one.get("state") for _, one in rows(data, "stages")]
    words = at(data, "labels", "states")
    if isinstance(words, dict):
        for state in [*SIDE_STATES, *(s for s in states if isinstance(s, str)), *END_STATES]:
            if state not in words:
                yield ("labels", "states"), f"缺少“{state}”的名称", ""
    roles = at(data, "labels", "roles")
    if isinstance(roles, dict):
        for role in ROLES:
            if role not in roles:
                yield ("labels", "roles"), f"缺少角色“{role}”的名称", ""
    instruments = names(data, "instruments", mark="key")
    if instruments:
        for place, one in rows(data, "instruments"):
            if one.get("key") not in INSTRUMENTS:
                yield ("instruments", place, "key"), f"未知的文书“{one.get('key')}”", "、".join(INSTRUMENTS)
        for key in ("call", "award_notice", "review_report", "commendation", "certificate", "rejection_notice"):
            if key not in instruments:
                yield ("instruments",), f"缺少文书“{key}”", ""


def _shares(data: dict[str, Any]) -> Iterator[Found]:
    for place, stage in rows(data, "stages"):
        for name in ("quorum", "majority"):
            text = at(stage, "decision", name, "value")
            try:
                too_much = isinstance(text, str) and Fraction(text) > 1
            except (ValueError, ZeroDivisionError):
                continue
            if too_much:
                yield ("stages", place, "decision", name, "value"), f"比例 {text} 大于 1", "不超过 1，如 2/3"


def _references(data: dict[str, Any]) -> Iterator[Found]:
    rubrics = names(data, "rubrics", mark="key")
    states = names(data, "stages", mark="state")
    for place, stage in rows(data, "stages"):
        key = at(stage, "review", "rubric", "value")
        if isinstance(key, str) and rubrics and key not in rubrics:
            yield ("stages", place, "review", "rubric", "value"), f"没有评价标准“{key}”", "、".join(sorted(rubrics))
        for other in _texts(at(stage, "review", "rubrics", "value")):
            if rubrics and other not in rubrics:
                loc = ("stages", place, "review", "rubrics", "value")
                yield loc, f"没有评价标准“{other}”", "、".join(sorted(rubrics))
        if stage.get("approver") and stage.get("state") != "approval":
            yield ("stages", place, "approver"), "approver 只写在审定（approval）环节", ""
        if at(stage, "publicity", "comments") is True and stage.get("state") != "public_comment":
            yield ("stages", place, "publicity", "comments"), "只有 public_comment 环节收集意见建议", ""
    for mark in ("open_from", "open_through"):
        state = at(data, "objections", mark)
        if isinstance(state, str) and states and state not in states:
            yield ("objections", mark), f"环节“{state}”不在程序中", ""
    for place, section in rows(data, "form", "sections"):
        for at_, one in rows(section, "fields"):
            if one.get("type") in ("choice", "multichoice") and not one.get("options"):
                yield ("form", "sections", place, "fields", at_, "options"), "选择题须列出选项", ""


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else []


def _groups(data: dict[str, Any]) -> Iterator[Found]:
    """What groups, tiers, legs and conditions name must exist."""
    categories = names(data, "categories", mark="key")
    tiers = names(data, "tiers", mark="key")
    order = [one.get("key") for _, one in rows(data, "tiers")]
    for place, tier in rows(data, "tiers"):
        source = at(tier, "chosen_from", "value")
        if isinstance(source, str) and (source not in tiers or source in order[: place + 1]):
            yield ("tiers", place, "chosen_from", "value"), f"“{source}”不是其后的等次", "写在本等次之后的等次"
        for at_, sub in rows(tier, "sub_quotas"):
            loc: Loc = ("tiers", place, "sub_quotas", at_)
            if not sub.get("at_most") and not sub.get("at_least"):
                yield loc, "分项名额须写明 at_most 或者 at_least", ""
            for key in _texts(at(sub, "of", "categories")):
                if categories and key not in categories:
                    yield (*loc, "of", "categories"), f"没有申报类别“{key}”", "、".join(sorted(categories))
        kept = sum(int(number(at(sub, "at_least", "value")) or 0) for _, sub in rows(tier, "sub_quotas"))
        quota = number(at(tier, "quota", "value"))
        if quota is not None and kept > quota:
            yield ("tiers", place, "sub_quotas"), f"保留名额之和为 {kept}，超过名额 {quota}", ""
    for place, rubric in rows(data, "rubrics"):
        for key in _texts(rubric.get("categories")):
            if categories and key not in categories:
                yield ("rubrics", place, "categories"), f"没有申报类别“{key}”", "、".join(sorted(categories))
    consenting = [one.get("key") for _, one in rows(data, "bodies", "recommenders") if one.get("role") == "consents"]
    for place, stage in rows(data, "stages"):
        for at_, leg in rows(stage, "legs"):
            if stage.get("state") != "recommendation_review":
                yield ("stages", place, "legs"), "推荐步骤写在审核推荐（recommendation_review）环节", ""
            if isinstance(leg.get("by"), str) and leg["by"] not in consenting:
                yield ("stages", place, "legs", at_, "by"), f"“{leg['by']}”不是同意推荐的单位（role: consents）", ""
    kinds = categories | names(data, "applicants", mark="key")
    asked: list[tuple[Loc, dict[str, Any]]] = [
        (("form", "attachments", place), one) for place, one in rows(data, "form", "attachments")
    ]
    for place, section in rows(data, "form", "sections"):
        asked += [(("form", "sections", place, "fields", at_), one) for at_, one in rows(section, "fields")]
    for where, one in asked:
        for key in _texts(one.get("required_for")):
            if kinds and key not in kinds:
                yield (*where, "required_for"), f"没有申报类别或者申报主体“{key}”", "、".join(sorted(kinds))
    indicators = names(data, "form", "indicators", "rows", mark="key")
    for place, one in rows(data, "eligibility", "conditions"):
        if "losses" in _texts(one.get("checks")) and str(one.get("indicator")) not in indicators:
            yield ("eligibility", "conditions", place, "indicator"), "亏损检查须写明所查的指标", "三年指标中的标识"


# Where a thing is for some applicants only: its list, its name, the key that says for whom, and whom it is for unsaid.
_BY_SUBJECT: tuple[tuple[tuple[str, ...], str, str, tuple[str, ...]], ...] = (
    (("categories",), "申报类别", "subjects", ("organization",)),
    (("eligibility", "conditions"), "申报条件", "subject", ("organization",)),
    (("form", "sections"), "申报表", "subjects", ("organization", "individual")),
    (("rubrics",), "评价标准", "subjects", ("organization",)),
)


def _subjects(data: dict[str, Any]) -> Iterator[Found]:
    """Everyone who may apply has a category, conditions, sections and criteria of its own kind (Y8, Y9)."""
    asked = [one.get("subject", "organization") for _, one in rows(data, "applicants")]
    for steps, name, mark, unsaid in _BY_SUBJECT:
        found = [one.get(mark, unsaid) for _, one in rows(data, *steps)]
        reached = [word for one in found for word in (_texts(one) or [one])]
        for subject, word in (("organization", "组织"), ("individual", "个人")):
            if found and subject in asked and subject not in reached and None not in reached:
                yield steps, f"没有适用于{word}的{name}", ""
