"""The Urumqi document as it would read if it admitted people beside organisations, for tests."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

import yaml

from applications.models import Application
from award_portal.lib import clock
from award_portal.rehearsal.made_up import valid_identity
from organizations.identity import register_person
from organizations.models import Organization

from .factories import urumqi_text

ASSUMED = "测试用，仿照接受个人申报的办法"


@cache
def _data() -> dict[str, Any]:
    return yaml.safe_load(urumqi_text())


def text_with_people(change=None) -> str:
    """The document with a kind, conditions, sections, attachments, a declaration and criteria of a person's own."""
    data = deepcopy(_data())
    data["edition"] = "people"
    data["nouns"] = {"individual": "申报个人"}
    data["applicants"].append({"key": "person", "label": "个人", "subject": "individual", "assumed": ASSUMED})
    data["categories"].append(
        {"key": "person", "label": "个人", "subjects": ["individual"], "min_years": {"value": 0, "assumed": ASSUMED},
         "assumed": ASSUMED}
    )  # fmt: skip
    data["eligibility"]["conditions"].append({
        "key": "conduct", "title": "职业道德", "text": "恪守职业道德和社会公德，无违法的失信行为",
        "declaration": "本人无违法的失信行为", "prohibitive": {"value": True, "assumed": ASSUMED},
        "subject": "individual", "checks": ["reapply_bar", "ban", "listed"], "assumed": ASSUMED,
    })  # fmt: skip
    for section in data["form"]["sections"]:
        if section["kind"] in ("profile", "narrative", "indicators"):
            section["subjects"] = ["organization"]
    data["form"]["sections"].insert(1, {
        "key": "person", "title": "个人基本情况", "kind": "profile", "subjects": ["individual"], "assumed": ASSUMED,
        "fields": [
            {"key": "name", "label": "姓名", "type": "text"},
            {"key": "identity", "label": "身份证号", "type": "identity", "personal": True},
            {"key": "employer", "label": "工作单位", "type": "text", "limit": 60},
            {"key": "title", "label": "职务职称", "type": "text", "limit": 40},
            {"key": "district", "label": "工作单位所在区（县）", "type": "district",
             "options": ["天山区", "沙依巴克区"]},
            {"key": "recommender", "label": "审核推荐单位", "type": "recommender"},
        ],
    })  # fmt: skip
    for one in data["form"]["attachments"]:
        one["subject"] = "organization"
    data["form"]["attachments"].append(
        {"key": "method_proof", "label": "工作方法和成果证明", "subject": "individual", "assumed": ASSUMED}
    )
    for one in data["form"]["declarations"][1:]:
        one["subject"] = "organization"
    data["rubrics"].append({
        "key": "person", "title": "个人类评价规范", "subjects": ["individual"],
        "total": {"value": 500, "assumed": ASSUMED}, "assumed": ASSUMED, "bands": deepcopy(data["rubrics"][1]["bands"]),
        "items": [
            {"key": "method", "title": "工作方法", "points": 300, "text": "独特的工作方法、经验或者成果",
             "questions": ["方法是什么"]},
            {"key": "impact", "title": "贡献", "points": 200, "text": "对提高组织、行业或者本市质量水平的贡献",
             "questions": ["贡献是什么"]},
        ],
    })  # fmt: skip
    for stage in data["stages"]:
        if "review" in stage:
            stage["review"]["rubrics"] = {"value": ["person"], "assumed": ASSUMED}
    if change is not None:
        change(data)
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def make_person(seed: int = 1, **given: Any) -> Organization:
    """A person registered as an applicant."""
    return register_person(valid_identity(seed), name=given.pop("name", f"样例个人{seed}"), at=clock.now())


def become_person(application: Application, seed: int = 1) -> Application:
    """The made-up applicant as a person."""
    Application.objects.filter(pk=application.pk).update(
        organization=make_person(seed), applicant_kind="person", category="person", employer="样例精工有限公司（虚构）"
    )
    return Application.objects.with_names().get(pk=application.pk)
