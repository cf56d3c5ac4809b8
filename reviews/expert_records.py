"""What the pool's cards and sheets show of an expert: use of them, the list to export, the empty one to fill in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from documents.registers import Register, workbook_of
from organizations.models import User

from .expert_import import HEADINGS
from .models import Expert, ExpertUseNote, PanelMember, ScoreSheet

EXPLANATIONS = (
    "一行填写一名专家的一段任职经历；同一专家有多段任职经历的，用同一用户名逐行填写，姓名、专业领域等只填第一行即可。",
    "表头各列名称不要改动。用户名、工作单位必须填写；新专家还应填写姓名、专业领域，并有一个现任职单位。",
    "用户名已在专家库中的，按表更新；空着的不改动，表中未列的任职经历保留。",
    "新填的现任职单位，将使原现任职单位记为至其任职起（未填的为导入当日）止。",
    "其他专业领域有多个的，用顿号隔开。统一社会信用代码核对校验位，用于判断利害关系。",
    "任职起、任职止填 2023-06-30 的形式；任职止填离任日期，现任职的空着。",
    "入库前培训次数只在新专家入库时读取；入库后的培训在专家页面登记。",
)


@dataclass(frozen=True)
class Use:
    """One panel the expert sat on: how many sheets were in, and what the office found of the work."""

    member: PanelMember
    assigned: int
    submitted: int
    note: ExpertUseNote | None


def uses_of(expert: Expert) -> list[Use]:
    """Every panel of the expert, newest first; two queries for any number."""
    members = list(
        PanelMember.objects.filter(expert=expert)
        .select_related("panel__round__edition", "panel__round__scheme", "use_note")
        .order_by("-joined_at", "-pk")
    )
    rows = ScoreSheet.objects.filter(assignment__expert=expert, assignment__panel__in=[one.panel_id for one in members])
    counts = {
        key: (total, done)
        for key, total, done in rows.order_by()
        .values("assignment__panel")
        .annotate(total=Count("pk"), done=Count("pk", filter=Q(submitted_at__isnull=False, voided_at=None)))
        .values_list("assignment__panel", "total", "done")
    }
    return [Use(one, *counts.get(one.panel_id, (0, 0)), getattr(one, "use_note", None)) for one in members]


def roster(user: User) -> bytes:
    """The pool of the person's office in the form that is imported: a row for each employment."""
    pool = (
        Expert.objects.of_office(user)
        .select_related("user")
        .prefetch_related("specialties", "employments")
        .order_by("field", "pk")
    )
    rows = []
    for one in pool:
        others = "、".join(each.field for each in one.specialties.all())
        for job in one.employments.all():
            rows.append(
                [
                    one.user.username, str(one), one.field, others, one.title, job.employer, job.employer_code,
                    job.position, _day(job.from_on), _day(job.until_on), str(one.trainings),
                ]
            )  # fmt: skip
    return _sheets(rows)


def roster_template() -> bytes:
    """The empty list with its headings, and a sheet that explains it."""
    return _sheets([])


def _sheets(rows: list[list[str]]) -> bytes:
    notes = Register("填写说明", ["填写说明"], [[one] for one in EXPLANATIONS])
    return workbook_of([Register("专家名册", list(HEADINGS.values()), rows), notes])


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
