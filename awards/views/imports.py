"""The office imports earlier winners and credit lists, which machine checks read (R6, U11.3)."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from award_portal.lib import clock
from awards import register_import
from awards.forms.imports import AwardsFileForm, ListedFileForm
from awards.models import Award, ListedEntity, Scheme
from awards.preparing import offices_of
from awards.register_import import ImportRefused
from organizations.files import UploadRefused
from organizations.once import once_only


def _schemes_of(request: HttpRequest):
    keys = list(offices_of(request.user).values_list("scheme_key", flat=True))
    if not keys:
        raise PermissionDenied("名录由办公室导入，您不在办公室任职。")
    return Scheme.objects.filter(key__in=keys)


@login_required
@require_GET
def imports(request: HttpRequest) -> HttpResponse:
    """What was imported so far, by list."""
    schemes = _schemes_of(request)
    labels = dict(ListedEntity.List.choices)
    awards = Award.objects.filter(scheme__in=schemes).exclude(imported_from="").order_by()
    listed = ListedEntity.objects.filter(scheme__in=schemes).values("scheme__name", "listing").order_by("scheme__name")
    context = {
        "awards": awards.values("scheme__name", "imported_from").annotate(rows=Count("pk"), until=Max("year")),
        "listed": [
            {**one, "label": labels[one["listing"]]}
            for one in listed.annotate(rows=Count("pk"), imported_at=Max("imported_at"))
        ],
    }
    return render(request, "awards/imports.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def import_awards(request: HttpRequest) -> HttpResponse:
    """Earlier winners of a scheme, from its own lists."""
    form = AwardsFileForm(request.POST or None, request.FILES or None, schemes=_schemes_of(request))
    errors: list[str] = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            with transaction.atomic():
                count = register_import.import_awards(data["scheme"], data["file"], by=request.user, at=clock.now())
        except UploadRefused as refused:
            form.add_error("file", refused.message)
        except ImportRefused as refused:
            errors = refused.errors
        else:
            messages.success(request, f"已导入{count}条获奖记录，名录中已有的未重复导入。")
            return redirect("awards:imports")
    return _answer(request, form, errors, title="导入历届获奖名录")


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
                count = register_import.import_listed(
                    data["scheme"], data["file"], listing=data["listing"], by=request.user, at=clock.now()
                )
        except UploadRefused as refused:
            form.add_error("file", refused.message)
        except ImportRefused as refused:
            errors = refused.errors
        else:
            messages.success(request, f"已导入{count}条，原名单已替换。")
            return redirect("awards:imports")
    return _answer(request, form, errors, title="导入失信名录")


def _answer(request: HttpRequest, form, errors: list[str], *, title: str) -> HttpResponse:
    status = 422 if form.errors or errors else 200
    shown = {"form": form, "errors": errors[:100], "more": max(0, len(errors) - 100), "title": title}
    return render(request, "awards/import_list.html", shown, status=status)
