"""The day of a defense session: who speaks for the applicant, what is shown, who sits, what is asked (U11.6, B14.3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from applications.desk_rules import DeskRefused, require_text
from applications.models import Application
from applications.rules import acts_for, works_in
from awards.parameters import rulebook_for
from organizations import evidence
from organizations.files import store_upload
from organizations.models import StoredFile, User

from .conflicts import conflicts_between
from .models import (
    Expert,
    Presenter,
    Recusal,
    Session,
    SessionMaterial,
    SessionQuestion,
    SessionSeat,
    SessionSlot,
)
from .panels import require_office
from .sessions import leads

MATERIAL_KINDS = ["pdf", "pptx"]
MOST_PRESENTERS = 8
MOST_MATERIALS = 4


def own_slot(application: Application) -> SessionSlot | None:
    """Where the application is heard at the stage it stands on, or was heard last."""
    slots = SessionSlot.objects.filter(application=application, session__cancelled_at=None)
    return slots.select_related("session__panel__round__edition", "session__leader__user").order_by("-pk").first()


@transaction.atomic
def name_presenters(slot: SessionSlot, *, people: Sequence[tuple[str, str, str]], by: User, at: datetime) -> None:
    """The applicant names who speaks, (name, post, part) each, until the session begins; the last list holds."""
    locked = _own_open(slot, by, at)
    cite = _cite(locked)
    rows = [(name.strip(), post.strip(), part) for name, post, part in people if name.strip()]
    if not rows:
        raise DeskRefused.because("请至少填写一名参加人员。", cite)
    if len(rows) > MOST_PRESENTERS:
        raise DeskRefused.because(f"参加人员不超过{MOST_PRESENTERS}人。", cite)
    if any(not post or part not in Presenter.Part.values for _, post, part in rows):
        raise DeskRefused.because("请填写每名参加人员的职务和分工。", cite)
    locked.presenters.all().delete()
    Presenter.objects.bulk_create(
        Presenter(slot=locked, name=name, post=post, part=part, named_by=by, named_at=at) for name, post, part in rows
    )
    _record("session.presenters", locked, by=by, at=at, data={"count": len(rows)})


@transaction.atomic
def hand_in_material(slot: SessionSlot, *, upload: UploadedFile, by: User, at: datetime) -> SessionMaterial:
    """One file to be shown, before the due moment; raises UploadRefused for what is no PDF or PPT."""
    locked = _own_open(slot, by, at)
    _refuse_frozen(locked, at)
    if locked.materials.filter(withdrawn_at=None).count() >= MOST_MATERIALS:
        raise DeskRefused.because(f"陈述材料不超过{MOST_MATERIALS}件，请先撤下旧的。", _cite(locked))
    file = store_upload(upload, purpose="session_material", by=by, at=at, allowed=MATERIAL_KINDS)
    material = SessionMaterial.objects.create(slot=locked, file=file, handed_in_at=at, handed_in_by=by)
    _record("session.material", locked, by=by, at=at, data={"sha256": file.sha256})
    return material


@transaction.atomic
def withdraw_material(material: SessionMaterial, *, by: User, at: datetime) -> None:
    """Taken down by the applicant before the due moment; that it was there stays on record."""
    locked = _own_open(material.slot, by, at)
    _refuse_frozen(locked, at)
    SessionMaterial.objects.filter(pk=material.pk, withdrawn_at=None).update(withdrawn_at=at)
    _record("session.material_withdrawn", locked, by=by, at=at, data={"sha256": material.file.sha256})


def readable_material(material: SessionMaterial, user: User) -> StoredFile | None:
    """The file for the applicant, the office and the panel's members free of the application; None to anybody else."""
    application, panel = material.slot.application, material.slot.session.panel
    if acts_for(user, application) or works_in(user, panel.round.office):
        return material.file
    if material.withdrawn_at is not None:
        return None
    sits = panel.members.filter(left_at=None, expert__user=user, expert__state=Expert.State.ACTIVE)
    gone = Recusal.objects.filter(state=Recusal.State.GRANTED, application=application, expert__user=user)
    return material.file if sits.exists() and not gone.exists() else None


@transaction.atomic
def take_seat(session: Session, expert: Expert, *, by: User, at: datetime) -> SessionSeat:
    """A member signs in, or the office notes it; nobody with a tie to whoever is heard takes a seat (U23)."""
    book = rulebook_for(session.panel.round)
    if expert.user_id != by.pk:
        require_office(session.panel.round, by)
    _refuse_cancelled(session)
    if not session.panel.members.filter(expert=expert, left_at=None).exists() or expert.state != Expert.State.ACTIVE:
        raise DeskRefused.because("签到的应为本评审组在任成员。", book.ground(book.stage(session.panel.stage)))
    heard = list(Application.objects.filter(pk__in=session.slots.values("application")).with_names().order_by("pk"))
    tied = conflicts_between([expert], heard)
    names = {one.pk: str(one.organization) for one in heard}
    reasons = [f"与{names[application]}：{'、'.join(map(str, why))}" for (_, application), why in tied.items()]
    stepped = Recusal.objects.filter(state=Recusal.State.GRANTED, expert=expert, application__in=heard)
    reasons += [f"已对{names[one.application_id]}回避" for one in stepped]
    if reasons:
        raise DeskRefused.because(
            f"{expert}应当回避，不能签到：{'；'.join(dict.fromkeys(reasons))}。请在“我的评审”申请回避，或者由办公室另行安排场次。",
            book.recusal_ground,
        )
    seat, fresh = SessionSeat.objects.get_or_create(
        session=session, expert=expert, defaults={"signed_in_at": at, "signed_in_by": by}
    )
    if fresh:
        _record_session("session.seat", session, by=by, at=at, data={"expert": str(expert.public_id)})
    return seat


@transaction.atomic
def note_leader_present(slot: SessionSlot, *, present: bool, note: str, by: User, at: datetime) -> None:
    """Whether the applicant's main leader came in person; if not, why (B14.3 asks the main leader to speak)."""
    _require_keeper(slot.session, by)
    if not present:
        require_text(note, "主要负责人未到场的情况")
    SessionSlot.objects.filter(pk=slot.pk).update(
        leader_present=present, absence_note="" if present else note.strip()[:300]
    )
    _record("session.leader_present", slot, by=by, at=at, data={"present": present})


@transaction.atomic
def note_question(
    slot: SessionSlot, *, question: str, answer: str, asker: Expert | None, by: User, at: datetime
) -> SessionQuestion:
    """What was asked and what was answered, kept by the office or the session's leader."""
    _require_keeper(slot.session, by)
    if asker is not None and not slot.session.panel.members.filter(expert=asker).exists():
        raise DeskRefused.because("提问专家应为本评审组成员。", _cite(slot))
    row = SessionQuestion.objects.create(
        slot=slot, asker=asker, question=require_text(question, "提问"), answer=require_text(answer, "回答要点"),
        noted_at=at, noted_by=by,
    )  # fmt: skip
    _record("session.question", slot, by=by, at=at, data={"asker": str(asker.public_id) if asker else ""})
    return row


def _require_keeper(session: Session, by: User) -> None:
    if not leads(session, by):
        require_office(session.panel.round, by)
    _refuse_cancelled(session)


def _own_open(slot: SessionSlot, by: User, at: datetime) -> SessionSlot:
    """The slot locked, for the applicant's own people and before the session begins."""
    application = Application.objects.select_for_update(of=("self",)).get(pk=slot.application_id)
    locked = SessionSlot.objects.select_for_update(of=("self",)).get(pk=slot.pk)
    if not acts_for(by, application):
        raise DeskRefused.because(f"只能由{application.noun}办理本事项。")
    _refuse_cancelled(locked.session)
    if at >= locked.session.starts_at:
        raise DeskRefused.because("场次已经开始，不能再更改。已提交的内容不受影响。", _cite(locked))
    return locked


def _refuse_frozen(slot: SessionSlot, at: datetime) -> None:
    due = slot.session.materials_due_at
    if due is not None and at >= due:
        raise DeskRefused.because("陈述材料提交已截止，已提交的材料按截止时的内容使用。", _cite(slot))


def _refuse_cancelled(session: Session) -> None:
    if session.cancelled_at is not None:
        raise DeskRefused.because("本场次已经取消，请等待另行安排。")


def _cite(slot: SessionSlot) -> str:
    book = rulebook_for(slot.session.panel.round)
    return book.ground(book.stage(slot.session.panel.stage))


def _record(verb: str, slot: SessionSlot, *, by: User, at: datetime, data: dict) -> None:
    told = {"application": str(slot.application.public_id), **data}
    _record_session(verb, slot.session, by=by, at=at, data=told)


def _record_session(verb: str, session: Session, *, by: User, at: datetime, data: dict) -> None:
    evidence.record(
        verb, chain=session.panel.round.chain, by=by, subject=f"session:{session.public_id}", at=at, data=data
    )
