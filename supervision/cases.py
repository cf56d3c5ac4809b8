"""Opening a case: reported by anyone, a regulator, the office, or left by an upheld objection (U19–U21, B22, Y21).

Who reported is sealed; each opening is on record. What lies outside the regulation's years is refused with its
article. A case on false material stands whatever becomes of the application (U20).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django_fsm import can_proceed

from applications.desk_rules import DeskRefused, require_text
from applications.models import Application
from applications.rules import works_for
from award_portal.lib import clock
from award_portal.lib.crypto import digest_secret
from award_portal.lib.sealed import seal, unseal
from awards.models import Award
from documents.issuing import next_case_number
from objections.after_award import on_upheld_after_award
from objections.identity import TELLING, plain
from objections.models import Objection
from organizations.messages import people_of, send_message
from organizations.models import StoredFile, Unit, UnitKind, User

from .case_door import book_for, go, note, office_of, take
from .case_rules import case_due, consequences, require_within
from .case_telling import tell_reporter
from .models import Case, CaseEvidence, ContactOpening

Kind, Source = Case.Kind, Case.Source
TEXT_LIMIT = 5000


@transaction.atomic
def report_award(
    award: Award,
    *,
    kind: str,
    text: str,
    happened_on: date | None,
    contact: Mapping[str, str],
    file: StoredFile | None,
    at: datetime,
) -> tuple[Case, str]:
    """Anybody tells of a winner, without an account (U19, Y21); returns the case and the secret of its receipt."""
    return open_case(
        award=award, kind=kind, text=text, happened_on=happened_on, source=Source.PUBLIC, contact=contact, file=file,
        by=None, at=at,
    )  # fmt: skip


@transaction.atomic
def open_case(
    *,
    award: Award | None = None,
    application: Application | None = None,
    kind: str,
    text: str,
    source: str,
    happened_on: date | None = None,
    source_note: str = "",
    contact: Mapping[str, str] | None = None,
    file: StoredFile | None = None,
    by: User | None,
    at: datetime,
) -> tuple[Case, str]:
    """Enter a case with its number and start its clock; raises DeskRefused and then nothing was kept."""
    if award is None and application is None:
        raise DeskRefused.because("请选择当事人。")
    scheme = award.scheme if award is not None else application.round.scheme  # type: ignore[union-attr]
    _require_teller(scheme.key, source, by)
    if kind not in Kind.values:
        raise DeskRefused.because("请选择事由。其他已填内容已保留。")
    text = require_text(text, "反映的情况")
    if len(text) > TEXT_LIMIT:
        raise DeskRefused.because(f"反映的情况不超过{TEXT_LIMIT}个字，详细情况请写入所附材料。已填内容已保留。")
    party = award.listed_name if award is not None else application.listed_name  # type: ignore[union-attr]
    code = award.code if award is not None else application.organization.code  # type: ignore[union-attr]
    case = Case(
        scheme=scheme, award=award, application=application, name=party[:210], code=code, kind=kind, source=source,
        source_note=source_note.strip()[:200], text=text, happened_on=happened_on, reported_at=at, reported_by=by,
    )  # fmt: skip
    book = book_for(case)
    if award is not None and award.state == Award.State.REVOKED:
        raise DeskRefused.because("该荣誉已经取消，不再立案。")
    if award is None and kind != Kind.FALSE_MATERIAL:
        raise DeskRefused.because("未获奖的只能就申报材料弄虚作假立案。")
    if award is None and not consequences(book, kind, award=None):
        raise DeskRefused.because(
            "本办法没有规定未获奖的申报弄虚作假不予受理的年限，请按取消参评资格办理。",
            book.ground(book.supervision.bans[0]),
        )
    require_within(book, award, kind, happened_on, at=at)
    secret = secrets.token_urlsafe(24) if source == Source.PUBLIC else ""
    case.secret_digest = digest_secret(secret) if secret else ""
    told = {key: value.strip()[:200] for key, value in (contact or {}).items() if value.strip()}
    seal(case, "contact_sealed", json.dumps(told, ensure_ascii=False) if told else "")
    case.due_at = case_due(book, "triage", start=clock.day_of(at))
    year = clock.day_of(at).year
    case.number = next_case_number("AJ", scheme_key=scheme.key, year=year)
    case.save()
    if file is not None:
        CaseEvidence.objects.create(
            case=case, number=1, kind=CaseEvidence.Kind.REPORTED, label="反映人提供的材料", file=file, added_at=at,
            added_by=by,
        )  # fmt: skip
    office = office_of(case)
    if office is not None and source != Source.OFFICE:
        send_message(
            people_of(office), subject=f"收到情况反映：{case.number}", body=case.get_kind_display(),
            url=case.get_absolute_url(), at=at,
        )  # fmt: skip
    note(case, "report", by=by, at=at, kind=kind, source=source)
    return case, secret


@on_upheld_after_award
@transaction.atomic
def open_case_after_objection(objection: Objection, award: Award, *, ground_text: str, by: User, at: datetime) -> None:
    """An objection upheld after the approval goes on as a case on the award (B22, Y21); none twice for one award."""
    if award.state == Award.State.REVOKED:
        return
    standing = Case.objects.open().filter(award=award, source=Source.OBJECTION, decided_at=None).order_by("pk").first()
    if standing is not None:
        standing.objections.add(objection)
        return
    case, _ = open_case(
        award=award, kind=Kind.FALSE_MATERIAL, source=Source.OBJECTION, source_note=f"异议{objection.number}",
        text=ground_text.strip()[:TEXT_LIMIT] or f"异议{objection.number}审定后查证属实。", by=by, at=at,
    )  # fmt: skip
    case.objections.add(objection)


@transaction.atomic
def accept_case(case: Case, *, kind: str, by: User, at: datetime) -> Case:
    """The office takes it up (立案), under the kind it finds it to be."""
    case = take(case, "accept", by=by)
    if kind not in Kind.values:
        raise DeskRefused.because("请选择事由。")
    book = book_for(case)
    require_within(book, case.award, kind, case.happened_on, at=at)
    case.kind, case.accepted_at = kind, at
    return go(case, "accept", by=by, at=at, due_at=case_due(book, "inquiry", start=clock.day_of(at)), kind=kind)


@transaction.atomic
def decline_case(case: Case, *, because: str, by: User, at: datetime) -> Case:
    """No case: the reason stands on record and on the reporter's receipt."""
    case = take(case, "decline", by=by)
    case.declined_because = require_text(because, "不予立案的理由")[:500]
    tell_reporter(case, by=by, at=at)
    return go(case, "decline", by=by, at=at)


@transaction.atomic
def open_contact(case: Case, *, ground: str, by: User, at: datetime) -> dict[str, str]:
    """Who reported, for those who handle the case, on a ground; each opening is on record with it."""
    case = take(case, by=by)
    told: dict[str, str] = json.loads(unseal(case, "contact_sealed") or "{}")
    if not told:
        return {}
    if len(ground.strip()) < 4:
        raise DeskRefused.because("请写明查看反映人信息的理由，理由记入查阅登记。")
    telling = [plain(told[key]) for key in TELLING if key in told]
    if any(len(one) > 1 and one in plain(ground) for one in telling):
        raise DeskRefused.because("查看理由中不得写入反映人的信息。")
    ContactOpening.objects.create(case=case, user=by, opened_at=at, ground=ground.strip()[:200])
    note(case, "open_contact", by=by, at=at)
    return told


def can(case: Case, step: str) -> bool:
    return can_proceed(getattr(case, step))


def _require_teller(scheme_key: str, source: str, by: User | None) -> None:
    """The public needs no account; a regulator reports from its desk, the office opens at its own."""
    if source == Source.PUBLIC:
        return
    kinds = {
        Source.REGULATOR: ("recommender", "consulted", "supervisor", "consenter"),
        Source.OFFICE: (UnitKind.OFFICE,),
        Source.OBJECTION: (UnitKind.OFFICE,),
    }.get(Source(source), ())  # fmt: skip
    if by is None or not any(works_for(by, scheme_key, kind) for kind in kinds):
        raise DeskRefused.because("只能由本奖项的办公室或者有关部门提出。")


def regulator_units(user: User) -> list[Unit]:
    """The desks from which the person may report as a regulator."""
    kinds = ("recommender", "consulted", "supervisor", "consenter")
    return list(Unit.objects.of_user(user).filter(kind__in=kinds).order_by("pk"))
