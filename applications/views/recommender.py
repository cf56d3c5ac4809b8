"""The recommender's own pages: the queue, and the written opinion that follows the publicity."""

from __future__ import annotations

from typing import Any

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
from documents.registers import register_response
from organizations.models import Unit
from organizations.once import once_only

from ..forms.desks import OpinionForm, QueueFilter, add_refusals
from ..models import Application
from ..moves import StepRefused
from ..office_desk import queue_rows, recommender_applications
from ..pipeline import State
from ..recommending import draft_opinion, draft_publicity_result, issue_opinion
from ..registers import credit_register, queue_register, recommendation_register
from ..routing import schemes_publishing

PAGE = 30
MINE = (State.RECOMMENDATION_REVIEW, State.RECOMMENDATION, State.RECOMMENDATION_PUBLICITY, State.CORRECTION)
NOT_RECOMMENDED = (State.NOT_RECOMMENDED, State.WITHDRAWN, State.DISQUALIFIED)


@login_required
@never_cache
@require_GET
def recommendation_desk(request: HttpRequest) -> HttpResponse:
    """待办 first: what is on the desk, then what the applicant or the clock has, then the rest on demand."""
    units = require_unit(request, "recommender")
    applications = recommender_applications(request.user)  # type: ignore[arg-type]
    publishing = schemes_publishing(State.RECOMMENDATION_PUBLICITY, keys={one.scheme_key for one in units})
    states = MINE if publishing else tuple(one for one in MINE if one != State.RECOMMENDATION_PUBLICITY)
    return queue_page(
        request, applications, states=states, template="applications/desks/recommendation_desk.html",
        extra={"publicity_url": publicity_url() if publishing else ""},
    )  # fmt: skip


@login_required
@never_cache
@require_GET
def recommendation_export(request: HttpRequest) -> HttpResponse:
    require_unit(request, "recommender")
    now = clock.now()
    rows = queue_rows(recommender_applications(request.user).order_by("number", "pk"), at=now)  # type: ignore[arg-type]
    return register_response(queue_register(rows, title="审核推荐台账"), request.GET.get("format", ""), at=now)


@login_required
@never_cache
@require_GET
def recommendation_summary(request: HttpRequest) -> HttpResponse:
    """推荐汇总表 of one round as it stands: those recommended and those about to be."""
    require_unit(request, "recommender")
    own = Application.objects.submitted().of_recommender(request.user).with_names()  # type: ignore[arg-type]
    names = list(own.exclude(state__in=NOT_RECOMMENDED).order_by("-round__pk", "number", "pk"))
    if not names:
        raise Http404
    names = [one for one in names if one.round_id == names[0].round_id]
    register = recommendation_register(names, round=names[0].round)
    return register_response(register, request.GET.get("format", ""), at=clock.now())


@login_required
@never_cache
@require_GET
def credit_records(request: HttpRequest) -> HttpResponse:
    """信用核查记录: every look-up about the desk's own applications."""
    office = Unit.objects.of_user(request.user).of_kind("office").exists()  # type: ignore[arg-type]
    if not office:
        require_unit(request, "recommender")
    own = Application.objects.of_office(request.user) if office else Application.objects.of_recommender(request.user)  # type: ignore[arg-type]
    register = credit_register(list(own.with_names()))
    return register_response(register, request.GET.get("format", ""), at=clock.now())


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
    # one letter speaks of one round
    candidates = [one for one in candidates if one.round_id == candidates[0].round_id]
    initial = {
        "applications": [str(one.public_id) for one in candidates],
        "opinion": draft_opinion(candidates, at=clock.now()),
        "publicity_result": draft_publicity_result(candidates),
    }
    form = OpinionForm(request.POST or None, candidates=candidates, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            issue_opinion(
                form.chosen, opinion=form.cleaned_data["opinion"],
                publicity_result=form.cleaned_data.get("publicity_result", ""), by=request.user, at=clock.now(),
            )  # fmt: skip
            messages.success(request, _handed_over(form.chosen))
            return redirect("applications:recommendation_desk")
        except StepRefused as refused:
            add_refusals(form, refused)
    context = {"form": form, "candidates": candidates, "book": candidates[0].rulebook if candidates else None}
    return render(request, "applications/desks/opinion.html", context)


def _handed_over(chosen: list[Application]) -> str:
    """What was written and who has the names now, in the scheme's own words."""
    book = chosen[0].rulebook
    papers = "和".join(book.instrument(one) for one in ("recommendation_opinion", "recommendation_summary"))
    return f"{papers}已出具，{len(chosen)}个{book.noun}已报送{book.role('office')}。"


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
    user: Any = request.user
    units = list(Unit.objects.of_user(user).of_kind(kind))
    if not units:
        raise Http404
    return units


def publicity_url() -> str:
    """Where the lists are published: a page of a higher room, linked by name."""
    try:
        return reverse("publicity:open_publicity")
    except NoReverseMatch:
        return ""
