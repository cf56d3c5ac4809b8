"""廉洁反馈表 at its pages: the applicant files it, the supervising unit reads it, and nobody else."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from applications.forms.desks import add_refusals
from applications.models import Application
from applications.moves import StepRefused
from award_portal.lib import clock
from organizations.models import Unit
from organizations.once import once_only

from ..forms.visits import FeedbackForm
from ..integrity import file_feedback, may_be_filed, opened, read_feedback
from ..models import IntegrityFeedback


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def integrity_form(request: HttpRequest, public_id: uuid.UUID, stage: str) -> HttpResponse:
    """The applicant's form about those who came, once a stage; filed, it shows what was filed."""
    user: Any = request.user
    application = get_object_or_404(
        Application.objects.of_applicant(user).submitted().with_names(), public_id=public_id
    )
    filed = IntegrityFeedback.objects.filter(application=application, stage=stage).first()
    if filed is None and not may_be_filed(application, stage, clock.now()):
        raise Http404
    form = FeedbackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            file_feedback(
                application, stage=stage, answers=form.answers, text=form.cleaned_data["text"], by=user, at=clock.now()
            )
            messages.success(request, "廉洁反馈表已直接送达纪检监察机构。")
            return redirect("reviews:integrity_form", public_id, stage)
        except StepRefused as refused:
            add_refusals(form, refused)
    book = application.rulebook
    context = {
        "application": application, "label": book.label(stage), "form": form, "filed": filed,
        "told": opened(filed) if filed else None, "ground": book.discipline_ground,
    }  # fmt: skip
    return render(request, "reviews/visits/integrity_form.html", context)


@login_required
@never_cache
@require_GET
def integrity_list(request: HttpRequest) -> HttpResponse:
    """The supervising unit's list of the forms filed."""
    user: Any = request.user
    if not Unit.objects.of_user(user).of_kind("supervisor").exists():
        raise Http404
    rows = IntegrityFeedback.objects.of_supervisor(user).select_related(
        "application__organization", "application__round__scheme", "application__round__edition"
    )
    return render(request, "reviews/visits/integrity_list.html", {"rows": rows})


@login_required
@never_cache
@require_GET
def integrity_feedback(request: HttpRequest, feedback_id: uuid.UUID) -> HttpResponse:
    """One form, opened for the supervising unit; the first opening is on record."""
    user: Any = request.user
    row = get_object_or_404(
        IntegrityFeedback.objects.of_supervisor(user).select_related(
            "application__organization", "application__round__scheme", "application__round__edition"
        ),
        public_id=feedback_id,
    )
    told = read_feedback(row, by=user, at=clock.now())
    label = row.application.rulebook.label(row.stage)
    return render(request, "reviews/visits/integrity_feedback.html", {"row": row, "told": told, "label": label})
