"""The desk from which calls and lists are published; what amends them is in `amending`."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from applications.gates import Blocker
from applications.models import Application
from applications.pipeline import PUBLICITIES, State
from award_portal.lib import clock
from awards.calendars import running_out
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rounds import RoundRefused, announcement_refusals
from awards.workdays import CalendarMissing
from organizations.once import once_only
from publicity.awaiting import issuers_of, names_awaiting, waiting_lists
from publicity.call import call_content, publish_call
from publicity.extending import day_unit
from publicity.forms import OpenPublicityForm
from publicity.models import Notice
from publicity.opening import PublicityRefused, open_publicity, opening_refusals, propose_window
from publicity.standing import standings
from publicity.tiers import tiers_of


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def publish(request: HttpRequest, public_id) -> HttpResponse:
    """The call as it will be published, with everything that still keeps it back (R3)."""
    rounds = Round.objects.visible_to(request.user).select_related("scheme", "edition", "office")
    round = get_object_or_404(rounds, public_id=public_id)
    now = clock.now()
    reasons = announcement_refusals(round, at=now)
    if request.method == "POST":
        try:
            publish_call(round, by=request.user, at=now)
        except RoundRefused as refused:
            reasons = refused.reasons
        else:
            messages.success(request, "申报通知已发布。")
            return redirect("publicity:call", round.public_id)
    dated = round.opens_at and round.closes_at and round.recommendation_due_on
    context = {
        "round": round,
        "blockers": [Blocker(text) for text in reasons],
        "content": call_content(round, at=now) if dated else None,
    }
    return render(request, "publicity/publish_call.html", context, status=422 if request.method == "POST" else 200)


@login_required
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """What waits to be published by the person's units, and what they have running."""
    units = issuers_of(request.user)
    if not units.exists():
        raise PermissionDenied("公示由审核推荐单位和办公室发布。")
    now = clock.now()
    own = Notice.objects.public().windows().filter(issuer__in=units).select_related("round", "document", "issuer")
    context = {
        "waiting": waiting_lists(request.user),
        "lines": standings(list(own[:30]), at=now),
        "warning": running_out(now.date()),
    }
    return render(request, "publicity/desk.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def open_list(request: HttpRequest, public_id, kind: str, unit) -> HttpResponse:
    """Choose the names, see the window they will have, then publish (U11.3, 11.4, 11.8)."""
    issuer = get_object_or_404(issuers_of(request.user), public_id=unit)
    round = get_object_or_404(
        Round.objects.published().select_related("scheme", "edition", "office").filter(scheme__key=issuer.scheme_key),
        public_id=public_id,
    )
    book = rulebook_for(round)
    if kind not in PUBLICITIES or not book.has_stage(kind):
        raise Http404
    waiting = names_awaiting([issuer]).filter(round=round, state=kind)
    ready = list(waiting.select_related("organization", "recommender", "round").order_by("number", "pk"))
    tiers = tiers_of(ready) if kind == State.AWARD_PUBLICITY else {}
    rule = book.publicity(kind)
    form = OpenPublicityForm(
        request.POST or None,
        names=[(str(one.public_id), _named(one, tiers)) for one in ready],
        noun=book.noun,
        unit=day_unit(rule.day_kind.value),
        exact=rule.days.bound == "exactly",
        ground=book.ground(rule.days),
        initial={"names": [str(one.public_id) for one in ready], "days": rule.days.value},
    )
    page = {
        "round": round,
        "kind": kind,
        "label": book.label(kind),
        "issuer": issuer,
        "form": form,
        "ready": ready,
        "noun": book.noun,
        "recommender_word": book.role("recommender"),
        "held": rule.held_by_objection.value,
    }
    if request.method != "POST" or request.POST.get("step") == "edit" or not form.is_valid():
        page["window"], page["missing"] = _window(round, kind, None)
        shown_errors = request.method == "POST" and request.POST.get("step") != "edit"
        return render(request, "publicity/open_list.html", page, status=422 if shown_errors else 200)
    chosen = [one for one in ready if str(one.public_id) in form.cleaned_data["names"]]
    days = form.cleaned_data["days"]
    if request.POST.get("step") == "publish":
        try:
            notice = open_publicity(
                round, kind=kind, applications=chosen, issuer=issuer, by=request.user, at=clock.now(), days=days
            )
        except PublicityRefused as refused:
            page["blockers"] = refused.blockers
        except CalendarMissing as missing:
            page["blockers"] = [Blocker(str(missing))]
        else:
            messages.success(request, f"{notice.title}已发布，期满后由系统自动转入下一环节。")
            return redirect(notice.get_absolute_url())
    else:
        page["blockers"] = opening_refusals(
            round, kind=kind, applications=chosen, issuer=issuer, by=request.user, days=days, tiers=tiers
        )
    return _confirm_list(request, page, chosen, tiers, days)


def _named(application: Application, tiers: dict[int, str]) -> str:
    tier = tiers.get(application.pk)
    return f"{application.organization}（{application.number}）" + (f"：{tier}" if tier else "")


def _window(round: Round, kind: str, days: int | None):
    """The window of a notice published now, or why there is none."""
    try:
        return propose_window(round, kind=kind, at=clock.now(), days=days), ""
    except CalendarMissing as missing:
        return None, str(missing)


def _confirm_list(request: HttpRequest, page: dict[str, Any], chosen, tiers, days: int) -> HttpResponse:
    page["window"], missing = _window(page["round"], page["kind"], days)
    if missing:
        page["blockers"] = [*page["blockers"], Blocker(missing)] if not page["blockers"] else page["blockers"]
    page |= {"chosen": [(one, tiers.get(one.pk, "")) for one in chosen], "days": days}
    refused = request.POST.get("step") == "publish"
    return render(request, "publicity/open_list_confirm.html", page, status=422 if refused else 200)
