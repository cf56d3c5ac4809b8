"""The office's desk of tips: the list, one tip, how it was used."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from award_portal.lib import clock
from organizations.files import serve_file
from organizations.once import once_only

from .. import situations as tips
from ..casework import HandlingRefused
from ..forms import NoteForm
from ..models import SituationReport


@login_required
@require_GET
def situations(request: HttpRequest) -> HttpResponse:
    """The tips of the person's offices, those not yet used first."""
    found = SituationReport.objects.visible_to(request.user).select_related(
        "application__organization", "application__round"
    )
    page = Paginator(found.order_by("noted_at", "-filed_at"), 30).get_page(request.GET.get("page"))
    return render(request, "objections/situations.html", {"page_obj": page})


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def situation(request: HttpRequest, public_id) -> HttpResponse:
    """One tip, and what the office says of its use."""
    report = _report(request, public_id)
    form = NoteForm(request.POST or None, initial={"text": report.use})
    if request.method == "POST" and form.is_valid():
        try:
            tips.note_use(report, text=form.cleaned_data["text"], by=request.user, at=clock.now())
        except HandlingRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "办理情况已登记。")
            return redirect(report)
    return render(
        request, "objections/situation.html", {"report": report, "form": form}, status=422 if form.errors else 200
    )


@login_required
@require_POST
def situation_contact(request: HttpRequest, public_id) -> HttpResponse:
    """Open who gave the tip, as far as they said; recorded each time."""
    report = _report(request, public_id)
    known = tips.open_contact(report, by=request.user, at=clock.now())
    words = {"name": "姓名或者单位名称", "phone": "联系电话"}
    shown = [(words[key], value) for key, value in known.items()] or [("联系方式", "未留")]
    context = {"report": report, "form": NoteForm(initial={"text": report.use}), "known": shown}
    return render(request, "objections/situation.html", context)


@login_required
@require_GET
def situation_file(request: HttpRequest, public_id, file_id) -> HttpResponse:
    """A proof handed in with a tip."""
    found = _report(request, public_id).files.select_related("file")
    return serve_file(get_object_or_404(found, public_id=file_id).file)


def _report(request: HttpRequest, public_id) -> SituationReport:
    found = SituationReport.objects.visible_to(request.user).select_related(
        "application__organization", "application__round__scheme", "application__round__office", "noted_by"
    )
    return get_object_or_404(found, public_id=public_id)
