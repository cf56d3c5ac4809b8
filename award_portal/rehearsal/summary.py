"""What a played round came to, as plain values for the JSON file and as a table for people."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from applications.models import Application, Step
from awards.models import Award, Round
from awards.rulebook import Rulebook
from documents.models import IssuedDocument
from objections.models import Objection
from organizations.auditing import verify_database
from publicity.models import Notice
from supervision.models import BonusPayment, BonusUse, YearlyReport

from .invariants import UNSUBMITTED, days_in


def summarize(round: Round, *, elapsed_s: float) -> dict[str, Any]:
    """The round as JSON values; `notices` end on their last day, inclusive."""
    states = Application.objects.filter(round=round).values_list("state", flat=True)
    verdict = verify_database()
    return {
        "scheme": round.scheme.key,
        "edition": {"key": round.edition.edition, "sha256": round.edition.sha256},
        "applicants": len(states),
        "outcomes": dict(sorted(Counter(states).items())),
        "notices": [
            {
                "kind": one.kind,
                "starts_on": one.starts_on.isoformat(),
                "ends_on": one.last_on.isoformat(),
                "days": days_in(one),
            }
            for one in Notice.objects.windows().filter(round=round).order_by("published_at", "pk")
        ],
        "objections": [
            {"outcome": one.finding or one.state}
            for one in Objection.objects.filter(application__round=round).order_by("number")
        ],
        "awards": [
            {"tier": one.tier, "outside_quota": one.outside_quota, "person": one.code.startswith("P")}
            for one in Award.objects.filter(round=round).order_by("certificate_number")
        ],
        "afterwards": afterwards(round),
        "steps": Step.objects.filter(application__round=round).count(),
        "documents": [
            {"number": one.number, "title": one.title, "pages": one.pages, "sha256": one.sha256}
            for one in IssuedDocument.objects.filter(chain=round.chain).order_by("number")
        ],
        "audit": {"records": verdict.records, "verified": verdict.verified},
        "elapsed_s": round_seconds(elapsed_s),
    }


def afterwards(round: Round) -> dict[str, int]:
    """What became of the honours: how many were paid, accounted for, reported in time, and were late."""
    reports = YearlyReport.objects.filter(award__round=round)
    return {
        "paid": BonusPayment.objects.standing().filter(award__round=round).count(),
        "accounted": BonusUse.objects.filter(award__round=round, kind="report", state="accepted").count(),
        "reported": reports.exclude(first_filed_at=None).count(),
        "late": reports.exclude(late_at=None).count(),
    }


def round_seconds(seconds: float) -> float:
    return float(f"{seconds:.1f}")


def save_documents(round: Round, folder: Path) -> int:
    """Every paper of the round as a PDF named by its number and title; how many."""
    folder.mkdir(parents=True, exist_ok=True)
    papers = IssuedDocument.objects.filter(chain=round.chain).order_by("number")
    for one in papers:
        with one.file.open("rb") as file:
            name = f"{one.number} {one.title}".replace("/", "／")[:80]
            (folder / f"{name}.pdf").write_bytes(file.read())
    return len(papers)


def closing_table(summary: dict[str, Any], book: Rulebook) -> str:
    """The summary as a person reads it at the end of a rehearsal."""
    lines = [f"申报{summary['applicants']}个，结果："]
    lines += [f"  {_outcome(state, book):　<12}{count:>4}" for state, count in summary["outcomes"].items()]
    lines.append("公示：")
    for one in summary["notices"]:
        unit = "个工作日" if book.publicity(one["kind"]).day_kind.value == "working" else "个自然日"
        lines.append(f"  {book.label(one['kind']):　<12}{one['starts_on']} 至 {one['ends_on']}，{one['days']}{unit}")
    findings = dict(Objection.Finding.choices)
    told = Counter(findings.get(one["outcome"], one["outcome"]) for one in summary["objections"])
    lines.append("异议：" + ("、".join(f"{name}{count}件" for name, count in told.items()) or "无"))
    tiers = Counter(one["tier"] for one in summary["awards"])
    lines.append("获奖：" + ("、".join(f"{book.tier(tier).name}{count}个" for tier, count in tiers.items()) or "空缺"))
    audit = "核对相符" if summary["audit"]["verified"] else "核对不符"
    lines.append(
        f"步骤{summary['steps']}个，公文{len(summary['documents'])}份，留痕{summary['audit']['records']}条（{audit}），"
        f"用时{summary['elapsed_s']}秒"
    )
    return "\n".join(lines)


def _outcome(state: str, book: Rulebook) -> str:
    return "逾期未提交" if state in UNSUBMITTED else book.label(state)
