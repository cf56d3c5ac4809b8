"""Papers of objections, of the leading body's later decisions and of supervision as a person finds them."""

from __future__ import annotations

from .papers import BUREAU, CITE, LONG, OFFICE, ROUND, SPOKEN, Sample

BODY = "样例市质量强市领导小组"

CASES: dict[str, Sample] = {
    "objection_report": Sample(
        "investigation_report",
        "异议调查情况报告",
        BUREAU,
        {
            "to": OFFICE,
            "number": "YY-2026-0001",
            "round_title": ROUND,
            "organization": LONG,
            "noun": "申报组织",
            "text": SPOKEN,
            "cite": CITE,
            "facts": [{"text": "查明的第一项事实（虚构）。", "evidence": "证据1、证据2"}],
            "questions": [
                {
                    "asked_on": "2026年3月2日",
                    "text": "请说明有关情况",
                    "answer": "有关情况的说明（虚构）。",
                    "late": True,
                }
            ],
            "experts": [{"name": "样例专家", "task": "检测数据是否可信", "opinion": "数据可信（虚构）。"}],
            "register": [
                {
                    "number": 1,
                    "title": "样例检测报告",
                    "source": "样例检测机构（虚构）",
                    "obtained": "调取",
                    "received_on": "2026年3月3日",
                    "sha256": "0" * 64,
                }
            ],
        },
        (f"{OFFICE}：", LONG, "查明的事实", "证据1、证据2", "有关单位的说明", "逾期提交", "专家意见", "调查经过和意见"),
        (1, 3),
    ),
    "cancellation_request": Sample(
        "cancellation_request",
        "关于提请取消授奖资格的报告",
        OFFICE,
        {
            "to": BODY,
            "kind": "cancellation_request",
            "number": "YY-2026-0001",
            "round_title": ROUND,
            "organization": LONG,
            "noun": "申报组织",
            "recommender": BUREAU,
            "recommender_word": "审核推荐单位",
            "text": SPOKEN,
            "cite": CITE,
        },
        (f"{BODY}：", LONG, "YY-2026-0001", "查证的情况", CITE, "妥否，请审议。"),
        template="outcome_report.html",
    ),
    "body_decision": Sample(
        "body_decision",
        "关于取消授奖资格的决定",
        BODY,
        {
            "held_on": "2026年3月2日",
            "form_zh": "会议",
            "name_of": "样例会议",
            "round_title": ROUND,
            "noun": "申报组织",
            "name": LONG,
            "kind": "cancel",
            "kind_zh": "取消授奖资格",
            "electorate": 9,
            "present": 8,
            "recused": 1,
            "votes": [6, 1, 0],
            "majority": "二分之一",
            "ground": SPOKEN,
            "cite": CITE,
            "is_carried": True,
        },
        ("2026年3月2日", LONG, "应到9人，实到8人", "同意6，不同意1，弃权0", CITE, "取消"),
    ),
    "case_intended": Sample(
        "case_intended",
        "拟取消荣誉告知书",
        OFFICE,
        {
            "to": LONG,
            "lines": ["经查，你单位存在下列情形（虚构）。", "可以在收到本告知书之日起五个工作日内陈述申辩。"],
            "document_number": "",
            "case_number": "AJ-2027-0001",
            "contact": {"phone": "0991-5550000", "address": "样例路1号（虚构）"},
            "with_contact": True,
        },
        (f"{LONG}：", "经查", "陈述申辩", "案件编号：AJ-2027-0001", "0991-5550000"),
        template="case_paper.html",
    ),
}
