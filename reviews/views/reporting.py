"""The review report: its table from the opinions, its narrative, and the issue."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from applications.forms.desks import add_refusals
from applications.moves import StepRefused
from award_portal.lib import clock
from awards.parameters import rulebook_for
from organizations.once import once_only

from ..forms.panels import ReportForm
from ..models import ReviewReport
from ..reporting import frozen_table, issue_report, report_blockers, save_report
from .desk import office_round


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def report(request: HttpRequest, round_id: uuid.UUID) -> HttpResponse:
    """Draft and issue; an issued report is shown as it was frozen."""
    round = office_round(request, round_id)
    book = rulebook_for(round)
    label = book.instrument("review_report")
    existing = ReviewReport.objects.filter(round=round).select_related("document").first()
    initial = {"narrative": existing.narrative, "version": existing.version} if existing else {}
    form = ReportForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            if request.POST.get("then") == "issue":
                issue_report(round, narrative=data["narrative"], by=request.user, at=clock.now())  # type: ignore[arg-type]
                messages.success(request, f"{label}已签发。")
            else:
                save_report(
                    round, narrative=data["narrative"], version=data["version"], by=request.user, at=clock.now()
                )  # type: ignore[arg-type]
                messages.success(request, "报告草稿已保存。")
            return redirect("reviews:report", round_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    issued = existing if existing and existing.issued_at else None
    context = {
        "round": round, "report": issued, "form": form, "rows": issued.table if issued else frozen_table(round),
        "stages": [book.label(one) for one in book.review_states], "blockers": report_blockers(round),
        "weights": [(book.label(one.state), one.percent) for one in book.scoring.composite.value],
        "ground": book.ground(book.scoring.composite), "label": label, "issue_label": f"签发{label}",
    }  # fmt: skip
    return render(request, "reviews/panels/report.html", context)
