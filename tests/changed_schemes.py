"""The Urumqi document with another regulation's turns: what the code must read from the rulebook, not from one city."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import yaml

from tests.factories import urumqi_text

Data = dict[str, Any]


@cache
def changed(*changes: Callable[[Data], None]) -> str:
    """The document with each change made in turn; its edition is named after them."""
    data = yaml.safe_load(urumqi_text())
    for change in changes:
        change(data)
    data["edition"] = "-".join(one.__name__ for one in changes)[:40]
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def stage(data: Data, state: str) -> Data:
    return next(one for one in data["stages"] if one["state"] == state)


def drop(data: Data, *states: str) -> None:
    data["stages"] = [one for one in data["stages"] if one["state"] not in states]


def township_consents(data: Data) -> None:
    """Z17.3: the market regulator reviews, the township consents and seals."""
    data["bodies"]["recommenders"].append(
        {"key": "township", "name": "乡镇人民政府", "routed_by": "district", "role": "consents", "cite": "11.3"}
    )
    stage(data, "recommendation_review")["legs"] = [
        {"key": "township_consent", "label": "乡镇同意", "sealed": True, "by": "township", "cite": "11.3"}
    ]
    data["instruments"].append(
        {"key": "consent_letter", "label": "同意推荐意见", "issuer": "recommender", "cite": "11.3"}
    )


def approval_first(data: Data) -> None:
    """The list is published only once it was approved."""
    stages = data["stages"]
    award = stage(data, "award_publicity")
    stages.remove(award)
    stages.append(award)


def leading_body_approves(data: Data) -> None:
    """Y5: the leading body has the last word."""
    stage(data, "approval")["approver"] = {"value": "leading_body", "cite": "11.9"}
    for one in data["instruments"]:
        if one["key"] == "commendation":
            one["label"] = "通报"


def public_comment(data: Data) -> None:
    """B15: the public is asked before the leading body decides."""
    place = data["stages"].index(stage(data, "deliberation"))
    data["stages"].insert(place, {
        "state": "public_comment", "label": "公开征求意见", "cite": "11.8",
        "plan_days": {"value": 5, "assumed": "与征求意见时间一致"},
        "publicity": {
            "days": {"value": 5, "bound": "at_least", "assumed": "未规定时长"},
            "day_kind": {"value": "working", "assumed": "与其他公示一致"},
            "held_by_objection": {"value": False, "assumed": "意见建议不影响提交审议"},
            "held_by": "office", "comments": True,
            "objections_to": {"value": "office", "assumed": "由办公室受理"},
        },
    })  # fmt: skip
    data["labels"]["states"]["public_comment"] = "公开征求意见"


def seven_days_exactly(data: Data) -> None:
    """B15: 公示期为7个工作日."""
    stage(data, "award_publicity")["publicity"]["days"] = {"value": 7, "cite": "11.8"}


def calendar_days(data: Data) -> None:
    """A window counted in calendar days."""
    stage(data, "award_publicity")["publicity"]["day_kind"] = {"value": "calendar", "cite": "11.8"}


def bare(data: Data) -> None:
    """No publicity before the award's, no defense: the office accepts, experts read and visit, the body decides."""
    drop(data, "self_publicity", "recommendation_publicity", "acceptance_publicity", "defense")
    for state in ("recommendation_review", "qualification"):
        stage(data, state)["checklist"] = [
            one for one in stage(data, state)["checklist"] if one.get("machine") != "self_publicity"
        ]
    data["scoring"]["composite"] = {
        "value": [{"state": "document_review", "percent": 40}, {"state": "onsite_review", "percent": 60}],
        "assumed": "未规定权重",
    }
    data["objections"]["open_from"] = "qualification"
    data["form"]["materials"] = [one for one in data["form"]["materials"] if one["key"] != "self_publicity"]


def nothing_held(data: Data) -> None:
    """An open objection stops the approval alone."""
    data["objections"]["held_steps"] = {"value": ["approve"], "assumed": "公示和推荐照常进行"}


def bonus_paid(data: Data) -> None:
    """B18, B19: the winner is paid, unless the budget funds it fully, and spends it on what is named."""
    data["tiers"][0]["bonus"] = [{"subject": "organization", "yuan": {"value": 500_000, "cite": "15"}}]
    data["supervision"]["bonus"] = {
        "fully_funded_none": {"value": True, "cite": "15"},
        "purposes": {"value": ["质量持续改进"], "cite": "17"},
    }


def fraud_claws_back(data: Data) -> None:
    """The bonus of who won by fraud is demanded back."""
    for one in data["supervision"]["bans"]:
        if one["key"] == "fraud":
            one["claws_back"] = True


def bans_reach_subsidiaries(data: Data) -> None:
    """A ban that reaches what the banned body controls."""
    for one in data["supervision"]["bans"]:
        if one["key"] == "fraud":
            one["reaches_subsidiaries"] = {"value": True, "cite": "20"}
