"""What the applying organisation is asked, and its answer (U14)."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from award_portal.lib import clock
from organizations.files import UploadRefused, store_upload
from organizations.once import once_only

from .. import explaining
from ..forms import ExplainForm
from ..handling import HandlingRefused
from ..models import Objection
from ..pipeline import WITH_INVESTIGATOR


@login_required
@require_GET
def explanations(request: HttpRequest) -> HttpResponse:
    """What the person's organisations were asked to explain (U14)."""
    found = Objection.objects.asked_of(request.user).select_related("application__round", "investigator")
    page = Paginator(found.order_by("answered_at", "due_at", "-asked_at"), 30).get_page(request.GET.get("page"))
    return render(request, "objections/explanations.html", {"page_obj": page, "with_investigator": WITH_INVESTIGATOR})


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def explain(request: HttpRequest, public_id) -> HttpResponse:
    """What the applying organisation is asked, and its answer; never the objection nor who filed it (U14)."""
    asked = Objection.objects.asked_of(request.user).select_related(
        "application__organization", "application__round__scheme", "application__round__edition", "investigator"
    )
    objection = get_object_or_404(asked, public_id=public_id)
    form = ExplainForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload, now = form.cleaned_data["proof"], clock.now()
        try:
            with transaction.atomic():
                proof = store_upload(upload, purpose="explanation", by=request.user, at=now) if upload else None
                explaining.explain(objection, text=form.cleaned_data["text"], proof=proof, by=request.user, at=now)
        except UploadRefused as refused:
            form.add_error("proof", refused.message)
        except HandlingRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "说明已经提交调查单位。")
            return redirect("objections:explain", public_id=public_id)
    book = objection.application.rulebook
    context = {
        "objection": objection,
        "form": form,
        "may_answer": objection.answered_at is None and objection.state in WITH_INVESTIGATOR,
        "condition": book.condition(objection.condition) if objection.condition else None,
        "ground": book.ground(book.objections.experts_allowed),
    }
    return render(request, "objections/explain.html", context, status=422 if form.errors else 200)
