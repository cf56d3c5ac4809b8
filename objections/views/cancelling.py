"""What the leading body decided on a proposed winner an objection was upheld on, entered by the office (B16)."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from applications.forms.desks import add_refusals
from applications.moves import StepRefused
from award_portal.lib import clock
from organizations.once import once_only
from reviews.forms.body_decisions import BodyDecisionForm
from reviews.meetings import electorate_of

from ..cancelling import record_cancellation
from ..casework import HandlingRefused
from ..models import Outcome
from .investigation import keep


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def cancellation(request: HttpRequest, public_id) -> HttpResponse:
    """The decision as it was held: hands, reasons, the signed record; it is carried out at once (B16)."""
    asked = Outcome.objects.of_office(request.user).filter(kind=Outcome.Kind.CANCELLATION).select_related(  # type: ignore[arg-type]
        "objection__application__round__scheme", "objection__application__round__edition",
        "objection__application__round__office", "objection__application__organization", "document", "decision",
    )  # fmt: skip
    outcome = get_object_or_404(asked, public_id=public_id)
    form = BodyDecisionForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        now = clock.now()
        try:
            with transaction.atomic():
                (proof,) = keep([form.cleaned_data["proof"]], purpose="body_decision", by=request.user, at=now)  # type: ignore[arg-type]
                decision = record_cancellation(
                    outcome, held=form.held, ground=form.cleaned_data["ground"], proof=proof,
                    by=request.user, at=now,  # type: ignore[arg-type]
                )  # fmt: skip
        except StepRefused as refused:
            add_refusals(form, refused)
        except HandlingRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "已登记决定。" + ("该名称已移出名单。" if decision.is_carried else ""))
            return redirect("objections:case", public_id=outcome.objection.public_id)
    book = outcome.objection.application.rulebook
    context = {
        "outcome": outcome, "objection": outcome.objection, "form": form, "decision": book.decision,
        "ground": book.ground(book.decision.majority), "body": book.bodies.leading_body,
        "electorate": len(electorate_of(outcome.objection.application.round)),
    }  # fmt: skip
    return render(request, "objections/cancellation.html", context, status=422 if form.errors else 200)
