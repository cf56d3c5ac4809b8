"""Putting ties on record and setting them aside: declared by either side, found alike and decided by a person (U23)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from applications.desk_rules import DeskRefused, require_text
from applications.models import Application
from applications.pipeline import State
from applications.rules import acts_for
from award_portal.lib.sealed import seal, unseal
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from organizations import evidence
from organizations.codes import CodeRefused, clean_code
from organizations.evidence import SYSTEM_CHAIN
from organizations.models import Membership, Organization, User

from .models import (
    DECLARED_KINDS,
    ConflictKind,
    Expert,
    GroupLink,
    LikenessDecision,
    Panel,
    Tie,
    TieSource,
)


@transaction.atomic
def declare_conflict(
    expert: Expert,
    organization: Organization,
    *,
    round: Round,
    ground: str,
    source: str,
    note: str,
    by: User,
    at: datetime,
) -> Tie:
    """Put a tie between an expert and an applicant on record by the rulebook's ground; declared again it stands."""
    book = rulebook_for(round)
    if ground not in {one.key for one in book.recusal.grounds}:
        raise DeskRefused.because("请选择回避情形。", book.recusal_ground)
    kind = book.recusal.kind_under(ground)
    tie, fresh = Tie.objects.standing().get_or_create(
        scheme_key=expert.scheme_key, person=expert.user, organization=organization, kind=kind, ground=ground,
        from_on=None,
        defaults={"source": source, "note": note.strip()[:300], "declared_by": by, "declared_at": at},
    )  # fmt: skip
    if fresh:
        _record("tie.declare", tie, chain=round.chain, by=by, at=at)
    return tie


@transaction.atomic
def declare_tie(
    scheme_key: str,
    *,
    kind: str,
    source: str,
    by: User,
    at: datetime,
    person: User | None = None,
    person_name: str = "",
    person_employer: str = "",
    organization: Organization | None = None,
    body_name: str = "",
    body_code: str = "",
    detail: str = "",
    kin: str = "",
    note: str = "",
    from_on: date | None = None,
    until_on: date | None = None,
    chain: str = SYSTEM_CHAIN,
) -> Tie:
    """Put a typed tie on record; either end may be only named. A relative's name is sealed to its row."""
    if kind not in DECLARED_KINDS:
        raise DeskRefused.because("请选择关系。")
    if from_on and until_on and until_on <= from_on:
        raise DeskRefused.because("止日应在起日之后。所填内容都还在本页。")
    if organization is None:
        body_name, body_code = require_text(body_name, "单位名称")[:80], read_code(body_code)
        organization = _registered(body_name, body_code)
    if person is None:
        person_name = require_text(person_name, "姓名")
    tie = Tie(
        scheme_key=scheme_key, person=person, person_name=person_name.strip()[:40],
        person_employer=person_employer.strip()[:80], organization=organization, body_name=body_name,
        body_code=body_code, kind=kind, detail=detail.strip()[:80], note=note.strip()[:300], from_on=from_on,
        until_on=until_on, source=source, declared_by=by, declared_at=at,
    )  # fmt: skip
    seal(tie, "kin_sealed", kin.strip()[:40])
    same = _same_as(tie)
    if same is not None:
        return same
    tie.save()
    _record("tie.declare", tie, chain=chain, by=by, at=at)
    return tie


def declare_own_tie(expert: Expert, *, by: User, at: datetime, **given) -> Tie:
    """The expert declares at the own desk, before or after an assignment: what is open to the expert shuts at once."""
    if expert.user_id != by.pk:
        raise DeskRefused.because("只能声明本人的利害关系。")
    return declare_tie(expert.scheme_key, person=by, source=TieSource.EXPERT, by=by, at=at, **given)


def name_tie(application: Application, *, by: User, at: datetime, **given) -> Tie:
    """An applicant names a person tied to it, before readers are assigned; it learns nothing of the pool (U23)."""
    refuse_late_naming(application, by=by)
    return declare_tie(
        application.round.scheme.key, organization=application.organization, source=TieSource.APPLICANT, by=by, at=at,
        chain=application.round.chain, **given,
    )  # fmt: skip


def name_group(
    application: Application, *, role: str, other_name: str, by: User, at: datetime, other_code: str = ""
) -> GroupLink:
    """An applicant names its parent or subsidiary, before readers are assigned (U23)."""
    refuse_late_naming(application, by=by)
    own = application.organization
    if own.is_person:
        raise DeskRefused.because("个人没有母公司和子公司。", application.rulebook.recusal_ground)
    above, below = (other_name, other_code), (own.name, own.code)
    if role != "parent":
        above, below = below, above
    return declare_group(
        application.round.scheme.key, parent_name=above[0], parent_code=above[1], child_name=below[0],
        child_code=below[1], source=TieSource.APPLICANT, by=by, at=at,
    )  # fmt: skip


def refuse_late_naming(application: Application, *, by: User) -> None:
    """Once a panel stands for the stage, a recusal is asked for with evidence and the office decides (B20)."""
    book = application.rulebook
    if not acts_for(by, application):
        raise DeskRefused.because(f"只有{book.noun}可以说明自己的利害关系。", book.recusal_ground)
    if not may_name_ties(application):
        raise DeskRefused.because(
            "评审组已经组建或者评审已经结束，不能再说明。认为专家应当回避的，请附证明材料申请专家回避。",
            book.recusal_ground,
        )


def may_name_ties(application: Application) -> bool:
    """From submission until the panel of the stage it stands at is formed, and never after the review."""
    over = {State.PUBLIC_COMMENT, State.DELIBERATION, State.AWARD_PUBLICITY, State.APPROVAL}
    if not application.is_active or application.submitted_at is None or application.state in over:
        return False
    return not Panel.objects.filter(round=application.round_id, stage=application.state).exists()


@transaction.atomic
def withdraw_tie(tie: Tie, *, because: str, by: User, at: datetime) -> Tie:
    """The office sets a tie aside that proved wrong; it stays on record with the reason and counts no more."""
    require_office_of(tie.scheme_key, by)
    locked = Tie.objects.select_for_update(of=("self",)).get(pk=tie.pk)
    if locked.withdrawn_at is not None:
        raise DeskRefused.because("这一利害关系已经撤销。页面可能已过时，请刷新。")
    locked.withdrawn_at, locked.withdrawn_by = at, by
    locked.withdrawn_because = require_text(because, "撤销理由")[:300]
    locked.save()
    _record("tie.withdraw", locked, chain=SYSTEM_CHAIN, by=by, at=at)
    return locked


@transaction.atomic
def declare_group(
    scheme_key: str, *, parent_name: str, child_name: str, source: str, by: User, at: datetime, parent_code: str = "",
    child_code: str = "", note: str = "",
) -> GroupLink:  # fmt: skip
    """Put on record that one body controls another; a body is not its own parent."""
    parent_name, child_name = require_text(parent_name, "母公司名称"), require_text(child_name, "子公司名称")
    parent_code, child_code = read_code(parent_code), read_code(child_code)
    if (parent_name, parent_code) == (child_name, child_code):
        raise DeskRefused.because("母公司和子公司不能是同一单位。所填内容都还在本页。")
    link, fresh = GroupLink.objects.standing().get_or_create(
        scheme_key=scheme_key, parent_name=parent_name[:80], parent_code=parent_code, child_name=child_name[:80],
        child_code=child_code,
        defaults={"note": note.strip()[:300], "source": source, "declared_by": by, "declared_at": at},
    )  # fmt: skip
    if fresh:
        evidence.record("group.declare", by=by, subject=f"group:{link.public_id}", at=at, data={"source": source})
    return link


@transaction.atomic
def withdraw_group(link: GroupLink, *, because: str, by: User, at: datetime) -> None:
    require_office_of(link.scheme_key, by)
    locked = GroupLink.objects.select_for_update(of=("self",)).get(pk=link.pk)
    locked.withdrawn_at, locked.withdrawn_by = locked.withdrawn_at or at, locked.withdrawn_by or by
    locked.withdrawn_because = require_text(because, "撤销理由")[:300]
    locked.save()
    evidence.record("group.withdraw", by=by, subject=f"group:{link.public_id}", at=at, data={})


@transaction.atomic
def decide_likeness(
    expert: Expert, organization: Organization, *, likeness: str, is_same: bool, because: str, by: User, at: datetime
) -> LikenessDecision:
    """A person finds that two likenesses are one, which bars at once, or are not; decided again it is replaced."""
    require_office_of(expert.scheme_key, by)
    decision, _ = LikenessDecision.objects.update_or_create(
        scheme_key=expert.scheme_key, person=expert.user, organization=organization, likeness=likeness[:120],
        defaults={
            "is_same": is_same, "because": require_text(because, "认定理由")[:300], "decided_at": at, "decided_by": by,
        },
    )  # fmt: skip
    evidence.record(
        "likeness.decide", by=by, subject=f"expert:{expert.public_id}", at=at,
        data={"organization": str(organization.public_id), "is_same": is_same},
    )  # fmt: skip
    return decision


def kin_of(tie: Tie, *, by: User, at: datetime) -> str:
    """The relative's name, for the office only; the opening is on record."""
    require_office_of(tie.scheme_key, by)
    if not tie.kin_sealed:
        return ""
    evidence.record("tie.open_kin", by=by, subject=f"tie:{tie.public_id}", at=at, data={})
    return unseal(tie, "kin_sealed")


def require_office_of(scheme_key: str, by: User) -> None:
    if not Membership.objects.current().filter(user=by, unit__kind="office", unit__scheme_key=scheme_key).exists():
        raise DeskRefused.because("利害关系由办公室登记和核定。")


def read_code(text: str) -> str:
    """A code as it is kept, empty for none; refused with the reason when its check digit is wrong."""
    try:
        return clean_code(text) if text.strip() else ""
    except CodeRefused as refused:
        raise DeskRefused.because(f"{refused}所填内容都还在本页。") from None


def tie_kinds(book: Rulebook) -> list[tuple[str, str]]:
    """The kinds somebody can declare, each with the regulation's words for it."""
    found = []
    for kind in DECLARED_KINDS:
        ground = book.recusal.ground_for(kind)
        words = f"（{ground.text}）" if ground else ""
        found.append((str(kind), f"{ConflictKind(kind).label}{words}"))
    return found


def _registered(name: str, code: str) -> Organization | None:
    """The applicant the words mean, when a code, or the whole name, names just one."""
    rows = Organization.objects.filter(subject=Organization.Subject.ORGANIZATION)
    found = list(rows.filter(code=code)[:2]) if code else list(rows.filter(name=name)[:2])
    return found[0] if len(found) == 1 else None


def _same_as(tie: Tie) -> Tie | None:
    """A standing tie that says the same: declared twice it is once."""
    return Tie.objects.standing().filter(
        scheme_key=tie.scheme_key, person=tie.person, person_name=tie.person_name,
        person_employer=tie.person_employer, organization=tie.organization, body_name=tie.body_name,
        body_code=tie.body_code, kind=tie.kind, from_on=tie.from_on, until_on=tie.until_on, detail=tie.detail,
    ).first()  # fmt: skip


def _record(verb: str, tie: Tie, *, chain: str, by: User, at: datetime) -> None:
    person = Expert.objects.filter(scheme_key=tie.scheme_key, user=tie.person).first() if tie.person_id else None
    evidence.record(
        verb, chain=chain, by=by, subject=f"tie:{tie.public_id}", at=at,
        data={
            "expert": str(person.public_id) if person else "", "kind": tie.kind, "source": tie.source,
            "organization": str(tie.organization.public_id) if tie.organization else "",
        },
    )  # fmt: skip
