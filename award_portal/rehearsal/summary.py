"""What a played round came to, as plain values for the JSON file and as a table for people."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from applications.models import Application, Step
from awards.models import Award, Round
from awards.rulebook import Rulebook
from documents.models import IssuedDocument
from objections.models import Objection, SituationReport
from organizations.auditing import verify_database
from organizations.models import AuditRecord
from publicity.models import Notice
from reviews import review_notices
from reviews.models import Panel
from supervision.models import BonusPayment, BonusUse, SpotCheck, SupervisionAdvice, YearlyReport

from .invariants import UNSUBMITTED, days_in


def summarize(round: Round, *, elapsed_s: float, refused_next_time: str = "") -> dict[str, Any]:
    """The round as JSON values; `notices` end on their last day, inclusive.

    `refused_next_time`: what somebody under a ban was told at the door of the next round.
    """
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
        "objections": objections_of(round),
        "late_objections": [
            {"used": one.noted_at is not None}
            for one in SituationReport.objects.filter(application__round=round).order_by("number")
        ],
        "panels": panels_of(round),
        "review_notices": IssuedDocument.objects.filter(chain=round.chain, kind=review_notices.KIND).count(),
        "spot_checks": SpotCheck.objects.filter(round=round).exclude(closed_at=None).count(),
        "advice_answered": SupervisionAdvice.objects.filter(round=round).exclude(answered_at=None).count(),
        "list_changes": Notice.objects.filter(round=round, kind=Notice.Kind.LIST_CHANGE).count(),
        "awards": [
            {"tier": one.tier, "outside_quota": one.outside_quota, "person": one.code.startswith("P")}
            for one in Award.objects.filter(round=round).order_by("certificate_number")
        ],
        "afterwards": afterwards(round) | {"refused_next_time": refused_next_time},
        "steps": Step.objects.filter(application__round=round).count(),
        "documents": [
            {"number": one.number, "title": one.title, "pages": one.pages, "sha256": one.sha256}
            for one in IssuedDocument.objects.filter(chain=round.chain).order_by("number")
        ],
        "audit": {"records": verdict.records, "verified": verdict.verified},
        "elapsed_s": round_seconds(elapsed_s),
    }


def objections_of(round: Round) -> list[dict[str, Any]]:
    """Each objection by how it came and went: completed, joined, merged, overdue, what followed, who was told."""
    overdue = Counter(
        AuditRecord.objects.filter(chain=round.chain, verb="objection.overdue").values_list("subject", flat=True)
    )
    cases = Objection.objects.filter(application__round=round).select_related("application")
    return [
        {
            "outcome": one.finding or one.state,
            "completed": one.completed_at is not None,
            "joined": one.joined.count(),
            "merged": one.lead_id is not None,
            "escalated": overdue[one.hold_source],
            "extended": one.extensions.count(),
            "expert_opinions": one.expert_inquiries.exclude(opinion_at=None).count(),
            "followed": {each.kind: each.result for each in one.outcomes.order_by("pk")},
            "objector_told": one.told_at is not None,
            "recommender_told": one.recommender_told_at is not None or one.application.recommender_id is None,
        }
        for one in cases.order_by("number")
    ]


def panels_of(round: Round) -> list[dict[str, Any]]:
    """Each panel with its stage, its group where the stage was divided, its members and what it judged."""
    return [
        {
            "stage": one.stage,
            "group": one.group_name,
            "members": one.members.filter(left_at=None).count(),
            "judged": one.assignments.values("application").distinct().count(),
        }
        for one in Panel.objects.filter(round=round).select_related("group").order_by("pk")
    ]


def afterwards(round: Round) -> dict[str, Any]:
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
    lines += [f"  {text}" for text in _special(summary)]
    lines.append(f"监督：抽查{summary['spot_checks']}次，监督建议答复{summary['advice_answered']}件")
    tiers = Counter(one["tier"] for one in summary["awards"])
    lines.append("获奖：" + ("、".join(f"{book.tier(tier).name}{count}个" for tier, count in tiers.items()) or "空缺"))
    refused = summary["afterwards"]["refused_next_time"]
    lines += [f"再次申报：{refused}"] if refused else []
    audit = "核对相符" if summary["audit"]["verified"] else "核对不符"
    lines.append(
        f"步骤{summary['steps']}个，公文{len(summary['documents'])}份，留痕{summary['audit']['records']}条（{audit}），"
        f"用时{summary['elapsed_s']}秒"
    )
    return "\n".join(lines)


def _special(summary: dict[str, Any]) -> list[str]:
    """What the objections met with on their way, with how many of them did."""
    cases = summary["objections"]
    counts = (
        ("补正后受理", sum(one["completed"] for one in cases)),
        ("同一异议人补充", sum(one["joined"] for one in cases)),
        ("并案办理", sum(one["merged"] for one in cases)),
        ("延长办理期限", sum(one["extended"] for one in cases)),
        ("专家调查", sum(one["expert_opinions"] for one in cases)),
        ("逾期上报", sum(one["escalated"] for one in cases)),
        ("取消参评资格", sum("disqualified" in one["followed"] for one in cases)),
        ("提请取消授奖资格", sum("cancellation" in one["followed"] for one in cases)),
        ("名单变更公告", summary["list_changes"]),
        ("逾期提出作为情况反映", len(summary["late_objections"])),
    )
    return [f"{name}{count}件" for name, count in counts if count]


def _outcome(state: str, book: Rulebook) -> str:
    return "逾期未提交" if state in UNSUBMITTED else book.label(state)
