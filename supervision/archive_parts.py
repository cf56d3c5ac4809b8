"""What goes into a round's archive, piece by piece: papers, notices, dossiers, steps, evidence, rules.

Never in it: a ballot's papers or slips, an objection's text, identity or correspondence (U14). Parts marked as trade
secrets lie in a folder of their own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import Model
from django.db.models.fields.files import FieldFile

from applications.compiling import compile_application
from applications.models import Application, Checklist, ConsultationReply, Correction, Dossier, Finding, Step
from applications.pipeline import State
from awards.models import Round, RoundParameter
from documents.models import IssuedDocument
from documents.rendering import render_document
from objections.models import Objection
from organizations import verifying
from organizations.auditing import as_exported
from organizations.files import open_stored
from organizations.models import AuditDigest, AuditRecord, StoredFile
from publicity.models import Notice
from reviews.models import Ballot, CutDecision, ReviewReport

SECRET_FOLDER = "90商业秘密"
TERMS = {"permanent": "永久", "y30": "30年", "y10": "10年"}


@dataclass(frozen=True)
class RetentionClass:
    key: str
    label: str
    default: str


CLASSES = (
    RetentionClass("rules", "规则和本届取值", "permanent"),
    RetentionClass("decisions", "审议、审定和表彰文书", "permanent"),
    RetentionClass("papers", "其他文书", "y30"),
    RetentionClass("notices", "公告", "y30"),
    RetentionClass("winners", "获奖单位申报材料", "permanent"),
    RetentionClass("dossiers", "其他申报材料", "y10"),
    RetentionClass("steps", "办理记录", "y30"),
    RetentionClass("reviews", "评审和表决结果", "y30"),
    RetentionClass("objections", "异议登记", "y30"),
    RetentionClass("evidence", "留痕", "permanent"),
)
DECISIONS = ("commendation", "certificate", "meeting_minutes", "review_report", "resolution_record", "ranking_record")
Source = bytes | FieldFile | Callable[[], bytes]


@dataclass(frozen=True)
class Piece:
    """One file of the archive before it is read; `sha256` is what the record says it must be, where it says so."""

    path: str
    title: str
    kind: str
    source: Source
    on: str = ""
    sha256: str = ""
    is_secret: bool = False


def pieces_of(round: Round) -> Iterator[Piece]:
    """Every piece, always in the same order: the same content gives the same archive."""
    yield from _rules(round)
    yield from _papers(round)
    yield from _notices(round)
    for application in _handed_in(round):
        yield from _dossiers(application)
        yield _record_of(application)
    yield from _reviews(round)
    yield from _objections(round)
    yield from _evidence(round)


def _handed_in(round: Round) -> Iterator[Application]:
    return Application.objects.with_names().filter(round=round).submitted().order_by("number", "pk").iterator()


def _rules(round: Round) -> Iterator[Piece]:
    edition = round.edition
    yield Piece("01规则/规则版本.yaml", f"规则版本 {edition.edition}", "rules", edition.text.encode())
    values = RoundParameter.objects.filter(round=round).order_by("path").values("path", "value", "ground", "at")
    facts = {"edition": edition.edition, "sha256": edition.sha256, "parameters": list(values)}
    yield Piece("01规则/本届取值.json", "本届取值", "rules", plain_json(facts))


def _papers(round: Round) -> Iterator[Piece]:
    """Papers and their sealed scans; those of an objection stay with the office, for they lead to the objector."""
    papers = IssuedDocument.objects.filter(chain=round.chain).exclude(subject__startswith="objection:")
    papers = papers.exclude(kind__startswith="objection_").select_related("issuer", "sealed_scan").order_by("number")
    for one in papers:
        kind = "decisions" if one.kind in DECISIONS else "papers"
        stem, on = f"02文书/{file_name(f'{one.number} {one.title}')}", one.issued_at.date().isoformat()
        source: Source = one.file if one.is_rendered else _rendering(one)
        yield Piece(f"{stem}.pdf", one.title, kind, source, on, one.sha256)
        if one.sealed_scan:
            yield _stored(f"{stem} 盖章扫描件", f"{one.title}（盖章扫描件）", kind, one.sealed_scan)


def _rendering(document: IssuedDocument) -> Callable[[], bytes]:
    return lambda: render_document(document).data


def _notices(round: Round) -> Iterator[Piece]:
    notices = Notice.objects.public().filter(round=round).select_related("issuer", "document", "amends")
    for number, one in enumerate(notices.order_by("published_at", "pk").prefetch_related("items"), start=1):
        facts = {
            "kind": one.get_kind_display(), "title": one.title, "issuer": one.issuer.name, "body": one.body,
            "published_at": one.published_at, "starts_on": one.starts_on, "last_on": one.last_on, "days": one.days,
            "day_kind": one.day_kind, "calendar": one.calendar_version, "closed_at": one.closed_at,
            "document": one.document.number if one.document else "",
            "amends": one.amends.title if one.amends else "",
            "names": [row_of(item, but=("id", "notice", "application")) for item in one.items.all()],
        }  # fmt: skip
        name = file_name(f"{number:03d} {one.title}")
        on = one.published_at.date().isoformat() if one.published_at else ""
        yield Piece(f"03公告/{name}.json", one.title, "notices", plain_json(facts), on)


def _dossiers(application: Application) -> Iterator[Piece]:
    kind = "winners" if application.state == State.AWARDED else "dossiers"
    folder = file_name(f"{application.number} {application.organization}")
    dossiers = list(application.dossiers.order_by("version"))
    seen: set[str] = set()
    for dossier in dossiers:
        yield from _answers(dossier, folder, kind)
        yield from _attached(dossier, folder, kind, seen)
    if dossiers:
        last = dossiers[-1]
        marked = _is_marked(last.content)
        yield Piece(
            f"{_place(folder, marked)}/汇编.pdf", f"{application.organization}申报材料汇编", kind,
            lambda: compile_application(application, at=last.frozen_at), last.frozen_at.date().isoformat(),
            is_secret=marked,
        )  # fmt: skip


def _place(folder: str, is_secret: bool) -> str:
    return f"{SECRET_FOLDER}/{folder}" if is_secret else f"04申报材料/{folder}"


def _is_marked(content: dict[str, Any]) -> bool:
    parts = [*content["sections"].values(), *content["attachments"]]
    return any(one.get("is_secret") for one in parts)


def _answers(dossier: Dossier, folder: str, kind: str) -> Iterator[Piece]:
    """The frozen answers; marked sections are named where they were and lie in the folder of secrets."""
    sections = dossier.content["sections"]
    marked = {key: one for key, one in sections.items() if one.get("is_secret")}
    told = {key: {"is_secret": True} if key in marked else one for key, one in sections.items()}
    name, on = f"版本{dossier.version}/申报表.json", dossier.frozen_at.date().isoformat()
    content = dossier.content | {"sections": told}
    facts = {"version": dossier.version, "sha256": dossier.sha256, "frozen_at": dossier.frozen_at, "content": content}
    yield Piece(f"{_place(folder, False)}/{name}", f"申报表（版本{dossier.version}）", kind, plain_json(facts), on)
    if marked:
        title = f"申报表中的商业秘密部分（版本{dossier.version}）"
        yield Piece(f"{_place(folder, True)}/{name}", title, kind, plain_json(marked), on, is_secret=True)


def _attached(dossier: Dossier, folder: str, kind: str, seen: set[str]) -> Iterator[Piece]:
    """Attachments and the proof of the own publicity, each file once however many versions name it."""
    rows = [(row["file"], row["key"], bool(row.get("is_secret"))) for row in dossier.content["attachments"]]
    if proof := (dossier.content.get("self_publicity") or {}).get("proof"):
        rows.append((proof, "self_publicity", False))
    stored = {str(one.public_id): one for one in StoredFile.objects.filter(public_id__in=[row[0] for row in rows])}
    for number, (key, part, is_secret) in enumerate(rows, start=1):
        one = stored.get(key)
        if one is None or key in seen:
            continue
        seen.add(key)
        stem = Path(one.original_name).stem
        name = file_name(f"{number:02d} {part} {stem}")
        path = f"{_place(folder, is_secret)}/版本{dossier.version}/附件/{name}"
        yield _stored(path, one.original_name, kind, one, is_secret=is_secret)


def _stored(stem: str, title: str, kind: str, stored: StoredFile, *, is_secret: bool = False) -> Piece:
    on = stored.uploaded_at.date().isoformat()
    return Piece(f"{stem}.{stored.extension}", title, kind, _bytes_of(stored), on, stored.sha256, is_secret)


def _bytes_of(stored: StoredFile) -> Source:
    if not stored.key_id and stored.erased_at is None:
        return stored.content
    return lambda: open_stored(stored).read()


def _record_of(application: Application) -> Piece:
    """Steps, checklists, corrections, findings and replies of one application."""
    but = ("id", "application", "asked_by", "settled_by", "signed_by", "replied_by", "noted_by", "by", "document")

    def rows(model: type[Model]) -> list[dict[str, Any]]:
        return [row_of(one, but=but) for one in model._default_manager.filter(application=application).order_by("pk")]

    facts = {
        "number": application.number, "organization": str(application.organization), "state": application.state_label,
        "recommender": application.recommender.name if application.recommender else "",
        "steps": rows(Step), "checklists": rows(Checklist), "corrections": rows(Correction),
        "findings": rows(Finding), "replies": rows(ConsultationReply),
    }  # fmt: skip
    name = file_name(f"{application.number} {application.organization}")
    return Piece(f"05办理记录/{name}.json", f"{application.organization}办理记录", "steps", plain_json(facts))


def _reviews(round: Round) -> Iterator[Piece]:
    """Scores as reported, who went on, and each ballot's count: totals alone, no paper and no slip."""
    report = ReviewReport.objects.issued().filter(round=round).first()
    if report:
        yield Piece("06评审/综合得分表.json", "综合得分表", "reviews", plain_json(report.table))
    cuts = [
        {
            "stage": one.stage, "ceiling": one.ceiling, "decided_at": one.decided_at,
            "lines": [
                {"number": line.application.number, "passing": line.passing, "reason": line.reason,
                 "score": line.score, "rank": line.rank}
                for line in one.lines.select_related("application")
            ],
        }
        for one in CutDecision.objects.filter(round=round).order_by("pk")
    ]  # fmt: skip
    if cuts:
        yield Piece("06评审/进入下一环节的决定.json", "进入下一环节的决定", "reviews", plain_json(cuts))
    ballots = [
        {
            "meeting": one.meeting.title, "held_on": one.meeting.held_on, "tier": one.tier_name, "number": one.number,
            "state": one.get_state_display(), "seats": one.seats, "present": one.present_count, "cast": one.cast_count,
            "names": [
                {"number": name.application.number, "name": str(name.application.organization), "base": name.base,
                 "for": name.votes_for, "against": name.votes_against, "abstain": name.votes_abstain,
                 "elected": name.is_elected}
                for name in one.candidates.all()
            ],
        }
        for one in Ballot.objects.filter(meeting__round=round).with_names().select_related("meeting").order_by("pk")
        if one.state != Ballot.State.OPEN
    ]  # fmt: skip
    if ballots:
        yield Piece("06评审/表决结果.json", "表决结果（不含表决票）", "reviews", plain_json(ballots))


def _objections(round: Round) -> Iterator[Piece]:
    """The register of objections: what it was about and how it ended, nothing that leads to who objected (U14)."""
    rows = [
        {
            "number": one.number, "application": one.application.number, "state": one.get_state_display(),
            "filed_at": one.filed_at, "forwarded_at": one.forwarded_at, "reported_at": one.reported_at,
            "decided_at": one.decided_at, "told_at": one.told_at, "finding": one.get_finding_display(),
            "disqualified": one.disqualified,
        }
        for one in Objection.objects.filter(application__round=round).select_related("application").order_by("number")
    ]  # fmt: skip
    if rows:
        title = "异议登记（不含异议人信息和异议材料）"
        yield Piece("07异议/异议登记.json", title, "objections", plain_json(rows))


def _evidence(round: Round) -> Iterator[Piece]:
    """The round's chain as `verify_audit --export` reads it, its published digests, and the program that checks it."""
    links = AuditRecord.objects.filter(chain=round.chain).order_by("pk")
    lines = [as_exported(one) | {"hash": one.hash} for one in links.iterator()]
    yield Piece("08留痕/留痕.jsonl", "留痕记录", "evidence", json_lines(lines))
    digests = AuditDigest.objects.filter(chain=round.chain).order_by("day")
    rows = [{"day": one.day.isoformat(), "chain": one.chain, "seq": one.seq, "hash": one.hash} for one in digests]
    yield Piece("08留痕/公布的摘要.jsonl", "公布的摘要", "evidence", json_lines(rows))
    program = Path(verifying.__file__).read_bytes()
    yield Piece("08留痕/verifying.py", "核对程序", "evidence", program)


def row_of(row: Model, *, but: tuple[str, ...]) -> dict[str, Any]:
    """A row's own fields without the keys that name people or other rows."""
    return {one.name: one.value_from_object(row) for one in row._meta.concrete_fields if one.name not in but}


def plain_json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, default=_plain) + "\n").encode()


def _plain(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def json_lines(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(one, ensure_ascii=False, sort_keys=True) + "\n" for one in rows).encode()


def file_name(text: str) -> str:
    """A name every system can keep: nothing that divides paths, at most 60 characters."""
    return re.sub(r"[\x00-\x1f\\/:*?\"<>|\s]+", " ", text).strip(" .")[:60].strip(" .") or "无题"
