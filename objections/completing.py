"""补正: an incomplete filing is told exactly what lacks; its clock starts when it is complete (U12, U13)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from applications.models import Application
from award_portal.lib.sealed import unseal
from awards.rulebook.process import FilingField
from organizations.messages import people_of, send_message
from organizations.models import User

from .casework import HandlingRefused, begin_leg, end_legs, issue_letter, record_act, take, tell_recommender
from .filing import (
    completion_due,
    first_due,
    keep_files,
    last_day_zh,
    objector_key,
    seal_identity,
    write_completion_notice,
)
from .form_check import FilingRefused, Uploads, field_lack, form_asked, text_lacks
from .holding import place_hold, release_hold
from .models import Objection
from .pipeline import State
from .receiving import is_on_its_desk


@transaction.atomic
def require_completion(objection: Objection, *, keys: Sequence[str], because: str, by: User, at: datetime) -> Objection:
    """The desk finds that the form lacks something: 补正通知书, once, and the days begin anew when it is complete."""
    objection = take(objection, "return_form", by=by, office=True)
    if objection.completed_at is not None:
        raise HandlingRefused("该异议已经补正过一次，请作出受理或者不予受理的决定。")
    asked = {one.key: one for one in askable(objection)}
    if not set(keys) <= set(asked) or not keys:
        raise HandlingRefused("请选择需要补正的材料。")
    if not because.strip():
        raise HandlingRefused("请写明需要补正的具体内容，以便告知异议人。")
    words = [[key, f"{asked[key].label}：需要重新提供"] for key in keys]
    objection.lacks = [*words, ["", because.strip()[:500]]]
    objection.return_form()
    begin_leg(objection, due=completion_due(objection.application.rulebook, at=at), at=at)
    objection.save()
    write_completion_notice(objection, by=by, at=at)
    record_act(objection, "return_form", by=by, at=at, keys=list(keys))
    return objection


@transaction.atomic
def complete_filing(
    objection: Objection,
    *,
    fields: Mapping[str, str],
    files: Mapping[str, Uploads],
    text: str = "",
    at: datetime,
) -> Objection:
    """The objector hands in what lacked, all of it; from now the days count (U13). Raises FilingRefused else."""
    Application.objects.select_for_update(of=("self",)).get(pk=objection.application_id)
    objection = Objection.objects.select_for_update(of=("self",)).get(pk=objection.pk)
    if objection.state != State.INCOMPLETE:
        raise HandlingRefused(f"该异议现为“{objection.get_state_display()}”，不需要补正。")
    if objection.due_at is not None and objection.due_at <= at:
        raise HandlingRefused(f"补正期限至{last_day_zh(objection.due_at)}24:00止，已经期满；公示期内可以重新提出。")
    book = objection.application.rulebook
    asked = form_asked(book, objection.form)
    assert asked is not None
    told = [(one.key, field_lack(book, asked, one, fields=fields, files=files)) for one in lacking(objection)]
    lacks = [(key, words) for key, words in told if words]
    if text.strip():
        lacks += [one for one in text_lacks(f"{objection.text}\n{text}") if one]
    if lacks:
        raise FilingRefused(lacks)
    if text.strip():
        objection.text = f"{objection.text}\n（补充）{text.strip()}"
    keep_files(objection, files, at=at)
    take_completion(objection, fields=fields, at=at)
    objection.save()
    send_message(
        people_of(objection.handled_by),
        subject=f"异议人已补正 {objection.number}",
        body="请在期限内完成形式审查。",
        url=objection.get_absolute_url(),
        at=at,
    )
    return objection


def take_completion(objection: Objection, *, fields: Mapping[str, str], at: datetime) -> None:
    """The form is complete: received anew, held and on the clock from this moment (U13). Does not save."""
    known = json.loads(unseal(objection, "identity") or "{}")
    known |= {key: value.strip() for key, value in fields.items() if value.strip()}
    seal_identity(objection, known)
    # whoever said only now who they are is known again when they file once more (U12)
    objection.objector_key = objector_key(objection.application, form=objection.form, fields=known)
    objection.lacks, objection.completed_at = [], at
    if not is_on_its_desk(objection.application):
        objection.handler = None  # the application has gone on meanwhile: it is the office's to handle (O6)
    objection.complete()
    book = objection.application.rulebook
    begin_leg(objection, due=first_due(book, at=at), at=at)
    held = objection.application.holds.open().filter(source=objection.hold_source).exists()
    if book.objections.hold_at_receipt.value and objection.application.is_active and not held:
        place_hold(objection, at=at)
    record_act(objection, "complete", by=None, at=at)


@transaction.atomic
def lapse_if_due(pk: int, *, at: datetime) -> int:
    """Not completed in time: ended with a letter, objector and recommender told; of many sweepers one does it."""
    objection = Objection.objects.select_for_update(of=("self",)).not_completed(at).filter(pk=pk).first()
    if objection is None:
        return 0
    due_on = last_day_zh(objection.due_at)
    objection.refused_because = f"至{due_on}24:00没有补正所缺材料"
    end_legs(objection)
    objection.lapse()
    _end_without_finding(objection, by=None, lapsed_on=due_on, at=at)
    return 1


@transaction.atomic
def refuse_form(objection: Objection, *, because: str, by: User, at: datetime) -> Objection:
    """The form lacks what U12 asks: the objection is not accepted, its provisional hold goes, the objector is told."""
    objection = take(objection, "refuse_form", by=by, office=True)
    if not because.strip():
        raise HandlingRefused("请写明不符合形式要求之处，以便告知异议人补充。")
    objection.refused_because = because.strip()
    end_legs(objection)
    objection.refuse_form()
    _end_without_finding(objection, by=by, lapsed_on="", at=at)
    return objection


def lacking(objection: Objection) -> list[FilingField]:
    """The fields and files that are still to be handed in."""
    keys = {key for key, _ in objection.lacks}
    return [one for one in askable(objection) if one.key in keys]


def askable(objection: Objection) -> tuple[FilingField, ...]:
    """All that the rulebook asks of this kind of objector."""
    asked = form_asked(objection.application.rulebook, objection.form)
    assert asked is not None
    return asked.requires


def _end_without_finding(objection: Objection, *, by: User | None, lapsed_on: str, at: datetime) -> None:
    """Letter to the objector, word to the recommender, the hold let go."""
    book, notice = objection.application.rulebook, objection.notice
    running = notice is not None and notice.is_running(at)
    objection.reply = issue_letter(
        objection,
        "objection_refusal",
        by=by,
        at=at,
        because=objection.refused_because,
        lacks=[text for _, text in objection.lacks],
        lapsed_on=lapsed_on,
        cite=book.ground(form_asked(book, objection.form)),
        again_until=last_day_zh(notice.ends_at) if notice is not None and running else "",
    )
    objection.told_at = at
    how = "因逾期没有补正，已终止办理。" if lapsed_on else "经形式审查，不予受理。"
    tell_recommender(objection, how=how, at=at)
    objection.save()
    release_hold(objection, because="逾期未补正" if lapsed_on else "形式审查不合格", at=at)
    record_act(objection, "lapse" if lapsed_on else "refuse_form", by=by, at=at)
