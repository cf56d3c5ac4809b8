"""The rehearsal bar's one action: going forward. Its address exists in rehearsal settings only."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from award_portal.lib import clock
from award_portal.lib.clock import TravelRefused
from awards.workdays import CalendarMissing, date_zh

from .travelling import next_moment, travel

OPENING_HOUR = 9


@require_POST
def travel_clock(request: HttpRequest) -> HttpResponse:
    """Go to the next due moment or to the morning of a date; every due moment on the way is lived through."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    try:
        stops = _go(request)
    except TravelRefused as refused:
        messages.error(request, str(refused))
    except (ValueError, CalendarMissing) as refused:
        messages.error(request, str(refused) if isinstance(refused, CalendarMissing) else "请填写要前往的日期。")
    else:
        now = clock.now()
        passed = f"，途中办理{stops}个到期事项" if stops else ""
        messages.success(request, f"演练时间已到{date_zh(now.date())}{now:%H:%M}{passed}。")
    return redirect(target)


def _go(request: HttpRequest) -> int:
    if request.POST.get("to") == "date":
        day = date.fromisoformat(request.POST.get("date", ""))
        if day.year > 2036:
            raise TravelRefused("演练日历到2036年为止。")
        return travel(clock.at(day, OPENING_HOUR))
    moment = next_moment()
    if moment is None:
        raise TravelRefused("没有下一个到期节点，可以选择日期前往。")
    return travel(moment)
