"""Made-up content for the style guide: every component as a page of the portal would show it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest

from award_portal.lib import clock


@dataclass(frozen=True)
class Said:
    """A reason with its article, as gates give them."""

    text: str
    citation: str = ""


class ProfileForm(forms.Form):
    name = forms.CharField(label="单位名称", help_text="与营业执照或法人证书一致。", max_length=100)
    code = forms.CharField(label="统一社会信用代码", help_text="18 位，末位为校验码。", max_length=18)
    founded_on = forms.DateField(
        label="成立日期", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    revenue = forms.DecimalField(label="上年度营业收入", required=False, help_text="按审计报告填写，保留两位小数。")
    district = forms.ChoiceField(label="所在区（县）", choices=[("", "请选择"), ("1", "天山区"), ("2", "沙依巴克区")])
    category = forms.ChoiceField(
        label="申报类别",
        widget=forms.RadioSelect,
        choices=[("m", "制造业"), ("s", "服务业"), ("e", "工程建设业"), ("p", "教育、医疗等其他组织")],
    )
    innovations = forms.MultipleChoiceField(
        label="属于下列情形的请勾选",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="成立年限可适当放宽，由推荐单位核实。",
        choices=[("t", "新技术、新产业"), ("f", "新业态、新模式"), ("z", "专精特新“小巨人”企业")],
    )
    summary = forms.CharField(
        label="质量管理模式概述",
        widget=forms.Textarea,
        max_length=800,
        help_text="说明做法、成效与推广价值；不写涉密内容。",
    )
    licence = forms.FileField(label="营业执照副本", help_text="扫描件须清晰、完整、加盖公章。")
    declared = forms.BooleanField(label="本单位承诺所填内容真实、准确、合法，不涉及国家秘密和国家安全")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].width = "full"
        self.fields["code"].width = "medium"
        self.fields["founded_on"].width = "short"
        self.fields["founded_on"].cite = "第九条第（二）项"
        self.fields["revenue"].suffix = "万元"
        self.fields["district"].width = "short"
        self.fields["innovations"].cite = "第九条第（二）项"
        self.fields["declared"].cite = "第十一条第（二）项"

    def clean_code(self) -> str:
        raise forms.ValidationError("校验码不符：第 18 位应为 X，请对照证照核对。")


class FilterForm(forms.Form):
    q = forms.CharField(label="单位名称或编号", required=False)
    stage = forms.ChoiceField(
        label="环节", required=False, choices=[("", "全部"), ("r", "推荐审核"), ("p", "推荐公示"), ("q", "资格审查")]
    )
    held = forms.ChoiceField(label="异议", required=False, choices=[("", "全部"), ("1", "有未结异议")])


STAGES = (
    ("填报", "done", "3月2日"),
    ("内部公示", "done", "3月13日"),
    ("推荐审核", "done", "3月27日"),
    ("推荐公示", "current", "还有 3 个工作日"),
    ("出具推荐意见", "upcoming", ""),
    ("资格审查", "upcoming", ""),
    ("受理名单公示", "upcoming", ""),
    ("材料评审", "upcoming", ""),
    ("陈述答辩", "upcoming", ""),
    ("现场评审", "upcoming", ""),
    ("审议", "upcoming", ""),
    ("获奖建议名单公示", "upcoming", ""),
    ("审定", "upcoming", ""),
)


def build_samples(request: HttpRequest) -> dict[str, Any]:
    now = clock.now()
    today = clock.today()
    bound = ProfileForm(
        {
            "name": "乌鲁木齐示例新材料有限公司",
            "code": "91650100MA0000000A",
            "category": "m",
            "summary": "推行“双闭环”质量管理。",
        },
        prefix="wrong",
    )
    bound.data = {f"wrong-{key}": value for key, value in bound.data.items()}
    return {
        "steps": [{"label": label, "status": status, "note": note} for label, status, note in STAGES],
        "stopped_steps": [
            {"label": "填报", "status": "done"},
            {"label": "内部公示", "status": "skipped", "note": "本条例未规定"},
            {"label": "推荐审核", "status": "stopped", "note": "不予推荐"},
            {"label": "资格审查", "status": "upcoming"},
        ],
        "tasks": [
            {"title": "申报单位基本情况", "status": "complete", "url": "#tasks"},
            {
                "title": "申报条件承诺",
                "status": "partial",
                "url": "#tasks",
                "hint": "9 项已承诺 6 项，第（四）项需要上传证明。",
                "cite": "第九条",
            },
            {
                "title": "自我评价报告",
                "status": "partial",
                "url": "#tasks",
                "hint": "“领导”一节还未填写。",
                "secret": True,
            },
            {
                "title": "近三年主要指标",
                "status": "empty",
                "url": "#tasks",
                "hint": "2023、2024、2025 年，共 12 项指标。",
            },
            {"title": "附件材料", "status": "returned", "url": "#tasks", "hint": "退回补正：审计报告缺第 12 页。"},
            {"title": "提交前检查", "status": "locked", "hint": "以上各项完成后可以进行。"},
        ],
        "entries": [
            {
                "at": now - dt.timedelta(days=2, hours=5),
                "what": "推荐公示开始",
                "who": "沙依巴克区市场监督管理局",
                "cite": "第十一条第（三）项",
                "text": "公示期不少于 5 个工作日，公示名单 4 家。",
            },
            {
                "at": now - dt.timedelta(days=6, hours=1),
                "what": "推荐审核通过",
                "who": "沙依巴克区市场监督管理局 · 王示例",
                "ground": "申报条件、程序、材料完整性逐条核对无误，未列入经营异常名录。",
                "tone": "green",
            },
            {
                "at": now - dt.timedelta(days=12),
                "what": "退回补正",
                "who": "沙依巴克区市场监督管理局 · 王示例",
                "ground": "附件“近三年审计报告”缺页，补正期限 5 个工作日。",
                "tone": "amber",
            },
            {
                "at": now - dt.timedelta(days=15, hours=3),
                "what": "提交申报",
                "who": "乌鲁木齐示例新材料有限公司 · 李示范",
            },
        ],
        "blockers": [
            Said("推荐公示还未期满，最后一日为 2026年3月30日 24:00。", "第十一条第（三）项"),
            Said("有 1 件异议尚未办结（编号 YY-2026-003）。", "第十三条"),
            Said("未收到生态环境主管部门的书面意见，回复期限 2026年3月27日。", "第十一条第（三）项"),
        ],
        "form": ProfileForm(prefix="blank"),
        "wrong_form": bound,
        "filter_form": FilterForm(prefix="f"),
        "page_obj": Paginator(range(1, 233), 20).get_page(request.GET.get("page") or 4),
        "tabs": [
            {"label": "待我办理", "url": "#tables", "current": True, "count": 4},
            {"label": "公示中", "url": "#tables", "count": 12},
            {"label": "已办结", "url": "#tables"},
        ],
        "facts": [
            ("申报编号", "WLMQ-2026-0017"),
            ("申报单位", "乌鲁木齐示例新材料有限公司"),
            ("申报类别", "制造业"),
            ("推荐单位", "沙依巴克区市场监督管理局"),
            ("成立日期", "2011年6月18日"),
            ("上届获奖", ""),
        ],
        "rows": [
            ("WLMQ-2026-0017", "乌鲁木齐示例新材料有限公司", "制造业", "推荐公示", "blue", "3月30日", "王示例", 612.5),
            (
                "WLMQ-2026-0009",
                "新疆样本现代物流集团股份有限公司",
                "服务业",
                "异议处理中",
                "amber",
                "3月24日",
                "王示例",
                587.0,
            ),
            ("WLMQ-2026-0004", "天山区模拟实验小学", "其他组织", "已推荐", "green", "—", "赵样例", 640.5),
            (
                "WLMQ-2026-0002",
                "乌鲁木齐假设建筑工程有限责任公司",
                "工程建设业",
                "不予推荐",
                "grey",
                "—",
                "赵样例",
                402.0,
            ),
        ],
        "chart_rows": [
            ("天山区", 14),
            ("沙依巴克区", 11),
            ("高新区（新市区）", 9),
            ("水磨沟区", 5),
            ("经开区（头屯河区）", 4),
        ],
        "document": SimpleNamespace(
            title="关于2026年度乌鲁木齐市人民政府质量奖推荐公示的通知",
            number="WLMQ-GS-2026-003",
            pages=3,
            size=284_160,
            sha256="9f2c4d1be07a5d6c3a8c5be8a94f4e0c6a0ff1f73d0a6b3e0f4b1f9a77c21d05",
        ),
        "unrendered": SimpleNamespace(title="评审报告", number="WLMQ-PS-2026-001", pages=None, sha256=""),
        "today": today,
        "in_a_week": today + dt.timedelta(days=7),
        "last_week": today - dt.timedelta(days=7),
    }
