"""A made-up world for one scheme: its units and people, its calendar, and applicants with verified claims."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from applications.filling import attach_file, mark_secret, save_section, start_application
from applications.form_answers import draft_of, files_needed, indicator_years
from applications.models import Application
from awards.calendars import seed_calendars
from awards.models import Edition, ListedEntity, Round
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from awards.schemes import load_scheme, rulebook_of
from organizations.claims import decide_claim, proof_word, register_organization, request_claim
from organizations.files import store_upload
from organizations.identity import register_person
from organizations.models import Membership, Organization, Unit, UnitKind, User
from reviews.expert_absences import enter_absence
from reviews.experts import add_expert, enter_employment, record_training
from reviews.models import Expert

from . import made_up

PASSWORD = "yanlian-2026"
PHONE = "0000-5550000"
LEADERS = 9
KINDS = {"recommends": UnitKind.RECOMMENDER, "consents": UnitKind.CONSENTER}
# how a regulation names a kind of unit before its own name; 市 of 市场监督管理部门 is the name's
GENERIC = re.compile(r"^(?:各|本|所在地|当地|的|有关|级|市(?!场)|[区县旗乡镇（）、])+")
DISTRICTS = 3  # as many of each kind of unit that is routed by district
EXPERTS = 14
FIELDS = ("质量管理", "技术创新", "品牌建设", "财务与效益", "标准与计量")


@dataclass
class World:
    """Everybody who takes part, by the names the accounts table prints."""

    edition: Edition
    office: Unit
    recommenders: list[Unit]
    departments: list[Unit]
    leading_body: Unit
    government: Unit
    supervisor: Unit
    users: dict[str, User] = field(default_factory=dict)

    @property
    def book(self) -> Rulebook:
        return rulebook_of(self.edition)

    @property
    def officer(self) -> User:
        return self.users["office"]

    @property
    def consenting(self) -> list[Unit]:
        """Units that only consent to a recommendation (Z17.3)."""
        return [one for one in self.recommenders if one.kind == UnitKind.CONSENTER]

    @property
    def recommending(self) -> list[Unit]:
        return [one for one in self.recommenders if one not in self.consenting]

    @property
    def approver(self) -> User:
        """Somebody of the body that has the last word (Y5)."""
        leading = self.book.approver == self.book.bodies.leading_body
        return self.users["leader1" if leading else "government"]

    @property
    def leaders(self) -> list[User]:
        return [user for name, user in self.users.items() if name.startswith("leader")]

    def staff_of(self, unit: Unit) -> User:
        """Whoever signs for a unit."""
        membership = Membership.objects.current().filter(unit=unit).select_related("user").order_by("pk").first()
        assert membership is not None, unit
        return membership.user


@cache
def _password_hash() -> str:
    """One hash for all: a rehearsal need not wait for fifty slow ones."""
    return make_password(PASSWORD)


def scheme_file(scheme: str) -> Path:
    """A rulebook document: the file named, or of a scheme's key the newest among the shipped ones."""
    if scheme.endswith((".yaml", ".yml")):
        return Path(scheme)
    found = sorted((Path(settings.BASE_DIR) / "fixtures" / "schemes").glob(f"{scheme}-*.yaml"))
    if not found:
        raise FileNotFoundError(f"fixtures/schemes/{scheme}-*.yaml")
    return found[-1]


@transaction.atomic
def build_world(scheme: str, *, at: datetime, prefix: str = "") -> World:
    """Load the scheme, by its key or its file, and everybody its round needs; names say that they are made up.

    `prefix` heads the user names where several worlds share a database.
    """
    seed_calendars(at=at, rehearsal=True)
    edition = load_scheme(scheme_file(scheme).read_text("utf-8"), at=at)
    book = rulebook_of(edition)
    bodies = book.bodies

    def unit(kind: str, name: str, short: str = "", **extra) -> Unit:
        return Unit.objects.create(
            scheme_key=book.key,
            kind=kind,
            name=name,
            short_name=short or name[:40],
            phone=PHONE,
            address="样例路1号（虚构）",
            email="office@example.invalid",
            **extra,
        )

    recommenders = _recommenders(book, unit)
    world = World(
        edition=edition,
        office=unit(UnitKind.OFFICE, bodies.office.name, bodies.office.short),
        recommenders=recommenders,
        departments=[unit(UnitKind.CONSULTED, f"{name}（演练）") for name in bodies.consulted.value],
        leading_body=unit(UnitKind.LEADING_BODY, bodies.leading_body.name, bodies.leading_body.short),
        government=unit(UnitKind.GOVERNMENT, bodies.government.name, bodies.government.short),
        supervisor=unit(UnitKind.SUPERVISOR, bodies.supervisor.name if bodies.supervisor else "纪检监察机构（演练）"),
    )
    _people(world, prefix, at=at)
    _pool(world, prefix, at=at)
    return world


def _recommenders(book: Rulebook, unit) -> list[Unit]:
    """One unit of each kind that goes by industry, and one a district of each kind that goes by district."""
    districts = made_up.districts_of(book)[:DISTRICTS]
    units = []
    for kind in book.bodies.recommenders:
        own, what = GENERIC.sub("", kind.name), KINDS[kind.role]
        if kind.routed_by == "industry":
            units.append(unit(what, f"{own}（演练）", recommender_key=kind.key, industries=["制造业"]))
        else:
            units += [unit(what, f"{name}{own}（演练）", recommender_key=kind.key, district=name) for name in districts]
    return units


def _people(world: World, prefix: str, *, at: datetime) -> None:
    def person(role: str, name: str, unit: Unit | None = None, *, head: bool = False) -> User:
        user = User(username=prefix + role, display_name=name, password=_password_hash())
        user.save()
        if unit is not None:
            Membership.objects.create(user=user, unit=unit, started_at=at, is_head=head)
        world.users[role] = user
        return user

    if not User.objects.filter(username="admin").exists():
        User(
            username="admin", display_name="样例管理员", is_staff=True, is_superuser=True, password=_password_hash()
        ).save()
    person("office", "样例办公室甲", world.office, head=True)
    person("office2", "样例办公室乙", world.office)
    for number, unit in enumerate(world.recommenders, start=1):
        person(f"recommender{number}", f"样例推荐{number}", unit, head=True)
    for number, unit in enumerate(world.departments, start=1):
        person(f"department{number}", f"样例部门{number}", unit)
    for number in range(1, LEADERS + 1):
        person(f"leader{number}", f"样例领导{number}", world.leading_body, head=number == 1)
    person("government", "样例政府", world.government)
    person("supervisor", "样例监督", world.supervisor)


def _pool(world: World, prefix: str, *, at: datetime) -> None:
    """The experts, spread over the fields, each with a made-up employer; some trained, one retired, one away."""
    for number in range(1, EXPERTS + 1):
        user = User.objects.create(
            username=f"{prefix}expert{number}", display_name=f"样例专家{number}", password=_password_hash()
        )
        world.users[f"expert{number}"] = user
        add_expert(
            world.edition.scheme.key,
            user=user,
            username=user.username,
            field=FIELDS[number % len(FIELDS)],
            other_fields=[FIELDS[(number + 2) % len(FIELDS)]] if number % 3 == 0 else [],
            employer=f"样例研究院第{number}所（虚构）",
            employer_code=made_up.valid_uscc(9500 + number),
            title="研究员",
            trainings=1,
            by=world.officer,
            at=at,
        )
    _fill_cards(world, at=at)


def _fill_cards(world: World, *, at: datetime) -> None:
    """What stands on the cards of some: a training, a former employer, days on which they cannot come (U7.4)."""
    cards = list(Expert.objects.of_scheme(world.edition.scheme.key).select_related("user").order_by("pk"))
    given: dict[str, Any] = {"by": world.officer, "at": at}
    for card in cards[:4]:
        record_training(
            card, held_on=at.date() - timedelta(days=40), subject="评审标准和评审纪律培训（虚构）", hours=Decimal(8),
            organizer=world.office.name, **given,
        )  # fmt: skip
    enter_employment(
        cards[4], employer="样例检测中心（虚构）", position="总工程师", from_on=date(2018, 3, 1),
        until_on=at.date() - timedelta(days=200), **given,
    )  # fmt: skip
    enter_absence(cards[-1], first=at.date(), last=at.date() + timedelta(days=180), **given)


@transaction.atomic
def register_applicant(
    world: World, seed: int, *, at: datetime, founded: date | None = None, username: str = ""
) -> tuple[User, Organization]:
    """A made-up applicant whose letter, or identity card, the office has verified.

    Where the scheme admits individuals every third applicant is one (Y2).
    """
    user = User.objects.create(
        username=username or f"applicant{seed}", display_name=made_up.made_up_person(seed), password=_password_hash()
    )
    if world.book.admits_individuals and seed % 3 == 0:
        organization = register_person(made_up.valid_identity(seed), name=str(user), at=at)
    else:
        organization = register_organization(
            code=made_up.valid_uscc(seed),
            name=made_up.organization_name(seed),
            kind=world.book.applicant_kinds_for("organization")[0].key,
            founded_on=founded or made_up.founded_on(seed),
            at=at,
        )
    letter = store_upload(made_up.made_up_upload(proof_word(organization)), purpose="claim_letter", by=user, at=at)
    claim = request_claim(organization, by=user, letter=letter, scheme_key=world.edition.scheme.key, at=at)
    decide_claim(claim, verified=True, reason="授权书载明事项与登记一致", by=world.officer, at=at)
    return user, organization


def draft_application(
    world: World, round: Round, user: User, organization: Organization, seed: int, *, at: datetime
) -> Application:
    """A started application, everything filled in but the attachments."""
    application = start_application(round, organization=organization, by=user, at=at)
    book = rulebook_for(round)
    answers = made_up.made_up_answers(
        book,
        seed,
        code=organization.code,
        name=organization.name,
        founded=organization.founded_on or made_up.founded_on(seed),
        years=indicator_years(round, book),
        subject=organization.subject,
        **_routed(world, seed),
    )
    for key, data in answers.items():
        save_section(application, key, data, version=_version(application, key), by=user, at=at)
    secret = [one.key for one in book.sections_for(organization.subject) if one.may_be_secret]
    if seed % 3 == 0 and secret:
        mark_secret(application, secret[0], is_secret=True, reason="涉及未公开的工艺参数（虚构）", by=user, at=at)
    return Application.objects.get(pk=application.pk)


def _routed(world: World, seed: int) -> dict[str, str]:
    """A recommender the regulation routes to: the industry's department, or the unit of the own district."""
    industry = made_up.organization_industry(seed)
    nearby = [one for one in world.recommending if one.district]
    departments = [one for one in world.recommending if industry in one.industries]
    chosen = departments[0] if departments and (seed % 2 or not nearby) else nearby[seed % len(nearby)]
    near = chosen.district or (nearby[seed % len(nearby)].district if nearby else made_up.districts_of(world.book)[0])
    return {"recommender": str(chosen.public_id), "district": near}


def attach_everything(application: Application, user: User, *, at: datetime) -> None:
    """Every attachment asked of such an applicant, as a small real PDF."""
    profile = draft_of(application).data("profile")
    for one in application.rulebook.attachments_for(application.organization.subject):
        have = application.attachments.filter(key=one.key, removed_at=None).count()
        for number in range(have, files_needed(one, profile)):
            upload = made_up.made_up_upload(f"{one.label}{number + 1}")
            attach_file(application, one.key, upload, is_secret=one.may_be_secret and number == 0, by=user, at=at)


def import_lists(world: World, rows: list[tuple[str, Organization]], *, at: datetime) -> None:
    """The credit lists the office imported; `rows` are (listing, organisation)."""
    scheme = world.edition.scheme
    ListedEntity.objects.create(
        scheme=scheme, listing="abnormal", name="样例空壳商贸（虚构）", code=made_up.valid_uscc(9001),
        listed_on=date(2025, 7, 1), imported_at=at, imported_by=world.officer,
    )  # fmt: skip
    for listing, organization in rows:
        ListedEntity.objects.create(
            scheme=scheme, listing=listing, name=organization.name, code=organization.code,
            listed_on=date(2025, 11, 3), imported_at=at, imported_by=world.officer,
        )  # fmt: skip


def _version(application: Application, key: str) -> int:
    answer = application.answers.filter(section=key).first()
    return answer.version if answer else 1
