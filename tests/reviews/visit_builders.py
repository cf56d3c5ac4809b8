"""Small builders for the tests of sessions and visits: a hearing in the diary, a visit planned and confirmed."""

from __future__ import annotations

import io
from datetime import date, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from applications.pipeline import State
from award_portal.lib import clock
from reviews.models import Panel, Session, Visit
from reviews.sessions import schedule_session
from reviews.visiting import note_finding, settle_question, sign_meeting
from reviews.visits import confirm_plan, plan_visit, send_plan

from .panel_builders import Review, build_review

GPS, MAKER = 0x8825, 0x010F


def made_up_picture(name: str = "现场.jpg") -> SimpleUploadedFile:
    """A photograph that tells where and with what it was taken."""
    exif = Image.Exif()
    exif[MAKER] = "MADE-UP-CAMERA"
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (43.0, 49.0, 30.0)
    kept = io.BytesIO()
    Image.new("RGB", (60, 40), "#446688").save(kept, "JPEG", exif=exif)
    return SimpleUploadedFile(name, kept.getvalue(), content_type="image/jpeg")


def build_hearing(applications: int = 2, **given) -> tuple[Review, Session]:
    """A defense session three days ahead at nine, with everybody who stands at the stage."""
    review = build_review(applications=applications, stage=State.DEFENSE)
    values = {"starts_at": clock.at(clock.today() + timedelta(days=3), 9), "place": "一号会议室"} | given
    session = schedule_session(
        review.panel(), applications=review.applications, by=review.officer, at=clock.now(), **values
    )
    return review, session


def build_site(applications: int = 1, experts: int = 6) -> tuple[Review, Panel]:
    """The on-site stage with a panel of all its experts."""
    review = build_review(applications=applications, experts=experts, stage=State.ONSITE_REVIEW)
    return review, review.panel(experts=review.experts)


def planned_visit(review: Review, panel: Panel, *, on: date | None = None, place: int = 0, **given) -> Visit:
    """A visit to the n-th applicant, today unless another day is named, by the panel's first three."""
    day = on or clock.today()
    values = {
        "starts_on": day, "ends_on": day, "address": "样例路1号（虚构）", "contact_name": "样例联系人（虚构）",
        "contact_phone": "0000-1234567", "team": review.experts[:3],
    } | given  # fmt: skip
    return plan_visit(panel, review.applications[place], by=review.officer, at=clock.now(), **values)


def confirmed_visit(review: Review, panel: Panel, **given) -> Visit:
    """Planned, sent and confirmed by the applicant."""
    visit = planned_visit(review, panel, **given)
    send_plan(visit, by=review.officer, at=clock.now())
    return confirm_plan(visit, by=visit.application.created_by, at=clock.now())


def worked_visit(review: Review, panel: Panel, item: str) -> Visit:
    """Everything the leader needs before signing: both meetings, the questions, one finding."""
    visit = confirmed_visit(review, panel)
    leader = visit.leader.user
    for meeting in ("opening", "closing"):
        sign_meeting(visit, meeting=meeting, expert=visit.leader, by=leader, at=clock.now())
        sign_meeting(visit, meeting=meeting, name="总经理甲（虚构）", post="总经理", by=leader, at=clock.now())
    for one in visit.questions.all():
        settle_question(one, result="属实", by=leader, at=clock.now())
    note_finding(visit, item=item, verdict="meets", text="与申报材料一致", by=leader, at=clock.now())
    return visit
