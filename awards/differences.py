"""What a new edition changes, article by article: every ruled value, and the words and lists beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from .rulebook import OFFICE_SET, Rulebook, RuleRow, chinese_number, cite_zh
from .rulebook.citations import parse
from .rulebook.rows import CHOICES, mark_of, name_of
from .rulebook.values import Grounded, Part, Ruled

Kind = Literal["added", "removed", "changed", "moved"]
KINDS: dict[str, str] = {"added": "增加", "removed": "删去", "changed": "修改", "moved": "移动"}

# What a plain field is called; a ruled one carries its own title.
FIELDS = {
    "at_least": "起点", "audience": "对象", "better": "方向", "by": "同意单位", "categories": "适用类别",
    "checks": "系统核验", "copies": "份数", "declaration": "声明", "decimals": "小数位", "document_number": "文号",
    "duty": "职责", "edition": "版本", "effective_on": "施行日期", "expires_on": "失效日期", "fields": "栏目",
    "filed": "须报送", "forbidden": "禁止", "formats": "文件类型", "ground": "情形", "group": "分组", "help": "说明",
    "held_by": "组织公示的单位", "issued_on": "印发日期", "issuer": "出具单位", "key": "代号", "kind": "种类",
    "label": "名称", "limit": "字数上限", "machine": "系统核验", "max_files": "文件数上限",
    "may_be_secret": "可以标注秘密",
    "min_files": "文件数下限", "name": "名称", "noun": "申报者的称谓", "open_from": "受理异议自",
    "open_through": "受理异议至", "options": "选项", "personal": "个人信息", "points": "分值", "proof": "证明要求",
    "proof_label": "证明材料", "publishes": "向社会公告", "questions": "问题", "recovers": "收回奖牌证书",
    "claws_back": "追回奖金", "required": "必填", "revokes": "取消奖励", "routed_by": "送达方式", "sealed": "盖章",
    "short": "简称", "short_name": "简称", "award_name": "奖项名称", "status": "文本性质", "subject": "适用主体",
    "subjects": "适用主体", "text": "内容", "title": "标题", "type": "类型", "under_parent_code": "以所属法人代码申报",
    "unit": "计量单位", "comments": "公开征求意见", "role": "职责",
}  # fmt: skip
LISTS = {
    "stages": "程序", "legs": "推荐步骤", "checklist": "审核要点", "attachments": "附件", "items": "评分项",
    "bands": "档次", "rows": "指标", "grounds": "回避情形", "requires": "须提交", "bans": "处理", "bonus": "奖金",
}  # fmt: skip
WORDS = {"organization": "组织", "individual": "个人", "required": "必须提供", "optional": "可以提供"}
ASSUMED, WORDING = 1000, 1001
# told by the list they stand in, or by the edition itself
UNTOLD = frozenset({"spec", "edition", "articles"})
# one application after another: only here does order decide anything
ORDERED = frozenset({"stages"})


@dataclass(frozen=True)
class Change:
    """One thing that differs: what it is, its old and new text, and what each rests on."""

    kind: Kind
    label: str
    old: str = ""
    new: str = ""
    old_ground: str = ""
    new_ground: str = ""
    # the article it rests on; "" what the office assumed, None what needs no ground (a name, a label)
    cite: str | None = None

    @property
    def kind_zh(self) -> str:
        return KINDS[self.kind]


@dataclass
class ArticleChanges:
    """The changes that rest on one article; see ASSUMED and WORDING for those that rest on none."""

    article: int
    changes: list[Change] = field(default_factory=list)

    @property
    def title(self) -> str:
        return {ASSUMED: OFFICE_SET, WORDING: "名称和用语"}.get(self.article) or f"第{chinese_number(self.article)}条"


def compare(old: Rulebook, new: Rulebook) -> list[ArticleChanges]:
    """Every difference, grouped by the article of the newer text it rests on (of the older where it is gone)."""
    groups: dict[int, ArticleChanges] = {}
    for change in [*_words(old, new, (), None), *_rules(old, new)]:
        article = _article_of(change)
        groups.setdefault(article, ArticleChanges(article)).changes.append(change)
    return sorted(groups.values(), key=lambda one: one.article)


def _article_of(change: Change) -> int:
    """The first article a change rests on; those of none stand last."""
    if change.cite:
        return next(article for article, _ in parse(change.cite))
    return WORDING if change.cite is None else ASSUMED


# -- ruled values ------------------------------------------------------------------------------------------------------


def _rules(old: Rulebook, new: Rulebook) -> Iterator[Change]:
    before, after = {row.path: row for row in old.rules()}, {row.path: row for row in new.rules()}
    cites = _cites(old, ()) | _cites(new, ())
    for path, row in after.items():
        cite = cites.get(path, "")
        was = before.get(path)
        if was is None:
            yield Change("added", row.label, "", row.value_zh, "", ground_of(row), cite)
        elif (was.value, was.bound, ground_of(was)) != (row.value, row.bound, ground_of(row)):
            yield Change("changed", row.label, was.value_zh, row.value_zh, ground_of(was), ground_of(row), cite)
    for path, row in before.items():
        if path not in after:
            yield Change("removed", row.label, row.value_zh, "", ground_of(row), "", cites.get(path, ""))


def ground_of(row: RuleRow) -> str:
    """The article, or that the office set it and why."""
    return f"{OFFICE_SET}（{row.reason}）" if row.assumed else row.citation_zh


def _cites(node: Part, path: tuple[str, ...]) -> dict[str, str]:
    """The short citation of each ruled value by its path; "" for an assumed one."""
    found: dict[str, str] = {}
    for name in type(node).model_fields:
        value = getattr(node, name)
        if isinstance(value, Ruled):
            found[".".join((*path, name))] = value.cite or ""
        elif isinstance(value, Part):
            found |= _cites(value, (*path, name))
        elif isinstance(value, tuple):
            for place, item in enumerate(value):
                if isinstance(item, Part):
                    found |= _cites(item, (*path, name, mark_of(item, place)))
    return found


# -- words and lists ---------------------------------------------------------------------------------------------------


def _words(old: Part, new: Part, names: tuple[str, ...], cite: str | None) -> Iterator[Change]:
    """What differs between two pieces of the same kind, ruled values apart."""
    cite = _cite_of(new, cite)
    for name, info in type(new).model_fields.items():
        before, after = getattr(old, name, None), getattr(new, name)
        if name in UNTOLD or isinstance(before, Ruled) or isinstance(after, Ruled) or before == after:
            continue
        word = info.title or LISTS.get(name) or FIELDS.get(name, name)
        inner = names if word in names[-1:] else (*names, word)
        if isinstance(before, Part) and isinstance(after, Part):
            yield from _words(before, after, inner, cite)
        elif _is_list(before) or _is_list(after):
            yield from _lists(name, before or (), after or (), inner, cite)
        elif isinstance(before, dict) or isinstance(after, dict):
            yield from _labels(before or {}, after or {}, inner, cite)
        elif before is None and isinstance(after, Part):
            yield Change("added", _joined(inner), "", _said(after), "", "", cite)
        elif after is None and isinstance(before, Part):
            yield Change("removed", _joined(inner), _said(before), "", "", "", _cite_of(before, cite))
        elif name == "cite":
            was, now = (cite_zh(one) if one else OFFICE_SET for one in (before, after))
            yield Change("changed", _joined(inner), was, now, "", "", cite)
        else:
            yield Change("changed", _joined(inner), _said(before), _said(after), "", "", cite)


def _is_list(value: Any) -> bool:
    return isinstance(value, tuple) and any(isinstance(one, Part) for one in value)


def _lists(name: str, old: Any, new: Any, names: tuple[str, ...], cite: str | None) -> Iterator[Change]:
    before = {mark_of(one, place): one for place, one in enumerate(old)}
    after = {mark_of(one, place): one for place, one in enumerate(new)}
    for mark, one in after.items():
        if mark not in before:
            yield Change("added", _joined((*names, name_of(one) or mark)), "", _said(one), "", "", _cite_of(one, cite))
        elif before[mark] != one:
            yield from _words(before[mark], one, (*names, name_of(one) or mark), cite)
    for mark, one in before.items():
        if mark not in after:
            yield Change(
                "removed", _joined((*names, name_of(one) or mark)), _said(one), "", "", "", _cite_of(one, cite)
            )  # fmt: skip
    if name in ORDERED:
        yield from _moved(before, after, names)


def _moved(before: dict[str, Any], after: dict[str, Any], names: tuple[str, ...]) -> Iterator[Change]:
    """The stages that stand elsewhere among those both editions have."""
    old, new = [one for one in before if one in after], [one for one in after if one in before]
    kept = _longest_common(old, new)
    for mark in new:
        if mark not in kept:
            was, now = _after(old, mark, before), _after(new, mark, after)
            yield Change("moved", _joined((*names, name_of(after[mark]))), was, now, "", "", after[mark].cite or "")


def _after(order: list[str], mark: str, items: dict[str, Any]) -> str:
    place = order.index(mark)
    return f"在“{name_of(items[order[place - 1]])}”之后" if place else "在最前"


def _longest_common(old: list[str], new: list[str]) -> set[str]:
    """What stands in the same order in both: the most that need not be called moved."""
    best: list[list[tuple[str, ...]]] = [[()] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i, one in enumerate(old):
        for j, two in enumerate(new):
            same = (*best[i][j], one) if one == two else ()
            best[i + 1][j + 1] = max(same, best[i][j + 1], best[i + 1][j], key=len)
    return set(best[-1][-1])


def _labels(old: dict[Any, Any], new: dict[Any, Any], names: tuple[str, ...], cite: str | None) -> Iterator[Change]:
    for key in [*new, *(one for one in old if one not in new)]:
        if old.get(key) != new.get(key):
            kind: Kind = "added" if key not in old else "removed" if key not in new else "changed"
            yield Change(
                kind, _joined((*names, str(key))), _said(old.get(key)), _said(new.get(key)), "", "", cite
            )  # fmt: skip


def _cite_of(item: Part, cite: str | None) -> str | None:
    return (item.cite or "") if isinstance(item, Grounded) else cite


def _joined(names: tuple[str, ...]) -> str:
    return " · ".join(one for one in names if one)


def _said(value: Any) -> str:
    """A plain value as a person reads it; a piece by its fullest words."""
    if value is None or value == () or value == {}:
        return "未写"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Part):
        words = [getattr(value, one, None) for one in ("text", "label", "title", "name")]
        return next((one for one in words if isinstance(one, str)), "有")
    if isinstance(value, tuple):
        return "、".join(_said(one) for one in value)
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    text = str(value)
    return WORDS.get(text) or CHOICES.get(text, text)
