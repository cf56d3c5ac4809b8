"""The desk's checklist by article: each item a verdict, three names, an opinion, and a signature (U11.3, U11.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from awards.rulebook import Rulebook
from organizations import evidence
from organizations.models import User

from .desk_rules import DeskRefused, lock_on_desk
from .gates import Blocker
from .models import Application, Checklist, Finding

MEETS, FAILS, NOTED = "meets", "fails", "noted"
VERDICTS = {MEETS: "符合", FAILS: "不符合", NOTED: "基本符合，见说明"}
SIGNATORIES = {"examiner": "审核人", "reviewer": "复核人", "approver": "分管领导"}


class ChecklistStale(DeskRefused):
    """Somebody else saved the checklist meanwhile; what was typed is kept on the page, nothing was stored."""


@dataclass(frozen=True)
class ChecklistRow:
    """One item as the desk sees it: the article's words, its machine finding, and what the desk wrote."""

    key: str
    text: str
    citation: str
    short_citation: str
    required: bool
    finding: Finding | None
    verdict: str
    note: str

    @property
    def verdict_label(self) -> str:
        return VERDICTS.get(self.verdict, "未填写")


def checklist_of(application: Application, stage: str) -> Checklist | None:
    return application.checklists.filter(stage=stage).first()


def checklist_rows(application: Application, stage: str, items: Mapping[str, Any] | None = None) -> list[ChecklistRow]:
    """The rulebook's items of a stage beside findings and verdicts; `items` in place of what is stored."""
    book = application.rulebook
    if items is None:
        saved = checklist_of(application, stage)
        items = saved.items if saved else {}
    findings = {one.check_name: one for one in application.findings.filter(stage=stage)}
    return [
        ChecklistRow(
            key=item.key,
            text=item.text,
            citation=book.ground(item),
            short_citation=book.cite_zh(item.cite) if item.cite else "办公室设定",
            required=item.required,
            finding=findings.get(item.machine),
            verdict=items.get(item.key, {}).get("verdict", ""),
            note=items.get(item.key, {}).get("note", ""),
        )
        for item in book.stage(stage).checklist
    ]


@transaction.atomic
def save_checklist(
    application: Application,
    *,
    stage: str,
    items: Mapping[str, Mapping[str, str]],
    opinion: str = "",
    examiner: str = "",
    reviewer: str = "",
    approver: str = "",
    version: int | None = None,
    by: User,
    at: datetime,
) -> Checklist:
    """Keep what the desk has so far; a signed checklist stays as signed until its signature is taken back.

    `items` maps item key → {"verdict", "note"}; keys the rulebook does not know are dropped. `version` is the one the
    page saw: another person's later save is never overwritten.
    """
    locked = lock_on_desk(application, stage=stage, by=by)
    checklist = checklist_of(locked, stage) or Checklist(application=locked, stage=stage, version=0)
    if version is not None and version != checklist.version:
        raise ChecklistStale.because("审核表已被本单位其他人员更新，您填写的内容仍在页面上，请核对后再保存。")
    current = _dossier_version(locked)
    if checklist.signed_at and checklist.dossier_version == current:
        raise DeskRefused.because("审核表已经签署。需要修改的，请先撤回签署。")
    known = {item.key for item in locked.rulebook.stage(stage).checklist}
    checklist.items = {
        key: {"verdict": given.get("verdict", ""), "note": given.get("note", "").strip()}
        for key, given in items.items()
        if key in known and given.get("verdict", "") in ("", *VERDICTS)
    }
    checklist.opinion = opinion.strip()
    checklist.examiner, checklist.reviewer, checklist.approver = examiner.strip(), reviewer.strip(), approver.strip()
    checklist.dossier_version = current
    checklist.signed_at = checklist.signed_by = None
    checklist.version += 1
    checklist.saved_at = at
    checklist.save()
    return checklist


@transaction.atomic
def sign_checklist(
    application: Application,
    *,
    stage: str,
    examiner: str,
    reviewer: str,
    approver: str,
    opinion: str,
    by: User,
    at: datetime,
) -> Checklist:
    """Sign the saved items with three names and an opinion; refused while a required item is open (U11.3, U11.4)."""
    locked = lock_on_desk(application, stage=stage, by=by)
    checklist = checklist_of(locked, stage)
    if checklist is None:
        raise DeskRefused.because("尚未填写逐项审核意见，请先逐项填写并保存。", _ground(locked.rulebook, stage))
    names = {"examiner": examiner.strip(), "reviewer": reviewer.strip(), "approver": approver.strip()}
    found = unfinished(locked, checklist, names=names, opinion=opinion)
    if found:
        raise DeskRefused(found)
    checklist.examiner, checklist.reviewer, checklist.approver = names.values()
    checklist.opinion = opinion.strip()
    checklist.dossier_version = _dossier_version(locked)
    checklist.signed_at, checklist.signed_by = at, by
    checklist.saved_at = at
    checklist.version += 1
    checklist.save()
    _record("checklist.sign", locked, checklist, by=by, at=at)
    return checklist


@transaction.atomic
def unsign_checklist(application: Application, *, stage: str, by: User, at: datetime) -> None:
    """Take a signature back while the application is still on the desk; both are on record."""
    locked = lock_on_desk(application, stage=stage, by=by)
    checklist = checklist_of(locked, stage)
    if checklist is None or checklist.signed_at is None:
        raise DeskRefused.because("审核表尚未签署。")
    checklist.signed_at = checklist.signed_by = None
    checklist.version += 1
    checklist.saved_at = at
    checklist.save()
    _record("checklist.unsign", locked, checklist, by=by, at=at)


def unfinished(
    application: Application, checklist: Checklist, *, names: Mapping[str, str], opinion: str
) -> list[Blocker]:
    """Why a checklist cannot be signed yet, everything at once."""
    book = application.rulebook
    current = _dossier_version(application)
    found = []
    if checklist.dossier_version != current:
        found.append(Blocker(f"申报材料已补正为第{current}版，请对照新材料重新填写并保存审核表。"))
    for item in book.stage(checklist.stage).checklist:
        given = checklist.items.get(item.key, {})
        if not given.get("verdict"):
            if item.required:
                found.append(Blocker(f"“{item.text}”尚未填写意见。", book.ground(item)))
        elif given["verdict"] != MEETS and not given.get("note"):
            found.append(Blocker(f"“{item.text}”选择了“{VERDICTS[given['verdict']]}”，请写明说明。", book.ground(item)))
    found += [Blocker(f"请填写{label}。") for key, label in SIGNATORIES.items() if not names.get(key)]
    if not opinion.strip():
        found.append(Blocker("请填写审核意见。"))
    return found


def signature_missing(application: Application, stage: str) -> list[Blocker]:
    """What the door wants of the checklist: signed, for the dossier as it stands, and nothing that fails."""
    book = application.rulebook
    if not book.stage(stage).checklist:
        return []
    ground = _ground(book, stage)
    checklist = checklist_of(application, stage)
    if checklist is None or checklist.signed_at is None:
        return [Blocker("审核表尚未签署，请逐项填写意见后由审核人、复核人、分管领导签署。", ground)]
    current = _dossier_version(application)
    if checklist.dossier_version != current:
        return [Blocker(f"审核表签署后材料已补正为第{current}版，请重新审核并签署。", ground)]
    return [
        Blocker(f"审核表认定“{item.text}”不符合，不能通过。", book.ground(item))
        for item in book.stage(stage).checklist
        if checklist.items.get(item.key, {}).get("verdict") == FAILS
    ]


def _dossier_version(application: Application) -> int:
    dossier = application.current_dossier
    return dossier.version if dossier else 1


def _ground(book: Rulebook, stage: str) -> str:
    return book.ground(book.stage(stage))


def _record(verb: str, application: Application, checklist: Checklist, *, by: User, at: datetime) -> None:
    evidence.record(
        verb,
        chain=application.round.chain,
        by=by,
        subject=f"application:{application.public_id}",
        at=at,
        data={
            "stage": checklist.stage,
            "dossier": checklist.dossier_version,
            "verdicts": {key: given["verdict"] for key, given in sorted(checklist.items.items())},
        },
    )
