"""The winner's pages of its money: what is due and was paid, and what it plans and reports (Z24, B19)."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from applications.desk_rules import DeskRefused
from award_portal.lib import clock
from organizations.files import UploadRefused, store_upload
from organizations.once import once_only

from ..bonus_forms import UseLineForm, UseReviewForm, UseSummaryForm
from ..forms import beside
from ..models import BonusClawback, BonusInspection, BonusPayment, BonusUse, BonusUseLine
from ..paying import money_of
from ..spending import add_line, begin_use, file_use, limit_of, purposes_of, review_use, take_line_out, total_of
from ..watching import money_awards, own_awards, works_at_office


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def own_bonus(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What the winner is to be paid and was paid; it begins a plan or a report of the use."""
    user: Any = request.user
    award, refused = get_object_or_404(own_awards(user), public_id=public_id), ""
    if request.method == "POST":
        try:
            use = begin_use(award, kind=request.POST.get("kind", ""), by=user, at=clock.now())
            return redirect("supervision:bonus_use", use.public_id)
        except DeskRefused as stopped:
            refused = str(stopped)
    purposes, ground = purposes_of(award)
    context = {
        "award": award, "sums": money_of(award), "purposes": purposes, "ground": ground, "refused": refused,
        "payments": BonusPayment.objects.filter(award=award).standing().select_related("receipt"),
        "uses": BonusUse.objects.filter(award=award),
        "inspections": BonusInspection.objects.filter(award=award),
        "demands": BonusClawback.objects.filter(award=award),
    }  # fmt: skip
    return render(request, "supervision/own_bonus.html", context, status=409 if refused else 200)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def bonus_use(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A plan or a report line by line: the winner writes it and hands it in, the office reads it."""
    use, own = _readable(request, public_id)
    if request.method != "POST":
        return _page(request, use, own)
    if not own:
        raise Http404
    user: Any = request.user
    if request.POST.get("act") == "file":
        summary = UseSummaryForm(request.POST)
        if not summary.is_valid():
            return _page(request, use, own, summary=summary)
        try:
            file_use(use, summary=summary.cleaned_data["summary"], by=user, at=clock.now())
        except DeskRefused as refused:
            beside(summary, refused)
            return _page(request, use, own, summary=summary)
        messages.success(request, "已提交，等待审核。")
        return redirect("supervision:bonus_use", public_id)
    return _add(request, use)


def _add(request: HttpRequest, use: BonusUse) -> HttpResponse:
    user: Any = request.user
    line = _line_form(use, request)
    if line.is_valid():
        data = dict(line.cleaned_data)
        upload = data.pop("proof", None)
        try:
            with transaction.atomic():
                proof = store_upload(upload, purpose="bonus", by=user, at=clock.now()) if upload else None
                add_line(use, **data, proof=proof, by=user, at=clock.now())
        except UploadRefused as refused:
            line.add_error("proof", refused.message)
        except DeskRefused as refused:
            beside(line, refused)
        else:
            messages.success(request, "已列入。")
            return redirect("supervision:bonus_use", use.public_id)
    return _page(request, use, own=True, line=line)


@login_required
@require_POST
@once_only
def use_line(request: HttpRequest, public_id: uuid.UUID, line_id: uuid.UUID) -> HttpResponse:
    """Take one line out again."""
    use, own = _readable(request, public_id)
    if not own:
        raise Http404
    user: Any = request.user
    line = get_object_or_404(BonusUseLine.objects.select_related("use__award"), use=use, public_id=line_id)
    try:
        take_line_out(line, by=user)
        messages.success(request, "已移除该笔。")
    except DeskRefused as refused:
        messages.error(request, str(refused))
    return redirect("supervision:bonus_use", public_id)


@login_required
@require_POST
@once_only
def use_review(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The office accepts a paper or sends it back."""
    use, own = _readable(request, public_id)
    user: Any = request.user
    if not works_at_office(user, use.award):
        raise Http404
    form = UseReviewForm(request.POST)
    if form.is_valid():
        try:
            accepted = request.POST.get("act") == "accept"
            review_use(use, accepted=accepted, note=form.cleaned_data["note"], by=user, at=clock.now())
        except DeskRefused as refused:
            beside(form, refused)
        else:
            messages.success(request, "已审核。" if accepted else "已退回补正。")
            return redirect("supervision:bonus", use.award.public_id)
    return _page(request, use, own, review=form)


def _readable(request: HttpRequest, public_id: uuid.UUID) -> tuple[BonusUse, bool]:
    """The paper and whether it is the person's own; others read what was handed in."""
    user: Any = request.user
    use = get_object_or_404(BonusUse.objects.select_related("award__scheme", "award__round"), public_id=public_id)
    if own_awards(user).filter(pk=use.award_id).exists():
        return use, True
    if not money_awards(user).filter(pk=use.award_id).exists():
        raise Http404
    if use.state in (BonusUse.State.DRAFT, BonusUse.State.RETURNED):
        raise Http404
    return use, False


def _line_form(use: BonusUse, request: HttpRequest | None = None) -> UseLineForm:
    posted = (request.POST, request.FILES) if request else ()
    return UseLineForm(*posted, purposes=purposes_of(use.award)[0], is_report=use.kind == BonusUse.Kind.REPORT)


def _page(
    request: HttpRequest,
    use: BonusUse,
    own: bool,
    *,
    line: UseLineForm | None = None,
    summary: UseSummaryForm | None = None,
    review: UseReviewForm | None = None,
) -> HttpResponse:
    user: Any = request.user
    purposes, ground = purposes_of(use.award)
    writes = own and use.state in (BonusUse.State.DRAFT, BonusUse.State.RETURNED)
    context = {
        "use": use, "award": use.award, "lines": use.lines.select_related("proof"), "total": total_of(use),
        "limit": limit_of(use.award, use.kind), "purposes": purposes, "ground": ground, "writes": writes,
        "is_own": own, "line": line or _line_form(use),
        "summary": summary or UseSummaryForm(initial={"summary": use.summary}), "review": review or UseReviewForm(),
        "may_review": use.state == BonusUse.State.FILED and works_at_office(user, use.award),
    }  # fmt: skip
    failed = any(one is not None for one in (line, summary, review))
    return render(request, "supervision/bonus_use.html", context, status=422 if failed else 200)
