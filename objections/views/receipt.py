"""What whoever holds a receipt sees of a case: how it stands, the letters, taking it back (U13)."""

from __future__ import annotations

from urllib.parse import quote

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from award_portal.lib import clock
from organizations.once import once_only

from .. import handling
from ..filing import digest_secret
from ..forms import WithdrawForm
from ..handling import HandlingRefused
from ..models import Objection
from ..outcomes import outcome_zh
from ..pipeline import OPEN


@require_http_methods(["GET", "POST"])
@once_only
def receipt(request: HttpRequest, secret: str) -> HttpResponse:
    """How an objection stands, for whoever holds its receipt; until the finding it may be taken back here."""
    objection = _of_receipt(secret)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            handling.withdraw(objection, because=form.cleaned_data["because"], at=clock.now())
        except HandlingRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "异议已经撤回。")
            return redirect("objections:receipt", secret=secret)
    context = {
        "objection": objection,
        "secret": secret,
        "form": form,
        "may_withdraw": objection.state in OPEN or form.errors,
        "outcome": outcome_zh(objection) if objection.told_at else "",
    }
    response = render(request, "objections/receipt.html", context, status=422 if form.errors else 200)
    # the secret in the address goes to no other site; "no-referrer" would rob the page's own form of its origin
    response["Referrer-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response


@require_GET
def reply_paper(request: HttpRequest, secret: str) -> HttpResponse:
    """The written answer, for whoever holds the receipt (U13)."""
    reply = _of_receipt(secret).reply
    if reply is None or not reply.is_rendered:
        raise Http404
    response = FileResponse(reply.file.open("rb"), content_type="application/pdf")
    response["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(reply.title)}.pdf"
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    return response


def _of_receipt(secret: str) -> Objection:
    found = Objection.objects.select_related(
        "application__organization", "application__round__scheme", "application__round__edition", "reply"
    )
    return get_object_or_404(found, secret_digest=digest_secret(secret))
