"""Reports on staff and experts: inquiry, finding, disqualification, removal, referral, publication (U22, Z27, Y22).

Who is reported handles nothing of it and is not shown it. What the person judged before is flagged, never erased.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django_fsm import can_proceed

from applications.desk_rules import DeskRefused, require_text
from applications.rules import works_for
from award_portal.lib import clock
from awards.models import Round, Scheme
from awards.rounds import draft_note
from awards.rulebook import Rulebook
from awards.workdays import date_zh
from documents.issuing import issue_document, next_case_number
from organizations import evidence
from organizations.messages import people_of, send_message
from organizations.models import Membership, StoredFile, Unit, UnitKind, User
from publicity.announcing import announce
from publicity.models import Notice
from reviews.expert_sanctions import disqualify_expert
from reviews.models import Expert

from .case_rules import book_of, case_due
from .models import DisciplineCase, DutyRemoval

Role = DisciplineCase.Role
UNITS = {
    Role.OFFICE: ("office",), Role.RECOMMENDER: ("recommender", "consenter"), Role.BODY: ("leading_body", "government"),
}  # fmt: skip


def may_handle(user: User, case: DisciplineCase) -> bool:
    """The scheme's office or its supervising department; never who it is about."""
    if user.pk == case.person_id:
        return False
    return any(works_for(user, case.scheme.key, kind) for kind in (UnitKind.OFFICE, UnitKind.SUPERVISOR))


@transaction.atomic
def report_person(
    scheme: Scheme, *, person: User, role: str, source: str, text: str, round: Round | None = None,
    file: StoredFile | None = None, by: User, at: datetime,
) -> DisciplineCase:  # fmt: skip
    """Enter a report on somebody who runs or judges (U22); the clock of the inquiry starts."""
    if not any(works_for(by, scheme.key, kind) for kind in (UnitKind.OFFICE, UnitKind.SUPERVISOR)):
        raise DeskRefused.because("只能由办公室或者纪检监察机构登记。")
    if by.pk == person.pk:
        raise DeskRefused.because("不能登记对本人的反映，请由其他人员登记。")
    if source not in DisciplineCase.Source.values:
        raise DeskRefused.because("请选择来源。其他已填内容已保留。")
    expert = Expert.objects.filter(scheme_key=scheme.key, user=person).first() if role == Role.EXPERT else None
    if role == Role.EXPERT and expert is None:
        raise DeskRefused.because("该人员不在本奖项的专家库中。其他已填内容已保留。")
    if role in UNITS and not _ever_in(person, scheme.key, UNITS[Role(role)]):
        raise DeskRefused.because("该人员没有在所选身份的单位任职的记录。其他已填内容已保留。")
    if role not in Role.values:
        raise DeskRefused.because("请选择身份。其他已填内容已保留。")
    year = clock.day_of(at).year
    case = DisciplineCase(
        scheme=scheme, round=round, person=person, role=role, expert=expert, source=source,
        text=require_text(text, "反映的情况")[:5000], file=file, reported_at=at, reported_by=by,
    )  # fmt: skip
    case.due_at = case_due(_book(case), "triage", start=clock.day_of(at))
    case.number = next_case_number("JL", scheme_key=scheme.key, year=year)
    case.save()
    told = [one for unit in _watchers(scheme.key) for one in people_of(unit) if one.pk not in (person.pk, by.pk)]
    send_message(told, subject=f"登记违纪违规反映：{case.number}", url=case.get_absolute_url(), at=at)
    _note(case, "report", by=by, at=at, role=role, source=source)
    return case


@transaction.atomic
def begin_inquiry(case: DisciplineCase, *, by: User, at: datetime) -> DisciplineCase:
    case = _take(case, "inquire", by=by)
    case.inquiry_at = at
    return _go(case, "inquire", by=by, at=at, due_at=case_due(_book(case), "inquiry", start=clock.day_of(at)))


@transaction.atomic
def find_in_discipline(
    case: DisciplineCase, *, is_upheld: bool, text: str, statement: str = "", by: User, at: datetime
) -> DisciplineCase:
    """The finding, with what the person said; not upheld ends it."""
    step = "uphold" if is_upheld else "clear"
    case = _take(case, step, by=by)
    case.is_upheld, case.finding_text = is_upheld, require_text(text, "认定的事实和依据")[:3000]
    case.statement, case.found_at, case.found_by = statement.strip()[:3000], at, by
    due_at = case_due(_book(case), "execution", start=clock.day_of(at)) if is_upheld else None
    return _go(case, step, by=by, at=at, due_at=due_at, upheld=is_upheld)


@transaction.atomic
def disqualify(case: DisciplineCase, *, until_on: date | None = None, by: User, at: datetime) -> DisciplineCase:
    """取消评审专家资格 on the finding: no draw finds the expert, running sheets are void, past ones flagged (U22)."""
    case = _found(case, by)
    if case.expert is None:
        raise DeskRefused.because("被反映人不是评审专家，不适用取消评审专家资格。", _ground(case))
    if case.sanction_id is not None:
        raise DeskRefused.because("已经取消资格，未重复办理。")
    case.sanction = disqualify_expert(case.expert, reason=case.finding_text[:300], until_on=until_on, by=by, at=at)
    case.save()
    _note(case, "disqualify", by=by, at=at)
    return case


@transaction.atomic
def remove_from_duties(case: DisciplineCase, *, by: User, at: datetime) -> DutyRemoval:
    """取消其评审工作资格 (Z27, Y22): no further part in the round; what the person did before stands as it is."""
    case = _found(case, by)
    if case.round is None:
        raise DeskRefused.because("该反映没有指明届次，不能办理退出评审工作。")
    if case.role == Role.EXPERT:
        raise DeskRefused.because("评审专家按取消评审专家资格办理。", _ground(case))
    if DutyRemoval.objects.in_force().filter(round=case.round, person=case.person).exists():
        raise DeskRefused.because("该人员已经退出本届评审工作，未重复办理。")
    removal = DutyRemoval.objects.create(case=case, round=case.round, person=case.person, from_at=at, removed_by=by)
    send_message([case.person], subject=f"您不再参与{case.round.title}的评审工作", at=at)
    _note(case, "remove", by=by, at=at, round=str(case.round.public_id))
    return removal


@transaction.atomic
def refer(case: DisciplineCase, *, to: str, text: str, by: User, at: datetime) -> DisciplineCase:
    """移送: facts of a breach of law or discipline go to the body that may punish it, with a letter (U22, Z27)."""
    case = _found(case, by)
    if case.referred_at is not None:
        raise DeskRefused.because("已经移送，未重复办理。")
    case.referred_to = require_text(to, "移送机关")[:80]
    unit = _office(case)
    title = "问题线索移送函"
    case.referral_paper = issue_document(
        "discipline_referral", title=title, template="case_paper.html",
        content={
            "title": title, "to": case.referred_to, "issuer": unit.name if unit else case.scheme.name,
            "lines": [
                f"经核查，{case.get_role_display()}{case.person}存在以下情形：{case.finding_text}",
                require_text(text, "移送理由"),
                f"依据{_ground(case)}，现将问题线索和有关材料移送你单位依规依纪依法处理，并请将处理结果函告我单位。",
            ],
            "case_number": case.number, "date": date_zh(clock.day_of(at)), "document_number": "",
            "draft_note": draft_note(case.round) if case.round else "", "with_contact": False, "contact": {},
        },
        scheme_key=case.scheme.key, subject=case.subject, issuer=unit, by=by, at=at,
    )  # fmt: skip
    case.referred_at = at
    case.save()
    _note(case, "refer", by=by, at=at)
    return case


@transaction.atomic
def record_referral_result(case: DisciplineCase, *, text: str, by: User, at: datetime) -> DisciplineCase:
    """What became of the referral; it may come after the case is closed."""
    case = _take(case, "", by=by)
    if case.referred_at is None:
        raise DeskRefused.because("该案没有移送。")
    case.referral_result = require_text(text, "处理结果")[:500]
    case.save()
    _note(case, "referral_result", by=by, at=at)
    return case


@transaction.atomic
def publish_discipline(case: DisciplineCase, *, text: str, by: User, at: datetime) -> DisciplineCase:
    """依法向社会公开 (U22), in words the office writes: nothing of it is taken from the inquiry by itself."""
    case = _found(case, by)
    if case.published_at is not None:
        raise DeskRefused.because("已经公开，未重复办理。")
    text = require_text(text, "公开的内容")[:2000]
    round, unit = case.round or case.scheme.rounds.published().order_by("-year", "-ordinal").first(), _office(case)
    if unit is None:
        raise DeskRefused.because("本奖项没有在用的办公室，不能发布公告。")
    _note(case, "publish", by=by, at=at)  # before the round's chain: two chains are taken in the order of their names
    case.notice = announce(
        round, scheme=case.scheme, kind=Notice.Kind.DISCIPLINE,
        title=f"关于{case.get_role_display()}违规问题的处理通报", body=text, issuer=unit, by=by, at=at,
    )  # fmt: skip
    case.published_at = at
    case.save()
    return case


@transaction.atomic
def close_discipline(case: DisciplineCase, *, because: str, by: User, at: datetime) -> DisciplineCase:
    """Closed when something followed from the finding, or the reason says why nothing did."""
    case = _take(case, "close", by=by)
    done = case.sanction_id or case.referred_at or case.removals.exists()
    case.closed_because = because.strip()[:500] if done else require_text(because, "未作处理的理由")[:500]
    case.closed_at = at
    return _go(case, "close", by=by, at=at)


def is_removed(user: User, round: Round) -> bool:
    """Whether somebody takes no part in a round any more."""
    return DutyRemoval.objects.in_force().filter(round=round, person=user).exists()


def _take(case: DisciplineCase, step: str, *, by: User) -> DisciplineCase:
    DisciplineCase.objects.select_for_update(of=("self",)).get(pk=case.pk)
    locked = DisciplineCase.objects.select_related("scheme", "person", "round__edition", "expert__user").get(pk=case.pk)
    if not may_handle(by, locked):
        raise DeskRefused.because("该反映由办公室或者纪检监察机构办理，被反映人不得办理。", _ground(locked))
    if step and not can_proceed(getattr(locked, step)):
        raise DeskRefused.because(f"该反映现为“{locked.get_state_display()}”，不能办理本步骤。页面可能已过时，请刷新。")
    return locked


def _found(case: DisciplineCase, by: User) -> DisciplineCase:
    """Upheld and not yet closed."""
    return _take(case, "close", by=by)


def _go(
    case: DisciplineCase, step: str, *, by: User, at: datetime, due_at: datetime | None = None, **data: object
) -> DisciplineCase:
    case.due_at, case.escalated_at = due_at, None
    getattr(case, step)()
    case.save()
    _note(case, step, by=by, at=at, **data)
    return case


def _note(case: DisciplineCase, verb: str, *, by: User, at: datetime, **data: object) -> None:
    evidence.record(f"discipline.{verb}", by=by, subject=case.subject, at=at, data={"number": case.number, **data})


def _book(case: DisciplineCase) -> Rulebook:
    return book_of(award=None, round=case.round, scheme=case.scheme)


def _ground(case: DisciplineCase) -> str:
    return _book(case).discipline_ground


def _office(case: DisciplineCase) -> Unit | None:
    if case.round is not None:
        return case.round.office
    return Unit.objects.active().of_scheme(case.scheme.key).of_kind("office").order_by("pk").first()


def _watchers(scheme_key: str) -> list[Unit]:
    return list(Unit.objects.active().of_scheme(scheme_key).filter(kind__in=("office", "supervisor")).order_by("pk"))


def _ever_in(person: User, scheme_key: str, kinds: tuple[str, ...]) -> bool:
    return Membership.objects.filter(user=person, unit__scheme_key=scheme_key, unit__kind__in=kinds).exists()
