"""The recommender's own pages: the queue, and the written opinion that follows the publicity."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from award_portal.lib import clock
from organizations.models import Unit
from organizations.once import once_only

from ..forms.desks import OpinionForm, QueueFilter, add_refusals
from ..models import Application
from ..moves import StepRefused
from ..office_desk import queue_rows, queue_workbook, recommender_applications
from ..pipeline import State
from ..recommending import issue_opinion

PAGE = 30
MINE = (State.RECOMMENDATION_REVIEW, State.RECOMMENDATION, State.RECOMMENDATION_PUBLICITY, State.CORRECTION)


@login_required
@never_cache
@require_GET
def recommendation_desk(request: HttpRequest) -> HttpResponse:
    """待办 first: what is on the desk, then what the applicant or the clock has, then the rest on demand."""
    require_unit(request, "recommender")
    applications = recommender_applications(request.user)  # type: ignore[arg-type]
    return queue_page(
        request, applications, states=MINE, template="applications/desks/recommendation_desk.html",
        extra={"publicity_url": publicity_url()},
    )  # fmt: skip


@login_required
@never_cache
@require_GET
def recommendation_export(request: HttpRequest) -> HttpResponse:
    require_unit(request, "recommender")
    rows = queue_rows(recommender_applications(request.user).order_by("number", "pk"), at=clock.now())  # type: ignore[arg-type]
    return spreadsheet(queue_workbook(rows, title="审核推荐"), "审核推荐台账.xlsx")


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def opinion(request: HttpRequest) -> HttpResponse:
    """One 审核推荐意见 for all the chosen candidates."""
    require_unit(request, "recommender")
    candidates = list(
        Application.objects.of_recommender(request.user)
        .filter(state=State.RECOMMENDATION)
        .with_names()
        .order_by("number")  # type: ignore[arg-type]
    )
    initial = {"applications": [str(one.public_id) for one in candidates]}
    form = OpinionForm(request.POST or None, candidates=candidates, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            issue_opinion(
                form.chosen, opinion=form.cleaned_data["opinion"],
                publicity_result=form.cleaned_data["publicity_result"], by=request.user, at=clock.now(),
            )  # fmt: skip
            messages.success(request, f"审核推荐意见和汇总表已出具，{len(form.chosen)}个申报组织已报送办公室。")
            return redirect("applications:recommendation_desk")
        except StepRefused as refused:
            add_refusals(form, refused)
    context = {"form": form, "candidates": candidates}
    return render(request, "applications/desks/opinion.html", context)


def queue_page(
    request: HttpRequest,
    applications: QuerySet[Application],
    *,
    states: tuple[State, ...],
    template: str,
    extra: dict[str, Any],
) -> HttpResponse:
    """A queue in the order of work, filtered and paged; the same number of queries for one row and for thirty."""
    districts = sorted({one for one in applications.order_by().values_list("district", flat=True).distinct() if one})
    form = QueueFilter(request.GET, states=[(one.value, one.label) for one in states], districts=districts)
    wanted = form.wanted
    found = _narrowed(applications, wanted, states).annotate(
        rank=Case(
            *(When(state=state, then=Value(place)) for place, state in enumerate(states)),
            default=Value(len(states)),
            output_field=IntegerField(),
        )
    )
    page = Paginator(found.order_by("rank", "submitted_at", "pk"), PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "rows": queue_rows(page.object_list, at=clock.now()), "form": form}
    return render(request, template, context | extra)


def _narrowed(
    applications: QuerySet[Application], wanted: dict[str, str], states: tuple[State, ...]
) -> QuerySet[Application]:
    state, text, district = wanted["state"], wanted["q"], wanted["district"]
    if state != "all":
        applications = applications.filter(state__in=[state] if state else states)
    if district:
        applications = applications.filter(district=district)
    if text:
        applications = applications.filter(
            Q(organization__name__icontains=text) | Q(organization__code__icontains=text) | Q(number__icontains=text)
        )
    return applications


def require_unit(request: HttpRequest, kind: str) -> list[Unit]:
    """The person's units of a kind; a person of none finds no such desk."""
    units = list(Unit.objects.of_user(request.user).of_kind(kind))  # type: ignore[arg-type]
    if not units:
        raise Http404
    return units


def publicity_url() -> str:
    """Where the lists are published: a page of a higher room, linked by name."""
    try:
        return reverse("publicity:open_publicity")
    except NoReverseMatch:
        return ""


def spreadsheet(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["Cache-Control"] = "private, no-store"
    return response
