"""The demo: rounds of one award at different points of their life on Monday 2026-03-02, and who can sign in."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from applications.models import Application, Consultation
from applications.pipeline import State
from award_portal.lib import clock
from awards.models import Round, Scheme
from documents.models import IssuedDocument
from organizations.models import User
from reviews.models import Assignment, Meeting

from . import closing_moves, opening_moves, review_moves, whole_round
from .opening_moves import Player
from .together import Part, Stage
from .whole_round import Fate, Played
from .world import PASSWORD, World, build_world

SCHEME = "urumqi"
TODAY = clock.at(date(2026, 3, 2), 9)


class DemoPlayer(Player):
    """A player that waits its turn among the others."""

    part: Part

    def wait_until(self, moment: datetime) -> None:
        self.part.wait_until(moment)


@dataclass(frozen=True)
class Story:
    """One round of the demo: from when, with whom, and how far."""

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
    review_moves.review_round(played.player, recused=next(iter(played.having(Fate.RECUSED)), None))
    whole_round.deliberate(played, tell_nobody)
    closing_moves.approve_round(played.player)


def to_the_meeting(played: Played) -> None:
    """The report is issued, the leading body sits this afternoon."""
    _to_review(played)
    review_moves.review_round(played.player)
    closing_moves.report_round(played.player)
    closing_moves.convene(played.player)


def to_document_review(played: Played) -> None:
    """The panel is at work: the first expert's sheets are still empty, the others' are in."""
    _to_review(played)
    panel = review_moves.open_panel(played.player, State.DOCUMENT_REVIEW)
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
    """Handed in; the recommenders review, one list is in publicity and objected to."""
    player = played.player
    player.wait_working_days(1)
    opening_moves.recommend_round(player)
    player.wait_working_days(1)
    for one in played.having(Fate.DISMISSED):
        condition = next(x.key for x in player.round_book.eligibility.conditions if x.prohibitive.value)
        closing_moves.object_to(player, one, condition=condition, text="反映该组织近三年有相关记录。（虚构）")


def _to_review(played: Played) -> None:
    whole_round.recommend(played, tell_nobody)
    whole_round.qualify(played, tell_nobody)


NORMAL = Fate.ORDINARY
STORIES = (
    Story(1, 2024, "已完成", date(2024, 3, 4), (NORMAL, NORMAL, NORMAL, Fate.RECUSED, NORMAL, Fate.UPHELD), to_the_end),
    Story(2, 2025, "审议", date(2025, 11, 20), (NORMAL, NORMAL, Fate.RETURNED, NORMAL, NORMAL, NORMAL), to_the_meeting),
    Story(3, 2025, "材料评审", date(2025, 12, 1), (NORMAL, NORMAL, NORMAL), to_document_review),
    Story(4, 2025, "资格审查", date(2025, 12, 29), (NORMAL, Fate.INELIGIBLE, NORMAL), to_qualification),
    Story(5, 2026, "审核推荐", date(2026, 1, 12), (NORMAL, Fate.DISMISSED, Fate.WITHDRAWN), to_recommendation),
)


def is_built() -> bool:
    return Scheme.objects.filter(key=SCHEME).exists() and _marker().exists()


def forget_demo() -> None:
    """Everything of the demo goes: database, files, the rehearsal's clock."""
    connection.close()
    name = Path(str(settings.DATABASES["default"]["NAME"]))
    for path in (name, Path(f"{name}-wal"), Path(f"{name}-shm"), _marker(), clock.rehearsal_file()):
        path.unlink(missing_ok=True)
    shutil.rmtree(settings.STORAGES["default"]["OPTIONS"]["location"], ignore_errors=True)


def build_demo() -> Iterator[str]:
    """Play every story to where it stands on the first day; yields what is being done."""
    with clock.frozen(clock.at(STORIES[0].starts_on, 9)) as stood:
        yield "载入规则文件，建立演练单位和人员"
        world = build_world(SCHEME, at=clock.now())
        yield f"演练{len(STORIES)}届评审，各停在不同环节（约半分钟）"
        stage = Stage(until=TODAY, to=stood.travel_to)
        for story in STORIES:
            stage.add(clock.at(story.starts_on, 9), _script(world, story))
        stage.play()
        yield "发布新一届申报通知，登记申报组织"
        _open_new_round(world)
        yield f"{IssuedDocument.objects.filter(sha256='').count()}份公文将在服务启动后由后台生成（约一分钟）"
    clock.start_rehearsal(TODAY)
    _marker().write_text(TODAY.isoformat(), encoding="ascii")


def _script(world: World, story: Story) -> Callable[[Part], None]:
    def play(part: Part) -> None:
        title = f"第{'一二三四五六'[story.ordinal - 1]}届{world.book.name}（演练：{story.about}）"
        round = opening_moves.open_round(world, year=story.year, ordinal=story.ordinal, title=title)
        player = DemoPlayer(world, round, part.wait_until, seed=story.ordinal)
        player.part = part
        played = Played(player)
        whole_round.apply_all(played, list(story.fates), tell_nobody)
        story.play(played)

    return play


def _open_new_round(world: World) -> None:
    """Today's call, with one applicant that has begun, one whose publicity runs, and one that has only registered."""
    round = opening_moves.open_round(world, year=2026, ordinal=6, title=f"第六届{world.book.name}（演练：申报）")
    player = Player(world, round, clock.travel_to, seed=0)
    first = whole_round.enter_applicant(player, 1)
    second = whole_round.enter_applicant(player, 2)
    assert {first.state, second.state} == {State.DRAFT}
    opening_moves.run_self_publicity(player, second)


def accounts_table() -> str:
    """Who can sign in, one for each role; one password for all."""
    rows = [(name, role, about) for name, role, about in _accounts() if name]
    width = max(len(name) for name, _, _ in rows)
    lines = [f"账号（密码均为 {PASSWORD}）："]
    lines += [f"  {name:<{width}}  {role:　<8}{about}" for name, role, about in rows]
    return "\n".join(lines)


def _accounts() -> list[tuple[str, str, str]]:
    reviewing = Round.objects.get(ordinal=3)
    expert = Assignment.objects.filter(panel__round=reviewing, sheet__submitted_at=None).order_by("pk").first()
    recommending = Application.objects.filter(round__ordinal=5, state=State.RECOMMENDATION_PUBLICITY).first()
    by = recommending.recommender if recommending else None
    recommender = User.objects.filter(memberships__unit=by).order_by("pk").first() if by else None
    letter = Consultation.objects.filter(round__ordinal=4).unanswered().order_by("pk").last()
    asked = User.objects.filter(memberships__unit=letter.department).order_by("pk").first() if letter else None
    meeting = Meeting.objects.filter(round__ordinal=2).first()
    return [
        ("applicant1", "申报组织", "第六届，正在填报"),
        ("applicant2", "申报组织", "第六届，内部公示中"),
        (recommender.username if recommender else "recommender1", "审核推荐单位", "第五届，推荐公示和异议"),
        (asked.username if asked else "department1", "被征求意见部门", "第四届，待复函"),
        ("office", "办公室", "各届的受理、评审、审议和公示"),
        (expert.expert.user.username if expert else "expert1", "评审专家", "第三届，待评分"),
        ("leader1", "领导小组成员", f"第二届，{meeting.held_on:%m月%d日}开会表决" if meeting else "审议表决"),
        ("government", "审定机关", "审定"),
        ("supervisor", "纪检监察机构", "监督"),
        ("admin", "系统管理员", "日历、单位、人员"),
    ]


def _marker() -> Path:
    return Path(settings.VAR_DIR) / "demo-built"
