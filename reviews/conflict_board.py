"""利害关系排查: every expert of the pool against every applicant of a round, with the reasons (V2, U23)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from applications.models import Application
from awards.models import Round
from documents.registers import Register

from .conflicts import Conflict, Findings, Question, findings_between
from .models import ConflictKind, Expert

# more columns than these are told as a list only
WIDEST = 12
Marks = list[tuple[str, bool]]


@dataclass(frozen=True)
class Line:
    """One reason, or one question, of one pair."""

    expert: Expert
    application: Application
    found: Conflict | Question

    @property
    def is_question(self) -> bool:
        return isinstance(self.found, Question)

    @property
    def label(self) -> str:
        return str(ConflictKind(self.found.kind).label)

    @property
    def cite(self) -> str:
        return self.found.ground if isinstance(self.found, Conflict) else ""


@dataclass(frozen=True)
class Board:
    """The lines that pass the filter, and the matrix of those experts and applications that have any."""

    lines: list[Line]
    experts: int
    applications: int
    columns: list[Application] = field(default_factory=list)
    matrix: list[tuple[Expert, list[Marks]]] = field(default_factory=list)

    @property
    def pairs(self) -> int:
        return len({(one.expert.pk, one.application.pk) for one in self.lines if not one.is_question})

    @property
    def asked(self) -> int:
        return sum(one.is_question for one in self.lines)


def judged_of(round: Round) -> list[Application]:
    """The applications of the round that somebody judges or may yet judge."""
    return list(Application.objects.filter(round=round).submitted().active().with_names().order_by("number", "pk"))


def pool_of(round: Round) -> list[Expert]:
    rows = Expert.objects.of_scheme(round.scheme.key).select_related("user")
    return list(rows.order_by("field", "pk"))


def conflict_board(round: Round, *, kind: str = "", application: str = "", name: str = "", show: str = "") -> Board:
    """The board narrowed by kind, applicant, expert's name, and to conflicts or questions."""
    experts, applications = pool_of(round), judged_of(round)
    if name.strip():
        experts = [one for one in experts if name.strip() in str(one) or name.strip() in one.employer]
    if application:
        applications = [one for one in applications if str(one.public_id) == application]
    lines = lines_of(experts, applications, findings_between(experts, applications))
    if kind:
        lines = [one for one in lines if one.found.kind == kind]
    if show:
        lines = [one for one in lines if one.is_question == (show == "asked")]
    board = Board(lines, len(experts), len(applications))
    involved = {one.application.pk for one in lines}
    columns = [one for one in applications if one.pk in involved]
    if len(columns) <= WIDEST:
        board.columns.extend(columns)
        board.matrix.extend(_matrix(experts, columns, lines))
    return board


def lines_of(experts: Sequence[Expert], applications: Sequence[Application], found: Findings) -> list[Line]:
    """Applicant by applicant, expert by expert, what is certain before what is asked."""
    return [
        Line(expert, application, one)
        for application in applications
        for expert in experts
        for one in (
            *found.conflicts.get((expert.pk, application.pk), ()),
            *found.questions.get((expert.pk, application.pk), ()),
        )
    ]


def conflict_register(round: Round, lines: Sequence[Line]) -> Register:
    """利害关系排查表, to work with and to print and sign."""
    return Register(
        title=f"{round.title}利害关系排查表",
        headings=["序号", "申报者", "专家", "专业领域", "工作单位", "关系", "事实", "来源", "结论"],
        rows=[
            [
                place, str(one.application.organization), str(one.expert), one.expert.field, one.expert.employer,
                one.label, str(one.found), one.found.source, "待核实" if one.is_question else "应当回避",
            ]
            for place, one in enumerate(lines, start=1)
        ],
        signatures=["排查人", "复核人", "日期"],
        widths=[2, 6, 3, 4, 6, 4, 11, 4, 3],
    )  # fmt: skip


def _matrix(
    experts: Sequence[Expert], columns: Sequence[Application], lines: Sequence[Line]
) -> list[tuple[Expert, list[Marks]]]:
    cells: dict[tuple[int, int], Marks] = {}
    for one in lines:
        marks = cells.setdefault((one.expert.pk, one.application.pk), [])
        if (one.label, one.is_question) not in marks:
            marks.append((one.label, one.is_question))
    involved = {expert for expert, _ in cells}
    return [
        (expert, [cells.get((expert.pk, column.pk), []) for column in columns])
        for expert in experts
        if expert.pk in involved
    ]
