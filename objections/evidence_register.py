"""The evidence register of an investigation and the facts established on it: nothing stands unsupported."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from award_portal.lib import clock
from organizations.models import StoredFile, User

from .casework import HandlingRefused, record_act, take
from .models import EvidenceItem, ExpertInquiry, Fact, Objection, ObjectionFile, Question


@transaction.atomic
def register_evidence(
    objection: Objection, *, title: str, source: str, obtained: str, received_on: date, file: StoredFile, by: User,
    at: datetime,
) -> EvidenceItem:  # fmt: skip
    """Enter one piece of evidence: what it is, whose, when and how it was obtained; its digest is the file's own."""
    objection = take(objection, "report", by=by, office=False)
    if not (title.strip() and source.strip()):
        raise HandlingRefused("请填写证据名称和来源。")
    if obtained not in EvidenceItem.Obtained.values:
        raise HandlingRefused("请选择取得方式。")
    if received_on > clock.day_of(at):
        raise HandlingRefused("取得日期不能晚于今天。")
    enter_handed_in(objection, at=at)
    given = {"title": title.strip()[:120], "source": source.strip()[:120]}
    item = _enter(objection, file, obtained=obtained, received_on=received_on, by=by, at=at, **given)
    record_act(objection, "evidence", by=by, at=at, evidence=item.number, sha256=file.sha256)
    return item


@transaction.atomic
def add_fact(
    objection: Objection, *, text: str, evidence: Sequence[EvidenceItem], by: User, at: datetime
) -> Fact:  # fmt: skip
    """Enter one thing established, with the evidence it rests on; without any it is a guess and is refused."""
    objection = take(objection, "report", by=by, office=False)
    if len(text.strip()) < 5:
        raise HandlingRefused("请写明查明的事实。")
    own = set(objection.evidence_items.values_list("pk", flat=True))
    if not evidence or any(one.pk not in own for one in evidence):
        raise HandlingRefused("请选择该事实所依据的证据；尚未登记的，先登记证据。")
    last = objection.facts.order_by("-number").values_list("number", flat=True).first() or 0
    fact = Fact.objects.create(
        objection=objection, number=last + 1, text=text.strip()[:1000], recorded_at=at, recorded_by=by
    )
    fact.evidence.set(evidence)
    record_act(objection, "fact", by=by, at=at, fact=fact.number, evidence=sorted(one.number for one in evidence))
    return fact


@transaction.atomic
def drop_fact(fact: Fact, *, by: User, at: datetime) -> None:
    """Take back a fact before the report; that it was taken back stays on record."""
    objection = take(fact.objection, "report", by=by, office=False)
    number = fact.number
    fact.delete()
    record_act(objection, "drop_fact", by=by, at=at, fact=number)


def enter_handed_in(objection: Objection, *, at: datetime) -> None:
    """What came with the objection, and with those handled together with it, but for the papers that tell by whom."""
    known = set(objection.evidence_items.values_list("file_id", flat=True))
    cases = Q(objection=objection) | Q(objection__lead=objection)
    for one in ObjectionFile.objects.filter(cases, tells_identity=False).select_related("file").order_by("pk"):
        if one.file_id not in known:
            _enter(
                objection, one.file, title=one.label, source="随异议材料提交", obtained=EvidenceItem.Obtained.OBJECTOR,
                received_on=clock.day_of(one.file.uploaded_at), by=None, at=at,
            )  # fmt: skip


def enter_answer_files(question: Question, proofs: Iterable[StoredFile], *, at: datetime) -> None:
    """The papers given with an answer stand in the register as the applicant's."""
    objection = question.objection
    source = f"{objection.application.noun}对第{question.number}项的说明"
    for one in proofs:
        _enter(
            objection, one, title=one.original_name[-120:], source=source,
            obtained=EvidenceItem.Obtained.APPLICANT, received_on=clock.day_of(at), by=None, at=at,
        )  # fmt: skip


def enter_opinion(inquiry: ExpertInquiry, file: StoredFile, *, at: datetime) -> None:
    """The paper of an expert's opinion stands in the register, whenever it comes before the finding."""
    _enter(
        inquiry.objection, file, title="专家意见", source=f"专家{inquiry.expert}",
        obtained=EvidenceItem.Obtained.EXPERT,
        received_on=clock.day_of(at), by=inquiry.expert.user, at=at,
    )  # fmt: skip


def _enter(objection: Objection, file: StoredFile, *, by: User | None, at: datetime, **given) -> EvidenceItem:
    last = objection.evidence_items.order_by("-number").values_list("number", flat=True).first() or 0
    return EvidenceItem.objects.create(
        objection=objection, number=last + 1, file=file, recorded_by=by, recorded_at=at, **given
    )
