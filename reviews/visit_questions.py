"""Where the 问题清单 of a visit comes from: what the earlier stages left open about the applicant (U11.7)."""

from __future__ import annotations

from datetime import datetime

from organizations.models import User

from .models import PanelOpinion, Visit, VisitQuestion
from .pointers import without_evidence
from .review_papers import opinion_title


def ask_from_documents(visit: Visit, *, by: User, at: datetime) -> None:
    """What the earlier stages leave open becomes the 问题清单: room to improve, scores apart, no evidence.

    One line for each item and reason; the opinions are concluded, so every sheet is in.
    """
    opinions = PanelOpinion.objects.filter(application=visit.application).exclude(stage=visit.panel.stage)
    asked: dict[tuple[str, str], dict[str, None]] = {}
    for opinion in opinions.select_related("document", "panel__round").order_by("pk"):
        for line in opinion.document.content.get("improvements", []):
            item, _, words = str(line).partition("：")
            asked.setdefault((opinion_title(opinion.panel), item), {})[words] = None
        for one in opinion.discrepancies:
            doubt = "各专家评分相差较大，请查验支持该项的原始记录和数据"
            asked.setdefault((f"{opinion.panel.stage_label}评分差异", one["title"]), {})[doubt] = None
        if bare := without_evidence(visit.application, opinion.stage):
            text = f"评分时没有注明依据材料，请现场查验原始记录：{bare}"
            asked.setdefault((f"{opinion.panel.stage_label}证据存疑", ""), {})[text] = None
    VisitQuestion.objects.bulk_create(
        VisitQuestion(
            visit=visit, item=item[:80], source=label[:40], question="；".join(words)[:1000], put_at=at,
            put_by=by,
        )
        for (label, item), words in asked.items()
    )  # fmt: skip
