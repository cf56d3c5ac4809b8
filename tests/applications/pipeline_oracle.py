"""What must be true whatever is thrown at the door: the regulation written down a second time, by hand.

Nothing here asks the code under test what is allowed. Who takes which step from where to where is a table; whether a
publicity ran its days is counted on chinesecalendar's days; which objections are open is what the play did.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chinese_calendar import is_workday
from django.apps import apps
from django.db import connection

from applications.models import Application, Correction, Hold, SelfPublicity, Step
from award_portal.lib import clock
from awards.models import Award
from documents.models import NumberCounter
from objections.models import Objection
from organizations.evidence import digest
from organizations.models import AuditRecord
from reviews.models import ShortlistEntry

from .pipeline_world import World

EXAMINED = {"recommendation_review", "qualification"}
REVIEWED = ("document_review", "defense", "onsite_review")
SUBMITTED = {
    *EXAMINED, *REVIEWED, "recommendation_publicity", "recommendation", "acceptance_publicity", "correction",
    "deliberation", "award_publicity", "approval",
}  # fmt: skip


def each(states: set[str] | list[str] | tuple[str, ...], leads_to: str) -> dict[str, set[str]]:
    return {one: {leads_to} for one in states}


# step → (whose it is, {from: where Urumqi's order of stages leads}) (U11)
TABLE: dict[str, tuple[str, dict[str, set[str]]]] = {
    "start_self_publicity": ("applicant", each(["draft"], "self_publicity")),
    "revise": ("applicant", each(["self_publicity"], "draft")),
    "submit": ("applicant", each(["self_publicity"], "recommendation_review")),
    "clear_review": ("recommender", each(["recommendation_review"], "recommendation_publicity")),
    "decline": (
        "recommender",
        each(["recommendation_review", "recommendation_publicity", "recommendation"], "not_recommended"),
    ),
    "recommend": ("recommender", each(["recommendation"], "qualification")),
    "accept": ("office", each(["qualification"], "acceptance_publicity")),
    "reject": ("office", each(["qualification", "acceptance_publicity"], "not_accepted")),
    "return_by_recommender": ("recommender", each(["recommendation_review"], "correction")),
    "return_by_office": ("office", each(["qualification"], "correction")),
    "resubmit": ("applicant", {"correction": EXAMINED}),
    "close_correction": ("clock", {"correction": EXAMINED}),
    "close_publicity": (
        "clock",
        each(["recommendation_publicity"], "recommendation")
        | each(["acceptance_publicity"], "document_review")
        | each(["award_publicity"], "approval"),
    ),
    "pass_review": (
        "office",
        each(["document_review"], "defense")
        | each(["defense"], "onsite_review")
        | each(["onsite_review"], "deliberation"),
    ),
    "eliminate": ("office", each(REVIEWED, "eliminated")),
    "shortlist": ("leading_body", each(["deliberation"], "award_publicity")),
    "pass_over": ("leading_body", each(["deliberation"], "not_selected")),
    "promote": ("leading_body", {}),  # a place that falls free stays vacant (section 7)
    "approve": ("government", each(["approval"], "awarded")),
    "refuse": ("government", each(["approval"], "not_approved")),
    "withdraw": ("applicant", each(SUBMITTED | {"draft", "self_publicity"}, "withdrawn")),
    "disqualify": ("office", each(SUBMITTED, "disqualified")),
}
# whose step → the roles that may come; what the leading body and the government decide is recorded by the office (V8)
MAY = {
    "applicant": {"applicant"},
    "recommender": {"recommender"},
    "office": {"officer"},
    "clock": {"clock"},
    "leading_body": {"officer", "member"},
    "government": {"officer", "government"},
}
ROLES = (
    "clock", "applicant", "other_applicant", "recommender", "other_recommender", "officer", "member", "government",
    "expert", "consulted", "supervisor", "stranger", "dismissed_officer",
)  # fmt: skip
PROHIBITIONS = ("clean_record", "not_listed", "not_barred", "not_banned")  # U9.3, U16, U20
PUBLICITY_DAYS = 5  # 不少于5个工作日: every list of U11, and the applicant's own (U11.2)
QUOTA = {"main": 3, "nominee": 2}  # U4
# what 无异议 gates (U11.3–5, U11.9)
STOPPED_BY_OBJECTION = {"close_publicity", "recommend", "approve"}


def end_of_publicity(published_at: datetime, days: int) -> datetime:
    """24:00 of the last of so many working days, the day of publication not counted (U11, Civil Code art. 201)."""
    day = published_at.astimezone(clock.SHANGHAI).date()
    while days:
        day += timedelta(days=1)
        days -= is_workday(day)
    return clock.day_start(day + timedelta(days=1))


def everything() -> tuple:
    """How many rows each table of the rooms has, where every application stands, how far the numbers are."""
    tables = sorted(
        model._meta.db_table
        for room in ("organizations", "documents", "awards", "applications", "publicity", "reviews", "objections")
        for model in apps.get_app_config(room).get_models()
    )
    with connection.cursor() as cursor:
        cursor.execute(" union all ".join(f'select count(*) from "{one}"' for one in tables))
        counts = tuple(row[0] for row in cursor.fetchall())
    rows = Application.objects.order_by("pk").values_list("pk", "state", "return_to", "number", "submitted_at")
    return counts, tuple(rows), tuple(NumberCounter.objects.order_by("name").values_list("name", "value"))


@dataclass
class Oracle:
    """What a play has come to by its own account, and the comparison with what stands in the tables."""

    world: World
    stands: dict[int, str] = field(default_factory=dict)  # application → state, by its steps
    objected: dict[int, int] = field(default_factory=dict)  # open objection → application
    published: dict[int, tuple[datetime, int]] = field(default_factory=dict)  # application → (when, how many days)
    inhabited: set[str] = field(default_factory=set)
    taken: Counter = field(default_factory=Counter)
    last_step: int = 0
    last_link: AuditRecord | None = None
    # as they were before the step that is looked at: one rule may both lift an objection and move on
    objected_before: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.stands = dict(Application.objects.order_by("pk").values_list("pk", "state"))
        self.inhabited = set(self.stands.values())
        last = Step.objects.order_by("-pk").first()
        self.last_step = last.pk if last else 0
        self.last_link = AuditRecord.objects.filter(chain=self.world.round.chain).order_by("-seq").first()

    # -- what the play reports -----------------------------------------------------------------------------------------

    def filed(self, objection: int, application: int) -> None:
        self.objected[objection] = application

    def settled(self, objection: int) -> None:
        self.objected.pop(objection)

    def listed(self, keys: list[int], *, at: datetime, days: int = PUBLICITY_DAYS) -> None:
        self.published |= dict.fromkeys(keys, (at, days))

    def takes_objections(self, application: int, at: datetime) -> bool:
        """U12: while a list is public, and during acceptance and review; not after the last list's window."""
        state = self.stands[application]
        if application in self.published:
            began, days = self.published[application]
            return at < end_of_publicity(began, days) or state == "acceptance_publicity"
        if state == "correction":
            state = Correction.objects.filter(application=application).latest("asked_at").stage
        return state in ("qualification", "acceptance_publicity", *REVIEWED, "deliberation", "award_publicity")

    # -- what must be true ---------------------------------------------------------------------------------------------

    def compare(self, at: datetime) -> None:
        steps = list(Step.objects.filter(pk__gt=self.last_step).select_related("application").order_by("pk"))
        for step in steps:
            self._of_the_table(step)
            self._in_time(step, at)
            self.taken[step.step] += 1
            self.stands[step.application_id] = step.to_state
            self.last_step = step.pk
        rows = dict(Application.objects.order_by("pk").values_list("pk", "state"))
        assert rows == self.stands, "a state changed that no step accounts for"
        self.inhabited = set(self.stands.values())
        if self._on_record(steps):
            self._holds()
            self._quotas()
        self.objected_before = set(self.objected.values())

    def _of_the_table(self, step: Step) -> None:
        """From where it stood to where the regulation leads, by somebody whose step it is."""
        owner, edges = TABLE[step.step]
        assert step.from_state == self.stands[step.application_id], f"{step.step} is not joined to the step before"
        assert step.to_state in edges.get(step.from_state, ()), f"{step.step}: {step.from_state} → {step.to_state}"
        allowed = {self.world.person(role, step.application) for role in MAY[owner]}
        assert step.by in allowed, f"{step.step} was taken by {step.by}"

    def _in_time(self, step: Step, at: datetime) -> None:
        one, round = step.application, self.world.round
        assert step.at == at
        if step.step in STOPPED_BY_OBJECTION:
            assert one.pk not in self.objected_before, f"{step.step} over an open objection"
        match step.step:
            case "close_publicity":
                assert one.pk in self.published, "closed without a list"
                began, days = self.published.pop(one.pk)
                assert at >= end_of_publicity(began, days), f"closed early: published {began}, closed {at}"
            case "start_self_publicity":
                assert round.opens_at <= at < round.closes_at
            case "submit":
                assert round.opens_at <= at < round.closes_at
                own = SelfPublicity.objects.get(application=one, abandoned_at=None)
                assert at >= end_of_publicity(own.started_at, PUBLICITY_DAYS), "submitted before its own publicity ran"
            case "resubmit" | "close_correction":
                correction = Correction.objects.filter(application=one).latest("asked_at")
                overdue = at >= end_of_publicity(correction.asked_at, 5)
                assert overdue == (step.step == "close_correction")
                assert step.to_state == correction.stage, "corrected, and back on another desk"
            case "disqualify":
                objection = Objection.objects.filter(public_id=step.facts.get("objection")).first()
                upheld = objection is not None and objection.application_id == one.pk and objection.finding == "upheld"
                assert (objection.condition if upheld else step.facts.get("finding")) in PROHIBITIONS
            case "return_by_recommender" | "return_by_office":
                assert step.facts["return_to"] == step.from_state
            case _:
                pass
        if step.step != "close_publicity":
            self.published.pop(one.pk, None)

    def _on_record(self, steps: list[Step]) -> bool:
        """Every step has its link, no link stands for a step that was not, and the chain holds; is there a new link?"""
        links = AuditRecord.objects.filter(chain=self.world.round.chain).order_by("seq")
        fresh = list(links.filter(seq__gt=self.last_link.seq) if self.last_link else links)
        for link in fresh:
            assert link.seq == (self.last_link.seq if self.last_link else 0) + 1
            assert self.last_link is None or link.previous_hash == self.last_link.hash
            assert link.hash == digest(link)
            self.last_link = link
        named = {f"application.{step}" for step in TABLE}
        told = [(one.verb, one.subject) for one in fresh if one.verb in named]
        assert told == [(f"application.{one.step}", f"application:{one.application.public_id}") for one in steps]
        return bool(fresh)

    def _holds(self) -> None:
        """Each open objection holds what it must, and nothing is held without one (U13)."""
        held = Counter()
        for hold in Hold.objects.filter(released_at=None):
            assert set(hold.steps) >= STOPPED_BY_OBJECTION
            held[hold.application_id] += 1
        assert held == Counter(self.objected.values())

    def _quotas(self) -> None:
        for model, path in ((ShortlistEntry, "application__round"), (Award, "round")):
            counted = Counter(model.objects.filter(**{path: self.world.round}).values_list("tier", flat=True))
            assert all(count <= QUOTA[tier] for tier, count in counted.items()), f"over quota: {counted}"
        awarded = sum(state == "awarded" for state in self.stands.values())
        assert Award.objects.filter(round=self.world.round).count() == awarded
