"""The administrator's pages: units, the people who work in them, and their accounts."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from award_portal.lib import clock

from ..forms.staffing import AccountForm, JoinForm, PersonForm, UnitForm
from ..models import Membership, Unit, User
from ..once import once_only
from ..passwords import PasswordRefused, issue_password_link
from ..staffing import StaffingRefused, join_unit, leave_unit, open_account, save_unit, scheme_choices, set_account

PAGE = 50


def administrators_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @login_required
    @never_cache
    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_staff:
            raise PermissionDenied("单位、人员和任职由系统管理员维护。")
        return view(request, *args, **kwargs)

    return wrapper


@administrators_only
@require_GET
def units(request: HttpRequest) -> HttpResponse:
    """Every unit by scheme, and how many people work in it."""
    found = Unit.objects.annotate(
        people=Count("memberships", filter=Q(memberships__ended_at=None, memberships__user__is_active=True))
    ).order_by("scheme_key", "-is_active", "kind", "pk")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    names = {one.key: one.name for one in scheme_choices()}
    for unit in page:
        unit.scheme_name = names.get(unit.scheme_key, unit.scheme_key)  # type: ignore[attr-defined]
    return render(request, "organizations/units.html", {"page_obj": page})


@administrators_only
@require_http_methods(["GET", "POST"])
@once_only
def new_unit(request: HttpRequest) -> HttpResponse:
    form = UnitForm(request.POST or None, schemes=scheme_choices(), initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        try:
            unit = save_unit(Unit(**form.cleaned_data), by=_person(request), at=clock.now())
            messages.success(request, f"{unit}已建立，请登记任职人员。")
            return redirect("organizations:unit", unit.public_id)
        except StaffingRefused as refused:
            form.add_error(None, str(refused))
    return render(request, "organizations/new_unit.html", {"form": form}, status=422 if form.errors else 200)


@administrators_only
@require_http_methods(["GET", "POST"])
@once_only
def unit(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A unit: what it is, who works there, and changing either."""
    one = get_object_or_404(Unit, public_id=public_id)
    name, action = one.name, request.POST.get("action", "")
    schemes = scheme_choices()
    initial = {field: getattr(one, field) for field in UnitForm.base_fields} | {"industries": "、".join(one.industries)}
    changing = UnitForm(request.POST if action == "change" else None, schemes=schemes, unit=one, initial=initial)
    joining = JoinForm(request.POST if action == "join" else None)
    form: Any = joining if action == "join" else changing
    if request.method == "POST" and form.is_valid():
        try:
            if action == "join":
                join_unit(
                    form.user, one, is_head=form.cleaned_data["is_head"], by=_person(request), at=clock.now()
                )  # fmt: skip
                messages.success(request, f"{form.user}已登记任职。")
            else:
                for field, value in form.cleaned_data.items():
                    setattr(one, field, value)
                save_unit(one, by=_person(request), at=clock.now())
                messages.success(request, "单位信息已保存。")
            return redirect("organizations:unit", public_id)
        except StaffingRefused as refused:
            form.add_error(None, str(refused))
    places = one.memberships.select_related("user").order_by("-ended_at", "pk")
    context = {
        "unit": one, "name": name, "changing": changing, "joining": joining, "failed": form,
        "current": [place for place in places if place.ended_at is None],
        "ended": [place for place in places if place.ended_at is not None],
        "scheme_name": next((each.name for each in schemes if each.key == one.scheme_key), one.scheme_key),
    }  # fmt: skip
    return render(request, "organizations/unit.html", context, status=422 if form.errors else 200)


@administrators_only
@require_http_methods(["GET", "POST"])
@once_only
def end_place(request: HttpRequest, public_id: uuid.UUID, user_id: uuid.UUID) -> HttpResponse:
    """Ending a membership, on a page that says what follows."""
    places = Membership.objects.filter(ended_at=None).select_related("user", "unit")
    place = get_object_or_404(places, unit__public_id=public_id, user__public_id=user_id)
    if request.method == "POST":
        leave_unit(place, by=_person(request), at=clock.now())
        messages.success(request, f"{place.user}在{place.unit}的任职已结束。")
        return redirect("organizations:unit", place.unit.public_id)
    return render(request, "organizations/end_place.html", {"place": place, "submit_label": "结束任职"})


@administrators_only
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Every account, found by name, with the units of today."""
    wanted = request.GET.get("q", "").strip()[:40]
    found = User.objects.order_by("username").prefetch_related("memberships__unit")
    if wanted:
        found = found.filter(Q(username__icontains=wanted) | Q(display_name__icontains=wanted))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    for one in page:
        one.places = [place.unit for place in one.memberships.all() if place.ended_at is None]  # type: ignore[attr-defined]
    return render(request, "organizations/people.html", {"page_obj": page, "wanted": wanted})


@administrators_only
@require_http_methods(["GET", "POST"])
@once_only
def new_person(request: HttpRequest) -> HttpResponse:
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = open_account(**form.cleaned_data, by=_person(request), at=clock.now())
            messages.success(request, "账号已建立。请生成设置密码的链接交给本人。")
            return redirect("organizations:person", user.public_id)
        except StaffingRefused as refused:
            form.add_error("username", str(refused))
    return render(request, "organizations/new_person.html", {"form": form}, status=422 if form.errors else 200)


@administrators_only
@require_http_methods(["GET", "POST"])
@once_only
def person(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """An account: its places, whether it is open, whether it administers."""
    one = get_object_or_404(User, public_id=public_id)
    typed = request.POST if request.method == "POST" else None
    form = AccountForm(typed, initial={"is_active": one.is_active, "is_staff": one.is_staff})
    if request.method == "POST" and form.is_valid():
        try:
            set_account(one, **form.cleaned_data, by=_person(request), at=clock.now())
            messages.success(request, "账号已保存。")
            return redirect("organizations:person", public_id)
        except StaffingRefused as refused:
            form.add_error(None, str(refused))
    places = one.memberships.select_related("unit").order_by("ended_at", "pk")
    context = {"person": one, "form": form, "places": places}
    return render(request, "organizations/person.html", context, status=422 if form.errors else 200)


@administrators_only
@require_POST
def password_link(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The link for a person's password, shown this once."""
    one = get_object_or_404(User, public_id=public_id)
    try:
        path = issue_password_link(one, by=_person(request), at=clock.now())
    except PasswordRefused as refused:
        messages.error(request, str(refused))
        return redirect("organizations:person", public_id)
    context = {"person": one, "link": request.build_absolute_uri(path)}
    return render(request, "organizations/password_link.html", context)


def _person(request: HttpRequest) -> Any:
    return request.user
