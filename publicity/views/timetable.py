"""The office's page of a round's planned and actual timetable."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from award_portal.lib import clock
from awards.models import Round
from awards.workdays import CalendarMissing
from publicity.models import WindowExtension
from publicity.timetable import round_timetable, timetable_chart


@login_required
@never_cache
@require_GET
def timetable(request: HttpRequest, public_id) -> HttpResponse:
    """Planned beside actual, stage by stage, with every publicity window and every delay."""
    rounds = Round.objects.visible_to(request.user).select_related("scheme", "edition", "office")
    round = get_object_or_404(rounds, public_id=public_id)
    now, missing = clock.now(), ""
    try:
        lines = round_timetable(round, at=now)
    except CalendarMissing as error:
        lines, missing = [], str(error)
    context = {
        "round": round,
        "lines": lines,
        "chart": timetable_chart(round, lines, at=now),
        "missing": missing,
        "late": [one for one in lines if one.late_days],
        "extensions": list(WindowExtension.objects.filter(round=round).select_related("notice")),
    }
    return render(request, "publicity/timetable.html", context)
