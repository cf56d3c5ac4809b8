"""上届复制 at the desk: the last round's values ticked one by one, its dates moved on and corrected (R3)."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from award_portal.lib import clock
from awards.copying import last_round, proposals_for, shifted_dates, take_over
from awards.forms.rounds import DatesForm
from awards.models import Round
from awards.parameters import ParameterRefused
from awards.rounds import RoundRefused, set_dates
from awards.workdays import CalendarMissing
from organizations.once import once_only


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def copy_round(request: HttpRequest, public_id) -> HttpResponse:
    """What the last round had, beside what the new edition says; only what is ticked and saved is taken."""
    rounds = Round.objects.visible_to(request.user).select_related("scheme", "edition__scheme", "office")
    round = get_object_or_404(rounds, public_id=public_id)
    shifted, action = shifted_dates(round), request.POST.get("action", "")
    form = DatesForm(request.POST if action == "dates" else None, initial=shifted.proposed if shifted else {})
    if request.method == "POST" and _carried_out(request, round, form, action):
        return redirect("awards:copy_round", round.public_id)
    proposals = proposals_for(round)
    context = {
        "round": round,
        "source": last_round(round),
        "values": [one for one in proposals if one.was_set],
        "confirmed": [one for one in proposals if not one.was_set],
        "left": sum(one.may_take for one in proposals),
        "shifted": shifted,
        "form": form,
        "has_dates": bool(round.opens_at),
    }
    return render(request, "awards/copy_round.html", context, status=422 if form.errors else 200)


def _carried_out(request: HttpRequest, round: Round, form: DatesForm, action: str) -> bool:
    """Whether the post was answered in full; otherwise the page is shown again with what was typed."""
    if action == "dates":
        return form.is_valid() and _dates_set(request, round, form)
    paths = request.POST.getlist("take")
    if not paths:
        messages.warning(request, "没有勾选任何取值，未作改动。")
        return True
    try:
        taken = take_over(round, paths, by=request.user, at=clock.now())
    except ParameterRefused as refused:
        messages.error(request, f"没有沿用任何取值：{refused}。")
    else:
        messages.success(request, f"已沿用{taken}项，每项均已留痕。")
    return True


def _dates_set(request: HttpRequest, round: Round, form: DatesForm) -> bool:
    due_on = form.cleaned_data["recommendation_due_on"]
    try:
        set_dates(
            round, opens_at=form.opens_at, closes_at=form.closes_at, recommendation_due_on=due_on,
            by=request.user, at=clock.now(),
        )  # fmt: skip
    except (RoundRefused, CalendarMissing) as refused:
        for reason in getattr(refused, "reasons", [str(refused)]):
            form.add_error(None, reason)
        return False
    messages.success(request, "日期已保存。")
    return True
