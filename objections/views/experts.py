"""Experts in an investigation: the office orders, the expert pledges, reads the register and writes (O3, U14)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from award_portal.lib import clock
from organizations.once import once_only

from ..casework import HandlingRefused
from ..expert_inquiries import give_opinion, leave_inquiry, order_inquiry, pledge_inquiry, pledge_words
from ..investigation_forms import LeaveForm, OpinionForm, OrderExpertForm, PledgeInquiryForm
from ..models import ExpertInquiry
from .cases import desk_objections
from .investigation import is_handler, keep


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def order_expert(request: HttpRequest, public_id) -> HttpResponse:
    """The office chooses among the experts who are free of interest in both sides (U14)."""
    objection = get_object_or_404(desk_objections(request), public_id=public_id)
    book = objection.application.rulebook
    allowed = book.objections.experts_allowed.value and objection.handler is None  # U14: the office orders them
    if not is_handler(request, objection) or not allowed:
        raise Http404
    form = OrderExpertForm(request.POST or None, case=objection)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            order_inquiry(
                objection, expert=form.experts[data["expert"]], task=data["task"], due_on=data["due_on"],
                by=request.user, at=clock.now(),  # type: ignore[arg-type]
            )  # fmt: skip
        except HandlingRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "已选派专家并通知本人。")
            return redirect("objections:case", public_id=public_id)
    context = {"objection": objection, "form": form, "ground": book.ground(book.objections.experts_allowed)}
    return render(request, "objections/order_expert.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def expert_inquiries(request: HttpRequest) -> HttpResponse:
    """What this expert was asked to look into."""
    found = ExpertInquiry.objects.of_expert(request.user).select_related(  # type: ignore[arg-type]
        "objection__application__round", "objection__application__organization"
    )
    rows = found.order_by("opinion_at", "due_at")[:100]
    return render(request, "objections/expert_inquiries.html", {"rows": rows})


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def expert_inquiry(request: HttpRequest, public_id) -> HttpResponse:
    """One inquiry of the expert's own: the pledge first, then the register and the opinion; never the objection."""
    user: Any = request.user
    own = ExpertInquiry.objects.of_expert(user).filter(left_at=None).select_related(
        "expert__user", "objection__application__organization", "objection__application__round__scheme",
        "objection__application__round__edition", "objection__application__round__office", "objection__handler",
    )  # fmt: skip
    inquiry = get_object_or_404(own, public_id=public_id)
    step = request.POST.get("step", "")
    kinds: dict[str, Any] = {"pledge": PledgeInquiryForm, "opinion": OpinionForm, "leave": LeaveForm}
    forms = {key: one(request.POST, request.FILES) if key == step else one() for key, one in kinds.items()}
    if request.method == "POST" and step in forms and forms[step].is_valid():
        try:
            with transaction.atomic():
                _take(inquiry, step, forms[step].cleaned_data, user)
        except HandlingRefused as refused:
            forms[step].add_error(None, str(refused))
        else:
            messages.success(request, "已办理。")
            return redirect("objections:expert_inquiries" if step == "leave" else inquiry)
    status = 422 if any(one.errors for one in forms.values()) else 200
    objection = inquiry.objection
    context = {
        "inquiry": inquiry, "objection": objection, "forms": forms,
        "words": inquiry.pledge_text or pledge_words(inquiry),
        "evidence": list(objection.evidence_items.select_related("file")) if inquiry.pledged_at else [],
        "is_open": objection.decided_at is None,
    }  # fmt: skip
    return render(request, "objections/expert_inquiry.html", context, status=status)


def _take(inquiry: ExpertInquiry, step: str, data: dict[str, Any], user: Any) -> None:
    now = clock.now()
    if step == "pledge":
        pledge_inquiry(inquiry, signed_name=data["signed_name"], by=user, at=now)
    elif step == "opinion":
        files = keep([data["file"]] if data["file"] else [], purpose="objection_opinion", by=user, at=now)
        give_opinion(inquiry, text=data["text"], file=files[0] if files else None, by=user, at=now)
    else:
        leave_inquiry(inquiry, because=data["because"], by=user, at=now)
