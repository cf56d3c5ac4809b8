"""Ties declared by either side: the expert's own page, and the applicant's, which tells nothing of the pool."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from applications.forms.desks import add_refusals
from applications.models import Application
from applications.moves import StepRefused
from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from organizations.once import once_only

from ..forms.ties import NamedTieForm, OwnTieForm, ParentForm
from ..models import Expert, GroupLink, Tie, TieSource
from ..ties import declare_own_tie, may_name_ties, name_group, name_tie


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def my_ties(request: HttpRequest) -> HttpResponse:
    """What the expert declared, and declaring more; what is open to the expert shuts with the next request."""
    user: Any = request.user
    experts = list(Expert.objects.filter(user=user).select_related("user").order_by("scheme_key"))
    if not experts:
        raise Http404
    expert = next((one for one in experts if one.scheme_key == request.POST.get("scheme")), experts[0])
    round = Round.objects.published().filter(scheme__key=expert.scheme_key).order_by("-pk").first()
    book = rulebook_for(round) if round else None
    form = OwnTieForm(request.POST or None, book=book)
    if request.method == "POST" and form.is_valid():
        try:
            declare_own_tie(expert, by=user, at=clock.now(), **form.cleaned_data)
            messages.success(request, "已登记。涉及正在评审的申报的，材料已关闭，请办理回避。")
            return redirect("reviews:my_ties")
        except StepRefused as refused:
            add_refusals(form, refused)
    rows = Tie.objects.standing().filter(person=user, source=TieSource.EXPERT).with_names()
    context = {
        "form": form, "rows": rows, "expert": expert, "experts": experts,
        "ground": book.recusal_ground if book else "",
        "lookback": book.recusal.lookback_years.value if book else None,
    }  # fmt: skip
    return render(request, "reviews/panels/my_ties.html", context, status=422 if form.errors else 200)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def name_ties(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The applicant names persons tied to it, and its own group, before its readers are assigned."""
    user: Any = request.user
    own = Application.objects.of_applicant(user).submitted().with_names()
    application = get_object_or_404(own, public_id=public_id)
    action = request.POST.get("action", "")
    naming = NamedTieForm(request.POST if action == "tie" else None, book=application.rulebook)
    grouping = ParentForm(request.POST if action == "group" else None)
    form = grouping if action == "group" else naming
    if action and form.is_valid():
        try:
            act: Any = name_group if action == "group" else name_tie
            act(application, by=user, at=clock.now(), **form.cleaned_data)
            messages.success(request, "已登记，组建评审组时据此排除。")
            return redirect("reviews:name_ties", public_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    owner = application.organization
    rows = Tie.objects.standing().filter(
        organization=owner, source=TieSource.APPLICANT, scheme_key=application.round.scheme.key
    )
    context = {
        "application": application, "naming": naming, "grouping": grouping, "form": form, "rows": rows.with_names(),
        "groups": GroupLink.objects.named_by(owner, scheme_key=application.round.scheme.key),
        "may_name": may_name_ties(application), "noun": application.noun, "is_person": owner.is_person,
        "ground": application.rulebook.recusal_ground,
    }  # fmt: skip
    return render(request, "reviews/panels/name_ties.html", context, status=422 if form.errors else 200)
