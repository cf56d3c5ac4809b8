"""Filling in the form: drafts are kept as typed, stale tabs are refused with both texts, nothing entered is lost."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction

from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook, Section
from awards.workdays import date_zh
from organizations import evidence
from organizations.claims import proof_word
from organizations.files import store_upload
from organizations.models import Organization, Unit, User

from .form_answers import Problem, field_names, problems_of, yes_no_names
from .gates import Blocker
from .machine_checks import entry_blockers
from .models import Answer, Application, Attachment
from .moves import StepRefused
from .personal import keep, told
from .pipeline import State
from .routing import recommending_units
from .rules import acts_for

LONGEST_TEXT = 40_000


class FillingRefused(StepRefused):
    """Something cannot be kept or begun; `blockers` say why and what to do."""

    @classmethod
    def because(cls, text: str, citation: str = "") -> FillingRefused:
        return cls([Blocker(text, citation)])


class StaleAnswer(Exception):
    """Another tab or person saved this part meanwhile: `theirs` has their texts, `version` the present version."""

    def __init__(self, theirs: dict[str, Any], version: int) -> None:
        self.theirs = theirs
        self.version = version
        super().__init__("该部分已在别处保存过，请核对后再保存。")


@transaction.atomic
def start_application(round: Round, *, organization: Organization, by: User, at: datetime) -> Application:
    """Begin a draft: one application a round for each organisation and unit (U2, R4), inside the window (R3)."""
    round = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    refused = start_blockers(round, organization=organization, by=by, at=at)
    if refused:
        raise FillingRefused(refused)
    try:
        with transaction.atomic():
            application = Application.objects.create(
                round=round, organization=organization, applicant_kind=_kind_of(organization, rulebook_for(round)),
                created_by=by, created_at=at,
            )  # fmt: skip
    except IntegrityError as error:
        raise FillingRefused.because(f"{_once_a_round(organization)}。") from error
    evidence.record(
        "application.start", chain=round.chain, by=by, subject=f"application:{application.public_id}", at=at
    )
    _prefill(application, at=at)
    return application


def start_blockers(round: Round, *, organization: Organization, by: User, at: datetime) -> list[Blocker]:
    """Why this organisation cannot begin an application in this round now; empty when it can."""
    if not organization.claims.filter(user=by, state="verified").exists():
        return [Blocker(f"{proof_word(organization)}尚未核验通过，核验后才能申报。")]
    if not_admitted := _not_admitted(round, organization):
        return not_admitted
    if shut := window_blockers(round, at=at):
        return shut
    existing = round.applications.filter(organization=organization).exclude(state=State.WITHDRAWN).first()
    if existing is not None:
        return [Blocker(f"{_once_a_round(organization)}，请在原申报上继续填写。")]
    return entry_blockers(round, organization=organization, at=at)


def _not_admitted(round: Round, organization: Organization) -> list[Blocker]:
    """People apply only where the rulebook's applicant kinds admit them, and organisations likewise (Y2)."""
    book = rulebook_for(round)
    if organization.subject in book.subjects:
        return []
    kinds = "、".join(one.label for one in book.applicants)
    return [
        Blocker(
            f"{book.name}的申报主体为{kinds}，不接受{organization.get_subject_display()}申报。",
            book.ground(book.applicants[0]),
        )
    ]


def _once_a_round(organization: Organization) -> str:
    word = organization.get_subject_display()
    return f"本届已有该{word}的申报，每个{word}每届只能申报一次"


def _kind_of(organization: Organization, book: Rulebook) -> str:
    """The rulebook's kind an applicant begins as: the registered one, or of people the first that admits them."""
    kinds = [one.key for one in book.applicant_kinds_for(organization.subject)]
    return organization.kind if organization.kind in kinds or not organization.is_person else kinds[0]


def window_blockers(round: Round, *, at: datetime) -> list[Blocker]:
    """Nothing is begun or submitted outside the window, to the second, by the server's clock (U11.1, R3)."""
    if round.is_open_at(at):
        return []
    book = rulebook_for(round)
    ground = next((book.ground(one) for one in book.instruments if one.key == "call"), "")
    if round.closes_at and at >= round.closes_at:
        closed = round.closes_at.astimezone(clock.SHANGHAI)
        text = f"申报已于{date_zh(closed.date())}{closed:%H:%M:%S}截止，不能再提交；填报内容已保留，可以查看和打印。"
    elif round.opens_at and round.published_at:
        opens = round.opens_at.astimezone(clock.SHANGHAI)
        text = f"申报自{date_zh(opens.date())}{opens:%H:%M}开始，现在不能提交。"
    else:
        text = "申报通知尚未发布，现在不能申报。"
    return [Blocker(text, ground)]


def editable_parts(application: Application, *, at: datetime) -> set[str] | None:
    """Which parts may be changed now: None for all (a draft), the named ones in correction, else none."""
    if application.state == State.DRAFT:
        return None
    if application.state == State.CORRECTION:
        correction = application.corrections.filter(answered_at=None, lapsed_at=None).first()
        if correction is not None and at < correction.due_at:
            return set(correction.parts)
    return set()


def is_editable(application: Application, part: str, *, at: datetime) -> bool:
    parts = editable_parts(application, at=at)
    return parts is None or part in parts


@transaction.atomic
def save_section(
    application: Application, key: str, data: Mapping[str, Any], *, version: int, by: User, at: datetime
) -> Answer:
    """Keep what was typed in a section, right or wrong; only fields the form has, only the ones given.

    Raises StaleAnswer when `version` is not the one stored, and FillingRefused when the part is not open.
    """
    section = _section(application, key)
    locked = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    _refuse_closed(locked, key, by=by, at=at)
    answer, _ = Answer.objects.get_or_create(application=locked, section=key, defaults={"saved_at": at})
    given, stored = _given(locked, section, data), told(answer)
    if version != answer.version:
        theirs = {name: stored.get(name, "") for name in given if stored.get(name, "") != given[name]}
        if theirs:
            raise StaleAnswer(theirs, answer.version)
    if any(stored.get(name) != value for name, value in given.items()):
        keep(answer, {**stored, **given})
        answer.version += 1
        answer.saved_at = at
        answer.save()
        locked.version += 1
        if section.kind == "profile" and locked.state == State.DRAFT:
            copy_profile(locked, answer.data)
        locked.save()
    return answer


@transaction.atomic
def mark_secret(application: Application, key: str, *, is_secret: bool, reason: str, by: User, at: datetime) -> Answer:
    """Mark a section as holding a secret of the kind the regulation names, with its reason (U11.2, B24)."""
    section = _section(application, key)
    locked = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    _refuse_closed(locked, key, by=by, at=at)
    if is_secret and not section.may_be_secret:
        raise FillingRefused.because(f"“{section.title}”不属于可以注明{locked.rulebook.secret_label}的部分。")
    if is_secret and not reason.strip():
        book = locked.rulebook
        raise FillingRefused.because(f"请说明哪些内容涉及{book.secret_label}。", book.secret_ground)
    answer, _ = Answer.objects.get_or_create(application=locked, section=key, defaults={"saved_at": at})
    answer.is_secret, answer.secret_reason = is_secret, reason.strip()[:200] if is_secret else ""
    answer.save()
    return answer


@transaction.atomic
def attach_file(
    application: Application, key: str, upload: UploadedFile, *, is_secret: bool = False, by: User, at: datetime
) -> Attachment:
    """Keep one file under an attachment key; raises UploadRefused or FillingRefused and keeps nothing then."""
    locked = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    _refuse_closed(locked, key, by=by, at=at, attachments=True)
    wanted = _attachment(locked, key)
    count = locked.attachments.filter(key=key, removed_at=None).count()
    if count >= wanted.max_files:
        raise FillingRefused.because(f"“{wanted.label}”最多上传{wanted.max_files}个文件，请先移除一个再上传。")
    if is_secret and not wanted.may_be_secret:
        raise FillingRefused.because(f"“{wanted.label}”不属于可以注明{locked.rulebook.secret_label}的材料。")
    stored = store_upload(upload, purpose="attachment", by=by, at=at, allowed=list(wanted.formats))
    return Attachment.objects.create(application=locked, key=key, file=stored, is_secret=is_secret, added_at=at)


@transaction.atomic
def remove_attachment(attachment: Attachment, *, by: User, at: datetime) -> None:
    """Take a file off the draft; what a dossier froze stays in that dossier."""
    locked = Application.objects.select_for_update(of=("self",)).get(pk=attachment.application_id)
    _refuse_closed(locked, attachment.key, by=by, at=at, attachments=True)
    Attachment.objects.filter(pk=attachment.pk, removed_at=None).update(removed_at=at)


def missing_parts(application: Application) -> list[Problem]:
    """Everything that keeps the form from being complete."""
    return problems_of(application)


def _refuse_closed(application: Application, part: str, *, by: User, at: datetime, attachments: bool = False) -> None:
    if not acts_for(by, application):
        raise FillingRefused.because(f"{proof_word(application.organization)}尚未核验通过，不能填报。")
    parts = editable_parts(application, at=at)
    if parts is None or part in parts or (attachments and "attachments" in parts):
        return
    if application.state == State.CORRECTION:
        raise FillingRefused.because("该部分不在本次补正范围内，或者补正期限已过，不能修改。")
    raise FillingRefused.because(f"该申报现处于“{application.state_label}”，材料不能修改。")


def _section(application: Application, key: str) -> Section:
    found = next((one for one in application.rulebook.sections_for(application.subject) if one.key == key), None)
    if found is None:
        raise FillingRefused.because("申报表没有这一部分。")
    return found


def _attachment(application: Application, key: str):
    found = next((one for one in application.rulebook.attachments_for(application.subject) if one.key == key), None)
    if found is None:
        raise FillingRefused.because("申报材料清单没有这一项。")
    return found


def _given(application: Application, section: Section, data: Mapping[str, Any]) -> dict[str, Any]:
    """What of the posted data the section has fields for, in the shape it is stored in."""
    fixed = {"recommender"} if application.state != State.DRAFT else set()  # a correction stays at its desk
    names, ticks = set(field_names(application, section)) - fixed, yes_no_names(application, section)
    given: dict[str, Any] = {}
    for name in names & data.keys():
        value = data[name]
        if name in ticks:
            given[name] = value is True or str(value).lower() in ("true", "on", "1", "yes")
            continue
        text = str(value if value is not None else "").replace("\r\n", "\n").replace("\x00", "")
        if len(text) > LONGEST_TEXT:
            raise FillingRefused.because(
                f"有一项内容共{len(text)}字，超过单项{LONGEST_TEXT}字的上限，本次没有保存；所填内容仍在页面上，请删减后再保存。"
            )
        given[name] = text
    return given


def copy_profile(application: Application, data: Mapping[str, Any], *, with_recommender: bool = True) -> None:
    """What routing and statistics read stands on the application itself; the caller saves."""
    book, subject = application.rulebook, application.subject
    application.category = _chosen(data, "category", book.categories_for(subject))
    application.applicant_kind = _chosen(data, "applicant_kind", book.applicant_kinds_for(subject))
    application.is_sme = bool(data.get("sme"))
    application.industry = str(data.get("industry", ""))[:60]
    application.district = str(data.get("district", ""))[:40]
    employer = str(data.get("employer", "")).strip()[:80] if application.organization.is_person else ""
    application.employer = "" if employer == "无" else employer
    if with_recommender:
        application.recommender = find_recommender(application, str(data.get("recommender", "")))


def _chosen(data: Mapping[str, Any], name: str, choices: tuple[Any, ...]) -> str:
    """What was chosen; where the rulebook leaves no choice and the form asks none, the only one."""
    if name not in data and len(choices) == 1:
        return choices[0].key
    return str(data.get(name, ""))[:60]


def find_recommender(application: Application, public_id: str) -> Unit | None:
    """The recommender named by its public id, when it is one of this scheme's."""
    try:
        wanted = uuid.UUID(public_id)
    except ValueError:
        return None
    return recommending_units(application.round).filter(public_id=wanted).first()


def _prefill(application: Application, *, at: datetime) -> None:
    """Begin with what is known: the registered organisation, and the profile of the last application."""
    last = (
        Application.objects.filter(organization=application.organization)
        .exclude(pk=application.pk)
        .order_by("-created_at")
        .first()
    )
    for section in application.rulebook.sections_for(application.subject):
        if section.kind != "profile":
            continue
        known = {}
        if last is not None:
            earlier = last.answers.filter(section=section.key).first()
            known = told(earlier) if earlier else {}
        organization = application.organization
        known |= {
            "name": organization.name,
            "code": "" if organization.is_person else organization.code,
            "unit_name": organization.unit_name,
            "applicant_kind": application.applicant_kind,
            "founded_on": organization.founded_on.isoformat() if organization.founded_on else "",
        }
        names = set(field_names(application, section))
        data = {name: value for name, value in known.items() if name in names}
        answer = Answer(application=application, section=section.key, saved_at=at)
        keep(answer, data)
        answer.save()
        copy_profile(application, data)
        application.save()
