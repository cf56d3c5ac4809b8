"""The office's ledger of awards, one award's page, and certificates asked for and issued again."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from applications.desk_rules import DeskRefused
from award_portal.lib import clock
from documents.registers import register_response
from organizations.files import UploadRefused, serve_file, store_upload
from organizations.models import Unit
from organizations.once import once_only
from publicity.winners import told_state

from ..forms import beside
from ..ledger import bans_of, certificates_of, filtered, history_of, in_order, ledger_register
from ..ledger_forms import LedgerFilter, ReissueDecisionForm, ReissueForm
from ..models import CertificateReissue
from ..paying import money_of
from ..reissuing import ask_reissue, issue_again, may_ask, refuse_reissue
from ..watching import money_awards, seen_awards, wins, works_at_office


@login_required
@never_cache
@require_GET
def ledger(request: HttpRequest) -> HttpResponse:
    """Every award of the office's schemes, to filter and to export; the supervising unit reads it too."""
    user: Any = request.user
    if not Unit.objects.of_user(user).filter(kind__in=("office", "supervisor")).exists():
        raise PermissionDenied
    seen, today = money_awards(user), clock.today()
    form = LedgerFilter(request.GET, awards=seen)
    found = in_order(filtered(seen, form.cleaned_data if form.is_valid() else {}, today))
    if wanted := request.GET.get("format"):
        return register_response(ledger_register(found, today), wanted, at=clock.now())
    page = Paginator(found, 30).get_page(request.GET.get("page"))
    context = {
        "form": form, "page_obj": page, "count": page.paginator.count, "query": request.GET.urlencode(),
        "rows": [(one, *told_state(one, today)) for one in page],
        "asked": CertificateReissue.objects.filter(state="asked", award__in=seen.order_by().values("pk"))
        .select_related("award"),
    }  # fmt: skip
    return render(request, "supervision/ledger.html", context)


@login_required
@never_cache
@require_GET
def bans(request: HttpRequest) -> HttpResponse:
    """Who is kept from applying, until when and why; the supervising unit reads it too."""
    user: Any = request.user
    if not Unit.objects.of_user(user).filter(kind__in=("office", "supervisor")).exists():
        raise PermissionDenied
    page = Paginator(bans_of(user, clock.today()), 30).get_page(request.GET.get("page"))
    return render(request, "supervision/bans.html", {"page_obj": page, "count": page.paginator.count})


@login_required
@never_cache
@require_GET
def ledger_award(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One line of the ledger: what was given, what happened since, its certificates and its money."""
    user: Any = request.user
    award = get_object_or_404(money_awards(user), public_id=public_id)
    state, tone = told_state(award, clock.today())
    context = {
        "award": award, "state": state, "tone": tone, "history": history_of(award, clock.today()),
        "certificates": certificates_of(award), "sums": money_of(award), "is_office": works_at_office(user, award),
        "reissues": CertificateReissue.objects.filter(award=award),
    }  # fmt: skip
    return render(request, "supervision/ledger_award.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def ask(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Ask for a certificate again: the winner, or the office for it."""
    user: Any = request.user
    award = get_object_or_404(seen_awards(user), public_id=public_id)
    if not may_ask(user, award):
        raise Http404
    form = ReissueForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        try:
            with transaction.atomic():
                file = store_upload(data.pop("proof"), purpose="certificate_reissue", by=user, at=clock.now())
                found = ask_reissue(award, **data, proof=file, by=user, at=clock.now())
        except UploadRefused as refused:
            form.add_error("proof", refused.message)
        except DeskRefused as refused:
            beside(form, refused)
        else:
            messages.success(request, "申请已登记，等待办公室办理。")
            return redirect("supervision:reissue", found.public_id)
    context = {"award": award, "form": form, "is_own": wins(user, award)}
    return render(request, "supervision/ask_reissue.html", context, status=422 if form.errors else 200)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def reissue(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One application for a certificate: its winner reads it, the office decides."""
    user: Any = request.user
    found = get_object_or_404(
        CertificateReissue.objects.select_related("award__scheme", "proof", "document"), public_id=public_id
    )
    award = get_object_or_404(seen_awards(user), pk=found.award_id)
    if not (may_ask(user, award) or money_awards(user).filter(pk=award.pk).exists()):
        raise Http404
    form = ReissueDecisionForm(request.POST or None)
    if request.method == "POST":
        if not works_at_office(user, award):
            raise Http404
        form = ReissueDecisionForm(request.POST)
        if form.is_valid():
            note, agreed = form.cleaned_data["note"], request.POST.get("act") == "issue"
            try:
                if agreed:
                    issue_again(found, note=note, by=user, at=clock.now())
                else:
                    refuse_reissue(found, because=note, by=user, at=clock.now())
            except DeskRefused as refused:
                beside(form, refused)
            else:
                messages.success(request, "新证书已签发，原证书作废。" if agreed else "已告知不同意的理由。")
                return redirect("supervision:reissue", public_id)
    context = {
        "reissue": found, "award": award, "form": form, "is_own": wins(user, award),
        "may_decide": found.state == CertificateReissue.State.ASKED and works_at_office(user, award),
    }  # fmt: skip
    return render(request, "supervision/reissue.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def reissue_proof(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    user: Any = request.user
    found = get_object_or_404(CertificateReissue.objects.select_related("award", "proof"), public_id=public_id)
    if not (wins(user, found.award) or money_awards(user).filter(pk=found.award_id).exists()):
        raise Http404
    return serve_file(found.proof)  # type: ignore[return-value]
