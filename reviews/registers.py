"""The review's registers to print and to work with: 专家库, 专家抽取记录."""

from __future__ import annotations

from applications.registers import minute
from documents.registers import Register
from organizations.models import User

from .draw_tables import draw_table
from .models import DrawRecord, Expert, Panel
from .replaying import HOW, digest_of, export_of


def expert_register(user: User) -> Register:
    """The pool of the person's office, with how often each expert was trained and used."""
    pool = Expert.objects.of_office(user).with_use().with_fields().order_by("field", "pk")
    return Register(
        title="评审专家库",
        headings=["序号", "姓名", "专业领域", "工作单位", "职务职称", "培训次数", "使用次数", "状态"],
        rows=[
            [
                place, str(one), one.fields_zh, one.employer, one.title, one.trained, one.uses,  # type: ignore[attr-defined]
                one.state_label,
            ]
            for place, one in enumerate(pool, start=1)
        ],
        widths=[2, 4, 5, 8, 5, 3, 3, 3],
    )  # fmt: skip


def draw_registers(panel: Panel) -> list[Register]:
    """专家抽取记录 of a panel: its draws in one list, then each with every candidate, ticket and reason left out."""
    records = list(panel.draws.select_related("drawn_by", "replaced__user", "panel").order_by("pk"))
    pool = Expert.objects.of_scheme(panel.round.scheme.key).select_related("user")
    names = {str(one.public_id): str(one) for one in pool}
    title = f"{panel.round.title}{panel.label}专家抽取记录"
    first = Register(
        title=title,
        headings=[
            "序号", "用途", "抽取时间", "抽取人", "候选", "抽取", "排除", "抽取种子", "结果", "备选", "监督人员",
        ],
        rows=[
            [
                place, row.get_purpose_display(), minute(row.drawn_at), str(row.drawn_by or ""), len(row.candidates),
                row.needed, len(row.excluded), row.seed, _result(row, names),
                "、".join(names.get(key, key) for key, _ in row.reserve), row.witness,
            ]
            for place, row in enumerate(records, start=1)
        ],
        notes=["各次抽取的候选、票号、排除理由和复算方法见后附分表；从系统导出的抽取记录文件可以脱离系统复算。"],
        signatures=["抽取人", "监督人员", "日期"],
        widths=[2, 4, 4, 3, 3, 3, 2, 6, 8, 5, 4],
    )  # fmt: skip
    moved = _moves(panel)
    return [
        first,
        *(_one_draw(place, row) for place, row in enumerate(records, start=1)),
        *([moved] if moved.rows else []),
    ]


def _moves(panel: Panel) -> Register:
    """The readings that went from one expert to another outside a draw, each with its ground."""
    rows = panel.assignments.handed_over().order_by("pk")
    return Register(
        title="评审任务调整记录",
        headings=["序号", "申报", "原评审专家", "改由", "事由", "时间", "办理人"],
        rows=[
            [
                place, str(one.application.organization), str(one.replaces.expert), str(one.expert),
                one.replaces.ended_because, minute(one.assigned_at), str(one.assigned_by or ""),
            ]
            for place, one in enumerate(rows, start=1)
        ],
        widths=[2, 8, 4, 4, 8, 4, 4],
    )  # fmt: skip


def _one_draw(place: int, record: DrawRecord) -> Register:
    table = draw_table(record)
    left_out = [f"排除：{'；'.join(f'{who}（{why}）' for who, why in table.excluded)}"] if table.excluded else []
    return Register(
        title=f"分表{place}　{record.get_purpose_display()}",
        headings=table.headings,
        rows=table.rows,
        facts=[*table.facts, ("抽取时间", minute(record.drawn_at))],
        notes=[
            *left_out,
            f"复算方法：{'；'.join(HOW[record.method])}。",
            f"记录校验值（SHA-256）：{digest_of(export_of(record))}",
        ],
        widths=WIDTHS.get(len(table.headings), ()),
    )


def _result(row: DrawRecord, names: dict[str, str]) -> str:
    if isinstance(row.result, list):
        return "、".join(names.get(key, key) for key in row.result)
    return f"已分配{len(row.result)}份材料"


# 分表 with tickets, with a reserve line, with readers
WIDTHS = {6: (2, 3, 4, 10, 5, 4), 4: (2, 4, 8, 8), 3: (6, 6, 8)}
