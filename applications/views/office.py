"""The office's own pages up to the acceptance list: 待办, the qualification desk, 收件登记, disqualification."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from award_portal.lib import clock
from awards.calendars import running_out
from documents.registers import register_response
from organizations.once import once_only

from ..forms.desks import DisqualifyForm, add_refusals
from ..holding import held_for_office
from ..models import Application
from ..moves import StepRefused, blockers
from ..office_desk import (
    intake_rows,
    office_applications,
    office_due,
    queue_rows,
    stage_counts,
)
from ..pipeline import State
from ..qualifying import disqualify
from ..registers import intake_register, queue_register
from .recommender import publicity_url, queue_page, require_unit

MINE = (State.QUALIFICATION, State.ACCEPTANCE_PUBLICITY, State.CORRECTION)


@login_required
@never_cache
@require_GET
def office(request: HttpRequest) -> HttpResponse:
    """待办: what is due, nearest first, and how many stand at each stage."""
    require_unit(request, "office")
    counts = stage_counts(request.user)  # type: ignore[arg-type]
    context = {
        "due": office_due(request.user, at=clock.now()),  # type: ignore[arg-type]
        "counts": [one for one in counts if not one.ended],
        "ended": [one for one in counts if one.ended],
        "held": held_for_office(request.user),  # type: ignore[arg-type]
        "publicity_url": publicity_url(),
        "calendar_warning": running_out(clock.today()),
    }
    return render(request, "applications/desks/office.html", context)


@login_required
@never_cache
@require_GET
def qualification_desk(request: HttpRequest) -> HttpResponse:
    require_unit(request, "office")
    return queue_page(
        request, office_applications(request.user), states=MINE,  # type: ignore[arg-type]
        template="applications/desks/qualification_desk.html", extra={"publicity_url": publicity_url()},
    )  # fmt: skip


@login_required
@never_cache
@require_GET
def office_export(request: HttpRequest) -> HttpResponse:
    """Every submitted application of the office's rounds, as a workbook."""
    require_unit(request, "office")
    now = clock.now()
    rows = queue_rows(office_applications(request.user).order_by("number", "pk"), at=now)  # type: ignore[arg-type]
    return register_response(queue_register(rows, title="申报一览表"), request.GET.get("format", ""), at=now)


@login_required
@never_cache
@require_GET
def intake(request: HttpRequest) -> HttpResponse:
    """收件登记: what the recommenders sent, in order of receipt."""
    require_unit(request, "office")
    rows = intake_rows(request.user)  # type: ignore[arg-type]
    if wanted := request.GET.get("format"):
        return register_response(intake_register(rows), wanted, at=clock.now())
    return render(request, "applications/desks/intake.html", {"rows": rows})


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def disqualify_application(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Out of the round on a prohibitive condition, with ground and article (U13)."""
    application = get_object_or_404(Application.objects.of_office(request.user).with_names(), public_id=public_id)  # type: ignore[arg-type]
    form = DisqualifyForm(request.POST or None, application=application)
    now = clock.now()
    found = []
    if not application.is_active:
        found = blockers(application, "disqualify", by=request.user, at=now)  # type: ignore[arg-type]
    if request.method == "POST" and form.is_valid():
        try:
            disqualify(application, **form.cleaned_data, by=request.user, at=now)  # type: ignore[arg-type]
            messages.success(request, f"已取消{application.organization}的参评资格，告知书已发出。")
            return redirect("applications:examine", application.public_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    context = {"application": application, "form": form, "blockers": found, "submit_label": "取消参评资格"}
    return render(request, "applications/desks/disqualify.html", context)
