"""A seeded graph of 300 experts × 200 applicants: every planted conflict is found, and what else is found is explained.

Each kind is planted on pairs drawn by one seed. Beyond them a tie may only reach another applicant of the same group,
and its reason says so.
"""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.models import Application, LegConsent
from award_portal.lib import clock
from awards.models import Round
from organizations.models import Claim, Membership, Organization, StoredFile, Unit, User
from reviews.conflicts import conflicts_between, findings_between
from reviews.models import DECLARED_KINDS, ConflictKind, Expert, ExpertEmployment, GroupLink, Tie, TieSource
from tests.factories import make_unit

from .panel_builders import Review, build_review

pytestmark = pytest.mark.django_db

EXPERTS, APPLICANTS = 300, 200
YEAR = timedelta(days=365)
Pair = tuple[int, int]


class Graph:
    """Experts and applicants, and the pairs planted with each kind of tie."""

    def __init__(self, review: Review) -> None:
        self.review, self.at = review, clock.now()
        self.scheme, self.random = review.round.scheme.key, random.Random(20260323)
        self.units = [make_unit("recommender", name=f"样例第{place}监督管理局（虚构）") for place in range(10)]
        self.town = make_unit("consenter", name="样例镇人民政府（虚构）")
        self.applications = self._applications(review.round, review.officer)
        self.experts = self._experts(review.officer)
        self.planted: dict[str, set[Pair]] = {}
        self.group: set[Pair] = set()
        self.free = list(self.experts)
        self.random.shuffle(self.free)

    def _applications(self, round: Round, officer: User) -> list[Application]:
        people = range(APPLICANTS - 20, APPLICANTS)
        bodies = Organization.objects.bulk_create(
            Organization(
                code=f"P{place:017d}" if place in people else f"91{place:016d}",
                name=f"样例人{place}（虚构）" if place in people else f"样例第{place}{place % 7}机械有限公司（虚构）",
                subject="individual" if place in people else "organization",
                identity_sealed="x" if place in people else "", registered_at=self.at,
            )
            for place in range(APPLICANTS)
        )  # fmt: skip
        return Application.objects.bulk_create(
            Application(
                number=f"G-{place:04d}", round=round, organization=body, recommender=self.units[place % 10],
                employer=f"样例第{place}研究所（虚构）" if place in people else "", created_by=officer,
                created_at=self.at, submitted_at=self.at, state="document_review",
            )
            for place, body in enumerate(bodies)
        )  # fmt: skip

    def _experts(self, officer: User) -> list[Expert]:
        users = User.objects.bulk_create(
            User(username=f"graph-{place}", display_name=f"专家{place}（虚构）") for place in range(EXPERTS)
        )
        return Expert.objects.bulk_create(
            Expert(
                scheme_key=self.scheme, user=user, field="质量管理", employer=f"样例大学{place}院（虚构）",
                added_at=self.at, added_by=officer,
            )
            for place, user in enumerate(users)
        )  # fmt: skip

    def plant(self, kind: str, *, people: bool = False, count: int = 8) -> list[tuple[Expert, Application]]:
        """So many fresh experts, each against one applicant of the asked sort."""
        among = [one for one in self.applications if one.organization.is_person == people]
        pairs = [(self.free.pop(), self.random.choice(among)) for _ in range(count)]
        self.planted.setdefault(kind, set()).update((one.pk, other.pk) for one, other in pairs)
        return pairs

    def mark(self, kind: str, expert: Expert, applications: list[Application]) -> None:
        self.planted.setdefault(kind, set()).update((expert.pk, one.pk) for one in applications)

    def employments(self) -> None:
        today = clock.today()
        for place, (expert, application) in enumerate(self.plant("employment", count=24)):
            name, code = application.organization.name, ""
            if place % 3 == 0:
                name, code = f"曾用名称{place}", application.organization.code
            elif place % 3 == 1:
                name = name.replace("有限公司", " 有限责任公司").replace("（", "(").replace("）", ")")
            until = None if place % 2 else today - YEAR
            ExpertEmployment.objects.create(expert=expert, employer=name, employer_code=code, until_on=until)
        for expert, application in self.plant("colleague", people=True):
            ExpertEmployment.objects.create(expert=expert, employer=application.employer)
        for expert, application in self.plant("long ago"):
            ExpertEmployment.objects.create(
                expert=expert, employer=application.organization.name, until_on=today - 4 * YEAR
            )

    def declarations(self) -> None:
        common = {"scheme_key": self.scheme, "declared_at": self.at, "declared_by": self.review.officer}
        ties = []
        for place, kind in enumerate(DECLARED_KINDS):
            for expert, application in self.plant(kind):
                ties.append(
                    Tie(person=expert.user, organization=application.organization, kind=kind,
                        source=TieSource.EXPERT if place % 2 else TieSource.OFFICE, **common)
                )  # fmt: skip
        for expert, application in self.plant("supplier"):
            ties.append(
                Tie(person_name=str(expert.user), person_employer=expert.employer,
                    organization=application.organization, kind="supplier", source=TieSource.APPLICANT, **common)
            )  # fmt: skip
        for expert, application in self.plant("adviser"):
            ties.append(
                Tie(person=expert.user, body_name=application.organization.name, kind="adviser",
                    source=TieSource.EXPERT, **common)
            )  # fmt: skip
        Tie.objects.bulk_create(ties)

    def accounts(self) -> None:
        letter = StoredFile.objects.create(
            purpose="letter", original_name="授权书", extension="pdf", content_type="application/pdf", size=1,
            sha256="0" * 64, content="x", uploaded_by=self.review.officer, uploaded_at=self.at,
        )  # fmt: skip
        for expert, application in self.plant("acting"):
            Claim.objects.create(
                user=expert.user, organization=application.organization, scheme_key=self.scheme, letter=letter,
                state="verified", requested_at=self.at, decided_at=self.at, decided_by=self.review.officer,
            )  # fmt: skip

    def staff(self) -> None:
        consents = self.applications[:5]
        for one in consents:
            LegConsent.objects.create(
                application=one, leg="town", unit=self.town, dossier_version=1, asked_at=self.at,
                asked_by=self.review.officer,
            )  # fmt: skip
        for unit in [*self.units[:3], self.town]:
            now, left, by_name = self.free.pop(), self.free.pop(), self.free.pop()
            Membership.objects.create(user=now.user, unit=unit, started_at=self.at)
            Membership.objects.create(user=left.user, unit=unit, started_at=self.at, ended_at=self.at - YEAR)
            ExpertEmployment.objects.create(expert=by_name, employer=unit.name)
            for expert in (now, left, by_name):
                self.mark("recommender", expert, self._of(unit, consents))

    def _of(self, unit: Unit, consents: list[Application]) -> list[Application]:
        if unit == self.town:
            return consents
        return [one for one in self.applications if one.recommender_id == unit.pk]

    def groups(self) -> None:
        """Holding → middle → applicant, and a sister of the applicant; experts at the two above and at the sister."""
        for place in range(6):
            below = self.applications[10 + place].organization
            top, middle, sister = (f"样例{name}{place}（虚构）" for name in ("控股集团", "产业集团", "物流集团"))
            for parent, child, code in ((top, middle, ""), (middle, below.name, below.code), (middle, sister, "")):
                GroupLink.objects.create(
                    scheme_key=self.scheme, parent_name=parent, child_name=child, child_code=code,
                    source=TieSource.OFFICE, declared_at=self.at, declared_by=self.review.officer,
                )  # fmt: skip
            for employer in (top, middle, sister):
                expert = self.free.pop()
                ExpertEmployment.objects.create(expert=expert, employer=employer)
                self.group.add((expert.pk, self.applications[10 + place].pk))


@pytest.fixture
def graph(frozen, calendars) -> Graph:
    graph = Graph(build_review(applications=0, experts=0))
    graph.employments()
    graph.declarations()
    graph.accounts()
    graph.staff()
    graph.groups()
    return graph


def test_v2_every_planted_conflict_is_found_and_what_is_found_beyond_is_explained(graph):
    applications = list(Application.objects.filter(pk__in=[one.pk for one in graph.applications]).with_names())
    experts = list(Expert.objects.filter(pk__in=[one.pk for one in graph.experts]).select_related("user"))
    conflicts_between(experts[:1], applications[:1])
    with CaptureQueriesContext(connection) as whole:
        found = findings_between(experts, applications)
    long_ago = graph.planted.pop("long ago")
    planted = set().union(*graph.planted.values()) | graph.group
    assert set(graph.planted) == set(ConflictKind.values)
    # recall: every kind, every pair
    for kind, pairs in graph.planted.items():
        missed = [one for one in pairs if kind not in {each.kind for each in found.conflicts.get(one, ())}]
        assert missed == [], kind
    for pair in graph.group:
        assert "（申报组织的" in found.conflicts[pair][0].reason
    assert not long_ago & set(found.conflicts)
    # precision: beyond what was planted only another member of the same group, and the reason says which
    beyond = {pair: [str(one) for one in rows] for pair, rows in found.conflicts.items() if pair not in planted}
    assert all("（申报组织的" in text for texts in beyond.values() for text in texts), beyond
    for rows in found.conflicts.values():
        assert all(one.reason and one.source and one.ground for one in rows)
    # the same questions for a tenth of the graph as for all of it
    with CaptureQueriesContext(connection) as tenth:
        conflicts_between(experts[:30], applications[:20])
    assert len(tenth) == len(whole) <= 12
