"""The office's page of 经费指标分配: the sums by the rulebook, to print, to work with, or issued for finance."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from award_portal.lib import clock
from awards.parameters import rulebook_for
from documents.models import IssuedDocument
from documents.registers import register_response
from organizations.once import once_only

from ..allocating import (
    AllocationRefused,
    allocation_register,
    allocation_rows,
    issue_allocation,
    rounds_to_allocate,
    total_of,
)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def allocation(request: HttpRequest, round_id: uuid.UUID) -> HttpResponse:
    """Each winner with its sum or the reason there is none; the office issues the table after the approval."""
    user: Any = request.user
    round = get_object_or_404(rounds_to_allocate(user), public_id=round_id)
    rows, book, refused = allocation_rows(round), rulebook_for(round), ""
    if wanted := request.GET.get("format"):
        return register_response(allocation_register(round, rows), wanted, at=clock.now())
    if request.method == "POST":
        try:
            issue_allocation(round, by=user, at=clock.now())
            messages.success(request, "分配表已出具。")
            return redirect("supervision:allocation", round_id)
        except AllocationRefused as stopped:
            refused = str(stopped)
    issued = IssuedDocument.objects.filter(chain=round.chain, kind="bonus_allocation").order_by("-pk")
    context = {
        "round": round, "rows": rows, "total": total_of(rows), "issued": issued, "refused": refused,
        "paper": book.instrument("bonus_allocation") if book.has_instrument("bonus_allocation") else "",
    }  # fmt: skip
    return render(request, "supervision/allocation.html", context, status=409 if refused else 200)
