"""Public comment before deliberation: what the public says of the candidates, and the office's summary of it (B15)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from applications.gates import Blocker
from applications.pipeline import State
from applications.rules import on_duty
from awards.models import Round
from awards.parameters import rulebook_for
from awards.workdays import date_zh
from organizations import evidence
from organizations.models import User

from .models import CommentSummary, Notice, NoticeItem, PublicComment
from .opening import PublicityRefused

TEXT_LIMIT = 2000
STAGE = State.PUBLIC_COMMENT


@dataclass(frozen=True)
class Consulted:
    """征求意见情况 of a round, as the review report takes it up; `text` is empty until the office wrote it."""

    label: str
    ground: str
    windows: tuple[str, ...]
    count: int
    text: str
    handled: str

    @property
    def rows(self) -> list[tuple[str, str]]:
        """Label and text, in the order they are printed."""
        found = [("公告及期限", "；".join(self.windows)), ("收到意见建议", f"{self.count}条")]
        return [*found, ("意见建议情况", self.text), ("采纳和处理情况", self.handled)]


def takes_comments(notice: Notice) -> bool:
    """Whether the notice asks the public for 意见建议 through the portal."""
    if notice.kind != STAGE:
        return False
    return rulebook_for(notice.round).publicity(notice.kind).comments


@transaction.atomic
def take_comment(notice: Notice, *, text: str, about: UUID | None = None, at: datetime) -> PublicComment:
    """Keep one comment while the window runs; `about` is the application it speaks of. Nobody's name is asked (E4).

    Raises PublicityRefused and keeps nothing.
    """
    book = rulebook_for(notice.round)
    if not takes_comments(notice):
        raise PublicityRefused([Blocker("该公告不征求意见建议。")])
    ground, label = book.ground(book.publicity(notice.kind).days), book.label(notice.kind)
    found, text = [], text.strip()
    if not notice.is_running(at):
        until = f"{date_zh(notice.last_on)}24:00" if notice.last_on else ""
        found.append(Blocker(f"{label}的期限至{until}止，已经期满。", ground))
    if not text:
        found.append(Blocker("请填写意见建议。"))
    if len(text) > TEXT_LIMIT:
        found.append(Blocker(f"意见建议不超过{TEXT_LIMIT}字，现为{len(text)}字。"))
    item = None
    if about is not None:
        item = NoticeItem.objects.filter(notice=notice, application__public_id=about, struck_at=None).first()
        if item is None:
            found.append(Blocker("所选名单已有变化，请重新选择。"))
    if found:
        raise PublicityRefused(found)
    comment = PublicComment.objects.create(notice=notice, item=item, text=text, received_at=at)
    evidence.record(
        "comment.take", chain=notice.round.chain, by=None, subject=f"notice:{notice.public_id}", at=at,
        data={"comment": str(comment.public_id), "sha256": hashlib.sha256(text.encode()).hexdigest()},
    )  # fmt: skip
    return comment


@transaction.atomic
def save_summary(
    round: Round, *, text: str, handled: str, by: User, at: datetime, version: int | None = None
) -> CommentSummary:
    """Write 征求意见情况 once the window is over; what was written may be corrected, each version is on record."""
    round = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    found = summary_refusals(round, by=by, at=at)
    if not text.strip() or not handled.strip():
        found.append(Blocker("请填写意见建议情况和采纳、处理情况；没有意见建议的，也请写明。"))
    summary = CommentSummary.objects.filter(round=round).first() or CommentSummary(round=round, version=0)
    if version is not None and version != summary.version:
        found.append(Blocker("征求意见情况刚在别处保存过。您填写的内容仍在本页，请核对后再保存。"))
    if found:
        raise PublicityRefused(found)
    summary.text, summary.handled, summary.written_at, summary.written_by = text.strip(), handled.strip(), at, by
    summary.version += 1
    summary.save()
    evidence.record(
        "comment.summarise", chain=round.chain, by=by, subject=f"round:{round.public_id}", at=at,
        data={
            "count": PublicComment.objects.of_round(round).count(), "version": summary.version,
            "sha256": hashlib.sha256(f"{summary.text}\n{summary.handled}".encode()).hexdigest(),
        },
    )  # fmt: skip
    return summary


def summary_refusals(round: Round, *, by: User, at: datetime) -> list[Blocker]:
    """Why the summary cannot be written now: not one's own, nothing was asked, or the public may still speak."""
    book = rulebook_for(round)
    if not book.has_stage(STAGE):
        return [Blocker("该奖项的程序没有公开征求意见。")]
    ground = book.ground(book.stage(STAGE))
    if not on_duty(by, round.office, round):
        return [Blocker(f"{book.label(STAGE)}由{book.role('office')}办理。", ground)]
    windows = Notice.objects.public().filter(round=round, kind=STAGE)
    if not windows.exists():
        return [Blocker(f"{book.label(STAGE)}尚未发布。", ground)]
    running = [one for one in windows if one.is_running(at)]
    return [Blocker(f"{one.title}尚未期满，期满后汇总。", ground) for one in running]


def summary_of(round: Round) -> Consulted | None:
    """征求意见情况 for the review report; None where the scheme asks the public nothing."""
    book = rulebook_for(round)
    if not book.has_stage(STAGE):
        return None
    notices = Notice.objects.public().filter(round=round, kind=STAGE).order_by("published_at", "pk")
    written = CommentSummary.objects.filter(round=round).first()
    return Consulted(
        label=book.label(STAGE),
        ground=book.ground(book.stage(STAGE)),
        windows=tuple(
            f"{one.title}（{date_zh(one.starts_on)}至{date_zh(one.last_on)}）"
            for one in notices
            if one.starts_on and one.last_on
        ),
        count=PublicComment.objects.of_round(round).count(),
        text=written.text if written else "",
        handled=written.handled if written else "",
    )


def summary_missing(round: Round) -> list[Blocker]:
    """What the review report wants of the consultation: its summary is written (B15)."""
    told = summary_of(round)
    if told is None or told.text:
        return []
    return [Blocker(f"尚未填写{told.label}情况。", told.ground)]
