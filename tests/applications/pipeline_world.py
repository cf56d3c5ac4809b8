"""A round with its people and one application or more at every desk, for the state machine of the pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from applications import self_publicity, submitting
from applications.models import Application
from applications.pipeline import State
from award_portal.lib import clock
from award_portal.rehearsal.made_up import made_up_upload
from awards.models import Round
from organizations.models import Unit, User
from tests.applications.desk_builders import Desks
from tests.factories import fill_application, make_draft, make_round, make_unit, make_user
from tests.reviews.meeting_builders import Deliberation

OPENED = clock.at(date(2026, 2, 9), 9)
# Who stands where when a play begins. Six before the leading body: one more than there are places (U4).
STANDING = {
    State.RECOMMENDATION_PUBLICITY: 2,
    State.QUALIFICATION: 1,
    State.ACCEPTANCE_PUBLICITY: 2,
    State.DEFENSE: 1,
    State.ONSITE_REVIEW: 1,
    State.DELIBERATION: 6,
}


@dataclass
class World:
    """One made-up round; the desks and the review share its people."""

    desks: Desks
    review: Deliberation
    applicants: dict[int, User]  # application pk → who acts for it
    bystanders: dict[str, User]

    @property
    def round(self) -> Round:
        return self.desks.round

    @property
    def office(self) -> Unit:
        return self.desks.office

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


def build_world() -> World:
    """A round open since February; one applicant has filled in everything, two have submitted it."""
    round = make_round(opens_at=OPENED)
    office, officer = round.office, make_user(round.office)
    here, there = (make_unit("recommender", recommender_key="district_regulator") for _ in range(2))
    tax, safety = make_unit("consulted"), make_unit("consulted")
    desks = Desks(
        round=round, office=office, recommender=here, other_recommender=there, tax=tax, safety=safety,
        officer=officer, examiner=make_user(here), stranger=make_user(there), tax_clerk=make_user(tax),
        safety_clerk=make_user(safety),
    )  # fmt: skip
    body = make_unit("leading_body")
    review = Deliberation(
        round=round, office=office, officer=officer, recommender=here, leading_body=body,
        members=[make_user(body) for _ in range(3)], clerk=make_user(make_unit("government")),
    )  # fmt: skip
    for _ in range(6):
        review.expert()
    draft = make_draft(round)
    fill_application(draft, recommender=here)
    applicants = {one.pk: one.created_by for one in (draft, submitted(round, here), submitted(round, here))}
    for state, count in STANDING.items():
        for _ in range(count):
            one = standing(desks, state)
            applicants[one.pk] = one.created_by
    bystanders = {
        "expert": review.experts[0].user, "consulted": desks.tax_clerk, "stranger": make_user(),
        "supervisor": make_user(make_unit("supervisor")), "dismissed_officer": dismissed(make_user(office)),
    }  # fmt: skip
    return World(desks, review, applicants, bystanders)


def submitted(round: Round, recommender: Unit) -> Application:
    """An application that came the whole way: filled in, public inside the organisation, submitted."""
    with clock.frozen(OPENED) as early:
        one = make_draft(round)
        by = one.created_by
        fill_application(one, recommender=recommender)
        self_publicity.start(one, place="公告栏", by=by, at=clock.now())
        early.travel_to(clock.at(date(2026, 2, 27), 9))
        proof = made_up_upload("公示照片")
        self_publicity.prove(one, proof=proof, had_objections=False, settlement="", by=by, at=clock.now())
        submitting.submit(one, by=by, at=clock.now())
    return Application.objects.get(pk=one.pk)


def standing(desks: Desks, state: str) -> Application:
    """A submitted application at a desk, of an organisation old enough, with its frozen dossier."""
    one = desks.application(state)
    organization = one.organization
    organization.founded_on = date(2008, 5, 20)
    organization.save()
    return one


def dismissed(user: User) -> User:
    """Somebody who worked there until yesterday and still has the account."""
    user.memberships.update(ended_at=clock.now())
    return user
