"""授权委托: a deputy sits and votes for a member only with a mandate for this meeting, accepted by the office (V8)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from applications.desk_rules import DeskRefused, require_text
from applications.rules import on_duty
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from organizations import evidence
from organizations.messages import people_of, send_message
from organizations.models import StoredFile, User

from .models import Ballot, Deputy, Meeting, MeetingMember

State = Deputy.State


def allows_deputies(book: Rulebook) -> bool:
    """Where the rulebook is silent a member may send a deputy (section 8: only with 授权委托书)."""
    return book.decision.deputies is None or bool(book.decision.deputies.value)


def deputies_ground(book: Rulebook) -> str:
    return book.ground(book.decision.deputies) if book.decision.deputies else ""


@transaction.atomic
def submit_mandate(
    member: MeetingMember, *, name: str, post: str, account: User | None, letter: StoredFile | None, by: User,
    at: datetime,
) -> Deputy:  # fmt: skip
    """A member, or the office for him, hands in the letter: one deputy a member, one member a deputy."""
    member = _locked(member, by=by)
    meeting, book = member.meeting, rulebook_for(member.meeting.round)
    ground = deputies_ground(book)
    if not allows_deputies(book):
        raise DeskRefused.because("本办法不设委托他人出席表决，请本人到会。", ground)
    if letter is None:
        raise DeskRefused.because("委托他人出席的，须上传签字的授权委托书扫描件；已填内容已保留。", ground)
    name, post = require_text(name, "代理人姓名"), require_text(post, "代理人单位职务")
    if member.mandates.filter(state__in=(State.SUBMITTED, State.ACCEPTED)).exists():
        raise DeskRefused.because(f"{member.user}已有一份授权委托书；需要更换的，请先撤回。", ground)
    _require_free(meeting, account, ground)
    deputy = Deputy.objects.create(
        member=member, name=name[:40], post=post[:80], user=account, letter=letter, submitted_at=at, submitted_by=by
    )
    send_message(people_of(meeting.round.office), subject=f"收到授权委托书：{meeting.title}", at=at)
    _record(deputy, "submit", by=by, at=at)
    return deputy


@transaction.atomic
def decide_mandate(deputy: Deputy, *, accepted: bool, reason: str = "", by: User, at: datetime) -> Deputy:
    """The office compares the letter with what was entered, and accepts or refuses it with its reason."""
    member = _locked(deputy.member, by=by)
    if not on_duty(by, member.meeting.round.office, member.meeting.round):
        raise DeskRefused.because("授权委托书由办公室核验。")
    deputy = Deputy.objects.select_for_update(of=("self",)).get(pk=deputy.pk)
    if deputy.state != State.SUBMITTED:
        raise DeskRefused.because("这份授权委托书已经核验。页面可能已过时，请刷新。")
    if accepted:
        _require_free(member.meeting, deputy.user, deputies_ground(rulebook_for(member.meeting.round)), but=deputy)
        # whoever had signed in himself sits there no more: the deputy signs in
        member.mandate, member.is_present, member.signed_in_at, member.signed_in_by = deputy, False, None, None
        member.save(update_fields=["mandate", "is_present", "signed_in_at", "signed_in_by"])
    else:
        deputy.reason = require_text(reason, "不予采用的理由")[:200]
    deputy.state = State.ACCEPTED if accepted else State.REFUSED
    deputy.decided_at, deputy.decided_by = at, by
    deputy.save()
    told = [member.user, *([deputy.user] if deputy.user else [])]
    send_message(told, subject=f"授权委托书{deputy.get_state_display()}：{member.meeting.title}", at=at)
    _record(deputy, "accept" if accepted else "refuse", by=by, at=at)
    return deputy


@transaction.atomic
def withdraw_mandate(deputy: Deputy, *, reason: str, by: User, at: datetime) -> Deputy:
    """The member comes himself, or sends somebody else; not while a ballot is open."""
    member = _locked(deputy.member, by=by)
    deputy = Deputy.objects.select_for_update(of=("self",)).get(pk=deputy.pk)
    if deputy.state not in (State.SUBMITTED, State.ACCEPTED):
        raise DeskRefused.because("这份授权委托书不在生效状态，无需撤回。")
    deputy.reason = require_text(reason, "撤回理由")[:200]
    if member.mandate_id == deputy.pk:
        member.mandate, member.is_present, member.signed_in_at, member.signed_in_by = None, False, None, None
        member.save(update_fields=["mandate", "is_present", "signed_in_at", "signed_in_by"])
    deputy.state, deputy.decided_at, deputy.decided_by = State.WITHDRAWN, at, by
    deputy.save()
    _record(deputy, "withdraw", by=by, at=at)
    return deputy


def _locked(member: MeetingMember, *, by: User) -> MeetingMember:
    """The member's seat with its meeting locked; for the member himself and the office, while it can still change."""
    meeting = Meeting.objects.select_for_update(of=("self",)).get(pk=member.meeting_id)
    if member.user_id != by.pk and not on_duty(by, meeting.round.office, meeting.round):
        raise DeskRefused.because("授权委托由成员本人或者办公室办理。")
    if meeting.state == Meeting.State.DECIDED:
        raise DeskRefused.because("会议已形成决定，不能再办理授权委托。")
    if meeting.ballots.filter(state=Ballot.State.OPEN).exists():
        raise DeskRefused.because("正在表决，不能办理授权委托；请在本次表决结束后办理。")
    locked = MeetingMember.objects.select_for_update(of=("self",)).select_related("user").get(pk=member.pk)
    locked.meeting = meeting
    return locked


def _require_free(meeting: Meeting, account: User | None, ground: str, *, but: Deputy | None = None) -> None:
    if account is None:
        return
    if meeting.members.filter(user=account).exists():
        raise DeskRefused.because(f"{account}是应到成员，不能同时代理他人表决。", ground)
    others = Deputy.objects.filter(member__meeting=meeting, user=account, state__in=(State.SUBMITTED, State.ACCEPTED))
    if others.exclude(pk=but.pk if but else 0).exists():
        raise DeskRefused.because(f"{account}已受其他成员委托，一名代理人只能代理一名成员。", ground)


def _record(deputy: Deputy, verb: str, *, by: User, at: datetime) -> None:
    meeting = deputy.member.meeting
    evidence.record(
        f"mandate.{verb}", chain=meeting.round.chain, by=by, subject=f"meeting:{meeting.public_id}", at=at,
        data={"mandate": str(deputy.public_id), "letter": deputy.letter.sha256},
    )  # fmt: skip
