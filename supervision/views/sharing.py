"""Pages after the award: the winner's honours and duties, and the desk that looks at them."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from award_portal.lib import clock
from awards.models import Award
from organizations.files import UploadRefused, serve_file, store_upload
from organizations.once import once_only

from ..forms import SharingForm, SharingReviewForm, beside
from ..models import SharingPlan, SharingRecord
from ..paying import money_of_all
from ..plan_sharing import answer_invitation, invitation_of, plans_seen_by
from ..sharing import (
    SharingRefused,
    awards_of,
    certificates_of,
    duties_of,
    file_sharing,
    honour_rules_of,
    may_review,
    review_sharing,
)
from ..yearly_reports import owed_now


@login_required
@require_GET
def honours(request: HttpRequest) -> HttpResponse:
    """The organisation's awards with what they oblige to and how they may be used."""
    user: Any = request.user
    awards = list(awards_of(user))
    papers, owed, money = certificates_of(awards), owed_now(user, at=clock.now()), money_of_all(awards)
    rows = [
        {
            "award": award, "certificates": papers.get(award.pk, []), "duties": duties_of(award),
            "rules": honour_rules_of(award), "owed": owed.get(award.pk, []), "sums": money.get(award.pk, []),
            "may_share": award.state != award.State.REVOKED,
        }
        for award in awards
    ]  # fmt: skip
    return render(request, "supervision/honours.html", {"rows": rows})


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def share(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """File a sharing activity for one award."""
    user: Any = request.user
    award = get_object_or_404(awards_of(user), public_id=public_id)
    duties = duties_of(award)
    if not duties:  # an award of an earlier regulation obliges to nothing here
        raise Http404
    plan = _plan_asked(request, award)
    start = {"title": plan.title, "held_on": plan.held_on} if plan else None
    form = SharingForm(request.POST or None, request.FILES or None, duties=duties, initial=start)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        try:
            upload = data.pop("proof")
            with transaction.atomic():
                proof = store_upload(upload, purpose="sharing", by=user, at=clock.now()) if upload else None
                filed = file_sharing(award, **data, proof=proof, by=user, at=clock.now())
                if plan is not None:
                    answer_invitation(plan, filed)
        except UploadRefused as refused:
            form.add_error("proof", refused.message)
        except SharingRefused as refused:
            beside(form, refused)
        else:
            messages.success(request, "已填报，等待核实。")
            return redirect("supervision:records")
    return render(request, "supervision/share.html", {"award": award, "form": form}, status=422 if form.errors else 200)


def _plan_asked(request: HttpRequest, award: Award) -> SharingPlan | None:
    """The activity the winner files of, where it comes from its page."""
    user: Any = request.user
    try:
        asked = uuid.UUID(request.GET.get("plan", ""))
    except ValueError:
        return None
    plan = plans_seen_by(user).filter(public_id=asked).first()
    return plan if plan and invitation_of(user, plan, award) else None


@login_required
@require_GET
def records(request: HttpRequest) -> HttpResponse:
    """Sharing activities the person may see, those to be reviewed first."""
    user: Any = request.user
    found = (
        SharingRecord.objects.visible_to(user)
        .select_related("award__scheme")
        .order_by("reviewed_at", "-held_on", "-pk")
    )
    page = Paginator(found, 30).get_page(request.GET.get("page"))
    return render(request, "supervision/records.html", {"page_obj": page})


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def record(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One activity; the supervising units write what they found."""
    user: Any = request.user
    found = get_object_or_404(
        SharingRecord.objects.visible_to(user).select_related("award__scheme", "proof"), public_id=public_id
    )
    form = SharingReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            review_sharing(found, note=form.cleaned_data["note"], by=user, at=clock.now())
        except SharingRefused as refused:
            beside(form, refused)
        else:
            messages.success(request, "已核实。")
            return redirect("supervision:records")
    context = {
        "record": found,
        "form": form,
        "may_review": found.reviewed_at is None and may_review(found, user),
    }
    return render(request, "supervision/record.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def proof(request: HttpRequest, public_id: uuid.UUID) -> HttpResponseBase:
    user: Any = request.user
    found = get_object_or_404(
        SharingRecord.objects.visible_to(user).exclude(proof=None).select_related("proof"), public_id=public_id
    )
    assert found.proof is not None
    return serve_file(found.proof)
