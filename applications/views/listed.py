"""Comparing the applicant with lines of the credit lists that carry nearly its name: a person decides each (U11.3)."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from award_portal.lib import clock
from organizations.once import once_only

from ..desk_rules import may_examine
from ..forms.desks import add_refusals
from ..forms.listed import SAME, MatchForm
from ..moves import StepRefused
from ..settling import decide_listed, matches_of
from .examining import desk_application, stage_shown


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def listed_matches(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Every line that may be the applicant, what stands in it, and the decision on it."""
    application, now, user = desk_application(request, public_id), clock.now(), request.user
    stage = stage_shown(application, user)
    found = matches_of(application, at=now)
    chosen = next((one for one in found if str(one.line.pk) == request.POST.get("line")), None)
    forms = {one.line.pk: MatchForm(prefix=f"line-{one.line.pk}") for one in found}
    status = 200
    if request.method == "POST":
        if chosen is None:
            # the list was imported anew meanwhile: the page shows what stands in it now
            messages.error(request, "该条记录已不在比对范围内，名单可能已重新导入，请重新判定。")
            return redirect("applications:listed_matches", public_id)
        form = MatchForm(request.POST, prefix=f"line-{chosen.line.pk}")
        forms[chosen.line.pk] = form
        status = 422
        if form.is_valid():
            data: dict[str, Any] = form.cleaned_data
            try:
                decide_listed(
                    application, chosen.line, stage=stage, is_same=data["verdict"] == SAME, reason=data["reason"],
                    by=user, at=now,  # type: ignore[arg-type]
                )  # fmt: skip
                messages.success(request, "判定已记录，系统核查已按判定更新。")
                return redirect("applications:listed_matches", public_id)
            except StepRefused as refused:
                add_refusals(form, refused)
    context = {
        "application": application,
        "stage_label": application.rulebook.label(stage),
        "rows": [(one, forms[one.line.pk]) for one in found],
        "form": forms[chosen.line.pk] if chosen else None,
        "active": application.state == stage and may_examine(user, application, stage),  # type: ignore[arg-type]
        "finding": application.findings.filter(stage=stage, check_name="listed").first(),
    }
    return render(request, "applications/desks/listed_matches.html", context, status=status)
