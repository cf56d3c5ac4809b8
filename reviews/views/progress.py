"""The office's view of how far the readers are, with the reminder, and the sheets experts wish to have back."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from applications.forms.desks import add_refusals
from applications.moves import StepRefused
from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from organizations.once import once_only

from ..forms.consensus import AskReopeningForm, DecideReopeningForm
from ..models import SheetReopening
from ..progress import open_reopenings, progress_counts, progress_rows, remind_readers
from ..reopening import ask_reopening as ask_for_it
from ..reopening import decide_reopening as decide_on_it
from .desk import office_panel
from .scoring import own_assignment


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def progress(request: HttpRequest, panel_id: uuid.UUID) -> HttpResponse:
    """Application by reader: begun, submitted, overdue; POST reminds whoever has not submitted."""
    panel = office_panel(request, panel_id)
    if request.method == "POST":
        try:
            told = remind_readers(panel, by=request.user, at=clock.now())  # type: ignore[arg-type]
            messages.success(request, f"已提醒{told}名专家。")
        except StepRefused as refused:
            messages.warning(request, str(refused))
        return redirect("reviews:progress", panel_id)
    rows = progress_rows(panel)
    context = {
        "panel": panel, "rows": rows, "counts": progress_counts(rows), "asked": open_reopenings(panel),
        "most": range(1, 1 + max((len(row.cells) for row in rows), default=0)),
        "is_out": any(not row.is_complete for row in rows), "is_overdue": clock.today() > panel.due_on,
    }  # fmt: skip
    return render(request, "reviews/panels/progress.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def ask_reopening(request: HttpRequest, assignment_id: uuid.UUID) -> HttpResponse:
    """The expert asks in writing for the own submitted sheet."""
    assignment = own_assignment(request, assignment_id)
    form = AskReopeningForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            ask_for_it(assignment, by=request.user, at=clock.now(), **form.cleaned_data)  # type: ignore[arg-type]
            messages.success(request, "申请已提交办公室。")
            return redirect("reviews:sheet", assignment_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    book = rulebook_for(assignment.panel.round)
    context = {
        "form": form, "assignment": assignment, "submit_label": "提交申请",
        "cite": book.ground(book.stage(assignment.panel.stage)),
    }  # fmt: skip
    return render(request, "reviews/panels/ask_reopening.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def decide_reopening(request: HttpRequest, reopening_id: uuid.UUID) -> HttpResponse:
    """The office decides, with its reasons, whether a sheet goes back."""
    user: Any = request.user
    ours = SheetReopening.objects.filter(assignment__panel__round__in=Round.objects.visible_to(user)).select_related(
        "assignment__expert__user", "assignment__application__organization", "assignment__panel__round__scheme",
        "assignment__panel__round__edition", "assignment__panel__round__office",
    )  # fmt: skip
    asked = get_object_or_404(ours, public_id=reopening_id)
    form = DecideReopeningForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            decide_on_it(asked, grant=data["grant"] == "yes", ground=data["ground"], by=user, at=clock.now())
            messages.success(request, "已决定，已通知专家。")
            return redirect("reviews:progress", asked.assignment.panel.public_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    context = {"form": form, "asked": asked, "panel": asked.assignment.panel, "submit_label": "作出决定"}
    return render(request, "reviews/panels/decide_reopening.html", context)
