"""The pool by Excel: the template, the pool in the same form, reading a list, looking at it, storing it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from award_portal.lib import clock
from awards.table_reading import ImportRefused
from documents.registers import XLSX, attachment
from organizations.files import UploadRefused
from organizations.once import once_only

from ..expert_import import discard_import, plan_import, read_experts, store_experts
from ..expert_records import roster, roster_template
from ..forms.experts import ExpertListForm
from ..models import ExpertImport
from .desk import require_office_desk

SHOWN = 200


@login_required
@never_cache
@require_GET
def expert_roster(request: HttpRequest) -> HttpResponse:
    """The pool as a list that can be imported again, or with `?empty=1` the template."""
    require_office_desk(request)
    if request.GET.get("empty"):
        return attachment(roster_template(), "专家名册模板.xlsx", XLSX)
    return attachment(roster(request.user), "专家名册.xlsx", XLSX)  # type: ignore[arg-type]


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def import_experts(request: HttpRequest) -> HttpResponse:
    """A list is chosen and read whole; what it says is looked at on a page of its own."""
    offices, user = require_office_desk(request), request.user
    form = ExpertListForm(request.POST or None, request.FILES or None)
    errors: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                listed = read_experts(offices[0].scheme_key, form.cleaned_data["file"], by=user, at=clock.now())  # type: ignore[arg-type]
            return redirect("reviews:expert_import", listed.public_id)
        except UploadRefused as refused:
            form.add_error("file", refused.message)
        except ImportRefused as refused:
            errors = refused.errors
    waiting = ExpertImport.objects.of_office(user).filter(stored_at=None).select_related("read_by")  # type: ignore[arg-type]
    context = {"form": form, "errors": errors, "waiting": waiting}
    return render(request, "reviews/experts/import.html", context, status=422 if errors else 200)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def expert_import(request: HttpRequest, import_id: uuid.UUID) -> HttpResponse:
    """Every fault of the list by row and column, and what it would add and change; stored whole, or put away."""
    user: Any = request.user
    imports = ExpertImport.objects.of_office(user).select_related("read_by")
    listed = get_object_or_404(imports, public_id=import_id)
    if listed.stored_at is not None:
        return redirect("reviews:experts")
    errors: list[str] = []
    if request.method == "POST":
        try:
            if "discard" in request.POST:
                discard_import(listed, by=user, at=clock.now())
                messages.success(request, f"已放弃“{listed.file_name}”，没有导入任何内容。")
            else:
                with transaction.atomic():
                    added, changed = store_experts(listed, by=user, at=clock.now())
                messages.success(request, f"已导入：新入库{added}人，更新{changed}人。")
            return redirect("reviews:experts")
        except ImportRefused as refused:
            errors = refused.errors
    cards = plan_import(listed, on=clock.today())
    faults = [*listed.faults, *(one for card in cards for one in card.faults)]
    context = {
        "listed": listed, "errors": errors, "faults": faults[:SHOWN], "more": max(0, len(faults) - SHOWN),
        "new": [one for one in cards if one.verdict == "new"],
        "changed": [one for one in cards if one.verdict == "changed"],
        "same": [one for one in cards if one.verdict == "same"],
        "may_store": not faults,
    }  # fmt: skip
    return render(request, "reviews/experts/import_preview.html", context, status=409 if errors else 200)
