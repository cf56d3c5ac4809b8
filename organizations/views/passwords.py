"""A person's own account: what it may do, its password; and setting one by a link."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from award_portal.lib import clock

from ..forms.staffing import ChangePasswordForm, NewPasswordForm
from ..models import User
from ..passwords import PasswordRefused, change_password, is_link_good, set_password


@sensitive_post_parameters()
@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Who is signed in, in which units, and a new password."""
    user: Any = request.user
    form = ChangePasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            changed = change_password(user, old=data["old"], password=data["password"], at=clock.now())
            update_session_auth_hash(request, changed)
            messages.success(request, "密码已更改，其他已登录的设备须重新登录。")
            return redirect("organizations:account")
        except PasswordRefused as refused:
            form.add_error("old", str(refused))
    places = user.memberships.current().select_related("unit").order_by("pk")
    context = {"form": form, "places": places}
    return render(request, "organizations/account.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def set_by_link(request: HttpRequest, public_id: uuid.UUID, token: str) -> HttpResponse:
    """The page a link leads to. A used link, an old one and one that never was look alike."""
    user = User.objects.filter(public_id=public_id).first()
    if user is None or not is_link_good(user, token):
        return render(request, "organizations/link_gone.html", status=410)
    form = NewPasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            set_password(user, token=token, password=form.cleaned_data["password"], at=clock.now())
        except PasswordRefused:
            return render(request, "organizations/link_gone.html", status=410)
        messages.success(request, "密码已设置，请登录。")
        return redirect("organizations:sign_in")
    context = {"form": form, "person": user}
    return render(request, "organizations/set_password.html", context, status=422 if form.errors else 200)
