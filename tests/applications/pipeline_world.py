"""A round with its people and one application or more at every desk, for the state machine of the pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import count

from applications import self_publicity, submitting
from applications.consents import seek_consent
from applications.models import Application
from applications.pipeline import State
from award_portal.lib import clock
from award_portal.rehearsal.made_up import made_up_upload, valid_identity
from awards.models import Award, Round
from organizations.identity import register_person
from organizations.models import Organization, Unit, User
from publicity.closing import close_due
from publicity.opening import open_publicity
from tests.applications.desk_builders import Desks
from tests.factories import (
    fill_application,
    make_claim,
    make_draft,
    make_organization,
    make_round,
    make_unit,
    make_user,
)
from tests.reviews.meeting_builders import Deliberation, give_score

from .pipeline_regulations import PUBLICITIES, Regulation

OPENED = clock.at(date(2026, 2, 9), 9)
_people = count(1)


@dataclass(frozen=True)
class Name:
    """Somebody before the leading body when a play begins."""

    percent: str
    category: str = "general"
    is_sme: bool = False
    is_person: bool = False
    has_won: str = ""  # the tier it won in an earlier round


@dataclass(frozen=True)
class Cast:
    """What the applicants of a city are like; more stand before the leading body than there are places."""

    recommender_key: str
    districts: tuple[str, str]
    names: tuple[Name, ...]
    category: str = "general"
    consenting_key: str = ""


CASTS: Mapping[str, Cast] = {
    "urumqi": Cast(
        "district_regulator", ("天山区", "米东区"),
        tuple(Name(percent) for percent in ("91", "88", "84", "80", "77", "70")),
    ),
    "zhongmu": Cast(
        "district_regulator", ("青年路街道", "官渡镇"),
        tuple(Name(percent) for percent in ("91", "88", "84", "80", "77", "70")), consenting_key="township",
    ),
    "bayannur": Cast(
        "banner_regulator", ("临河区", "五原县"),
        (Name("94", has_won="main"), *(Name(percent) for percent in ("91", "88", "84", "80", "77", "74", "70"))),
    ),
    # tied at the last place of the first tier, one that won before, two under the floor
    "yangquan": Cast(
        "county_government", ("城区", "盂县"),
        (
            Name("95", has_won="main"), Name("93", is_person=True), Name("90"), Name("86"), Name("86", is_person=True),
            Name("80"), Name("75", is_person=True), Name("66"), Name("60"), Name("59.99"),
            Name("59", is_person=True),
        ),
    ),
    "yuntai": Cast(
        "sub_district", ("东湖街道", "西林街道"),
        (
            Name("92", "service"), Name("90", "service"), Name("85", "making"), Name("80", "making"),
            Name("74", "making"), Name("60", "making", is_sme=True), Name("50", "service", is_sme=True),
        ),
        category="making",
    ),
}  # fmt: skip


@dataclass
class World:
    """One made-up round; the desks and the review share its people."""

    rule: Regulation
    desks: Desks
    review: Deliberation
    applicants: dict[int, User]  # application pk → who acts for it
    bystanders: dict[str, User]
    won_before: dict[int, str] = field(default_factory=dict)  # application pk → tier

    @property
    def round(self) -> Round:
        return self.desks.round

    @property
    def office(self) -> Unit:
        return self.desks.office

    @property
    def cast(self) -> Cast:
        return CASTS[self.rule.key]

    def person(self, role: str, application: Application) -> User | None:
        """Who comes in a role: of two applicants or recommenders the one whose application this is, or the other."""
        match role:
            case "clock":
                return None
            case "applicant":
                return self.applicants[application.pk]
            case "other_applicant":
                return next(user for pk, user in self.applicants.items() if pk != application.pk)
            case "recommender":
                return self.desks.examiner
            case "other_recommender":
                return self.desks.stranger
            case "officer":
                return self.desks.officer
            case "member":
                return self.review.members[0]
            case "government":
                return self.review.clerk
        return self.bystanders[role]

    def enters(self, state: str, name: Name | None = None) -> Application:
        """A submitted application at a desk, of an organisation old enough (or a person), with its frozen dossier."""
        name = name or Name("", category=self.cast.category)
        given = {"category": name.category, "is_sme": name.is_sme, "district": self.cast.districts[0]}
        if name.is_person:
            given |= {"organization": someone(), "applicant_kind": "person", "category": "person"}
            given |= {"employer": "样例精工有限公司（虚构）"}
        one = self.desks.application(state, **given)
        if not name.is_person:
            one.organization.founded_on = date(2008, 5, 20)
            one.organization.save()
        if name.percent:
            give_score(self.review, one, name.percent)
        if name.has_won:
            self.won_before[one.pk] = name.has_won
            Award.objects.create(
                scheme=self.round.scheme, organization=one.organization, name=one.organization.name,
                code=one.organization.code, tier=name.has_won, tier_name="样例奖项", year=2018,
                awarded_on=date(2018, 12, 1),
            )  # fmt: skip
        self.applicants[one.pk] = one.created_by
        return one


def build_world(rule: Regulation) -> World:
    """A round open since February; one applicant has filled in everything, two have submitted it."""
    cast, key = CASTS[rule.key], rule.key
    round = make_round(opens_at=OPENED, edition_text=rule.document.read_text("utf-8"), title="2026年度（样例）")

    def unit(kind: str, **given: str) -> Unit:
        return make_unit(kind, scheme_key=key, **given)

    office, officer = round.office, make_user(round.office)
    here, there = (unit("recommender", recommender_key=cast.recommender_key) for _ in range(2))
    tax, safety = unit("consulted"), unit("consulted")
    desks = Desks(
        round=round, office=office, recommender=here, other_recommender=there, tax=tax, safety=safety,
        officer=officer, examiner=make_user(here), stranger=make_user(there), tax_clerk=make_user(tax),
        safety_clerk=make_user(safety),
    )  # fmt: skip
    body = unit("leading_body")
    review = Deliberation(
        round=round, office=office, officer=officer, recommender=here, leading_body=body,
        members=[make_user(body) for _ in range(3)], clerk=make_user(unit("government")),
    )  # fmt: skip
    for _ in range(6):
        review.expert()
    replace(review, stage=State.ONSITE_REVIEW).panel()
    consenting = unit("recommender", recommender_key=cast.consenting_key or "none", district=cast.districts[0])
    bystanders = {
        "expert": review.experts[0].user, "consulted": desks.tax_clerk, "stranger": make_user(),
        "supervisor": make_user(unit("supervisor")), "dismissed_officer": dismissed(make_user(office)),
        "consenter": make_user(consenting),
    }  # fmt: skip
    world = World(rule, desks, review, {}, bystanders)
    people_come(world)
    return world


def people_come(world: World) -> None:
    """Somebody at every desk of the regulation's order; those before the leading body have come the whole way."""
    rule, round, here = world.rule, world.round, world.desks.recommender
    near, far = world.cast.districts
    draft = make_draft(round)
    fill_application(draft, recommender=here, category=world.cast.category, district=near)
    first = submitted(world, district=near)
    second = submitted(world, district=far, is_person=rule.admits_individuals)
    world.applicants |= {one.pk: one.created_by for one in (draft, first, second)}
    for leg in rule.legs:  # one has been examined, and the unit that is to consent was asked (Z17.3)
        one = world.enters("recommendation_review")
        world.desks.ready_to_pass(one, "recommendation_review")
        seek_consent(one, leg, by=world.desks.examiner, at=clock.now())
    for state in rule.order:
        if state in PUBLICITIES and state != "award_publicity":
            world.enters(state)
            world.enters(state)
        elif state in ("recommendation", "qualification", *rule.reviews[1:]):
            world.enters(state)
    # the public is asked before the leading body decides, where it is asked at all (B15)
    consulted = "public_comment" in rule.order
    names = [world.enters("public_comment" if consulted else "deliberation", one) for one in world.cast.names]
    if consulted:
        with clock.frozen(OPENED + timedelta(days=1)):
            open_publicity(
                round, kind="public_comment", applications=names, issuer=world.office, by=world.desks.officer,
                at=clock.now(),
            )  # fmt: skip
        close_due(clock.now())


def submitted(world: World, *, district: str, is_person: bool = False) -> Application:
    """An application that came the whole way: filled in, public inside the organisation where asked, submitted."""
    category = "person" if is_person else world.cast.category
    organization = someone() if is_person else make_organization(district=district)
    with clock.frozen(OPENED) as early:
        by = make_claim(organization, scheme_key=world.rule.key)
        one = make_draft(world.round, organization=organization, by=by)
        kind = {"applicant_kind": "person"} if is_person else {}
        fill_application(one, recommender=world.desks.recommender, category=category, district=district, **kind)
        if world.rule.own_publicity:
            self_publicity.start(one, place="公告栏", by=by, at=clock.now())
            early.travel_to(clock.at(date(2026, 2, 27), 9))
            proof = made_up_upload("公示照片")
            self_publicity.prove(one, proof=proof, had_objections=False, settlement="", by=by, at=clock.now())
        submitting.submit(one, by=by, at=clock.now())
    return Application.objects.get(pk=one.pk)


def someone() -> Organization:
    """A person who applies."""
    seed = next(_people)
    return register_person(valid_identity(seed), name=f"样例个人{seed}", at=clock.now())


def dismissed(user: User) -> User:
    """Somebody who worked there until yesterday and still has the account."""
    user.memberships.update(ended_at=clock.now())
    return user
