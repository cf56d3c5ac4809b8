"""One of every paper the portal issues, with the hard cases in it: long names, rare characters, twelve rows, none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from award_portal.lib.qr import qr_svg
from tests.factories import valid_uscc

OFFICE = "质量和知识产权强市工作领导小组办公室（样例市市场监督管理局（样例市知识产权局））"
BUREAU = "样例区（新样区）市场监督管理局（演练）"
LEADERS = "样例市质量强市工作领导小组"
GOVERNMENT = "样例市人民政府"
ROUND = "第一届样例市人民政府质量奖"
AWARD = "样例市政府质量奖"
REGULATION = "样例市人民政府质量奖管理办法（征求意见稿）"
CITE = f"《{REGULATION}》第十一条第（八）项"
DRAFT_NOTE = "本件依据征求意见稿，不作为正式依据。"
DATE = "2026年3月2日"
LONG = "样例镕喆堃珺昇新能源装备制造与智能运维技术服务（集团）股份有限公司第二热电分公司检修车间动力设备管理维护班组"
SPOKEN = "经核，指标口径一致，数据可以追溯，未发现与申报材料不符的情形。"
CONTACT = {"phone": "0991-5550000", "address": "样例路1号（虚构）", "email": "office@example.invalid"}
CERTIFICATE_ADDRESS = "https://award.example.invalid/certificates/URUMQI-ZS-2026-001/"


@dataclass(frozen=True)
class Sample:
    """A paper to issue; `words` are what a reader finds in it from the first line to the last."""

    kind: str
    title: str
    issuer: str
    content: dict[str, Any]
    words: tuple[str, ...]
    pages: tuple[int, int] = (1, 2)
    template: str = ""

    @property
    def file(self) -> str:
        return self.template or f"{self.kind}.html"

    @property
    def is_certificate(self) -> bool:
        return self.kind == "certificate"

    def full_content(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "issuer": self.issuer,
            "date": DATE,
            "draft_note": DRAFT_NOTE,
            "round_title": ROUND,
            **self.content,
        }


def name_of(number: int) -> str:
    return LONG if number == 2 else f"样例第{number:02d}号有限公司（虚构）"


def listed(count: int) -> list[dict[str, Any]]:
    return [
        {
            "position": number,
            "name": name_of(number),
            "code": valid_uscc(number),
            "number": f"URUMQI2026-{number:03d}",
            "recommender": BUREAU,
            "tier": "质量奖提名奖",
            "kind": "法人",
            "category": "一般组织",
            "district": "高新区（新市区）",
            "industry": "信息传输、软件和信息技术服务业",
            "sme": "否",
        }
        for number in range(1, count + 1)
    ]


def _notice(kind: str, notice: str, count: int, label: str) -> Sample:
    content = {
        "kind": notice,
        "ground": CITE,
        "names": listed(count),
        "published_on": DATE,
        "first_day": "2026年3月3日",
        "last_day": "2026年3月9日",
        "days": 5,
        "day_unit": "个工作日",
        "channel": {"unit": OFFICE, **CONTACT},
        "filing": [
            {"label": "个人异议", "requires": ["本人签署的姓名", "联系电话", "本人签名的异议书"], "cite": CITE},
            {"label": "单位异议", "requires": ["单位名称", "加盖单位公章的异议书"], "cite": CITE},
        ],
    }
    names = tuple(name_of(number) for number in range(1, count + 1))
    words = ("予以公示", "序号", *names, "2026年3月9日24:00止", "不受理匿名异议", "单位异议应当包括", "0991-5550000")
    return Sample(kind, f"{ROUND}{label}", OFFICE, content, words, (2, 4), "publicity_notice.html")


def _letter(kind: str, title: str, *words: str, **content: Any) -> Sample:
    """A letter of the office to one organization."""
    about = {"name": LONG, "code": valid_uscc(2), "number": "URUMQI2026-002", "regulation": REGULATION}
    return Sample(
        kind, title, OFFICE, {**about, "contact": CONTACT, **content}, (f"{LONG}（{valid_uscc(2)}）：", *words)
    )


def _objection(kind: str, title: str, *words: str, **content: Any) -> Sample:
    about = {
        "kind": kind, "number": "YY-2026-0001", "organization": LONG, "noun": "申报组织", "word": "异议",
        "filed_on": "2026年3月2日", "condition": "近三年无严重违法失信记录", "contact": CONTACT,
    }  # fmt: skip
    return Sample(kind, title, OFFICE, {**about, **content}, words)


def _ballot(tier: str, number: int, count: int, *, state: str = "已计票") -> dict[str, Any]:
    rows = [
        {
            "name": name_of(one),
            "base": 21,
            "for": 21 - one,
            "against": one,
            "abstain": 0,
            "elected": one < 3,
            "tied": one in (3, 4),
        }
        for one in range(1, count + 1)
    ]
    return {"tier": tier, "number": number, "seats": 3, "state": state, "present": 21, "cast": 21, "rows": rows}


def _minutes(name: str, ballots: list[dict[str, Any]], elected: list[dict[str, Any]], *words: str) -> Sample:
    content = {
        "meeting": f"{ROUND}{name}",
        "held_on": DATE,
        "place": "第三会议室（虚构）",
        "electorate": 23,
        "present": 21,
        "teller": "样例监票人",
        "counter": "样例计票人",
        "cite": CITE,
        "ballots": ballots,
        "elected": elected,
    }
    opening = (name, "应到23人，实到21人", "监票人", "一、表决情况")
    return Sample("meeting_minutes", f"{ROUND}会议纪要", LEADERS, content, (*opening, *words), (1, 4))


def _commendation(winners: list[str], second: list[str], *words: str) -> Sample:
    content = {
        "award_name": AWARD,
        "cite": CITE,
        "meeting_number": "市人民政府第12次常务会议",
        "document_number": "样政发〔2026〕15号",
        "tiers": [{"name": "质量奖", "winners": winners}, {"name": "质量奖提名奖", "winners": second}],
    }
    return Sample("commendation", f"关于{ROUND}的表彰决定", GOVERNMENT, content, words)


def _certificate(name: str, tier: str, valid_until: str = "") -> Sample:
    content = {
        "award_name": AWARD,
        "name": name,
        "tier": tier,
        "year": 2026,
        "certificate_number": "URUMQI-ZS-2026-001",
        "decision_number": "样政发〔2026〕15号",
        "check_url": CERTIFICATE_ADDRESS,
        "qr": qr_svg(CERTIFICATE_ADDRESS),
        "valid_until": valid_until,
    }
    words = (f"{name}：", "你单位荣获", tier, "特发此证")
    return Sample("certificate", "证书", GOVERNMENT, content, words, (1, 1))


def _report(count: int) -> Sample:
    opinions = [{"stage": stage, "text": SPOKEN * 2} for stage in ("材料评审", "现场评审")]
    rows = [
        {
            "rank": number,
            "name": name_of(number),
            "district": "高新区（新市区）",
            "industry": "电力、热力、燃气及水生产和供应业",
            "scores": ["931.83", "91.70"],
            "composite": "92.60",
            "opinions": opinions,
        }
        for number in range(1, count + 1)
    ]
    content = {
        "addressee": LEADERS,
        "ground": CITE,
        "parts": [
            {"key": "overview", "title": "评审工作概况", "text": "评审独立进行。\n全程接受监督。"},
            {"key": "findings", "title": "总体情况", "text": "得分率集中。"},
        ],
        "figures": {
            "funnel": [{"label": "申报", "count": 20}, {"label": "候选", "count": count}],
            "stages": [],
            "distribution": [],
            "profiles": [],
            "left": [],
        },
        "weights": [{"stage": "材料评审", "percent": "40"}, {"stage": "现场评审", "percent": "60"}],
        "weights_ground": CITE,
        "stages": ["材料评审", "现场评审"],
        "rows": rows,
    }
    words: tuple[str, ...] = (f"{LEADERS}：", "一、评审工作概况", "材料评审40%、现场评审60%")
    if count:
        words += ("综合得分", "四、评审意见", f"（一）{name_of(1)}", f"（二）{LONG}", f"（十二）{name_of(12)}")
    else:
        words += ("没有申报组织完成全部评审环节",)
    return Sample("review_report", f"{ROUND}评审报告", OFFICE, content, words, (1, 9))


SAMPLES: dict[str, Sample] = {
    "call": Sample(
        "call",
        f"关于开展{ROUND}申报工作的通知",
        OFFICE,
        {
            "regulation": REGULATION,
            "award_name": AWARD,
            "recommendation_due_on": "2026年5月6日",
            "window": {"opens_at": "2026年3月2日09:00", "closes_at": "2026年3月30日24:00"},
            "tiers": [
                {"name": "质量奖", "quota": 3, "vacant": True},
                {"name": "质量奖提名奖", "quota": 2, "vacant": True},
            ],
            "conditions": [{"text": "在本市依法设立，正常运营5年以上", "cite": "第九条第（二）项"}] * 12,
            "categories": [{"label": "一般组织", "help": "正常运营满5年"}, {"label": "新业态组织", "help": ""}],
            "materials": [{"text": "申报表（签字盖章）", "copies": "一式三份"}, {"text": "自评报告", "copies": None}],
            "rubric": "质量奖评价标准",
            "recommenders": ["行业行政主管部门", "区（县）市场监督管理部门"],
            "contact": CONTACT,
            "charges_nothing": CITE,
        },
        (
            "各有关单位：",
            "一、奖项与名额",
            "二、申报条件",
            "（一）在本市",
            "（十二）在本市",
            "三、申报类别",
            "四、申报时间",
            "2026年3月30日24:00止",
            "五、申报材料",
            "1.申报表",
            "2.自评报告",
            "八、其他事项",
            "office@example.invalid",
        ),
        (3, 5),
    ),
    "consultation": Sample(
        "consultation_letter",
        f"关于征求对{ROUND}申报组织意见的函",
        OFFICE,
        {
            "department": "样例市生态环境局",
            "names": listed(12),
            "period": "2023年3月2日至2026年3月2日",
            "due": "2026年3月9日",
            "reply_days": 5,
            "regulation": REGULATION,
            "award_name": AWARD,
            "ground": CITE,
            "contact": CONTACT,
        },
        ("样例市生态环境局：", "共12个", "2026年3月9日前复函", "附件：征求意见名单"),
        (3, 3),
    ),
    "opinion": Sample(
        "recommendation_opinion",
        f"{BUREAU}关于{ROUND}的审核推荐意见",
        BUREAU,
        {
            "office": OFFICE,
            "opinion": SPOKEN,
            "publicity_result": "公示期满无异议。",
            "regulation": REGULATION,
            "ground": CITE,
            "award_name": AWARD,
            "names": listed(26),
        },
        (f"{OFFICE}：", "一、审核推荐意见", "二、公示情况", "三、推荐名单", name_of(1), LONG, name_of(26), "特此报送"),
        (3, 4),
    ),
    "summary": Sample(
        "recommendation_summary",
        f"{ROUND}推荐汇总表（{BUREAU}）",
        BUREAU,
        {"letter_number": "URUMQI-2026-00007", "names": listed(12), "regulation": REGULATION, "award_name": AWARD},
        (f"审核推荐单位：{BUREAU}", "URUMQI-2026-00007", "主体类型", name_of(1), LONG, name_of(12), "合计：12家。"),
        (2, 3),
    ),
    "correction": _letter(
        "correction_notice",
        "补正通知书",
        "一、需要补正的部分",
        "1.三年指标",
        "二、需要补正的内容",
        "三、期限",
        "2026年3月9日24:00前",
        parts=["三年指标", "附件：审计报告"],
        # as many lines as push the next heading to the end of the page
        reason="请逐项核对。\n" * 4,
        stage="资格审查",
        due="2026年3月9日",
        days=5,
        days_ground=CITE,
        overdue_ground=CITE,
    ),
    "declined": _letter(
        "declined_notice",
        "不予推荐告知书",
        "决定不予推荐",
        "事实和理由",
        "运营未满5年",
        ground="运营未满5年。",
        cite=CITE,
    ),
    "rejection": _letter(
        "rejection_notice",
        "不予受理告知书",
        "决定不予受理",
        "事实和理由",
        "运营未满5年",
        ground="运营未满5年。",
        cite=CITE,
    ),
    "disqualification": _letter(
        "disqualification_notice",
        "取消参评资格告知书",
        "决定取消参评资格",
        "禁止性规定：列入严重违法失信名单",
        "事实和理由",
        ground=SPOKEN,
        cite=CITE,
        condition="列入严重违法失信名单",
    ),
    "not_advanced": _letter(
        "not_advanced_notice",
        "未进入下一环节告知书",
        "完成材料评审",
        "理由",
        "不超过12家",
        "感谢你单位",
        stage="材料评审",
        ground=CITE,
        reason=SPOKEN,
        ceiling=12,
        ceiling_ground=CITE,
    ),
    "hearing_notice": _letter(
        "review_notice",
        "陈述答辩通知",
        "安排如下，请按时参加",
        "2026年3月9日上午09:30",
        "一号会议室",
        "请注意",
        "2.请按时签到",
        "1",
        stage="陈述答辩",
        ground=CITE,
        you="你单位",
        facts=[["时间", "2026年3月9日上午09:30"], ["地点", "一号会议室"], ["次序", "现场抽签确定"]],
        asked=[SPOKEN, "请按时签到；不能参加的，请提前告知办公室。"],
        columns=["序号", "名称", "系统编号"],
        rows=[[str(number), LONG, f"URUMQI2026-{number:03d}"] for number in range(1, 7)],
    ),
    "recommendation_notice": _notice("recommendation_notice", "recommendation_publicity", 1, "推荐公示"),
    "acceptance_notice": _notice("acceptance_notice", "acceptance_publicity", 12, "受理名单公示"),
    "award_notice": _notice("award_notice", "award_publicity", 5, "获奖建议名单公示"),
    "publicity_correction": Sample(
        "publicity_correction",
        f"关于“{ROUND}受理名单公示”的更正",
        OFFICE,
        {"text": f"序号2应为“{LONG}”。", "amends": f"{ROUND}受理名单公示"},
        (f"应为“{LONG}”", "其他内容不变"),
    ),
    "consensus_record": Sample(
        "consensus_record",
        "材料评审合议记录",
        OFFICE,
        {
            "name": LONG,
            "code": valid_uscc(2),
            "number": "URUMQI2026-002",
            "ground": CITE,
            "stage": "材料评审",
            "percent": 15,
            "held": "2026-03-02 14:30",
            "place": "样例路1号二楼会议室（虚构）",
            "attended": [
                {"name": "样例组长", "mode": "到会", "words": ""},
                {"name": "样例成员镕", "mode": "书面意见", "words": SPOKEN},
            ],
            "items": [
                {
                    "title": "样例项目1",
                    "points": "80",
                    "spread": "20.5",
                    "spread_after": "6",
                    "said": SPOKEN,
                    "changes": [{"expert": "专家2", "old": "42", "new": "56.5", "reason": SPOKEN}],
                },
                {
                    "title": "样例项目2",
                    "points": "40",
                    "spread": "8",
                    "spread_after": "8",
                    "said": SPOKEN,
                    "changes": [],
                },
            ],
            "conclusion": SPOKEN,
            "leader": "样例组长",
        },
        (f"申报组织：{LONG}", "一、参加人员", "专家2由42分改为56.5分", "各专家维持原评分"),
    ),
    "review_opinion": Sample(
        "review_opinion",
        "现场评审意见",
        OFFICE,
        {
            "name": LONG,
            "code": valid_uscc(2),
            "number": "URUMQI2026-002",
            "ground": CITE,
            "stage": "现场评审",
            "score": "868.33",
            "total": "1000",
            "raw": ["867.0", "869.0", "869.0"],
            "chair": "样例组长",
            "rows": [
                {"title": f"样例项目{number}", "points": "80", "mean": "70.50", "apart": number == 3}
                for number in range(12)
            ],
            "text": SPOKEN,
            "consensus": SPOKEN,
            "strengths": [SPOKEN] * 12,
            "improvements": [SPOKEN],
            "members": [
                {"name": "样例组长", "signed": "2026-03-02 09:30", "dissent": ""},
                {"name": "样例成员镕", "signed": "2026-03-02 10:05", "dissent": SPOKEN},
            ],
        },
        (
            f"申报组织：{LONG}",
            "一、得分",
            "样例项目3（经合议）",
            "二、评审意见",
            "三、合议情况",
            "四、优势",
            "12.经核",
            "五、改进空间",
        ),
        (3, 5),
    ),
    "report": _report(12),
    "report_empty": _report(0),
    "minutes": _minutes(
        "审议会议",
        [_ballot("质量奖", 1, 12), _ballot("质量奖提名奖", 1, 0, state="作废"), _ballot("质量奖", 2, 2)],
        [{"name": name_of(one), "tier": "质量奖"} for one in (1, 2)],
        "（一）质量奖",
        "计票基数",
        name_of(1),
        "当选",
        LONG,
        "末位票数相同",
        "未当选",
        "（二）质量奖提名奖",
        "作废",
        "（三）质量奖（第2次投票）",
        "二、会议决定",
        "共2个",
        LONG,
    ),
    "minutes_empty": _minutes("预备会议", [], [], "本次会议未进行投票", "二、会议决定", "各奖项空缺"),
    "commendation": _commendation(
        [name_of(1), LONG],
        [],
        "各区（县）人民政府，各有关单位：",
        "决定对",
        "一、质量奖（2个）",
        name_of(1),
        LONG,
        "二、质量奖提名奖",
        "空缺",
        "珍惜荣誉",
    ),
    "certificate": _certificate("样例第01号有限公司（虚构）", "质量奖"),
    "certificate_long": _certificate(f"{LONG}（第二分厂）", "质量奖提名奖", "2031年3月2日"),
    "objection_receipt": _objection(
        "objection_receipt",
        "异议材料收件凭证",
        "兹收到",
        "2026年3月5日前",
        "勿转发他人",
        filed_at="2026年3月2日10:00",
        due_on="2026年3月5日",
        due_ground=CITE,
    ),
    "objection_completion": _objection(
        "objection_completion",
        "异议材料补正通知书",
        "异议人（收件编号：YY-2026-0001）：",
        "1．缺少身份证明",
        "请于2026年3月9日24:00前",
        "办理期限自材料补齐之日起算",
        lacks=[f"缺少身份证明（{CITE}）。", "缺少相应证明材料。"],
        due_on="2026年3月9日",
        days=5,
        days_ground="办公室设定（参照申报材料补正期限）",
        cite=CITE,
    ),
    "objection_acceptance": _objection(
        "objection_acceptance",
        "异议受理通知书",
        "现予受理",
        "1．转送调查：3个工作日",
        "不影响被异议的申报组织参加评审",
        legs=[{"name": one, "days": days, "ground": CITE} for one, days in (("转送调查", 3), ("调查并报告", 5))],
        goes_on=True,
        goes_on_ground=CITE,
        cite=CITE,
    ),
    "objection_refusal": _objection(
        "objection_refusal",
        "异议不予受理告知书",
        "不予受理",
        "异议书没有本人签名",
        "期满前备齐材料的，可以重新提出",
        because="异议书没有本人签名。",
        again_until="2026年3月9日",
        cite=CITE,
    ),
    "objection_forwarding": _objection(
        "objection_forwarding",
        "异议材料转送函",
        f"{BUREAU}：",
        "转送你单位",
        "2026年3月9日前",
        "异议内容：",
        SPOKEN,
        "所附材料：相应证明材料，共1件",
        investigator=BUREAU,
        text=f"{SPOKEN}\n{SPOKEN}",
        papers=["相应证明材料"],
        due_on="2026年3月9日",
        cite=CITE,
    ),
    "objection_finding": _objection(
        "objection_finding",
        "异议认定意见",
        LONG,
        "认定结论：查证属实",
        SPOKEN,
        finding="查证属实",
        text=SPOKEN,
    ),
    "objection_extension": _objection(
        "objection_extension",
        "异议延长办理期限通知",
        "原应于2026年3月9日前办结",
        "延长至2026年3月12日",
        "现场核实尚需时日",
        leg="调查和报告",
        before="2026年3月9日",
        after="2026年3月12日",
        days="3个工作日",
        ground="涉及外地客户，现场核实尚需时日。",
        cite=CITE,
    ),
    "objection_handover": _objection(
        "objection_handover",
        "异议移送告知书",
        "样例质量奖办公室（虚构）",
        "异议涉及本单位",
        to="样例质量奖办公室（虚构）",
        because="异议涉及本单位的审核工作。",
        to_contact={"phone": "0000-5550102", "address": "样例市样例路1号（虚构）"},
        cite=CITE,
    ),
    "objection_outcome": _objection(
        "objection_outcome",
        "异议后续处理结果告知书",
        "2026年3月9日书面告知",
        "领导小组决定取消其授奖资格",
        told_on="2026年3月9日",
        outcome="领导小组决定取消其授奖资格。",
        cite=CITE,
    ),
    "objection_reply": _objection(
        "objection_reply",
        "异议处理结果告知书",
        "异议人（收件编号：YY-2026-0001）：",
        "认定结论：查证不实",
        "按程序继续办理",
        finding="查证不实",
        text=SPOKEN,
        outcome="该申报按程序继续办理。",
        cite=CITE,
    ),
}
