"""What the applying organisation is asked, and its answers (U14)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from award_portal.lib import clock
from organizations.once import once_only

from .. import explaining
from ..casework import HandlingRefused
from ..investigation_forms import ExplainForm
from ..models import Question
from .investigation import keep


@login_required
@require_GET
def explanations(request: HttpRequest) -> HttpResponse:
    """What the person's organisations were asked to explain (U14)."""
    found = Question.objects.asked_of(request.user).with_case()  # type: ignore[arg-type]
    page = Paginator(found.order_by("answered_at", "due_at", "-asked_at"), 30).get_page(request.GET.get("page"))
    return render(request, "objections/explanations.html", {"page_obj": page})


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def explain(request: HttpRequest, public_id) -> HttpResponse:
    """What the applying organisation is asked, and its answer; never the objection nor who filed it (U14)."""
    user: Any = request.user
    asked = Question.objects.asked_of(user).with_case().prefetch_related("files__file")
    question = get_object_or_404(asked, public_id=public_id)
    form = ExplainForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        now = clock.now()
        try:
            with transaction.atomic():
                proofs = keep(form.cleaned_data["proofs"], purpose="explanation", by=user, at=now)
                explaining.explain(question, text=form.cleaned_data["text"], proofs=proofs, by=user, at=now)
        except HandlingRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "说明已经提交调查单位。")
            return redirect("objections:explain", public_id=public_id)
    objection = question.objection
    book = objection.application.rulebook
    context = {
        "question": question,
        "objection": objection,
        "form": form,
        "condition": book.condition(objection.condition) if objection.condition else None,
        "ground": book.ground(book.objections.experts_allowed),
    }
    return render(request, "objections/explain.html", context, status=422 if form.errors else 200)
