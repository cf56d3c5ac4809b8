"""Small builders the tests of every room share; plainly made-up data, valid by check digit."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from itertools import count
from pathlib import Path

from django.conf import settings

from applications.filling import attach_file, save_section, start_application
from applications.form_answers import draft_of, files_needed, indicator_years
from applications.models import Application
from award_portal.lib import clock
from award_portal.rehearsal.made_up import made_up_answers, made_up_pdf, made_up_upload, valid_uscc
from awards.models import Round
from awards.parameters import rulebook_for
from awards.schemes import load_scheme
from organizations.files import store_upload
from organizations.models import Claim, Membership, Organization, Unit, User

URUMQI = Path(settings.BASE_DIR) / "fixtures" / "schemes" / "urumqi-2025.yaml"
FOUNDED = date(2008, 5, 20)
_numbers = count(1)


@cache
def urumqi_text() -> str:
    return URUMQI.read_text("utf-8")


# -- applicant ---------------------------------------------------------------------------------------------------------


def make_unit(kind: str = "recommender", name: str = "", *, scheme_key: str = "urumqi", **given) -> Unit:
    number = next(_numbers)
    return Unit.objects.create(
        scheme_key=scheme_key,
        kind=kind,
        name=name or f"样例{kind}{number}（虚构）",
        phone="0991-5550000",
        address="样例路1号（虚构）",
        **given,
    )


def make_user(unit: Unit | None = None, *, username: str = "") -> User:
    number = next(_numbers)
    user = User.objects.create_user(username=username or f"sample{number}", display_name=f"样例人员{number}")
    if unit is not None:
        Membership.objects.create(user=user, unit=unit, started_at=clock.now())
    return user


def make_round(
    *,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    edition_text: str = "",
    title: str = "2026年乌鲁木齐市政府质量奖",
    **given,
) -> Round:
    """A published round of the Urumqi scheme (or of `edition_text`), open from 2026-03-02 to 18:00 on 2026-03-31."""
    at = clock.now()
    edition = load_scheme(edition_text or urumqi_text(), at=at)
    key = edition.scheme.key
    office = Unit.objects.filter(scheme_key=key, kind="office").first() or make_unit("office", scheme_key=key)
    ordinal = next(_numbers)
    approved = {"criteria_approval": "领导小组会议（虚构）", "criteria_approved_on": date(2026, 2, 20)}
    return Round.objects.create(
        scheme=edition.scheme,
        edition=edition,
        office=office,
        year=2026,
        ordinal=ordinal,
        title=title,
        opens_at=opens_at or clock.at(date(2026, 3, 2)),
        closes_at=closes_at or clock.at(date(2026, 3, 31), 18),
        recommendation_due_on=date(2026, 5, 15),
        published_at=at,
        prepared_at=at,
        **approved | given,
    )


def make_organization(code: str = "", **given) -> Organization:
    number = next(_numbers)
    values = {"name": f"样例天山精工{number}号有限公司（虚构）", "founded_on": FOUNDED, "district": "天山区"} | given
    return Organization.objects.create(code=code or valid_uscc(number), registered_at=clock.now(), **values)


def make_claim(
    organization: Organization, *, user: User | None = None, state: str = "verified", scheme_key: str = "urumqi"
) -> User:
    """Somebody whose letter for the organisation is verified (or not)."""
    user, at = user or make_user(), clock.now()
    letter = store_upload(made_up_upload("授权书"), purpose="claim_letter", by=user, at=at)
    decided = {"decided_at": at, "decided_by": make_user()} if state != "pending" else {}
    Claim.objects.create(
        user=user,
        organization=organization,
        scheme_key=scheme_key,
        letter=letter,
        state=state,
        requested_at=at,
        **decided,
    )
    return user


def make_draft(
    round: Round | None = None, *, organization: Organization | None = None, by: User | None = None
) -> Application:
    """A fresh draft of a verified applicant, through the door."""
    organization, round = organization or make_organization(), round or make_round()
    by = by or make_claim(organization, scheme_key=round.scheme.key)
    return start_application(round, organization=organization, by=by, at=clock.now())


def fill_application(application: Application, *, seed: int = 1, recommender: Unit | None = None, **profile) -> None:
    """Everything the form asks for, so that nothing is missing; as the applicant would, section by section."""
    by, at, book = application.created_by, clock.now(), rulebook_for(application.round)
    organization = application.organization
    profile.setdefault("applicant_kind", application.applicant_kind)
    unit = recommender or make_unit("recommender")
    answers = made_up_answers(
        book,
        seed,
        code=organization.code,
        name=organization.name,
        founded=organization.founded_on or FOUNDED,
        years=indicator_years(application.round, book),
        subject=application.subject,
        recommender=str(unit.public_id),
        **profile,
    )
    for key, data in answers.items():
        stored = application.answers.filter(section=key).first()
        save_section(application, key, data, version=stored.version if stored else 1, by=by, at=at)
    asked = draft_of(application).data("profile")
    for one in book.attachments_for(application.subject):
        for number in range(files_needed(one, asked)):
            attach_file(
                application, one.key, made_up_upload(f"{one.label}{number}"), is_secret=one.may_be_secret, by=by, at=at
            )
    application.refresh_from_db()


__all__ = [
    "FOUNDED", "fill_application", "made_up_pdf", "made_up_upload", "make_claim", "make_draft", "make_organization",
    "make_round", "make_unit", "make_user", "urumqi_text", "valid_uscc",
]  # fmt: skip
