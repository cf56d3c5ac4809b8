"""合议: members whose scores of an item lie too far apart meet, speak, and each changes only their own (U11.5, B14).

The sheets stay as they were submitted; what somebody changes is a row with its reason, in force once it is the expert's
own act. Only the flagged items are open to it: nobody moves the rest of a score after having seen the others'.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from applications.desk_rules import DeskRefused, require_text
from applications.gates import Blocker
from applications.models import Application
from award_portal.lib import clock
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from organizations import evidence
from organizations.messages import send_message
from organizations.models import User

from .aggregating import ItemScores, stage_score
from .agreed_sheets import agreed_scores
from .consensus_papers import issue_consensus_record
from .discrepancies import flagged_items, may_lead
from .models import (
    Assignment,
    ConsensusAttendance,
    ConsensusChange,
    ConsensusItem,
    ConsensusSession,
    Panel,
    PanelOpinion,
)
from .panel_places import panel_of
from .sheet_words import read_score, rubric_of

Mode = ConsensusAttendance.Mode


def current_session(panel: Panel, application: Application) -> ConsensusSession | None:
    """The session that stands: the open one, or the last that was held."""
    return panel.consensus_sessions.filter(application=application).select_related("document").order_by("pk").last()


def consensus_blockers(application: Application, panel: Panel) -> list[Blocker]:
    """What stands before the opinion: a session of today's readers, closed, where items lie too far apart."""
    flagged = flagged_items(application, panel.stage)
    if not flagged:
        return []
    session = current_session(panel, application)
    names = "、".join(one.title for one in flagged)
    cite = _apart_ground(application.rulebook, panel.stage)
    if session is None:
        return [Blocker(f"以下项目专家评分差异较大，须先合议：{names}。", cite)]
    if session.closed_at is None:
        return [Blocker("合议尚未结束。", cite)]
    discussed = set(session.items.values_list("item", flat=True))
    if _absent(session) or any(one.key not in discussed for one in flagged):
        return [Blocker(f"上次合议后评审专家有变更，须再次合议：{names}。", cite)]
    return []


@transaction.atomic
def convene_consensus(
    application: Application, *, stage: str, starts_at: datetime, place: str, by: User, at: datetime
) -> ConsensusSession:
    """The leader calls the readers together, once every sheet is in and items lie too far apart."""
    panel, locked = _lock_led(application, stage, by=by)
    cite = _apart_ground(locked.rulebook, stage)
    if stage_score(locked, stage) is None:
        raise DeskRefused.because("评分表尚未全部提交，不能合议。", _stage_ground(panel))
    if not flagged_items(locked, stage):
        raise DeskRefused.because("各项评分差异均未达到合议标准，可以直接形成评审意见。", cite)
    if panel.consensus_sessions.filter(application=locked, closed_at=None).exists():
        raise DeskRefused.because("已召集合议，尚未结束。页面可能已过时，请刷新。", cite)
    session = ConsensusSession.objects.create(
        panel=panel, application=locked, starts_at=starts_at, place=require_text(place, "地点"), convened_at=at,
        convened_by=by,
    )  # fmt: skip
    _record("consensus.convene", session, by=by, at=at, data={})
    for one in _readers(session):
        send_message(
            [one.expert.user],
            subject=f"合议通知：{locked.listed_name}（{panel.stage_label}）",
            body=f"时间：{starts_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}；地点：{session.place}",
            url=reverse("reviews:my_consensus", args=[one.public_id]),
            at=at,
        )
    return session


@transaction.atomic
def attend_consensus(
    session: ConsensusSession, *, assignment: Assignment, by: User, at: datetime, mode: str = Mode.PRESENT,
    words: str = "",
) -> ConsensusAttendance:  # fmt: skip
    """A reader signs in, or whoever leads signs them in from the paper list; a written opinion has words."""
    locked = _lock_open(session)
    if by.pk != assignment.expert.user_id and not may_lead(locked.panel, locked.application, by):
        raise DeskRefused.because("签到由本人办理，或者由组长、办公室登记。", _stage_ground(locked.panel))
    if assignment.pk not in {one.pk for one in _readers(locked)}:
        raise DeskRefused.because("不是本申报的评审专家，不参加合议。", _stage_ground(locked.panel))
    if mode not in Mode.values:
        raise DeskRefused.because("请选择参加方式。")
    words = require_text(words, "书面意见") if mode == Mode.WRITTEN else ""
    attendance, fresh = ConsensusAttendance.objects.get_or_create(
        session=locked, assignment=assignment,
        defaults={"mode": mode, "words": words[:2000], "signed_at": at, "signed_by": by},
    )  # fmt: skip
    if fresh:
        _record("consensus.attend", locked, by=by, at=at, data={"assignment": str(assignment.public_id), "mode": mode})
    return attendance


@transaction.atomic
def discuss_item(session: ConsensusSession, *, item: str, said: str, by: User, at: datetime) -> ConsensusItem:
    """What was said of a flagged item; written again it replaces what was noted before, until the session ends."""
    locked = _lock_open(session)
    _require_lead(locked, by)
    _flagged(locked, item)
    row, _ = ConsensusItem.objects.update_or_create(
        session=locked, item=item,
        defaults={"said": _within(require_text(said, "讨论情况"), 2000), "recorded_at": at, "recorded_by": by},
    )  # fmt: skip
    return row


@transaction.atomic
def change_score(
    session: ConsensusSession, *, assignment: Assignment, item: str, new: str, reason: str, by: User, at: datetime
) -> ConsensusChange:
    """A reader's other score of a flagged item, with the reason; recorded by the leader it waits for the reader."""
    locked = _lock_open(session)
    own = by.pk == assignment.expert.user_id
    if not own:
        _require_lead(locked, by)
    if not ConsensusAttendance.objects.filter(session=locked, assignment=assignment).exists():
        raise DeskRefused.because("尚未签到，不能改分。", _stage_ground(locked.panel))
    if assignment.pk not in {one.pk for one in _readers(locked)}:
        raise DeskRefused.because("不是本申报的评审专家，不能改分。", _stage_ground(locked.panel))
    flagged, rubric = _flagged(locked, item), rubric_of(locked.application, locked.panel.stage)
    book = rulebook_for(locked.panel.round)
    try:
        score = read_score(new, flagged.points, rubric.step_for(rubric.item(item)))
    except ValueError as error:
        raise DeskRefused.because(f"{flagged.title}：{error}。", book.ground(rubric)) from None
    old = agreed_scores([assignment.pk]).get(assignment.pk, {}).get(item) or assignment.sheet.items[item]["score"]
    if not score or score == old:
        raise DeskRefused.because(f"{flagged.title}：请填写与原得分{old}不同的得分。", book.ground(rubric))
    if ConsensusChange.objects.waiting().filter(assignment=assignment, item=item).exists():
        raise DeskRefused.because(f"{flagged.title}：已登记一次改分，等待本人确认。", _stage_ground(locked.panel))
    change = ConsensusChange.objects.create(
        session=locked, assignment=assignment, item=item, old=old, new=score,
        reason=_within(require_text(reason, "改分理由"), 1000), at=at, by=by, confirmed_at=at if own else None,
    )  # fmt: skip
    _record("consensus.change" if own else "consensus.propose", locked, by=by, at=at, data=_told(change))
    if not own:
        send_message(
            [assignment.expert.user],
            subject=f"合议改分待您确认：{locked.application.listed_name}",
            url=reverse("reviews:my_consensus", args=[assignment.public_id]),
            at=at,
        )
    return change


@transaction.atomic
def answer_change(change: ConsensusChange, *, agree: bool, by: User, at: datetime) -> ConsensusChange:
    """The expert makes a recorded change their own, or does not; nobody else can."""
    _lock_open(change.session)
    locked = ConsensusChange.objects.select_for_update(of=("self",)).get(pk=change.pk)
    if locked.assignment.expert.user_id != by.pk:
        raise DeskRefused.because("只能由本人确认改分。", _stage_ground(change.session.panel))
    if locked.confirmed_at or locked.declined_at:
        raise DeskRefused.because("这次改分已经答复。页面可能已过时，请刷新。")
    if agree:
        locked.confirmed_at = at
    else:
        locked.declined_at = at
    locked.save(update_fields=["confirmed_at", "declined_at"])
    verb = "consensus.confirm" if agree else "consensus.decline"
    _record(verb, change.session, by=by, at=at, data=_told(locked))
    return locked


def close_blockers(session: ConsensusSession) -> list[Blocker]:
    """What the session still lacks: readers, items, answers."""
    cite = _stage_ground(session.panel)
    found = []
    if absent := _absent(session):
        found.append(Blocker(f"还有{absent}名评审专家未签到或者提交书面意见。", cite))
    discussed = set(session.items.values_list("item", flat=True))
    left = [one.title for one in flagged_items(session.application, session.panel.stage) if one.key not in discussed]
    if left:
        found.append(Blocker(f"以下项目未记录讨论情况：{'、'.join(left)}。", cite))
    if waiting := ConsensusChange.objects.waiting().filter(session=session, assignment__ended_at=None).count():
        found.append(Blocker(f"还有{waiting}项改分等待专家本人确认。", cite))
    return found


@transaction.atomic
def close_consensus(session: ConsensusSession, *, conclusion: str, by: User, at: datetime) -> ConsensusSession:
    """The session ends with every reader heard and every flagged item discussed; its record is a paper."""
    locked = _lock_open(session)
    _require_lead(locked, by)
    if found := close_blockers(locked):
        raise DeskRefused(found)
    locked.conclusion = _within(require_text(conclusion, "合议结论"), 3000)
    locked.closed_at, locked.closed_by = at, by
    locked.document = issue_consensus_record(locked, by=by, at=at)
    locked.save()
    changes = ConsensusChange.objects.in_force().filter(session=locked).count()
    _record("consensus.close", locked, by=by, at=at, data={"changes": changes, "document": locked.document.number})
    return locked


def _readers(session: ConsensusSession) -> list[Assignment]:
    active = Assignment.objects.of_stage(session.application, session.panel.stage)
    return list(active.select_related("expert__user", "sheet").order_by("pk"))


def _absent(session: ConsensusSession) -> int:
    active = Assignment.objects.of_stage(session.application, session.panel.stage)
    return active.exclude(pk__in=session.attendances.values("assignment")).count()


def _lock_led(application: Application, stage: str, *, by: User) -> tuple[Panel, Application]:
    locked = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    panel = panel_of(locked, stage)
    book = locked.rulebook
    if panel is None or not may_lead(panel, locked, by):
        raise DeskRefused.because("由评审组组长或者办公室办理。", book.ground(book.stage(stage)))
    if locked.state != stage:
        raise DeskRefused.because(
            f"该申报现处于“{locked.state_label}”，本环节评审已经结束。", book.ground(book.stage(stage))
        )
    if PanelOpinion.objects.filter(application=locked, stage=stage).exists():
        raise DeskRefused.because("本环节的评审意见已经形成。", book.ground(book.stage(stage)))
    return panel, locked


def _lock_open(session: ConsensusSession) -> ConsensusSession:
    """The session, its application locked first; refused when it has ended."""
    Application.objects.select_for_update(of=("self",)).get(pk=session.application_id)
    locked = (
        ConsensusSession.objects.select_for_update(of=("self",))
        .select_related("panel__round__scheme", "panel__round__edition", "panel__round__office", "panel__chair__user",
                        "application__organization", "application__round__scheme", "application__round__edition")
        .get(pk=session.pk)
    )  # fmt: skip
    if locked.closed_at is not None:
        raise DeskRefused.because("合议已经结束，记录不能再修改。", _stage_ground(locked.panel))
    if stage_score(locked.application, locked.panel.stage) is None:
        raise DeskRefused.because("评审专家有变更，评分表尚未全部提交，合议暂停。", _stage_ground(locked.panel))
    return locked


def _require_lead(session: ConsensusSession, by: User) -> None:
    if not may_lead(session.panel, session.application, by):
        raise DeskRefused.because("由评审组组长或者办公室办理。", _stage_ground(session.panel))


def _flagged(session: ConsensusSession, item: str) -> ItemScores:
    for one in flagged_items(session.application, session.panel.stage):
        if one.key == item:
            return one
    raise DeskRefused.because(
        "合议只就评分差异较大的项目进行。", _apart_ground(session.application.rulebook, session.panel.stage)
    )


def _within(text: str, most: int) -> str:
    if len(text) > most:
        raise DeskRefused.because(f"最多{most}字，现有{len(text)}字。您填写的内容仍在本页。")
    return text


def _stage_ground(panel: Panel) -> str:
    book = rulebook_for(panel.round)
    return book.ground(book.stage(panel.stage))


def _apart_ground(book: Rulebook, stage: str) -> str:
    return book.ground(book.review(stage).discrepancy_percent)


def _told(change: ConsensusChange) -> dict[str, str]:
    """For the record: that a score was changed, never what it was."""
    return {"assignment": str(change.assignment.public_id), "item": change.item, "change": str(change.public_id)}


def _record(verb: str, session: ConsensusSession, *, by: User, at: datetime, data: dict) -> None:
    evidence.record(
        verb, chain=session.panel.round.chain, by=by, subject=f"consensus:{session.public_id}", at=at,
        data={"application": str(session.application.public_id), "stage": session.panel.stage, **data},
    )  # fmt: skip
