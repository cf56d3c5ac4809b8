"""Reports on staff and experts: entered and handled by the office and the supervising department (U22, Z27, Y22)."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import F, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications.desk_rules import DeskRefused
from award_portal.lib import clock
from awards.models import Round, Scheme
from organizations.files import UploadRefused, serve_file, store_upload
from organizations.models import Unit, User
from organizations.once import once_only
from reviews.models import Expert

from ..case_rules import book_of
from ..discipline import may_handle, report_person
from ..discipline_steps import discipline_steps
from ..forms import beside
from ..models import DisciplineCase
from ..oversight_forms import PersonForm


@login_required
@never_cache
@require_GET
def discipline_cases(request: HttpRequest) -> HttpResponse:
    """The reports of the person's schemes but those on the person; the nearest due date first."""
    schemes = _schemes(request)
    user: Any = request.user
    found = DisciplineCase.objects.visible_to(user).select_related("scheme", "person", "round")
    page = Paginator(found.order_by(F("due_at").asc(nulls_last=True), "-reported_at"), 30).get_page(
        request.GET.get("page")
    )
    context = {"page_obj": page, "now": clock.now(), "schemes": schemes}
    return render(request, "supervision/discipline_cases.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def report(request: HttpRequest, scheme: str) -> HttpResponse:
    """Enter a report on a person of the scheme."""
    user: Any = request.user
    found = get_object_or_404(Scheme.objects.filter(key__in=_keys(user)), key=scheme)
    people = User.objects.filter(
        Q(memberships__unit__scheme_key=scheme) | Q(pk__in=Expert.objects.filter(scheme_key=scheme).values("user"))
    )
    rounds = Round.objects.published().filter(scheme=found).order_by("-ordinal")
    form = PersonForm(
        request.POST or None, request.FILES or None, people=people.exclude(pk=user.pk).distinct().order_by("pk"),
        rounds=rounds,
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        data, at = dict(form.cleaned_data), clock.now()
        try:
            with transaction.atomic():
                upload = data.pop("file")
                stored = store_upload(upload, purpose="discipline", by=user, at=at) if upload else None
                case = report_person(found, file=stored, by=user, at=at, **data)
            messages.success(request, f"已登记，编号{case.number}。")
            return redirect("supervision:discipline_case", case.public_id)
        except UploadRefused as refused:
            form.add_error("file", refused.message)
        except DeskRefused as refused:
            beside(form, refused)
    context = {"form": form, "scheme": found}
    return render(request, "supervision/report_person.html", context, status=422 if form.errors else 200)


@login_required
@never_cache
@require_GET
def discipline_case(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    return _render(request, _of_desk(request, public_id))


@login_required
@never_cache
@require_POST
@once_only
def act(request: HttpRequest, public_id: uuid.UUID, step: str) -> HttpResponse:
    """Take a step; a refusal shows the page again with what was typed."""
    user: Any = request.user
    case = _of_desk(request, public_id)
    chosen = next((one for one in discipline_steps(case) if one.key == step), None)
    if chosen is None:
        messages.error(request, "现在不能办理这一步。页面可能已过时，请刷新后再办。")
        return _render(request, case, status=409)
    form = chosen.form(request.POST, auto_id=f"{step}-%s") if chosen.form else None
    if form is not None and not form.is_valid():
        return _render(request, case, step=step, form=form, status=422)
    try:
        chosen.act(case, **(form.cleaned_data if form else {}), by=user, at=clock.now())
    except DeskRefused as refused:
        if form is not None:
            beside(form, refused)
        else:
            messages.error(request, str(refused))
        return _render(request, _of_desk(request, public_id), step=step, form=form, status=409)
    messages.success(request, f"已办理：{chosen.label}。")
    return redirect("supervision:discipline_case", public_id)


@login_required
@require_GET
def discipline_file(request: HttpRequest, public_id: uuid.UUID) -> HttpResponseBase:
    case = _of_desk(request, public_id)
    if case.file is None:
        raise Http404
    return serve_file(case.file)


def _keys(user: User) -> Any:
    return Unit.objects.of_user(user).filter(kind__in=("office", "supervisor")).values("scheme_key")


def _schemes(request: HttpRequest) -> list[Scheme]:
    user: Any = request.user
    if not _keys(user).exists():
        raise PermissionDenied
    return list(Scheme.objects.filter(key__in=_keys(user)))


def _of_desk(request: HttpRequest, public_id: uuid.UUID) -> DisciplineCase:
    user: Any = request.user
    found = DisciplineCase.objects.visible_to(user).select_related(
        "scheme", "round__edition", "person", "expert__user", "file", "sanction", "referral_paper", "notice",
    )  # fmt: skip
    return get_object_or_404(found, public_id=public_id)


def _render(
    request: HttpRequest, case: DisciplineCase, *, step: str = "", form: Any = None, status: int = 200
) -> HttpResponse:
    user: Any = request.user
    steps = discipline_steps(case) if may_handle(user, case) else []
    for one in steps:
        own = one.form(auto_id=f"{one.key}-%s") if one.form else None
        one.bound = form if one.key == step and form is not None else own
    context = {
        "case": case, "steps": steps, "shown": [form], "removals": case.removals.select_related("round"),
        "ground": book_of(award=None, round=case.round, scheme=case.scheme).discipline_ground,
        "is_overdue": bool(case.due_at and case.due_at <= clock.now()),
    }  # fmt: skip
    return render(request, "supervision/discipline_case.html", context, status=status)
