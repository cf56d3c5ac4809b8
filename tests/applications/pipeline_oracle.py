"""What must be true whatever is thrown at the door, by the regulation as `pipeline_regulations` has it.

Nothing here asks the code under test what is allowed. Who takes which step from where to where is a table; whether a
publicity ran its days is counted on chinesecalendar's days; which objections are open is what the play did.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from itertools import permutations

from django.apps import apps
from django.db import connection

from applications.models import Application, Correction, Hold, SelfPublicity, Step
from awards.models import Award
from objections.models import Objection
from organizations.evidence import digest
from organizations.models import AuditRecord
from publicity.models import CommentSummary, Notice, NoticeItem
from reviews.models import PanelOpinion, ShortlistEntry

from .pipeline_regulations import Regulation, end_of_days
from .pipeline_world import World

ROOMS = ("organizations", "documents", "awards", "applications", "publicity", "reviews", "objections")


def everything() -> tuple:
    """How many rows each table of the rooms has, where every application stands, how far the numbers are."""
    with connection.cursor() as cursor:
        cursor.execute(_counting())
        counts = tuple(row[0] for row in cursor.fetchall())
        cursor.execute(
            "select id, state, return_to, number, submitted_at from applications_application order by id"
        )  # fmt: skip
        rows = tuple(cursor.fetchall())
        cursor.execute("select name, value from documents_numbercounter order by name")
        return counts, rows, tuple(cursor.fetchall())


def _counting() -> str:
    if not _counting_of:
        models = [model for room in ROOMS for model in apps.get_app_config(room).get_models()]
        tables = sorted(model._meta.db_table for model in models)
        _counting_of.append(" union all ".join(f'select count(*) from "{one}"' for one in tables))
    return _counting_of[0]


_counting_of: list[str] = []


@dataclass
class Oracle:
    """What a play has come to by its own account, and the comparison with what stands in the tables."""

    world: World
    stands: dict[int, str] = field(default_factory=dict)  # application → state, by its steps
    objected: dict[int, int] = field(default_factory=dict)  # open objection → application
    published: dict[int, tuple[datetime, int]] = field(default_factory=dict)  # application → (when, how many days)
    consented: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))  # application → legs given
    left_off: set[int] = field(default_factory=set)  # repeat winners the leading body did not list
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

    @property
    def rule(self) -> Regulation:
        return self.world.rule

    # -- what the play reports -----------------------------------------------------------------------------------------

    def filed(self, objection: int, application: int) -> None:
        self.objected[objection] = application

    def settled(self, objection: int) -> None:
        self.objected.pop(objection)

    def listed(self, notice: Notice, keys: list[int], *, at: datetime, days: int | None = None) -> None:
        """A list is out, or was made longer: of a length the regulation allows, counted in its days."""
        window = self.rule.windows[notice.kind]
        days = days or window.days
        assert window.allows(days), f"{notice.kind} of {days} days"
        assert notice.ends_at == window.end(at, days), f"{notice.kind} ends {notice.ends_at}"
        self.published |= dict.fromkeys(keys, (at, days))

    def lengthened(self, notice: Notice, *, days: int) -> None:
        assert not self.rule.windows[notice.kind].is_exact, f"{notice.kind} was made longer"
        named = [pk for pk in notice.items.values_list("application", flat=True) if pk in self.published]
        self.listed(notice, named, at=notice.published_at, days=days)

    def takes_objections(self, application: int, at: datetime) -> bool:
        """While a list is public, and from stage to stage as the regulation says; not after the last list's window."""
        state = self.stands[application]
        if application in self.published:
            began, days = self.published[application]
            running = at < self.rule.windows[state].end(began, days)
            return running or (state in self.rule.objections_in and state != "award_publicity")
        if state == "correction":
            state = Step.objects.filter(application=application, to_state="correction").latest("pk").from_state
        return state in self.rule.objections_in

    # -- what must be true ---------------------------------------------------------------------------------------------

    def compare(self, at: datetime) -> None:
        steps = list(
            Step.objects.filter(pk__gt=self.last_step).select_related("application__organization").order_by("pk")
        )
        for step in steps:
            self._of_the_table(step)
            self._in_time(step, at)
            self._in_order(step)
            self.taken[step.step] += 1
            self.stands[step.application_id] = step.to_state
            self.last_step = step.pk
        rows = dict(Application.objects.order_by("pk").values_list("pk", "state"))
        assert rows == self.stands, "a state changed that no step accounts for"
        self.inhabited = set(self.stands.values())
        if self._on_record(steps):
            self._holds()
            self._quotas()
            self._by_rank(steps)
        self.objected_before = set(self.objected.values())

    def _of_the_table(self, step: Step) -> None:
        """From where it stood to where the regulation leads, by somebody whose step it is."""
        owner, edges = self.rule.table[step.step]
        assert step.from_state == self.stands[step.application_id], f"{step.step} is not joined to the step before"
        assert step.to_state in edges.get(step.from_state, ()), f"{step.step}: {step.from_state} → {step.to_state}"
        allowed = {self.world.person(role, step.application) for role in self.rule.may[owner]}
        assert step.by in allowed, f"{step.step} was taken by {step.by}"

    def _in_time(self, step: Step, at: datetime) -> None:
        one, round = step.application, self.world.round
        assert step.at == at
        match step.step:
            case "close_publicity":
                assert one.pk in self.published, "closed without a list"
                began, days = self.published.pop(one.pk)
                end = self.rule.windows[step.from_state].end(began, days)
                assert at >= end, f"closed early: published {began}, closed {at}"
            case "start_self_publicity":
                assert round.opens_at <= at < round.closes_at
            case "submit":
                assert round.opens_at <= at < round.closes_at
                if self.rule.own_publicity:
                    own = SelfPublicity.objects.get(application=one, abandoned_at=None)
                    assert at >= self.rule.own_publicity.end(own.started_at), "submitted before its own publicity ran"
            case "resubmit" | "close_correction":
                correction = Correction.objects.filter(application=one).latest("asked_at")
                overdue = at >= end_of_days(correction.asked_at, self.rule.correction_days)
                assert overdue == (step.step == "close_correction")
                assert step.to_state == correction.stage, "corrected, and back on another desk"
            case _:
                pass
        if step.step != "close_publicity":
            self.published.pop(one.pk, None)

    def _in_order(self, step: Step) -> None:
        """What must have come before the step: an answer to every objection, consents, comments, a finding."""
        one = step.application
        if step.step in self.rule.stopped_by_objection and one.pk in self.objected_before:
            window = self.rule.windows.get(step.from_state)
            assert step.step == "close_publicity", f"{step.step} over an open objection"
            assert window, step.from_state
            assert not window.waits_for_objections, f"{step.from_state} closed over an open objection"
        match step.step:
            case "clear_review":  # Z17.3
                assert self.consented[one.pk] >= set(self.rule.legs), f"passed with the consents of {self.consented}"
            case "resubmit":  # what was consented to is no longer what stands
                self.consented.pop(one.pk, None)
            case "shortlist" | "pass_over":
                self._after_the_public_was_heard(one)
            case "disqualify":
                objection = Objection.objects.filter(public_id=step.facts.get("objection")).first()
                upheld = objection is not None and objection.application_id == one.pk and objection.finding == "upheld"
                found = objection.condition if upheld else step.facts.get("finding")
                assert found in self.rule.prohibits(one), f"put out because of {found}"
            case "return_by_recommender" | "return_by_office":
                assert step.facts["return_to"] == step.from_state
            case _:
                pass

    def _after_the_public_was_heard(self, one: Application) -> None:
        """B15: what the public said is summed up after the last day it could say it, then the leading body decides."""
        if "public_comment" not in self.rule.order:
            return
        asked = NoticeItem.objects.filter(application=one, notice__kind="public_comment").values_list("notice__ends_at")
        summary = CommentSummary.objects.filter(round=self.world.round).first()
        assert summary is not None, "decided before the public's comments were summed up"
        if asked:
            assert all(ends_at <= summary.written_at for (ends_at,) in asked), "summed up before the public had spoken"

    def _on_record(self, steps: list[Step]) -> bool:
        """Every step has its link, no link stands for a step that was not, and the chain holds; is there a new link?"""
        links = AuditRecord.objects.filter(chain=self.world.round.chain).order_by("seq")
        fresh = list(links.filter(seq__gt=self.last_link.seq) if self.last_link else links)
        for link in fresh:
            assert link.seq == (self.last_link.seq if self.last_link else 0) + 1
            assert self.last_link is None or link.previous_hash == self.last_link.hash
            assert link.hash == digest(link)
            self.last_link = link
        named = {f"application.{step}" for step in self.rule.table}
        told = [(one.verb, one.subject) for one in fresh if one.verb in named]
        assert told == [(f"application.{one.step}", f"application:{one.application.public_id}") for one in steps]
        return bool(fresh)

    def _holds(self) -> None:
        """Each open objection holds what it must, and nothing is held without one (U13, B17, Z17.9)."""
        held = Counter()
        for hold in Hold.objects.filter(released_at=None):
            assert set(hold.steps) == self.rule.stopped_by_objection
            held[hold.application_id] += 1
        assert held == Counter(self.objected.values())

    # -- the list ------------------------------------------------------------------------------------------------------

    def _quotas(self) -> None:
        """One quota over all who apply (U4, Y4), its groups, and the places of those who won before (B18, Y23)."""
        round = self.world.round
        entries = list(ShortlistEntry.objects.filter(application__round=round).select_related("application"))
        for entry in entries:
            wins_again = self.rule.repeats_outside_quota and self.world.won_before.get(entry.application_id)
            assert entry.outside_quota == (wins_again == entry.tier), f"{entry.application_id} outside the quota"
        for key, tier in self.rule.tiers.items():
            names = [one.application for one in entries if one.tier == key and not one.outside_quota]
            assert len(names) <= tier.quota, f"{len(names)} in {key}"
            for group in tier.groups:
                inside = sum(group.fits(one) for one in names)
                assert group.at_most is None or inside <= group.at_most, f"{inside} of a group in {key}"
                assert len(names) - inside <= tier.quota - group.at_least, f"places of a group given away in {key}"
        awards = Award.objects.filter(round=round).values_list("tier", "outside_quota")
        given = Counter(tier for tier, outside in awards if not outside)
        assert all(number <= self.rule.tiers[tier].quota for tier, number in given.items()), f"over quota: {given}"
        assert len(awards) == sum(state == "awarded" for state in self.stands.values())

    def _by_rank(self, steps: list[Step]) -> None:
        """Nobody is listed under the floor, and by rank no lower score stands over a higher one (Y11)."""
        decided = [one for one in steps if one.step in ("shortlist", "pass_over")]
        if not decided or not self.rule.weights:
            return
        levels, percents = {}, {}
        for step in decided:
            pk, tier = step.application_id, step.facts.get("tier", "")
            percents[pk] = self._percent(pk)
            levels[pk] = [*self.rule.tiers, ""].index(tier)
            floor = self.rule.tiers[tier].floor_percent if tier else 0
            assert percents[pk] >= floor, f"{float(percents[pk])} in {tier}"
        if self.rule.mode != "rank":
            return
        for higher, lower in permutations(percents, 2):
            if percents[higher] > percents[lower] and higher not in self.left_off:
                assert levels[higher] <= levels[lower], f"{float(percents[lower])} over {float(percents[higher])}"

    def _percent(self, application: int) -> Fraction:
        """The score in per cent of its own total, so that individuals and organisations stand in one order (Y11)."""
        opinions = PanelOpinion.objects.filter(application=application, stage__in=self.rule.weights)
        shares = [
            (Fraction(one.score) / Fraction(one.total) * 100, self.rule.weights[one.stage]) for one in opinions
        ]  # fmt: skip
        whole = sum(weight for _, weight in shares)
        return sum((share * weight for share, weight in shares), Fraction(0)) / whole if whole else Fraction(0)
