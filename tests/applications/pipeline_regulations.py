"""The four regulations and the invented fifth, written down a second time by hand, for the oracle of the state machine.

Nothing here is read from a rulebook's file: what the code reads there must come to what stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from chinese_calendar import is_workday
from django.conf import settings

from applications.models import Application
from award_portal.lib import clock

SHIPPED = Path(settings.BASE_DIR) / "fixtures" / "schemes"
INVENTED = Path(settings.BASE_DIR) / "tests" / "journeys" / "regulations"

PUBLICITIES = ("recommendation_publicity", "acceptance_publicity", "public_comment", "award_publicity")
REVIEWS = ("document_review", "defense", "onsite_review")
EXAMINED = ("recommendation_review", "qualification")
# step → (whose it is, {from: where it leads})
Table = dict[str, tuple[str, dict[str, set[str]]]]


@dataclass(frozen=True)
class Window:
    """How long a list is public: so many working or calendar days, at least or just as many."""

    days: int
    kind: str = "working"
    is_exact: bool = False
    waits_for_objections: bool = True  # 无异议: whether an open objection keeps the clock from closing it

    def allows(self, days: int) -> bool:
        return days == self.days if self.is_exact else days >= self.days

    def end(self, published_at: datetime, days: int = 0) -> datetime:
        """24:00 of the last day, the day of publication not counted (Civil Code arts. 201, 203)."""
        return end_of_days(published_at, days or self.days, kind=self.kind)


def end_of_days(began: datetime, days: int, *, kind: str = "working") -> datetime:
    day = clock.day_of(began)
    while days:
        day += timedelta(days=1)
        days -= kind == "calendar" or is_workday(day)
    return clock.day_start(day + timedelta(days=1))


@dataclass(frozen=True)
class Group:
    """A sub-quota: of the names it fits at most so many, or so many places that nobody else may have."""

    fits: Callable[[Application], bool]
    at_most: int | None = None
    at_least: int = 0


@dataclass(frozen=True)
class Tier:
    quota: int
    floor_percent: int = 0
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True)
class Regulation:
    """What one regulation says of the way from draft to award, as far as a door can break it."""

    key: str
    document: Path
    order: tuple[str, ...]
    windows: Mapping[str, Window]
    tiers: Mapping[str, Tier]  # highest first
    mode: str  # how the leading body decides: secret_vote, resolution, rank
    prohibitions: tuple[str, ...]
    merit: str  # a condition that is no 禁止性规定
    objections_in: frozenset[str]  # where objections are taken beside a running list; the last is award_publicity
    stopped_by_objection: frozenset[str]
    own_publicity: Window | None = None
    legs: tuple[str, ...] = ()
    investigator: str = "officer"
    approver: str = "government"
    correction_days: int = 5
    individuals_prohibited: tuple[str, ...] = ()  # where individuals may apply: what excludes them
    weights: Mapping[str, int] = field(default_factory=dict)  # of the total score, where rank or floor rest on it
    repeats_outside_quota: bool = False

    def __str__(self) -> str:
        return self.key

    @property
    def admits_individuals(self) -> bool:
        return bool(self.individuals_prohibited)

    @property
    def lists(self) -> tuple[str, ...]:
        """The publicities an officer opens, in their order."""
        return tuple(one for one in self.order if one in PUBLICITIES)

    @property
    def reviews(self) -> tuple[str, ...]:
        return tuple(one for one in self.order if one in REVIEWS)

    @property
    def may(self) -> dict[str, set[str]]:
        """Whose step → the roles that may come; what the bodies decide is recorded by the office (V8, V9)."""
        return {
            "applicant": {"applicant"},
            "recommender": {"recommender"},
            "office": {"officer"},
            "clock": {"clock"},
            "leading_body": {"officer", "member"},
            "government": {"officer", self.approver},
        }

    def prohibits(self, application: Application) -> tuple[str, ...]:
        return self.individuals_prohibited if application.organization.is_person else self.prohibitions

    @cached_property
    def table(self) -> Table:
        """Every step there is, and where this regulation's order lets it lead."""
        after = dict(pairwise(self.order))
        submitted = {*self.order[self.order.index("recommendation_review") : -1], "correction"}

        def onward(*states: str) -> dict[str, set[str]]:
            return {one: {after[one]} for one in states if one in after}

        def out(end: str, *states: str) -> dict[str, set[str]]:
            return {one: {end} for one in states if one in after or one == "correction"}

        own = "self_publicity" in after
        return {
            "start_self_publicity": ("applicant", onward("draft") if own else {}),
            "revise": ("applicant", out("draft", "self_publicity")),
            "submit": ("applicant", onward("self_publicity" if own else "draft")),
            "clear_review": ("recommender", onward("recommendation_review")),
            "decline": (
                "recommender",
                out("not_recommended", "recommendation_review", "recommendation_publicity", "recommendation"),
            ),
            "recommend": ("recommender", onward("recommendation")),
            "accept": ("office", onward("qualification")),
            "reject": ("office", out("not_accepted", "qualification", "acceptance_publicity")),
            "return_by_recommender": ("recommender", out("correction", "recommendation_review")),
            "return_by_office": ("office", out("correction", "qualification")),
            "resubmit": ("applicant", {"correction": set(EXAMINED)}),
            "close_correction": ("clock", {"correction": set(EXAMINED)}),
            "close_publicity": ("clock", onward(*PUBLICITIES)),
            "pass_review": ("office", onward(*REVIEWS)),
            "eliminate": ("office", out("eliminated", *REVIEWS)),
            "shortlist": ("leading_body", onward("deliberation")),
            "pass_over": ("leading_body", out("not_selected", "deliberation")),
            "promote": ("leading_body", {}),  # a place that falls free stays vacant (section 7)
            "redeliberate": ("leading_body", {}),  # a list once decided is not taken back
            "approve": ("government", onward("approval")),
            "refuse": ("government", out("not_approved", "approval")),
            "withdraw": ("applicant", out("withdrawn", *submitted, "draft", "self_publicity")),
            "disqualify": ("office", out("disqualified", *submitted)),
        }


# U: 乌鲁木齐市人民政府质量奖管理办法（征求意见稿）
URUMQI = Regulation(
    key="urumqi",
    document=SHIPPED / "urumqi-2025.yaml",
    order=(
        "draft", "self_publicity", "recommendation_review", "recommendation_publicity", "recommendation",
        "qualification", "acceptance_publicity", "document_review", "defense", "onsite_review", "deliberation",
        "award_publicity", "approval", "awarded",
    ),  # U11
    own_publicity=Window(5),  # U11.2 不少于5个工作日, like every list of U11
    windows={
        "recommendation_publicity": Window(5), "acceptance_publicity": Window(5), "award_publicity": Window(5),
    },
    tiers={"main": Tier(3), "nominee": Tier(2)},  # U4
    mode="secret_vote",  # U11.8 投票产生
    prohibitions=("clean_record", "not_listed", "not_barred", "not_banned"),  # U9.3, U16, U20
    merit="quality_system",
    objections_in=frozenset({
        "qualification", "acceptance_publicity", "document_review", "defense", "onsite_review", "deliberation",
        "award_publicity",
    }),  # U12 受理、评审过程中
    stopped_by_objection=frozenset({"close_publicity", "recommend", "approve"}),  # U11.3–5, U11.9
    investigator="recommender",  # U13
)  # fmt: skip

# Z: 中牟县县长质量奖管理办法（修订征求意见稿）
ZHONGMU = Regulation(
    key="zhongmu",
    document=SHIPPED / "zhongmu-2025.yaml",
    order=(
        "draft", "self_publicity", "recommendation_review", "recommendation", "qualification", "document_review",
        "onsite_review", "deliberation", "award_publicity", "approval", "awarded",
    ),  # Z17
    own_publicity=Window(5),  # Z17.2
    windows={"award_publicity": Window(5)},  # Z17.8
    tiers={"main": Tier(4)},  # the regulation leaves it open, the office set it
    mode="secret_vote",  # Z17.7 审议表决
    legs=("township",),  # Z17.3
    prohibitions=(
        "policy_conflict", "without_licence", "accident", "failed_inspection", "losses", "dishonesty", "fraud",
        "unpaid_wages", "violation",
    ),  # Z14
    merit="excellence_model",
    objections_in=frozenset({"award_publicity"}),  # Z17.8
    stopped_by_objection=frozenset({"close_publicity", "approve"}),  # Z17.9 经公示通过的
)  # fmt: skip

# B: 巴彦淖尔市市长质量奖管理办法（修订征求意见稿）
BAYANNUR = Regulation(
    key="bayannur",
    document=SHIPPED / "bayannur-2025.yaml",
    order=(
        "draft", "recommendation_review", "recommendation", "qualification", "acceptance_publicity", "document_review",
        "onsite_review", "defense", "public_comment", "deliberation", "award_publicity", "approval", "awarded",
    ),  # B11–B17
    windows={
        "acceptance_publicity": Window(5),
        "public_comment": Window(5, waits_for_objections=False),
        "award_publicity": Window(7, is_exact=True),  # B15 公示期为7个工作日
    },
    tiers={"main": Tier(3), "nominee": Tier(3)},  # B4
    mode="resolution",  # B15 审议通过
    prohibitions=("clean_record", "not_banned"),  # B10.5, B22
    merit="quality_system",
    objections_in=frozenset({
        "acceptance_publicity", "document_review", "onsite_review", "defense", "public_comment", "deliberation",
        "award_publicity",
    }),  # B16
    stopped_by_objection=frozenset({"close_publicity", "approve"}),  # B16, B17
    repeats_outside_quota=True,  # B18
)  # fmt: skip

# Y: 阳泉市质量奖管理办法
YANGQUAN = Regulation(
    key="yangquan",
    document=SHIPPED / "yangquan-1.yaml",
    order=(
        "draft", "recommendation_review", "recommendation", "qualification", "document_review", "onsite_review",
        "deliberation", "award_publicity", "approval", "awarded",
    ),
    windows={"award_publicity": Window(5)},
    tiers={"main": Tier(3, floor_percent=60), "nominee": Tier(5, floor_percent=60)},  # Y4, Y11
    mode="rank",  # Y11 按得分顺序
    weights={"document_review": 40, "onsite_review": 60},
    approver="member",  # Y5 审定
    prohibitions=("no_accident", "lawful", "not_barred"),  # Y8.5, Y8.6, Y4
    individuals_prohibited=("integrity", "not_barred"),  # Y9.2, Y4
    merit="achievements",
    objections_in=frozenset({"award_publicity"}),
    stopped_by_objection=frozenset({"close_publicity", "approve"}),
    repeats_outside_quota=True,  # Y23
)  # fmt: skip

# the invented 云台市质量卓越奖
YUNTAI = Regulation(
    key="yuntai",
    document=INVENTED / "yuntai-1.yaml",
    order=(
        "draft", "recommendation_review", "recommendation", "qualification", "acceptance_publicity", "onsite_review",
        "document_review", "deliberation", "approval", "award_publicity", "awarded",
    ),
    windows={
        "acceptance_publicity": Window(10, kind="calendar", is_exact=True),
        "award_publicity": Window(10, kind="calendar", is_exact=True),
    },
    tiers={
        "gold": Tier(2, 70, (Group(lambda one: one.category == "service", at_most=1),)),
        "silver": Tier(3, 55, (Group(lambda one: one.is_sme, at_least=1),)),
    },
    mode="resolution",
    weights={"onsite_review": 80, "document_review": 20},
    prohibitions=("no_accident", "no_loss", "not_banned"),
    merit="years",
    objections_in=frozenset({
        "acceptance_publicity", "onsite_review", "document_review", "deliberation", "approval", "award_publicity",
    }),
    stopped_by_objection=frozenset({"close_publicity", "recommend", "approve"}),
    correction_days=3,
)  # fmt: skip

REGULATIONS = (URUMQI, ZHONGMU, BAYANNUR, YANGQUAN, YUNTAI)
