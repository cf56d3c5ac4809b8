"""The demo: rounds of four awards at telling moments of their life on Monday 2026-03-02, and who can sign in."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from applications.models import Application, Consultation, LegConsent
from applications.pipeline import State
from award_portal.lib import clock
from awards.faces import set_face
from awards.models import Ban, Round, Scheme
from awards.rulebook import Rulebook, chinese_number
from awards.schemes import latest_edition, rulebook_of
from awards.workdays import date_zh
from documents.models import IssuedDocument
from objections.models import Question
from organizations.models import Claim, User
from reviews.models import Assignment, Meeting
from supervision.duties import winners_of
from supervision.models import Case

from . import (
    closing_moves,
    honour_moves,
    later_years,
    open_business,
    opening_moves,
    review_moves,
    watching_moves,
    whole_round,
)
from .opening_moves import Player
from .together import Part, Stage
from .whole_round import Fate, Played
from .world import PASSWORD, World, build_world

TODAY = clock.at(date(2026, 3, 2), 9)


class DemoPlayer(Player):
    """A player that waits its turn among the others."""

    part: Part

    def wait_until(self, moment: datetime) -> None:
        self.part.wait_until(moment)


@dataclass(frozen=True)
class Story:
    """One round of the demo: whose, from when, with whom, and how far."""

    scheme: str
    ordinal: int
    year: int
    about: str
    starts_on: date
    fates: tuple[Fate, ...]
    play: Callable[[Played], None]


def tell_nobody(text: str) -> None:
    """The rounds of the demo are told as one."""


def to_the_end(played: Played) -> None:
    """A finished round: winners, certificates, the register."""
    _to_review(played)
    whole_round.review(played, tell_nobody)
    whole_round.deliberate(played, tell_nobody)
    whole_round.finish(played, tell_nobody)
    honour_moves.live_with_the_honour(played.player, tell_nobody)
    honour_moves.see_who_is_late(played.player)


def to_a_later_year(played: Played) -> None:
    """A finished round of which one winner has lost its award and another is reported."""
    to_the_end(played)
    later_years.play_later_year(played.player)
    played.player.wait_until(MEETING_CALLED)
    open_business.report_a_winner(played.player)


def to_the_watched_meeting(played: Played) -> None:
    """The leading body sits this afternoon; the supervising department has asked for answers."""
    to_the_meeting(played)
    watching_moves.watch_over(played.player)


def to_the_meeting(played: Played) -> None:
    """The report is issued, the leading body sits this afternoon."""
    _to_review(played)
    whole_round.review(played, tell_nobody)
    closing_moves.report_round(played.player)
    played.player.wait_until(MEETING_CALLED)
    closing_moves.convene(played.player)


def to_public_comment(played: Played) -> None:
    """The candidates are before the public since last week."""
    _to_review(played)
    review_moves.review_round(played.player)
    played.player.wait_until(MEETING_CALLED)
    closing_moves.open_public_comment(played.player)


def to_first_stage(played: Played) -> None:
    """The panel is at work: the first expert's sheets are still empty, the others' are in."""
    _to_review(played)
    panel = review_moves.open_panel(played.player, played.player.round_book.review_states[0])
    played.player.wait_working_days(2)
    sheets = Assignment.objects.filter(panel=panel, ended_at=None).with_names().order_by("expert__pk", "pk")
    first = sheets[0].expert_id
    for assignment in sheets:
        if assignment.expert_id != first:
            review_moves.fill_sheet(played.player, assignment)


def to_qualification(played: Played) -> None:
    """The recommendations have come in; the office consults the departments."""
    whole_round.recommend(played, tell_nobody)
    player = played.player
    opening_moves.consult(
        player, player.in_state(State.QUALIFICATION), stage=State.QUALIFICATION, sender=player.world.office,
        by=player.world.officer,
    )  # fmt: skip


def to_recommendation(played: Played) -> None:
    """Handed in; the recommenders review, their lists are in publicity and objected to."""
    player = played.player
    player.wait_working_days(1)
    opening_moves.recommend_round(player)
    player.wait_working_days(1)
    (first,), (second, *_) = played.having(Fate.DISMISSED), played.having(Fate.ORDINARY)
    open_business.object_in_all_ways(player, first, second, condition=whole_round.prohibited_condition(player))


def to_consents(played: Played) -> None:
    """The first review is through; the townships have still to consent and seal (Z17.3)."""
    played.player.wait_working_days(1)
    opening_moves.review_recommendations(played.player)


def _to_review(played: Played) -> None:
    whole_round.recommend(played, tell_nobody)
    whole_round.qualify(played, tell_nobody)


NORMAL = Fate.ORDINARY
# the day a meeting is called for this afternoon, and the comment of the public opened
MEETING_CALLED = clock.at(date(2026, 2, 27), 10)
SIX = (NORMAL,) * 6
STORIES = (
    Story(
        "urumqi", 1, 2024, "已完成", date(2024, 3, 4), (*SIX[:3], Fate.RECUSED, NORMAL, Fate.UPHELD), to_a_later_year
    ),
    Story("urumqi", 2, 2025, "审议", date(2025, 11, 17), (*SIX[:2], Fate.RETURNED, *SIX[:3]), to_the_watched_meeting),
    Story("urumqi", 3, 2025, "材料评审", date(2025, 12, 1), SIX[:3], to_first_stage),
    Story(
        "urumqi", 4, 2026, "审核推荐", date(2026, 1, 12), (NORMAL, Fate.DISMISSED, Fate.WITHDRAWN), to_recommendation
    ),
    Story("zhongmu", 1, 2025, "资格审核", date(2025, 12, 22), (NORMAL, Fate.INELIGIBLE, NORMAL), to_qualification),
    Story("zhongmu", 2, 2026, "申报推荐", date(2026, 1, 5), SIX[:2], to_consents),
    Story("bayannur", 1, 2024, "已完成，年度报告", date(2024, 3, 11), SIX[:4], to_the_end),
    Story("bayannur", 2, 2025, "公开征求意见", date(2025, 11, 10), SIX[:4], to_public_comment),
    Story("yangquan", 1, 2025, "领导小组审查", date(2025, 11, 10), SIX[:5], to_the_meeting),
)
OPEN_SCHEME = "urumqi"
SCHEMES = tuple(dict.fromkeys(one.scheme for one in STORIES))


def is_built() -> bool:
    return _marker().exists() and Scheme.objects.filter(key__in=SCHEMES).exists()


def shown_schemes() -> list[str]:
    """The awards this demo was built with, in the order of the stories."""
    known = set(Scheme.objects.values_list("key", flat=True))
    return [one for one in SCHEMES if one in known]


def forget_demo() -> None:
    """Everything of the demo goes: database, files, the rehearsal's clock."""
    connection.close()
    name = Path(str(settings.DATABASES["default"]["NAME"]))
    for path in (name, Path(f"{name}-wal"), Path(f"{name}-shm"), _marker(), clock.rehearsal_file()):
        path.unlink(missing_ok=True)
    shutil.rmtree(settings.STORAGES["default"]["OPTIONS"]["location"], ignore_errors=True)


def build_demo(only: str = "") -> Iterator[str]:
    """Play every story, or those of one award, to where it stands on the first day; yields what is being done."""
    told = [(number, one) for number, one in enumerate(STORIES, start=1) if only in ("", one.scheme)]
    schemes = [one for one in SCHEMES if only in ("", one)]
    with clock.frozen(clock.at(min(one.starts_on for _, one in told), 9)) as stood:
        yield f"载入{len(schemes)}个奖项的规则文件，建立演练单位和人员"
        worlds = {key: build_world(key, at=clock.now(), prefix=prefix_of(key)) for key in schemes}
        for world, colour in zip(worlds.values(), Scheme.Colour.values, strict=False):
            set_face(world.edition.scheme, colour=colour, is_public=True, by=world.officer, at=clock.now())
        yield f"演练{len(told)}届评审，各停在不同环节（约一分钟）"
        stage = Stage(until=TODAY, to=stood.travel_to)
        for number, story in told:
            stage.add(clock.at(story.starts_on, 9), _script(worlds[story.scheme], story, number))
        stage.play()
        yield "发布新一届申报通知，登记申报组织"
        _open_new_round(worlds[only or OPEN_SCHEME])
        yield f"{IssuedDocument.objects.filter(sha256='').count()}份公文将在服务启动后由后台生成（约一分钟）"
    clock.start_rehearsal(TODAY)
    _marker().write_text(TODAY.isoformat(), encoding="ascii")


def prefix_of(scheme: str) -> str:
    """What heads the user names of a scheme's people; those of the first have none."""
    return "" if scheme == SCHEMES[0] else f"{scheme}-"


def _script(world: World, story: Story, number: int) -> Callable[[Part], None]:
    def play(part: Part) -> None:
        title = f"第{chinese_number(story.ordinal)}届{world.book.award_name}（演练：{story.about}）"
        round = opening_moves.open_round(world, year=story.year, ordinal=story.ordinal, title=title)
        player = DemoPlayer(world, round, part.wait_until, seed=number)
        player.part = part
        played = Played(player)
        whole_round.apply_all(played, list(story.fates), tell_nobody)
        story.play(played)

    return play


def _open_new_round(world: World) -> None:
    """Today's call, with one applicant that has begun, one whose publicity runs, and one that has only registered."""
    ordinal = 1 + max(one.ordinal for one in STORIES if one.scheme == world.edition.scheme.key)
    title = f"第{chinese_number(ordinal)}届{world.book.award_name}（演练：申报）"
    round = opening_moves.open_round(world, year=2026, ordinal=ordinal, title=title)
    player = Player(world, round, clock.travel_to, seed=0)
    first = whole_round.enter_applicant(player, 1)
    second = whole_round.enter_applicant(player, 2)
    assert {first.state, second.state} == {State.DRAFT}
    opening_moves.make_ready(player, second)


def accounts_table() -> str:
    """Who can sign in, one for each role of each award; one password for all."""
    rows = _accounts()
    width = max(len(name) for name, _, _ in rows)
    lines = [f"账号（密码均为 {PASSWORD}）："]
    lines += [f"  {name:<{width}}  {role:　<8}{about}" for name, role, about in rows]
    return "\n".join(lines)


def _accounts() -> list[tuple[str, str, str]]:
    rows = [("applicant1", "申报组织", "正在填报"), ("applicant2", "申报组织", _second_applicants())]
    for scheme in shown_schemes():
        prefix, book = prefix_of(scheme), _book(scheme)
        rounds = Round.objects.filter(scheme__key=scheme).order_by("ordinal")
        rows.append(
            (f"{prefix}office", book.role("office"), f"{book.name}：{'、'.join(_about(one) for one in rounds)}")
        )
        rows += [
            (user.username, role, f"{book.short_name}，{about}")
            for user, role, about in (
                _recommending(rounds),
                _consenting(rounds),
                _consulted(rounds),
                _judging(rounds),
                _deciding(rounds),
                _asked(rounds),
                _reported(rounds),
                _banned(scheme),
            )
            if user is not None
        ]
    rows.append(("government", "审定机关", "审定"))
    rows.append(("supervisor", "纪检监察机构", "监督"))
    rows.append(("admin", "系统管理员", "日历、单位、人员"))
    return rows


def _second_applicants() -> str:
    """How far the applicant of `make_ready` is: without a publicity of its own in the scheme, before handing in."""
    one = Application.objects.filter(created_by__username="applicant2").order_by("-pk").first()
    return f"{one.state_label}中" if one and one.state == State.SELF_PUBLICITY else "材料齐备，待提交"


def _book(scheme: str) -> Rulebook:
    edition = latest_edition(scheme)
    assert edition is not None
    return rulebook_of(edition)


def _about(round: Round) -> str:
    return round.title.rpartition("演练：")[2].rstrip("）")


Account = tuple[User | None, str, str]


def _first(users: QuerySet[User]) -> User | None:
    return users.order_by("pk").first()


def _recommending(rounds: QuerySet[Round]) -> Account:
    """Somebody at whose desk a recommendation, or a consent to it, waits."""
    waiting = [State.RECOMMENDATION_PUBLICITY, State.RECOMMENDATION_REVIEW]
    one = Application.objects.filter(round__in=rounds, state__in=waiting).order_by("pk").first()
    return _first(User.objects.filter(memberships__unit=one.recommender)) if one else None, "推荐单位", "审核推荐"


def _consenting(rounds: QuerySet[Round]) -> Account:
    one = LegConsent.objects.waiting().filter(application__round__in=rounds).exclude(unit=None).order_by("pk").first()
    return _first(User.objects.filter(memberships__unit=one.unit)) if one else None, "同意推荐单位", "待出具意见"


def _consulted(rounds: QuerySet[Round]) -> Account:
    letter = Consultation.objects.filter(round__in=rounds).unanswered().order_by("pk").last()
    return (
        _first(User.objects.filter(memberships__unit=letter.department)) if letter else None,
        "被征求意见部门",
        "待复函",
    )


def _judging(rounds: QuerySet[Round]) -> Account:
    unsent = Assignment.objects.filter(panel__round__in=rounds, ended_at=None, sheet__submitted_at=None)
    waiting = unsent.order_by("pk").first()
    return waiting.expert.user if waiting else None, "评审专家", "待评分"


def _deciding(rounds: QuerySet[Round]) -> Account:
    meeting = Meeting.objects.filter(round__in=rounds, state=Meeting.State.PREPARING).first()
    member = meeting.members.order_by("pk").first() if meeting else None
    return member.user if member else None, "审议机构成员", f"{meeting.held_on:%m月%d日}开会" if meeting else ""


def _asked(rounds: QuerySet[Round]) -> Account:
    """The applicant that has to explain itself to whoever investigates an objection."""
    question = Question.objects.waiting().filter(objection__application__round__in=rounds).order_by("pk").first()
    return question.objection.application.created_by if question else None, "申报组织", "异议调查，待说明"


def _reported(rounds: QuerySet[Round]) -> Account:
    """The winner a case is about."""
    case = Case.objects.open().filter(award__round__in=rounds).order_by("pk").first()
    people = list(winners_of(case.award)) if case and case.award else []
    return people[0] if people else None, "获奖组织", "监督案件，待说明"


def _banned(scheme: str) -> Account:
    """Somebody of a body whose next application a ban refuses."""
    ban = Ban.objects.filter(scheme__key=scheme, ends_on__gt=clock.today()).order_by("pk").first()
    if ban is None:
        return None, "", ""
    claim = Claim.objects.filter(organization__code=ban.code, state=Claim.State.VERIFIED).order_by("pk").first()
    return claim.user if claim else None, "曾获奖组织", f"{date_zh(ban.ends_on)}前不予受理申报"


def _marker() -> Path:
    return Path(settings.VAR_DIR) / "demo-built"
