"""What the supervising department reads of a round: steps, holds, clocks, openings, recusals, sanctions (Y22, B21).

Ballots are not among it, nor who objected or reported: an objection and a case stand here by their numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from applications.models import Application, Consultation, Correction, Hold, SecretOpening, Step
from applications.pipeline import ACTIVE, steps_of
from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from documents.registers import Register
from objections.models import IdentityOpening, Objection
from organizations.models import Unit, User
from reviews.models import DrawRecord, ExpertSanction, MemberRecusal, Recusal

from .models import Case, ContactOpening, DisciplineCase, DutyRemoval, SupervisionAdvice

Cells = list[list[str | int]]


def watched_rounds(user: User) -> QuerySet[Round]:
    """The published rounds of the schemes the person watches."""
    keys = Unit.objects.of_user(user).of_kind("supervisor").values("scheme_key")
    found = Round.objects.published().filter(scheme__key__in=keys)
    return found.select_related("scheme", "edition", "office").order_by("-year", "-ordinal", "-pk")


@dataclass(frozen=True)
class Watched:
    """One round with what stands out in it."""

    round: Round
    applications: int
    under_way: int
    holds: int
    overdue: int
    openings: int
    objections: int
    objections_soon: int
    recusals: int


def overview(rounds: Iterable[Round], *, at: datetime) -> list[Watched]:
    """The numbers of every round; the same queries for one round and for thirty."""
    rounds = list(rounds)
    handed_in = Application.objects.filter(round__in=rounds).submitted()
    counts = handed_in.values("round").annotate(all=Count("pk"), under=Count("pk", filter=Q(state__in=ACTIVE)))
    applications = {row["round"]: (row["all"], row["under"]) for row in counts.order_by()}
    holds = _by_round(Hold.objects.open().filter(application__round__in=rounds), "application__round")
    openings = _by_round(
        IdentityOpening.objects.filter(objection__application__round__in=rounds), "objection__application__round"
    )
    openings += _by_round(SecretOpening.objects.filter(application__round__in=rounds), "application__round")
    recusals = _by_round(Recusal.objects.filter(application__round__in=rounds), "application__round")
    overdue: Counter[int] = Counter()
    for queryset, path in _clocks(rounds, at=at):
        overdue += _by_round(queryset.filter(due_at__lte=at), path)
    running = Objection.objects.unfinished().filter(application__round__in=rounds)
    objections = _by_round(running, "application__round")
    soon = _by_round(running.due_soon(at), "application__round")
    return [
        Watched(
            one,
            *applications.get(one.pk, (0, 0)),
            holds=holds[one.pk],
            overdue=overdue[one.pk],
            openings=openings[one.pk],
            objections=objections[one.pk],
            objections_soon=soon[one.pk],
            recusals=recusals[one.pk],
        )
        for one in rounds
    ]


def _by_round(queryset: QuerySet[Any], path: str) -> Counter[int]:
    return Counter({row[path]: row["n"] for row in queryset.order_by().values(path).annotate(n=Count("pk"))})


def _clocks(rounds: Iterable[Round], *, at: datetime) -> list[tuple[QuerySet[Any], str]]:
    """Everything with a due moment that is not done, and the way from it to its round."""
    cases = Case.objects.open()
    return [
        (
            Objection.objects.unfinished()
            .filter(application__round__in=rounds)
            .select_related("handler", "investigator", "application__round__office"),
            "application__round",
        ),
        (cases.filter(award__round__in=rounds), "award__round"),
        (cases.filter(award=None, application__round__in=rounds), "application__round"),
        (Consultation.objects.unanswered().filter(round__in=rounds).select_related("department"), "round"),
        (
            Correction.objects.filter(application__round__in=rounds, answered_at=None, lapsed_at=None),
            "application__round",
        ),
        (DisciplineCase.objects.open().filter(round__in=rounds), "round"),
        (SupervisionAdvice.objects.open().filter(round__in=rounds), "round"),
    ]


# -- the sections of one round ---------------------------------------------------------------------------------------


def steps_register(round: Round, *, at: datetime) -> Register:
    """Every passage through the door, latest first."""
    book = rulebook_for(round)
    labels = {name: edges[0].custom["label"] for name, edges in steps_of(Application).items()}
    rows = Step.objects.filter(application__round=round).select_related("application__organization")
    cells: Cells = [
        [
            _time(one.at), one.application.number or "未编号", str(one.application.organization),
            labels.get(one.step, one.step), book.labels.states.get(one.from_state, one.from_state),
            book.labels.states.get(one.to_state, one.to_state), one.by_label, one.cite,
        ]
        for one in rows.order_by("-at", "-pk")
    ]  # fmt: skip
    heads = ["时间", "申报编号", book.noun, "步骤", "原状态", "新状态", "办理单位", "依据"]
    return Register("办理步骤", heads, cells)


def holds_register(round: Round, *, at: datetime) -> Register:
    labels = {name: edges[0].custom["label"] for name, edges in steps_of(Application).items()}
    rows = Hold.objects.filter(application__round=round).select_related("application__organization")
    cells: Cells = [
        [
            one.application.number, str(one.application.organization), one.reason, one.get_kind_display(),
            "、".join(labels.get(step, step) for step in one.steps),
            _time(one.placed_at), _time(one.released_at) if one.released_at else "未解除", one.released_because or "—",
        ]
        for one in rows.order_by("-placed_at", "-pk")
    ]  # fmt: skip
    return Register(
        "暂停",
        ["申报编号", rulebook_for(round).noun, "事由", "性质", "暂停的步骤", "设置时间", "解除时间", "解除理由"],
        cells,
    )


def clocks_register(round: Round, *, at: datetime, user: User | None = None) -> Register:
    """What runs and by when, the overdue first; by number, never by who objected or reported."""
    found: list[tuple[datetime, str, str, str, datetime | None]] = []
    names = ("异议", "监督案件", "监督案件", "征求意见", "补正", "违纪违规处理", "监督建议")
    for name, (queryset, _) in zip(names, _clocks([round], at=at), strict=True):
        if name == "违纪违规处理" and user is not None:
            queryset = queryset.exclude(person=user)
        found += [
            (one.due_at, name, _mark(one), _standing(one), getattr(one, "escalated_at", None))
            for one in queryset
            if one.due_at
        ]
    cells: Cells = [
        [name, mark, standing, _until(due), "逾期" if due <= at else "未到期", _time(told) if told else "—"]
        for due, name, mark, standing, told in sorted(found, key=lambda one: one[0])
    ]
    return Register("办理时限", ["事项", "编号", "状态", "期限", "是否逾期", "逾期上报"], cells)


def openings_register(round: Round, *, at: datetime) -> Register:
    """Who opened what is sealed: objectors' identities, marked material, reporters' contacts; never what it says."""
    of_objection = IdentityOpening.objects.filter(objection__application__round=round).select_related(
        "objection", "user"
    )
    of_secret = SecretOpening.objects.filter(application__round=round).select_related("application", "user")
    of_case = ContactOpening.objects.filter(
        Q(case__award__round=round) | Q(case__application__round=round)
    ).select_related("case", "user")
    secret = rulebook_for(round).secret_label
    found = [(one.opened_at, "异议人信息", f"异议{one.objection.number}", str(one.user)) for one in of_objection]
    found += [
        (one.opened_at, secret, f"申报{one.application.number}（{one.part}）", str(one.user)) for one in of_secret
    ]
    found += [(one.opened_at, "反映人信息", f"案件{one.case.number}", str(one.user)) for one in of_case]
    cells: Cells = [
        [_time(when), what, which, who]
        for when, what, which, who in sorted(found, key=lambda one: one[0], reverse=True)
    ]
    return Register("密封信息查阅", ["时间", "种类", "对象", "查阅人"], cells)


def recusals_register(round: Round, *, at: datetime) -> Register:
    """Experts and members who stepped back, or were asked to, and what was decided."""
    experts = Recusal.objects.filter(application__round=round).select_related(
        "application__organization", "expert__user"
    )
    members = MemberRecusal.objects.filter(member__meeting__round=round).select_related(
        "member__user", "application__organization"
    )
    cells: Cells = [
        [
            _time(one.asked_at), "评审专家", str(one.expert) if one.expert else one.named or "—",
            str(one.application.organization), one.get_source_display(), one.get_state_display(),
            _time(one.decided_at) if one.decided_at else "—",
        ]
        for one in experts.order_by("-asked_at", "-pk")
    ]  # fmt: skip
    cells += [
        ["—", "审议机构成员", str(one.member.user), str(one.application.organization), "—", "已回避", "—"]
        for one in members
    ]
    heads = ["提出时间", "身份", "姓名", rulebook_for(round).noun, "来源", "结果", "决定时间"]
    return Register("回避", heads, cells)


def sanctions_register(round: Round, *, at: datetime) -> Register:
    """Suspended or disqualified experts of the scheme, and who was removed from the round."""
    sanctions = ExpertSanction.objects.filter(expert__scheme_key=round.scheme.key).select_related("expert__user")
    removals = DutyRemoval.objects.filter(round=round).select_related("person")
    cells: Cells = [
        [
            one.from_on.isoformat(), str(one.expert), one.get_kind_display(), one.ground,
            one.until_on.isoformat() if one.until_on else "未定期限",
            f"{_time(one.ended_at)}（{one.ended_because}）" if one.ended_at else "执行中", one.referred_to or "—",
        ]
        for one in sanctions
    ]  # fmt: skip
    cells += [
        [_time(one.from_at), str(one.person), "退出评审工作", one.ended_because or "—", "本届",
         _time(one.ended_at) if one.ended_at else "执行中", "—"]
        for one in removals
    ]  # fmt: skip
    return Register("处理措施", ["自", "姓名", "措施", "事实和理由", "至", "结果", "移送"], cells)


def draws_register(round: Round, *, at: datetime) -> Register:
    """Every draw of experts with its seed, so that it can be drawn again."""
    rows = DrawRecord.objects.filter(panel__round=round).select_related("panel").order_by("-drawn_at", "-pk")
    cells: Cells = [
        [
            _time(one.drawn_at),
            one.panel.stage_label,
            one.get_purpose_display(),
            one.seed,
            len(one.candidates),
            one.witness or "—",
        ]
        for one in rows
    ]
    return Register("专家抽取", ["时间", "环节", "用途", "随机种子", "候选人数", "监督人"], cells)


SECTIONS: dict[str, tuple[str, Callable[..., Register]]] = {
    "steps": ("办理步骤", steps_register),
    "clocks": ("办理时限", clocks_register),
    "holds": ("暂停", holds_register),
    "openings": ("密封信息查阅", openings_register),
    "recusals": ("回避", recusals_register),
    "sanctions": ("处理措施", sanctions_register),
    "draws": ("专家抽取", draws_register),
}


def all_sections(round: Round, *, at: datetime) -> list[Register]:
    """The exportable log: every section as a sheet."""
    return [make(round, at=at) for _, make in SECTIONS.values()]


def _mark(row: Any) -> str:
    if isinstance(row, Consultation):
        return f"致{row.department}"
    return str(getattr(row, "number", "") or getattr(row.application, "number", ""))


def _standing(row: Any) -> str:
    if isinstance(row, Objection):
        unit = row.investigator if row.leg == "report" and row.investigator else row.handled_by
        return f"{row.get_state_display()}（{row.leg_zh or '待异议人补正'}，{unit.name}）"
    show = getattr(row, "get_state_display", None)
    return str(show()) if show else "待办"


def _until(at: datetime) -> str:
    """The end of a period as it is said: midnight belongs to the day before, 24:00."""
    local = at.astimezone(clock.SHANGHAI)
    return f"{local - timedelta(days=1):%Y-%m-%d} 24:00" if local.time() == time() else _time(at)


def _time(at: datetime | None) -> str:
    return f"{at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}" if at else ""
