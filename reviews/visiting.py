"""On site: the opening meeting, the question list, findings with photographs, the closing record (U11.7, section 8)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import BinaryIO, cast

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db import transaction

from applications.corrections import tell_applicant
from applications.desk_rules import DeskRefused, require_text
from applications.models import Application
from applications.rules import acts_for
from award_portal.lib import clock
from award_portal.lib.clean_picture import clean_picture
from award_portal.lib.uploads import inspect
from organizations.files import store_upload
from organizations.messages import people_of, send_message
from organizations.models import User

from .models import Expert, FindingPhoto, Visit, VisitFinding, VisitQuestion, VisitSignature
from .panels import require_office
from .pledges import require_pledge
from .scoring import rubric_of
from .visits import cite_of, leads_visit, lock_open, record, team_of

Meeting = VisitSignature.Meeting
PICTURES = ["jpg", "jpeg", "png"]
MOST_PHOTOS = 6


@transaction.atomic
def sign_meeting(
    visit: Visit, *, meeting: str, by: User, at: datetime, expert: Expert | None = None, name: str = "", post: str = ""
) -> VisitSignature:
    """Somebody is at the opening or closing meeting: a member signs, the leader or the office notes anybody.

    Only on a confirmed visit and from its first day; a member who has left the team cannot sign.
    """
    locked = lock_open(visit)
    if not (expert is not None and expert.user_id == by.pk):
        _require_keeper(locked, by)
    else:
        require_pledge(expert, locked.panel.round)
    _refuse_before_the_day(locked, at)
    if meeting not in Meeting.values:
        raise DeskRefused.because("请选择首次会议或者末次会议。")
    if expert is not None:
        if expert not in team_of(locked):
            raise DeskRefused.because(f"{expert}不在现场评审组，不能签到。", cite_of(locked))
        row, fresh = VisitSignature.objects.get_or_create(
            visit=locked, meeting=meeting, expert=expert,
            defaults={"name": str(expert), "post": "评审组", "signed_at": at, "noted_by": by},
        )  # fmt: skip
    else:
        row, fresh = VisitSignature.objects.get_or_create(
            visit=locked, meeting=meeting, expert=None, name=require_text(name, "姓名")[:40],
            defaults={"post": require_text(post, "职务")[:60], "signed_at": at, "noted_by": by},
        )  # fmt: skip
    if fresh:
        told = {"meeting": meeting, "expert": str(expert.public_id) if expert else ""}
        record("visit.sign", locked, by=by, at=at, data=told)
    return row


@transaction.atomic
def put_question(visit: Visit, *, item: str, question: str, by: User, at: datetime) -> VisitQuestion:
    """A member or the office adds to the question list."""
    locked = lock_open(visit)
    _require_team_or_office(locked, by)
    _refuse_foreign_item(locked, item)
    row = VisitQuestion.objects.create(
        visit=locked, item=item, source="评审组提出", question=require_text(question, "问题"), put_at=at, put_by=by
    )
    record("visit.question", locked, by=by, at=at, data={})
    return row


@transaction.atomic
def settle_question(question: VisitQuestion, *, result: str, by: User, at: datetime) -> None:
    """What the team found to a question of the list; the last word written before the closing holds."""
    locked = lock_open(question.visit)
    _require_team(locked, by)
    if VisitQuestion.objects.filter(pk=question.pk, struck_at__isnull=False).exists():
        raise DeskRefused.because("这一问题已经划去，不再填写核实情况。页面可能已过时，请刷新。", cite_of(locked))
    VisitQuestion.objects.filter(pk=question.pk).update(
        result=require_text(result, "核实情况"), settled_at=at, settled_by=by
    )
    record("visit.question_settled", locked, by=by, at=at, data={"question": str(question.public_id)})


@transaction.atomic
def strike_question(question: VisitQuestion, *, because: str, by: User, at: datetime) -> None:
    """A line of the list that need not be verified is struck with its reason and stays readable; never one answered."""
    locked = lock_open(question.visit)
    _require_team_or_office(locked, by)
    row = VisitQuestion.objects.select_for_update(of=("self",)).get(pk=question.pk)
    if row.struck_at is not None or row.settled_at is not None:
        text = "已经填写核实情况，不能划去。" if row.settled_at else "这一问题已经划去。"
        raise DeskRefused.because(f"{text}页面可能已过时，请刷新。", cite_of(locked))
    because = require_text(because, "划去理由")
    if len(because) > 200:
        raise DeskRefused.because(f"划去理由：最多200字，现有{len(because)}字。您填写的内容仍在本页。")
    row.struck_at, row.struck_by, row.struck_because = at, by, because
    row.save(update_fields=["struck_at", "struck_by", "struck_because"])
    record("visit.question_struck", locked, by=by, at=at, data={"question": str(row.public_id)})


@transaction.atomic
def note_finding(
    visit: Visit,
    *,
    item: str,
    verdict: str,
    text: str,
    by: User,
    at: datetime,
    answer: str = "",
    photos: Sequence[UploadedFile] = (),
) -> VisitFinding:
    """One finding tied to an item of the rubric, with its photographs; raises UploadRefused for what is none.

    The photographs are inspected, then written anew without what the camera put into them.
    """
    locked = lock_open(visit)
    expert = _require_team(locked, by)
    _refuse_before_the_day(locked, at)
    _refuse_foreign_item(locked, item, needed=True)
    if verdict not in VisitFinding.Verdict.values:
        raise DeskRefused.because("请选择符合、不符合或者待核实。", cite_of(locked))
    if len(photos) > MOST_PHOTOS:
        raise DeskRefused.because(f"每项情况的照片不超过{MOST_PHOTOS}张。", cite_of(locked))
    answer = answer.strip()
    finding = VisitFinding.objects.create(
        visit=locked, item=item, verdict=verdict, text=require_text(text, "情况"), answer=answer,
        answered_at=at if answer else None, noted_at=at, noted_by=expert,
    )  # fmt: skip
    for photo in photos:
        _keep_photo(finding, photo, by=by, at=at)
    record("visit.finding", locked, by=by, at=at, data={"finding": str(finding.public_id), "verdict": verdict})
    return finding


@transaction.atomic
def amend_finding(
    finding: VisitFinding, *, verdict: str, text: str, answer: str, by: User, at: datetime
) -> VisitFinding:
    """Another verdict after more was looked at, and the applicant's answer as given on the spot."""
    locked = lock_open(finding.visit)
    _require_team(locked, by)
    if verdict not in VisitFinding.Verdict.values:
        raise DeskRefused.because("请选择符合、不符合或者待核实。", cite_of(locked))
    row = VisitFinding.objects.get(pk=finding.pk)
    row.verdict, row.text, answer = verdict, require_text(text, "情况"), answer.strip()
    if answer != row.answer:
        row.answer, row.answered_at = answer, at if answer else None
    row.save()
    record("visit.finding_amended", locked, by=by, at=at, data={"finding": str(row.public_id), "verdict": verdict})
    return row


def closing_blockers(visit: Visit) -> list[str]:
    """What still stands before the leader can sign the closing record."""
    found = []
    signed = list(visit.signatures.values_list("meeting", "expert_id"))
    for meeting, label in Meeting.choices:
        present = {expert for where, expert in signed if where == meeting}
        if visit.leader_id not in present:
            found.append(f"{label}带队组长尚未签到。")
        if None not in present:
            found.append(f"{label}{visit.application.noun}尚无人员签到。")
    waiting = visit.questions.standing().filter(settled_at=None).count()
    if waiting:
        found.append(f"问题清单还有{waiting}项没有填写核实情况。")
    if not visit.findings.exists():
        found.append("尚未记录现场核查情况。")
    return found


@transaction.atomic
def close_visit(visit: Visit, *, text: str, by: User, at: datetime) -> Visit:
    """The leader signs the 末次会议记录: questions, findings and record are frozen by their digest (U11.7)."""
    locked = lock_open(visit)
    if not leads_visit(locked, by):
        raise DeskRefused.because("末次会议记录由带队组长签署。", cite_of(locked))
    text = require_text(text, "末次会议记录")
    found = closing_blockers(locked)
    if found:
        raise DeskRefused.because("".join(found), cite_of(locked))
    locked.record, locked.closed_at, locked.closed_by = text, at, by
    locked.record_sha256 = hashlib.sha256(_frozen(locked).encode()).hexdigest()
    locked.save()
    record("visit.close", locked, by=by, at=at, data={"sha256": locked.record_sha256})
    tell_applicant(locked.application, subject="末次会议记录已签署，请查看并确认", at=at)
    return locked


@transaction.atomic
def acknowledge_record(visit: Visit, *, note: str, by: User, at: datetime) -> Visit:
    """The applicant acknowledges the closing record, with what it has to say to it; its words change nothing in it."""
    locked = _lock_closed(visit)
    if not acts_for(by, locked.application):
        raise DeskRefused.because(f"末次会议记录由{locked.application.noun}确认。", cite_of(locked))
    locked.acknowledged_at, locked.acknowledged_by, locked.applicant_note = at, by, note.strip()
    locked.save()
    record("visit.acknowledge", locked, by=by, at=at, data={"with_note": bool(note.strip())})
    people = [locked.leader.user, *people_of(locked.panel.round.office)]
    send_message(people, subject=f"{locked.application.listed_name}已确认末次会议记录"[:120], at=at)
    return locked


@transaction.atomic
def note_unsigned(visit: Visit, *, because: str, by: User, at: datetime) -> Visit:
    """The applicant did not sign: the leader or the office notes why, so that nobody stops the review by silence."""
    locked = _lock_closed(visit)
    _require_keeper(locked, by)
    locked.unsigned_because = require_text(because, "未予确认的情况")[:300]
    locked.save()
    record("visit.unsigned", locked, by=by, at=at, data={})
    return locked


def item_titles(visit: Visit) -> list[str]:
    """The items of the rubric this applicant is judged by on site."""
    return [one.title for one in rubric_of(visit.application, visit.panel.stage).items]


def _keep_photo(finding: VisitFinding, photo: UploadedFile, *, by: User, at: datetime) -> FindingPhoto:
    """Inspected as it came, before anything decodes it whole; kept as it was written anew."""
    name = photo.name or ""
    inspect(cast(BinaryIO, photo.file), name=name, max_bytes=settings.UPLOAD_MAX_BYTES, allowed=PICTURES)
    photo.seek(0)
    clean = SimpleUploadedFile(f"{name.rpartition('.')[0]}.jpg"[-200:], clean_picture(photo.read()))
    file = store_upload(clean, purpose="visit_photo", by=by, at=at, allowed=["jpg"])
    return FindingPhoto.objects.create(finding=finding, file=file)


def _lock_closed(visit: Visit) -> Visit:
    Application.objects.select_for_update(of=("self",)).get(pk=visit.application_id)
    Visit.objects.select_for_update(of=("self",)).get(pk=visit.pk)
    locked = Visit.objects.with_names().get(pk=visit.pk)
    if locked.closed_at is None:
        raise DeskRefused.because("末次会议记录尚未签署。", cite_of(locked))
    if locked.is_settled:
        raise DeskRefused.because("末次会议记录已经确认。", cite_of(locked))
    return locked


def _refuse_before_the_day(visit: Visit, at: datetime) -> None:
    if visit.confirmed_at is None:
        raise DeskRefused.because("对方尚未确认日程，现场评审还不能开始。", cite_of(visit))
    if at < clock.day_start(visit.starts_on):
        raise DeskRefused.because("现场评审尚未到日期。", cite_of(visit))


def _refuse_foreign_item(visit: Visit, item: str, *, needed: bool = False) -> None:
    if (item or needed) and item not in item_titles(visit):
        raise DeskRefused.because("请选择评分项目。", cite_of(visit))


def _require_team(visit: Visit, by: User) -> Expert:
    for one in team_of(visit):
        if one.user_id == by.pk:
            require_pledge(one, visit.panel.round)
            return one
    raise DeskRefused.because("现场核查情况由现场评审组成员记录。", cite_of(visit))


def _require_team_or_office(visit: Visit, by: User) -> None:
    member = next((one for one in team_of(visit) if one.user_id == by.pk), None)
    if member is None:
        require_office(visit.panel.round, by)
    else:
        require_pledge(member, visit.panel.round)


def _require_keeper(visit: Visit, by: User) -> None:
    if not leads_visit(visit, by):
        require_office(visit.panel.round, by)


def _frozen(visit: Visit) -> str:
    """All that the closing record closes, as text: whoever has it and the digest on record can check it."""
    told = {
        "record": visit.record,
        "questions": [
            [one.item, one.question, one.result] + ([one.struck_because] if one.struck_at else [])
            for one in visit.questions.order_by("pk")
        ],
        "findings": [
            [one.item, one.verdict, one.text, one.answer, [photo.file.sha256 for photo in one.photos.all()]]
            for one in visit.findings.order_by("pk")
        ],
        "signatures": [[one.meeting, one.name, one.post] for one in visit.signatures.order_by("pk")],
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
