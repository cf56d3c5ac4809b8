"""The review's registers to print and to work with: 专家库, 专家抽取记录."""

from __future__ import annotations

from applications.registers import minute
from documents.registers import Register
from organizations.models import User

from .models import DrawRecord, Expert, Panel


def expert_register(user: User) -> Register:
    """The pool of the person's office, with how often each expert was trained and used."""
    pool = Expert.objects.of_office(user).with_use().order_by("field", "pk")
    return Register(
        title="评审专家库",
        headings=["序号", "姓名", "专业领域", "工作单位", "职务职称", "培训次数", "使用次数", "状态"],
        rows=[
            [
                place, str(one), one.field, one.employer, one.title, one.trainings, one.uses,  # type: ignore[attr-defined]
                one.get_state_display(),
            ]
            for place, one in enumerate(pool, start=1)
        ],
        widths=[2, 4, 5, 8, 5, 3, 3, 3],
    )  # fmt: skip


def draw_register(panel: Panel) -> Register:
    """专家抽取记录 of a panel: seed, candidates, exclusions, result and witness, so that anybody can draw again."""
    pool = Expert.objects.filter(scheme_key=panel.round.scheme.key).select_related("user")
    names = {str(one.public_id): str(one) for one in pool}
    return Register(
        title=f"{panel.round.title}{panel.stage_label}专家抽取记录",
        headings=["序号", "用途", "抽取时间", "抽取人", "候选人数", "抽取人数", "排除", "随机种子", "结果", "监督人员"],
        rows=[
            [
                place, row.get_purpose_display(), minute(row.drawn_at), str(row.drawn_by or ""), len(row.candidates),
                row.needed, len(row.excluded), row.seed, _result(row, names), row.witness,
            ]
            for place, row in enumerate(panel.draws.select_related("drawn_by").order_by("pk"), start=1)
        ],
        notes=["复算方法：对“种子|编号”求 SHA-256，按结果升序取前若干个。候选编号见系统留痕记录。"],
        signatures=["抽取人", "监督人员", "日期"],
        widths=[2, 4, 4, 3, 3, 3, 2, 6, 9, 3],
    )  # fmt: skip


def _result(row: DrawRecord, names: dict[str, str]) -> str:
    if isinstance(row.result, list):
        return "、".join(names.get(key, key) for key in row.result)
    return f"已分配{len(row.result)}份材料"
