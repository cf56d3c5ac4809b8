"""The administrator keeps the work calendar: years, days, CSV import, and the alarm before it runs out (E1)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from award_portal.lib import clock
from awards.calendars import CalendarInvalid, current_calendar, import_csv, running_out, set_day
from awards.forms.calendars import CalendarFileForm, DayForm
from awards.models import CalendarYear
from awards.workdays import Calendar
from organizations.files import UploadRefused, store_upload
from organizations.once import once_only


def administrators_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The work calendar is every scheme's: only administrators keep it."""

    @login_required
    @wraps(view)
    def wrapper(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not request.user.is_staff:
            raise PermissionDenied("工作日历由系统管理员维护。")
        return view(request, *args, **kwargs)

    return wrapper


@administrators_only
@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """The published years, and what is about to run out."""
    years = CalendarYear.objects.annotate(
        off=Count("days", filter=Q(days__is_workday=False)), made_up=Count("days", filter=Q(days__is_workday=True))
    ).order_by("-year")
    return render(request, "awards/calendar.html", {"years": years, "warning": running_out(clock.today())})


@administrators_only
@require_http_methods(["GET", "POST"])
@once_only
def calendar_year(request: HttpRequest, year: int) -> HttpResponse:
    """One year's departures from the plain week; a day may be changed, published windows stay as they are."""
    sheet = get_object_or_404(CalendarYear, year=year)
    form = DayForm(request.POST or None, year=year)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            set_day(
                data["day"],
                is_workday=data["is_workday"] == "work",
                name=data["name"],
                by=request.user,
                at=clock.now(),
            )
        except CalendarInvalid as invalid:
            for error in invalid.errors:
                form.add_error(None, error)
        else:
            messages.success(request, f"{data['day']:%Y年%-m月%-d日}已改。已经发布的公示和期限不受影响。")
            return redirect("awards:calendar_year", year)
    published = current_calendar()
    context = {"sheet": sheet, "days": sheet.days.all(), "form": form, "months": months_of(published, year)}
    return render(request, "awards/calendar_year.html", context, status=422 if form.errors else 200)


def months_of(calendar: Calendar, year: int) -> list[tuple[str, int]]:
    """Working days a month, for a look at whether the year is right; nothing for a year not in force here."""
    if year not in calendar.years:
        return []
    worked = calendar.years[year]
    return [(f"{month}月", sum(day.month == month for day in worked)) for month in range(1, 13)]


@administrators_only
@require_http_methods(["GET", "POST"])
@once_only
def import_calendar(request: HttpRequest) -> HttpResponse:
    """Import a year's holidays from CSV; every faulty row is listed and nothing of the file is stored."""
    form = CalendarFileForm(request.POST or None, request.FILES or None)
    errors: list[str] = []
    if request.method == "POST" and form.is_valid():
        upload, now = form.cleaned_data["file"], clock.now()
        try:
            with transaction.atomic():
                stored = store_upload(upload, purpose="calendar_csv", by=request.user, at=now, allowed=["csv"])
                with stored.content.open("rb") as content:
                    years = import_csv(content.read(), by=request.user, at=now)
        except UploadRefused as refused:
            form.add_error("file", refused.message)
        except CalendarInvalid as invalid:
            errors = invalid.errors
        else:
            messages.success(request, f"已导入{'、'.join(str(one.year) for one in years)}年工作日历。")
            return redirect("awards:calendar")
    status = 422 if form.errors or errors else 200
    return render(request, "awards/import_calendar.html", {"form": form, "errors": errors}, status=status)
