"""What is printed of the visits: the one PDF for the team, the closing record, the register (section 8)."""

from __future__ import annotations

from datetime import datetime

from applications.registers import minute
from award_portal.lib import clock
from award_portal.lib.compile import merge_pdfs
from awards.models import Round
from awards.parameters import rulebook_for
from awards.workdays import date_zh
from documents.registers import Register, register_pdf

from .models import Visit, VisitFinding, VisitSignature
from .review_papers import opinion_title
from .scoring import rubric_of
from .visits import cite_of, contact_phone, days_zh, team_of

BLANK_FINDINGS = 12


def site_pack(visit: Visit, *, at: datetime) -> bytes:
    """Everything a member needs on site: plan, summary, question list, rubric with bands, blank sheets."""
    parts = [plan_sheet(visit), summary_sheet(visit), question_sheet(visit)]
    parts += [rubric_sheet(visit), bands_sheet(visit), blank_sheet(visit)]
    parts += [signing_sheet(visit, *one) for one in VisitSignature.Meeting.choices]
    return merge_pdfs([(one.title, register_pdf(one, at=at)) for one in parts])


def plan_sheet(visit: Visit) -> Register:
    """现场评审日程 with the team, the address and whom to call."""
    team = "、".join(f"{one}{'（带队组长）' if one.pk == visit.leader_id else ''}" for one in team_of(visit))
    return Register(
        title=f"{visit.application.listed_name}现场评审日程",
        headings=["日期", "时间", "地点、部门", "核实事项", "人员"],
        rows=[
            [date_zh(one.day), f"{one.starts:%H:%M}—{one.ends:%H:%M}", one.place, one.item, one.who or "全体"]
            for one in visit.stops.all()
        ],
        facts=[("时间", days_zh(visit)), ("地址", visit.address), ("联系人", visit.contact_name),
               ("电话", contact_phone(visit)), ("评审组", team)],
        notes=[f"依据：{cite_of(visit)}。日程{'已由对方确认' if visit.confirmed_at else '待对方确认'}。"],
        widths=[4, 4, 5, 10, 4],
    )  # fmt: skip


def summary_sheet(visit: Visit) -> Register:
    """The applicant in a few lines, what was frozen last, with nothing that is personal or marked secret."""
    application, book = visit.application, rulebook_for(visit.panel.round)
    rows: list[list[str | int]] = [
        ["名称", str(application.organization)],
        ["统一社会信用代码", application.organization.display_code],
        ["申报编号", application.number],
        ["行业", application.industry],
        ["所在区（县）", application.district],
        ["推荐单位", application.recommender.name if application.recommender else ""],
    ]
    if application.category:
        rows.append(["类别", book.category(application.category).label])
    for opinion in application.panel_opinions.exclude(stage=visit.panel.stage).select_related("panel__round"):
        rows.append([opinion_title(opinion.panel), opinion.text])
    return Register(
        title=f"{application.noun}概况", headings=["项目", "内容"],
        rows=[one for one in rows if one[1]], landscape=False, widths=[4, 14],
    )  # fmt: skip


def question_sheet(visit: Visit) -> Register:
    rows: list[list[str | int]] = [
        [place, one.item, one.question, one.source, f"已划去：{one.struck_because}" if one.struck_at else one.result]
        for place, one in enumerate(visit.questions.order_by("pk"), start=1)
    ]
    return Register(
        title="现场评审问题清单", headings=["序号", "评分项目", "需要核实的问题", "来源", "核实情况"], rows=rows,
        widths=[2, 5, 10, 4, 9],
    )  # fmt: skip


def rubric_sheet(visit: Visit) -> Register:
    """The items of the rubric with what each asks."""
    rubric = rubric_of(visit.application, visit.panel.stage)
    return Register(
        title=f"评分项目（{rubric.title}）",
        headings=["序号", "评分项目", "分值", "要点"],
        rows=[[place, one.title, str(one.points), one.text] for place, one in enumerate(rubric.items, start=1)],
        widths=[2, 6, 2, 16],
    )


def bands_sheet(visit: Visit) -> Register:
    """The bands to read beside what is seen: once for all the items that share them."""
    rubric = rubric_of(visit.application, visit.panel.stage)
    shared: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for place, item in enumerate(rubric.items, start=1):
        key = tuple((f"{one.label}（{one.at_least}%以上）", one.text) for one in rubric.bands_of(item))
        shared.setdefault(key, []).append(str(place))
    return Register(
        title="评分档次",
        headings=["适用项目（序号）", "档次", "说明"],
        rows=[
            ["、".join(places) if not row else "", label, text]
            for bands, places in shared.items()
            for row, (label, text) in enumerate(bands)
        ],
        widths=[4, 4, 16],
    )


def blank_sheet(visit: Visit) -> Register:
    """现场核查记录 to write on."""
    return Register(
        title="现场核查记录表",
        headings=["序号", "评分项目", "地点、部门", "查看的文件、记录、现场情况", "符合/不符合/待核实", "申报方说明"],
        rows=[[place, "", "\n\n", "", "", ""] for place in range(1, BLANK_FINDINGS + 1)],
        facts=[(visit.application.noun, visit.application.listed_name)],
        signatures=["评审专家", "日期"],
        widths=[2, 4, 4, 11, 4, 6],
    )


def signing_sheet(visit: Visit, meeting: str, label: str) -> Register:
    """首次会议 or 末次会议签到表: the team by name, lines for the applicant's people."""
    there = {one.expert_id: one for one in visit.signatures.filter(meeting=meeting).exclude(expert=None)}
    rows: list[list[str | int]] = [
        [str(one), "评审组（带队组长）" if one.pk == visit.leader_id else "评审组", "",
         minute(there[one.pk].signed_at) if one.pk in there else ""]
        for one in team_of(visit)
    ]  # fmt: skip
    theirs = visit.signatures.filter(meeting=meeting, expert=None).order_by("pk")
    rows += [[one.name, one.post, "", minute(one.signed_at)] for one in theirs]
    rows += [["", visit.application.noun, "", ""] for _ in range(max(0, 8 - len(theirs)))]
    return Register(
        title=f"现场评审{label}签到表",
        headings=["姓名", "单位（职务）", "签名", "时间"],
        rows=rows,
        facts=[(visit.application.noun, visit.application.listed_name), ("日期", days_zh(visit))],
        landscape=False,
        widths=[4, 6, 5, 4],
    )


def record_sheet(visit: Visit) -> Register:
    """末次会议记录 as it was signed: findings, the record, both sides."""
    verdicts = dict(VisitFinding.Verdict.choices)
    rows: list[list[str | int]] = [
        [place, one.item, verdicts[one.verdict], one.text, one.answer, len(one.photos.all())]
        for place, one in enumerate(visit.findings.prefetch_related("photos").order_by("pk"), start=1)
    ]
    leader = f"{visit.leader}，{minute(visit.closed_at)}签署" if visit.closed_at else "未签署"
    other = f"{minute(visit.acknowledged_at)}确认" if visit.acknowledged_at else visit.unsigned_because or "未确认"
    notes = [f"末次会议记录：{visit.record or '（未签署）'}"]
    if visit.applicant_note:
        notes.append(f"{visit.application.noun}意见：{visit.applicant_note}")
    if visit.record_sha256:
        notes.append(f"内容摘要（SHA-256）：{visit.record_sha256}")
    return Register(
        title=f"{visit.application.listed_name}现场评审末次会议记录",
        headings=["序号", "评分项目", "结论", "情况", "申报方说明", "照片"],
        rows=rows,
        facts=[
            ("日期", days_zh(visit)),
            ("地址", visit.address),
            ("带队组长", leader),
            (visit.application.noun, other),
        ],
        notes=notes,
        signatures=["带队组长", f"{visit.application.noun}（盖章）", "日期"],
        widths=[2, 4, 3, 11, 7, 2],
    )


def record_pdf(visit: Visit, *, at: datetime) -> bytes:
    return register_pdf(record_sheet(visit), at=at)


def visit_register(round: Round) -> Register:
    """Every visit of the round with its days, team and how far it is."""
    book = rulebook_for(round)
    visits = (
        Visit.objects.filter(panel__round=round)
        .with_names()
        .prefetch_related("members__expert__user", "findings", "questions", "replies")
    )
    rows: list[list[str | int]] = []
    for place, one in enumerate(visits, start=1):
        found = [each.verdict for each in one.findings.all()]
        rows.append(
            [place, one.application.listed_name, days_zh(one), one.address, str(one.leader),
             "、".join(str(each.expert) for each in one.members.all() if each.left_at is None),
             _moment(one.confirmed_at), len(one.questions.all()), found.count("meets"), found.count("fails"),
             found.count("open"), _moment(one.closed_at), _moment(one.acknowledged_at) or one.unsigned_because,
             "；".join([one.status, *_changes(one)])]
        )  # fmt: skip
    return Register(
        title=f"{round.title}现场评审登记表",
        headings=["序号", book.noun, "日期", "地址", "带队组长", "成员", "确认日程", "问题", "符合", "不符合", "待核实",
                  "末次会议", "确认记录", "情况"],
        rows=rows,
        widths=[2, 6, 4, 5, 3, 6, 4, 2, 2, 2, 2, 4, 4, 5],
    )  # fmt: skip


def _changes(visit: Visit) -> list[str]:
    return [one.text for one in visit.replies.all() if one.kind in ("changed", "cancelled")]


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(clock.SHANGHAI):%m-%d %H:%M}" if at else ""
