"""Pages of the terms of personal data: what is held and due, the lists, and the second person's approval."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from award_portal.lib import clock
from organizations.models import Unit
from organizations.once import once_only

from ..erasing import (
    LONGEST_TERM,
    ErasureRefused,
    approve_erasure,
    decline_erasure,
    may_approve,
    propose_erasure,
    set_term,
    standing_of,
    what_still_stands,
)
from ..forms import beside
from ..holdings import BY_KEY
from ..models import Erasure


class TermForm(forms.Form):
    years = forms.IntegerField(
        label="保存年数", min_value=1, max_value=LONGEST_TERM,
        error_messages={
            "invalid": "保存年数应为整数。", "min_value": "保存年数至少1年。",
            "max_value": f"保存年数不超过{LONGEST_TERM}年。",
        },
    )  # fmt: skip
    reason = forms.CharField(label="理由", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))


class ProposalForm(forms.Form):
    unit = forms.UUIDField(widget=forms.HiddenInput)
    holdings = forms.MultipleChoiceField(
        label="清除的种类", choices=[(one.key, one.label) for one in BY_KEY.values()],
        error_messages={"required": "请至少选择一种到期的个人信息。", "invalid_choice": "没有这一种类，请刷新页面。"},
    )  # fmt: skip


class AnswerForm(forms.Form):
    answer = forms.ChoiceField(choices=[("approve", "批准"), ("decline", "退回")])
    because = forms.CharField(label="退回的理由", max_length=300, required=False)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def erasures(request: HttpRequest) -> HttpResponse:
    """What is held with its term and what is due, for each office of the person; and the lists so far."""
    units = Unit.objects.of_user(request.user)  # type: ignore[arg-type]
    if not units.filter(kind__in=("office", "supervisor")).exists():
        raise PermissionDenied("个人信息到期清除由办公室提出，办公室其他人员或者纪检监察机构批准。")
    offices = list(units.of_kind("office").order_by("pk"))
    form = ProposalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        office = next((one for one in offices if one.public_id == form.cleaned_data["unit"]), None)
        if office is None:
            raise Http404
        try:
            made = propose_erasure(office, form.cleaned_data["holdings"], by=request.user, at=clock.now())  # type: ignore[arg-type]
        except ErasureRefused as refused:
            beside(form, refused)
        else:
            messages.success(request, "清册已提出，待办公室其他人员或者纪检监察机构批准。")
            return redirect(made)
    found = Erasure.objects.visible_to(request.user).select_related("office", "proposed_by", "approved_by")  # type: ignore[arg-type]
    context = {
        "page_obj": Paginator(found, 20).get_page(request.GET.get("page")),
        "offices": [(one, standing_of(one.scheme_key, at=clock.now())) for one in offices],
        "form": form,
    }
    return render(request, "supervision/erasures.html", context, status=422 if form.errors else 200)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def erasure(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One list: its lines, who agreed, what came of it, and the check of the rows against it."""
    found = get_object_or_404(
        Erasure.objects.visible_to(request.user).select_related("office", "proposed_by", "approved_by", "document"),  # type: ignore[arg-type]
        public_id=public_id,
    )
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data, who = form.cleaned_data, {"by": request.user, "at": clock.now()}
        try:
            if data["answer"] == "approve":
                approve_erasure(found, **who)  # type: ignore[arg-type]
            else:
                decline_erasure(found, because=data["because"], **who)  # type: ignore[arg-type]
        except ErasureRefused as refused:
            form.add_error("because" if data["answer"] == "decline" else None, str(refused))
        else:
            messages.success(request, "已批准，系统随即清除。" if data["answer"] == "approve" else "已退回。")
            return redirect(found)
    items = list(found.items.all())
    counted = [
        (BY_KEY[key], [one for one in items if one.holding == key])
        for key in dict.fromkeys(one.holding for one in items)
    ]
    page = Paginator(items, 50).get_page(request.GET.get("page"))
    context = {
        "erasure": found, "counted": counted, "form": form,
        "page_obj": page,
        "lines": [(one, BY_KEY[one.holding].label) for one in page],
        "may_approve": not (found.approved_at or found.declined_at) and may_approve(found, request.user),  # type: ignore[arg-type]
        "still_standing": what_still_stands(found) if found.done_at else [],
    }  # fmt: skip
    return render(request, "supervision/erasure.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def term(request: HttpRequest, unit_id: UUID, holding: str) -> HttpResponse:
    """Set another term for one kind, with its reason."""
    office = get_object_or_404(Unit.objects.of_user(request.user).of_kind("office"), public_id=unit_id)  # type: ignore[arg-type]
    if holding not in BY_KEY:
        raise Http404
    standing = next(one for one in standing_of(office.scheme_key, at=clock.now()) if one.holding.key == holding)
    form = TermForm(request.POST or None, initial={"years": standing.years})
    if request.method == "POST" and form.is_valid():
        try:
            set_term(office, holding, **form.cleaned_data, by=request.user, at=clock.now())  # type: ignore[arg-type]
        except ErasureRefused as refused:
            beside(form, refused)
        else:
            messages.success(request, f"“{standing.holding.label}”的保存期限已改为{form.cleaned_data['years']}年。")
            return redirect("supervision:erasures")
    context = {"form": form, "office": office, "standing": standing}
    return render(request, "supervision/retention_term.html", context, status=422 if form.errors else 200)
