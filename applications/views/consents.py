"""A recommendation's further legs: the recommender asks, the consenting unit answers at its own desk (Z17.3)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from award_portal.lib import clock
from organizations.files import UploadRefused, serve_file, store_upload
from organizations.models import Unit, UnitKind
from organizations.once import once_only

from ..consents import decide_consent, enter_consent, first_review, leg_of, leg_rows, seek_consent
from ..consents import summary_of as summary_for_consent
from ..forms.consents import PAPER_FORMATS, ConsentForm, EnterConsentForm
from ..forms.desks import add_refusals
from ..models import LegConsent
from ..moves import StepRefused
from ..rules import works_in
from .examining import desk_application, examination

PAGE = 30


@login_required
@never_cache
@require_GET
def consents_desk(request: HttpRequest) -> HttpResponse:
    """What the person's consenting units are asked, what waits first."""
    own = LegConsent.objects.of_unit(request.user)  # type: ignore[arg-type]
    if not Unit.objects.of_user(request.user).of_kind(UnitKind.CONSENTER).exists():  # type: ignore[arg-type]
        raise Http404
    page = Paginator(own.with_names().exclude(verdict="").order_by("-pk"), PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "waiting": own.waiting().with_names().order_by("asked_at", "pk")}
    return render(request, "applications/desks/consents_desk.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def consent(request: HttpRequest, consent_id: uuid.UUID) -> HttpResponse:
    """The applicant's summary and the first review before the unit's word; nothing typed is lost by a refusal."""
    asked = LegConsent.objects.of_unit(request.user).with_names()  # type: ignore[arg-type]
    one = get_object_or_404(asked, public_id=consent_id)
    leg = leg_of(one)
    form = ConsentForm(request.POST or None, request.FILES or None, sealed=leg.sealed)
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("verdict", "ground")}
        if _carried(request, form, lambda kept, **who: decide_consent(one, **given, paper=kept, **who)):
            messages.success(request, "意见已提交，审核推荐单位已收到通知。")
            return redirect("applications:consent", one.public_id)
    book = one.application.rulebook
    context = {
        "consent": one, "application": one.application, "leg": leg, "ground": book.ground(leg), "form": form,
        "review": first_review(one.application), "summary": summary_for_consent(one.application), "noun": book.noun,
        "is_open": LegConsent.objects.waiting().filter(pk=one.pk).exists(),
    }  # fmt: skip
    return render(request, "applications/desks/consent.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
@once_only
def seek(request: HttpRequest, public_id: uuid.UUID, leg: str) -> HttpResponse:
    """Ask for a consent; what keeps it back is told on the page of the examination."""
    application = desk_application(request, public_id)
    try:
        asked = seek_consent(application, leg, by=request.user, at=clock.now())  # type: ignore[arg-type]
    except StepRefused as refused:
        context = examination(request, application, refused=refused.blockers)
        return render(request, "applications/desks/examine.html", context, status=409)
    if asked.unit is None:
        messages.success(request, "文书已生成，请打印后送有关单位盖章，收回后登记。")
    else:
        messages.success(request, f"已提请{asked.unit}出具意见。")
    return redirect("applications:examine", public_id)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def enter(request: HttpRequest, public_id: uuid.UUID, leg: str) -> HttpResponse:
    """Enter the sealed paper of a unit that has no desk here."""
    application = desk_application(request, public_id)
    row = next((one for one in leg_rows(application) if one.leg.key == leg), None)
    if row is None or row.consent is None:
        raise Http404
    asked = row.consent
    form = EnterConsentForm(request.POST or None, request.FILES or None, sealed=row.leg.sealed)
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("verdict", "ground", "consenter", "decided_on")}
        if _carried(request, form, lambda kept, **who: enter_consent(asked, **given, paper=kept, **who)):
            messages.success(request, "纸质意见已登记。")
            return redirect("applications:examine", public_id)
    context = {"application": application, "row": row, "form": form}
    return render(request, "applications/desks/enter_consent.html", context, status=422 if form.errors else 200)


@login_required
@never_cache
@require_GET
def paper(request: HttpRequest, consent_id: uuid.UUID) -> HttpResponse:
    """The sealed page, for the unit that gave it, the recommender that entered it and the office."""
    one = get_object_or_404(LegConsent.objects.with_names().exclude(paper=None), public_id=consent_id)
    user: Any = request.user
    application = one.application
    if not any(works_in(user, unit) for unit in (one.unit, application.recommender, application.round.office)):
        raise Http404
    assert one.paper is not None
    return serve_file(one.paper, inline=True)


def _carried(request: HttpRequest, form: ConsentForm, carry_out: Callable[..., LegConsent]) -> bool:
    """Keep the page and carry out the decision together; a refusal keeps neither and is told on the form."""
    upload: Any = form.cleaned_data["paper"]
    who: dict[str, Any] = {"by": request.user, "at": clock.now()}
    try:
        with transaction.atomic():
            kept = store_upload(upload, purpose="leg_consent", allowed=list(PAPER_FORMATS), **who) if upload else None
            carry_out(kept, **who)
    except UploadRefused as refused:
        form.add_error("paper", refused.message)
    except StepRefused as refused:
        add_refusals(form, refused)
    else:
        return True
    return False
