"""Machine findings and credit checks: what a machine found stands until a person has confirmed it (R6, U11.3)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from awards.listed_matches import Candidate, decide_match
from awards.models import ListedEntity
from organizations import evidence
from organizations.models import StoredFile, User

from .checking import check_by_machine
from .desk_rules import DeskRefused, lock_on_desk, require_text
from .form_answers import submitted_of
from .gates import Blocker
from .machine_checks import checks_for, listed_candidates
from .models import Application, CreditCheck, Finding


@transaction.atomic
def settle_finding(finding: Finding, *, settled_as: str, note: str, by: User, at: datetime) -> Finding:
    """A person confirms or overrules what the machine found, and says on what ground."""
    locked = lock_on_desk(finding.application, stage=finding.stage, by=by)
    if settled_as not in (Finding.Result.CLEAR, Finding.Result.STOP):
        raise DeskRefused.because("请选择核实结论：未见异常，或者不符合。", finding.cite)
    note = require_text(note, "核实说明（向谁、以何种方式核实，依据什么材料）")
    fresh = locked.findings.select_for_update(of=("self",)).get(pk=finding.pk)
    fresh.settled_as, fresh.note = settled_as, note
    fresh.settled_at, fresh.settled_by = at, by
    fresh.save()
    evidence.record(
        "finding.settle",
        chain=locked.round.chain,
        by=by,
        subject=f"application:{locked.public_id}",
        at=at,
        data={"stage": fresh.stage, "check": fresh.check_name, "found": fresh.result, "settled_as": settled_as},
    )
    return fresh


def matches_of(application: Application, *, at: datetime) -> list[Candidate]:
    """The listed lines the desk compares with the applicant of the dossier it judges, decided or not."""
    return listed_candidates(submitted_of(application), at=at)


@transaction.atomic
def decide_listed(
    application: Application, line: ListedEntity, *, stage: str, is_same: bool, reason: str, by: User, at: datetime
) -> None:
    """Say whether a line of a credit list is the applicant, and on what ground; the finding follows at once (U11.3).

    The decision is kept for this pair of names and codes: no later import, stage or round asks it again.
    """
    locked = lock_on_desk(application, stage=stage, by=by)
    if line.pk not in {one.line.pk for one in matches_of(locked, at=at)}:
        raise DeskRefused.because("该条记录已不在比对范围内，名单可能已重新导入，请刷新后再判定。")
    reason = require_text(reason, "判定依据（核对了什么材料）")
    decide_match(locked.round.scheme, line, locked.organization, is_same=is_same, reason=reason, by=by, at=at)
    evidence.record(
        "listed.decide",
        chain=locked.round.chain,
        by=by,
        subject=f"application:{locked.public_id}",
        at=at,
        data={"stage": stage, "list": line.listing, "name": line.name, "code": line.code, "same": is_same},
    )
    check_by_machine(locked, stage=stage, by=by, at=at)


@transaction.atomic
def record_credit_check(
    application: Application,
    *,
    stage: str,
    site: str,
    looked_at: datetime,
    is_clear: bool,
    result: str,
    screenshot: StoredFile | None,
    by: User,
    at: datetime,
) -> CreditCheck:
    """Put a look at a credit site on record: which site, when, who, what it showed (U11.3)."""
    locked = lock_on_desk(application, stage=stage, by=by)
    if looked_at > at:
        raise DeskRefused.because("查询时间不能晚于现在。")
    check = CreditCheck.objects.create(
        application=locked,
        stage=stage,
        site=require_text(site, "查询网站"),
        looked_at=looked_at,
        is_clear=is_clear,
        result=require_text(result, "查询结果"),
        screenshot=screenshot,
        recorded_at=at,
        recorded_by=by,
    )
    evidence.record(
        "credit_check.record",
        chain=locked.round.chain,
        by=by,
        subject=f"application:{locked.public_id}",
        at=at,
        data={"stage": stage, "clear": is_clear, "screenshot": screenshot.sha256 if screenshot else ""},
    )
    return check


def is_settled(finding: Finding) -> bool:
    """Whether a person has settled what the machine found last; a later run asks again."""
    return finding.settled_at is not None and finding.settled_at >= finding.found_at


def unsettled(application: Application, stage: str) -> list[Blocker]:
    """What the door wants of the findings: run for this dossier, every doubt settled, nothing confirmed against."""
    book = application.rulebook
    run = checks_for(application)
    wanted = {item.machine: item for item in book.stage(stage).checklist if item.machine in run}
    findings = {one.check_name: one for one in application.findings.filter(stage=stage)}
    dossier = application.current_dossier
    found = []
    for name, item in wanted.items():
        finding = findings.get(name)
        if finding is None or (dossier and (finding.run_at or finding.found_at) < dossier.frozen_at):
            found.append(Blocker(f"“{item.text}”尚未对现有材料进行系统核查，请先运行核查。", book.ground(item)))
    for finding in findings.values():
        if is_settled(finding):
            if finding.settled_as == Finding.Result.STOP:
                found.append(Blocker(f"核实结论为不符合：{finding.text}", finding.cite))
        elif finding.result != Finding.Result.CLEAR:
            found.append(Blocker(f"系统核查提示须经人工核实并写明说明：{finding.text}", finding.cite))
    return found
