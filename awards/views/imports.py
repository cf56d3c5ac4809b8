"""The office imports earlier winners and credit lists, which machine checks read (R6, U11.3)."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from award_portal.lib import clock
from awards import listed_import, register_import
from awards.forms.imports import AwardsFileForm, ListedFileForm, RegisterForm
from awards.models import Award, ListedEntity, RegisterImport, Scheme
from awards.preparing import offices_of
from awards.register_import import compare
from awards.register_template import register_template
from awards.table_reading import ImportRefused
from organizations.files import UploadRefused
from organizations.once import once_only

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _schemes_of(request: HttpRequest):
    keys = list(offices_of(request.user).values_list("scheme_key", flat=True))
    if not keys:
        raise PermissionDenied("名录由办公室导入，您不在办公室任职。")
    return Scheme.objects.filter(key__in=keys)


@login_required
@require_GET
def imports(request: HttpRequest) -> HttpResponse:
    """What was imported so far, by list, and what was read and still waits to be looked at."""
    schemes = _schemes_of(request)
    labels = dict(ListedEntity.List.choices)
    awards = Award.objects.filter(scheme__in=schemes).exclude(imported_from="").order_by()
    listed = ListedEntity.objects.filter(scheme__in=schemes).values("scheme__name", "listing", "source__original_name")
    removed = Count("pk", filter=Q(removed_on__lte=clock.today()))
    context = {
        "schemes": schemes,
        "waiting": RegisterImport.objects.filter(scheme__in=schemes).waiting().select_related("scheme", "read_by"),
        "awards": awards.values("scheme__name", "imported_from").annotate(rows=Count("pk"), until=Max("year")),
        "listed": [
            {**one, "label": labels[one["listing"]]}
            for one in listed.annotate(rows=Count("pk"), removed=removed, imported_at=Max("imported_at")).order_by(
                "scheme__name", "listing"
            )
        ],
    }
    return render(request, "awards/imports.html", context)


@login_required
@require_GET
def awards_template(request: HttpRequest, scheme: str) -> HttpResponse:
    """The workbook to fill in with earlier winners."""
    keys = offices_of(request.user).values_list("scheme_key", flat=True)  # type: ignore[arg-type]
    own = get_object_or_404(Scheme, key=scheme, key__in=list(keys))
    try:
        content = register_template(register_import.book_of(own))
    except ImportRefused as refused:
        messages.error(request, str(refused))
        return redirect("awards:imports")
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote('历届获奖名录模板.xlsx')}"
    return response


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def import_awards(request: HttpRequest) -> HttpResponse:
    """Earlier winners of a scheme, from its own lists: read whole, then looked at on a page of their own."""
    schemes = _schemes_of(request)
    form = AwardsFileForm(request.POST or None, request.FILES or None, schemes=schemes)
    errors: list[str] = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            with transaction.atomic():
                register = register_import.read_register(
                    data["scheme"],
                    data["file"],
                    by=request.user,
                    at=clock.now(),  # type: ignore[arg-type]
                )
        except UploadRefused as refused:
            form.add_error("file", refused.message)
        except ImportRefused as refused:
            errors = refused.errors
        else:
            return redirect("awards:register_import", register.public_id)
    return _answer(request, form, errors, title="导入历届获奖名录", submit="检查并预览", templates=schemes)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def register_preview(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The rows read beside the ledger: what is new, what is known, what is nearly known; and their storing."""
    user: Any = request.user
    registers = RegisterImport.objects.visible_to(user).select_related("scheme", "read_by", "stored_by")
    register = get_object_or_404(registers, public_id=public_id)
    errors: list[str] = []
    if register.stored_at is not None:
        return redirect("awards:imports")
    if request.method == "POST" and "discard" in request.POST:
        register_import.discard_register(register, by=user, at=clock.now())
        messages.success(request, f"已放弃“{register.file_name}”，没有导入任何内容。")
        return redirect("awards:imports")
    rows = compare(register)
    form = RegisterForm(request.POST if request.method == "POST" else None, register=register, rows=rows)
    if request.method == "POST" and form.is_valid():
        try:
            count = register_import.store_register(
                register, tiers=form.tiers, left_out=form.left_out, bans=form.bans, by=user, at=clock.now()
            )
        except ImportRefused as refused:
            errors = refused.errors
        else:
            messages.success(request, f"已导入{count}条获奖记录，台账中已有的未重复导入。")
            return redirect("awards:imports")
    context = {
        "register": register,
        "rows": rows,
        "form": form,
        "errors": errors,
        "new": [one for one in rows if one.verdict == "new"],
        "known": [one for one in rows if one.verdict == "known"],
        "near": form.near_fields,
    }
    return render(request, "awards/register_preview.html", context, status=422 if form.errors or errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def import_listed(request: HttpRequest) -> HttpResponse:
    """经营异常名录 or 严重违法失信企业名单: the newer file replaces the older list."""
    form = ListedFileForm(request.POST or None, request.FILES or None, schemes=_schemes_of(request))
    errors: list[str] = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            with transaction.atomic():
                done = listed_import.import_listed(
                    data["scheme"], data["file"], listing=data["listing"], by=request.user, at=clock.now()
                )
        except UploadRefused as refused:
            form.add_error("file", refused.message)
        except ImportRefused as refused:
            errors = refused.errors
        else:
            messages.success(request, _told(done))
            for text in done.warnings[:20]:
                messages.warning(request, f"{text}。")
            return redirect("awards:imports")
    return _answer(request, form, errors, title="导入失信名录", submit="检查并导入")


def _told(done: listed_import.ListedImport) -> str:
    text = f"已导入{done.count}条，原名单已替换。"
    if done.removed:
        text += f"其中{done.removed}条已移出，不再作为列入。"
    if done.skipped:
        text += f"另有{len(done.skipped)}行是标题或者备注，未作为记录。"
    return text


def _answer(request: HttpRequest, form, errors: list[str], *, title: str, submit: str, templates=()) -> HttpResponse:
    status = 422 if form.errors or errors else 200
    shown = {
        "form": form, "errors": errors[:100], "more": max(0, len(errors) - 100), "title": title, "submit": submit,
        "templates": templates,
    }  # fmt: skip
    return render(request, "awards/import_list.html", shown, status=status)
