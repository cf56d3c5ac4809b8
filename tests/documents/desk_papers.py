"""Papers of desks and meetings as a person finds them: consents, summaries, decisions on a list, requests."""

from __future__ import annotations

from .papers import AWARD, BUREAU, CITE, CONTACT, LONG, OFFICE, REGULATION, ROUND, SPOKEN, Sample, listed, name_of

GOVERNMENT = "样例市人民政府"
BODY = "样例市质量强市领导小组"

MORE: dict[str, Sample] = {
    "consent": Sample(
        "consent_letter",
        "同意推荐意见",
        OFFICE,
        {
            "recommender": BUREAU,
            "ground": CITE,
            "name": LONG,
            "award_name": AWARD,
            "review": {"unit": BUREAU, "signed_on": "2026年3月2日", "opinion": SPOKEN},
            "noun": "申报组织",
            "code": "91990100000000000X",
            "number": "URUMQI2026-002",
            "dossier_version": 1,
            "category": "一般组织",
            "leg": "乡镇人民政府意见",
            "sealed": True,
            "unit": "样例镇人民政府",
        },
        (f"{BUREAU}：", LONG, "URUMQI2026-002（申报材料第1版）", SPOKEN, "□同意推荐", "（加盖公章）"),
    ),
    "consultation_summary": Sample(
        "consultation_summary",
        f"{ROUND}征求意见汇总表",
        OFFICE,
        {
            "ground": CITE,
            "noun": "申报组织",
            "departments": ["税务部门", "生态环境部门", "应急管理部门"],
            "rows": [
                {"position": number, "name": name_of(number), "answers": ["无意见", "有意见", "未复函"]}
                for number in range(1, 9)
            ],
            "sentence": "共发函3件，复函2件，未复函1件。",
            "details": [f"{name_of(1)}：生态环境部门有意见，{SPOKEN}"],
        },
        (f"发函单位：{OFFICE}", "税务部门", name_of(1), name_of(8), "共发函3件", "有意见、未复函的情况："),
    ),
    "list_decision": Sample(
        "resolution_record",
        f"{ROUND}审议决议",
        BODY,
        {
            "mode": "resolution",
            "meeting": "样例审议会议",
            "held_on": "2026年3月2日",
            "place": "样例会议室（虚构）",
            "electorate": 9,
            "present": 8,
            "recorder": "样例记录人",
            "cite": CITE,
            "report": "评审报告",
            "how": "对拟授奖名单进行审议。",
            "rules": ["质量奖名额不超过3个", "质量奖提名奖名额不超过3个"],
            "noun": "申报组织",
            "lines": [
                {
                    "rank": number,
                    "name": name_of(number),
                    "percent": "88.10",
                    "proposed": "质量奖",
                    "decided": "质量奖",
                    "as_proposed": True,
                    "hands": True,
                    "for": 8,
                    "against": 0,
                    "abstain": 0,
                    "base": 8,
                }
                for number in range(1, 4)
            ],
            "elected": [{"name": name_of(number), "tier": "质量奖"} for number in range(1, 4)],
        },
        (
            "样例审议会议",
            "应到9人，实到8人",
            "一、名额",
            "二、审议情况",
            name_of(1),
            "三、会议决定",
            "共3个",
            name_of(3),
        ),
        (1, 3),
        "list_decision.html",
    ),
    "approval_request": Sample(
        "approval_request",
        f"关于审定{ROUND}获奖名单的请示",
        OFFICE,
        {
            "addressee": GOVERNMENT,
            "regulation": REGULATION,
            "body": BODY,
            "deliberation": "审议",
            "deliberation_ground": CITE,
            "number_of_names": 3,
            "label": "审定",
            "noun": "申报组织",
            "tiers": [
                {"name": "质量奖", "quota": 3, "rows": listed(3)},
                {"name": "质量奖提名奖", "quota": 2, "rows": []},
            ],
            "publicity": "名单已公示5个工作日。",
            "ground": CITE,
        },
        (f"{GOVERNMENT}：", "一、提请审定的名单", name_of(1), "空缺", "二、公示和异议办理情况", "三、请示事项", "妥否"),
        (1, 3),
    ),
    "bonus_allocation": Sample(
        "bonus_allocation",
        f"{ROUND}经费指标分配表",
        OFFICE,
        {
            "rows": [
                {
                    "name": name_of(number),
                    "tier": "质量奖",
                    "subject": "组织",
                    "yuan": "300,000",
                    "ground": "第十九条",
                    "reason": "",
                }
                for number in range(1, 4)
            ],
            "total": "900,000",
            "purposes": "质量改进和人员培训",
            "purposes_ground": CITE,
        },
        (name_of(1), "300,000", "合计", "900,000", "奖金用于质量改进和人员培训", "填表人"),
    ),
    "erasure_list": Sample(
        "erasure_list",
        "个人信息到期清除清册",
        OFFICE,
        {
            "proposed_by": "样例甲",
            "proposed_on": "2031年3月1日",
            "approved_by": "样例乙",
            "approved_on": "2031年3月4日",
            "rows": [
                {"label": "异议人信息", "purpose": "核实异议、书面答复异议人", "erased": 4, "kept": 1},
                {"label": "现场评审联系电话", "purpose": "安排现场评审", "erased": 12, "kept": 0},
            ],
            "list_sha256": "0" * 64,
            "proof": "1" * 64,
        },
        ("个人信息保护法第十九条", "样例甲", "样例乙", "异议人信息", "现场评审联系电话", "清册摘要", "清除证明摘要"),
    ),
    "outcome_notice": Sample(
        "not_advanced_notice",
        "未列入建议名单告知书",
        OFFICE,
        {
            "name": LONG,
            "code": "91990100000000000X",
            "number": "URUMQI2026-002",
            "stage": "审议",
            "label": "未列入建议名单",
            "ground": CITE,
            "reason": "样例审议会议表决",
            "decided_on": "2026年3月2日",
            "contact": CONTACT,
        },
        (f"{LONG}（91990100000000000X）：", "结果为未列入建议名单", "办理情况：", "0991-5550000"),
        (1, 2),
        "outcome_notice.html",
    ),
    "review_plan": Sample(
        "review_plan",
        f"{ROUND}评审工作方案",
        OFFICE,
        {
            "parts": [
                {"title": "评审依据", "text": SPOKEN},
                {"title": "组织领导", "text": f"{SPOKEN}\n{SPOKEN}"},
                {"title": "评审环节", "text": SPOKEN},
            ],
            "rows": [{"label": "材料评审", "from": "2026年3月3日", "to": "2026年3月23日", "days": 15}],
        },
        ("一、评审依据", "二、组织领导", "三、评审环节"),
        (2, 3),
    ),
    "integrity_pledge": Sample(
        "integrity_pledge",
        f"{AWARD}评审专家廉洁保密承诺书",
        OFFICE,
        {
            "lines": [
                f"本人受{OFFICE}邀请，参加{ROUND}评审工作，郑重承诺：",
                *(f"{number}、{SPOKEN}" for number in "一二三四五六"),
                "如有违反，愿意承担相应责任。",
            ],
            "signed_name": "样例专家",
            "signed_at": "2026-03-02 09:00",
            "employer": LONG,
            "text_sha256": "0123456789abcdef" * 4,
        },
        ("郑重承诺：", "一、", "六、", "愿意承担相应责任", "全文摘要（SHA-256）"),
    ),
    "review_feedback": Sample(
        "review_feedback",
        f"{ROUND}评审反馈报告",
        OFFICE,
        {
            "name": LONG,
            "code": "91990100000000000X",
            "you": "你单位",
            "round_title": ROUND,
            "number": "URUMQI2026-002",
            "banded": True,
            "overall": f"{SPOKEN}\n{SPOKEN}",
            "parts": [
                {
                    "title": "卓越绩效评价准则",
                    "stages": "材料评审、现场评审",
                    "rows": [
                        {
                            "title": f"样例条目{number}",
                            "band": "50%–65%",
                            "strengths": [SPOKEN],
                            "improvements": [SPOKEN],
                        }
                        for number in range(1, 8)
                    ],
                }
            ],
            "contact": CONTACT,
        },
        (
            f"{LONG}（91990100000000000X）：",
            "不代表名次",
            "总体评价",
            "样例条目1",
            "优势：",
            "改进空间：",
            "0991-5550000",
        ),
        (2, 4),
    ),
}
