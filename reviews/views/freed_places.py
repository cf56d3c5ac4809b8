"""Places of a round's list that fell free, who is next, and the leading body's decisions on single names (B16)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from applications.forms.desks import add_refusals
from applications.moves import StepRefused
from applications.rules import works_in
from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from organizations.files import UploadRefused, serve_file, store_upload
from organizations.models import Unit
from organizations.once import once_only

from ..candidacy import composites_of
from ..forms.body_decisions import BodyDecisionForm, ListReturnForm
from ..meetings import electorate_of
from ..models import BodyDecision, ListReturn
from ..promoting import freed_places, next_in_order, promote_next
from ..sending_back import return_refusals, returning_names, send_list_back


def _round_of(request: HttpRequest, round_id: Any) -> Round:
    """A round of the person's office, or of the scheme whose leading body or supervising department it works in."""
    units = Unit.objects.of_user(request.user)  # type: ignore[arg-type]
    keys = units.filter(kind__in=("leading_body", "supervisor")).values("scheme_key")
    rounds = Round.objects.published().select_related("scheme", "edition", "office")
    own = rounds.filter(Q(office__in=units) | Q(scheme__key__in=keys)).distinct()
    return get_object_or_404(own, public_id=round_id)


@login_required
@require_GET
def list_places(request: HttpRequest, round_id) -> HttpResponse:
    """Which places of the list fell free and stay vacant or may be filled, and what was decided on single names."""
    round = _round_of(request, round_id)
    book = rulebook_for(round)
    rule = book.decision.promotes_next
    places = [(one, book.tier(one.tier).name, next_in_order(one) if rule.value else []) for one in freed_places(round)]
    decisions = BodyDecision.objects.filter(round=round).select_related("application__organization", "document")
    context = {
        "round": round, "places": places, "decisions": decisions, "rule": rule, "ground": book.ground(rule),
        "is_office": works_in(request.user, round.office), "noun": book.noun,  # type: ignore[arg-type]
        "returns": ListReturn.objects.filter(round=round),
        "may_return": not return_refusals(round, by=request.user),  # type: ignore[arg-type]
    }  # fmt: skip
    return render(request, "reviews/meetings/list_places.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def promote(request: HttpRequest, round_id, application_id) -> HttpResponse:
    """Enter the leading body's decision that the next in order moves up to the place of a name that left."""
    round = _round_of(request, round_id)
    book = rulebook_for(round)
    freed = next((one for one in freed_places(round) if one.application.public_id == application_id), None)
    if freed is None or not works_in(request.user, round.office) or not book.decision.promotes_next.value:  # type: ignore[arg-type]
        raise Http404
    candidates = next_in_order(freed)
    form = BodyDecisionForm(request.POST or None, request.FILES or None)
    chosen = next((one for one in candidates if str(one.public_id) == request.POST.get("who")), None)
    if request.method == "POST" and form.is_valid():
        if chosen is None:
            form.add_error(None, "请选择递补的名称。")
        elif (carried := _promote(request, freed, chosen, form)) is not None:
            messages.success(request, "已登记决定。" + ("递补的名称请另行公示。" if carried else "该名额空缺。"))
            return redirect("reviews:list_places", round_id=round.public_id)
    scores = composites_of(round, candidates)
    context = {
        "round": round, "freed": freed, "tier": book.tier(freed.tier), "form": form, "chosen": chosen,
        "candidates": [(one, scores[one.pk]) for one in candidates], "electorate": len(electorate_of(round)),
        "decision": book.decision, "ground": book.ground(book.decision.promotes_next),
    }  # fmt: skip
    return render(request, "reviews/meetings/promote.html", context, status=422 if form.errors else 200)


def _promote(request: HttpRequest, freed: Any, chosen: Any, form: BodyDecisionForm) -> bool | None:
    """Whether the decision carried; None with what refused it on the form."""
    user: Any = request.user
    data, now = form.cleaned_data, clock.now()
    try:
        with transaction.atomic():
            proof = store_upload(data["proof"], purpose="body_decision", by=user, at=now)
            found = promote_next(
                freed, chosen, held=form.held, ground=data["ground"], proof=proof, by=user, at=now
            )  # fmt: skip
    except UploadRefused as refused:
        form.add_error("proof", refused.message)
    except StepRefused as refused:
        add_refusals(form, refused)
    else:
        return found.is_carried
    return None


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def send_back(request: HttpRequest, round_id) -> HttpResponse:
    """Enter that the list came back to be deliberated again: who sent it and why, with the paper (V9)."""
    user: Any = request.user
    round = _round_of(request, round_id)
    rule = rulebook_for(round).decision.sends_back
    if not works_in(user, round.office) or rule is None or not rule.value:
        raise Http404
    form = ListReturnForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data, now = form.cleaned_data, clock.now()
        try:
            with transaction.atomic():
                data["proof"] = store_upload(data["proof"], purpose="list_return", by=user, at=now)
                send_list_back(round, **data, by=user, at=now)
        except UploadRefused as refused:
            form.add_error("proof", refused.message)
        except StepRefused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, "已登记退回，名单转回审议，请另行召集会议。")
            return redirect("reviews:list_places", round_id=round.public_id)
    context = {
        "round": round, "form": form, "names": returning_names(round), "refused": return_refusals(round, by=user),
        "ground": rulebook_for(round).ground(rule),
    }  # fmt: skip
    return render(request, "reviews/meetings/send_back.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def decision_proof(request: HttpRequest, decision_id) -> HttpResponse:
    """The signed record of a decision, for who reads the decision."""
    user: Any = request.user
    found = BodyDecision.objects.visible_to(user).select_related("proof")
    return serve_file(get_object_or_404(found, public_id=decision_id).proof)
