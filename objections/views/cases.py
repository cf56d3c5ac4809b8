"""The desk of the unit that handles objections: the list, one case, who objected (U12, U13)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from applications.moves import StepRefused
from applications.rules import works_in
from award_portal.lib import clock
from documents.registers import register_response
from organizations.once import once_only

from .. import completing, extending, handling, merging, receiving
from ..case_steps import CaseStep
from ..form_check import form_asked
from ..forms import CaseFilter, ExtensionForm, HandOverForm, MergeForm, RefuseFormForm, ReturnForm
from ..handling import HandlingRefused
from ..identity import may_open
from ..models import Objection, ObjectionQuerySet, SituationReport
from ..pipeline import ENDED, WITH_INVESTIGATOR, State
from ..registers import objection_register
from .identity_steps import IDENTITY_STEPS, identity_context
from .investigation import INVESTIGATION_STEPS, investigation_context

STEPS: dict[str, CaseStep] = {
    "accept": CaseStep(lambda case, data, by, at: handling.accept(case, by=by, at=at)),
    "forward": CaseStep(lambda case, data, by, at: handling.forward(case, by=by, at=at)),
    "refuse_form": CaseStep(
        lambda case, data, by, at: completing.refuse_form(case, because=data["because"], by=by, at=at), RefuseFormForm
    ),
    "return_form": CaseStep(
        lambda case, data, by, at: completing.require_completion(
            case, keys=data["keys"], because=data["because"], by=by, at=at
        ),
        ReturnForm,
        for_case=True,
    ),
    "extend": CaseStep(
        lambda case, data, by, at: extending.extend_leg(case, days=data["days"], ground=data["ground"], by=by, at=at),
        ExtensionForm,
    ),
    "merge": CaseStep(
        lambda case, data, by, at: merging.merge_case(
            case, into=Objection.objects.get(public_id=data["into"]), by=by, at=at
        ),
        MergeForm,
        for_case=True,
    ),
    "hand_over": CaseStep(
        lambda case, data, by, at: receiving.hand_to_office(
            case, accuses=data["accuses"], because=data["because"], by=by, at=at
        ),
        HandOverForm,
    ),
    "tell": CaseStep(lambda case, data, by, at: handling.tell(case, by=by, at=at)),
    **INVESTIGATION_STEPS,
    **IDENTITY_STEPS,
}


def desk_objections(request: HttpRequest) -> ObjectionQuerySet:
    return Objection.objects.visible_to(request.user).select_related(
        "application__organization", "application__round__scheme", "application__round__edition",
        "application__round__office", "application__recommender", "investigator", "handler", "lead",
        "reply", "forwarding",
    )  # fmt: skip


@login_required
@require_GET
def cases(request: HttpRequest) -> HttpResponse:
    """The desk's objections, the nearest due date first; as a workbook (异议台账) where it is asked for."""
    form, now = CaseFilter(request.GET or None, rounds=_rounds_of(request)), clock.now()
    found = desk_objections(request).order_by(F("due_at").asc(nulls_last=True), "-filed_at")
    if form.is_valid():
        found = _narrowed(found, form.cleaned_data, now)
    if request.GET.get("format") in ("xlsx", "pdf"):
        rows = found.prefetch_related("extensions", "joined")
        return register_response(objection_register(rows, at=now), request.GET["format"], at=now)
    page = Paginator(found, 30).get_page(request.GET.get("page"))
    mine = desk_objections(request)
    context = {
        "page_obj": page, "query": _query_of(request), "now": now, "filter": form, "late_count": mine.late(now).count(),
        "open_count": mine.unfinished().count(), "warned_count": mine.warned(now).count(),
        "tips": SituationReport.objects.visible_to(request.user).unnoted().count(),
    }  # fmt: skip
    return render(request, "objections/cases.html", context)


def _rounds_of(request: HttpRequest) -> list[tuple[Any, str]]:
    """The rounds the desk's cases are of, the newest first."""
    named = Objection.objects.visible_to(request.user).values_list(
        "application__round__public_id", "application__round__title", "application__round__year"
    )  # fmt: skip
    return [(key, title) for key, title, _ in sorted(set(named.order_by()), key=lambda one: (-one[2], one[1]))]


def _query_of(request: HttpRequest) -> str:
    """The filters as they stand, to go before another part of the query."""
    query = request.GET.copy()
    for key in ("format", "page"):
        query.pop(key, None)
    return f"{query.urlencode()}&" if query else ""


def _narrowed(found: ObjectionQuerySet, data: dict, now: datetime) -> ObjectionQuerySet:
    if data["round"]:
        found = found.filter(application__round__public_id=data["round"])
    if data["number"]:
        found = found.filter(number__icontains=data["number"].strip())
    if data["state"] == "open":
        found = found.unfinished()
    elif data["state"]:
        found = found.filter(state=data["state"])
    if data["due"] == "overdue":
        found = found.late(now)
    elif data["due"] == "soon":
        found = found.due_soon(now)
    elif data["due"] == "warned":
        found = found.warned(now)
    return found


@login_required
@require_GET
def case(request: HttpRequest, public_id) -> HttpResponse:
    """One objection with what is to be done next. The investigator never sees who objected."""
    objection = get_object_or_404(desk_objections(request), public_id=public_id)
    return render_case(request, objection)


@login_required
@require_POST
@once_only
def act(request: HttpRequest, public_id, step: str) -> HttpResponse:
    """Take the next step of a case; a refusal shows the page again with what was typed."""
    objection = get_object_or_404(desk_objections(request), public_id=public_id)
    if step not in STEPS:
        raise Http404
    taken = STEPS[step]
    form = taken.form_for(objection, request.POST, request.FILES)
    if form is not None and not form.is_valid():
        return render_case(request, objection, step=step, form=form, status=422)
    data = form.cleaned_data if form else {}
    try:
        taken.take(objection, data, request.user, clock.now())  # type: ignore[arg-type]
    except (HandlingRefused, StepRefused) as refused:
        messages.error(request, str(refused))
        fresh = desk_objections(request).get(pk=objection.pk)
        return render_case(request, fresh, step=step, form=form, status=422)
    messages.success(request, "已办理。")
    if not desk_objections(request).filter(pk=objection.pk).exists():
        return redirect("objections:cases")  # given away: it is no longer this desk's
    return redirect("objections:case", public_id=data["into"] if step == "merge" else public_id)


def render_case(
    request: HttpRequest, objection: Objection, *, step="", form=None, known=None, opening=None, status: int = 200
) -> HttpResponse:
    in_office = works_in(request.user, objection.handled_by)  # the unit that handles it, not always the office
    investigates = objection.investigator is not None and works_in(request.user, objection.investigator)
    book, may_know = objection.application.rulebook, may_open(request.user, objection)  # type: ignore[arg-type]
    own_forms = {key: found for key, one in STEPS.items() if (found := one.form_for(objection)) is not None}
    if form is not None:
        own_forms[step] = form
    for key, one in own_forms.items():
        one.auto_id = f"id_{key}_%s"  # several of them ask for a ground: each field has a name of its own on the page
    context = {
        "objection": objection,
        "in_office": in_office,
        "investigates": investigates,
        "known": known,
        "refused_step": step,
        "forms": own_forms,
        "files": [one for one in objection.files.select_related("file") if may_know or not one.tells_identity],
        **identity_context(request, objection, may_know),
        **({"open_form": opening} if opening is not None else {}),
        "condition": book.condition(objection.condition) if objection.condition else None,
        "ground_forward": book.ground(book.objections.clocks.forward.days),
        "is_overdue": bool(objection.leg and objection.due_at and objection.due_at <= clock.now()),
        "offers": _offers(objection) if in_office else [],
        "followers": list(objection.followers.all()),
        "joined": list(objection.joined.all()),
        "letters": list(objection.letters.select_related("document")),
        "extensions": list(objection.extensions.select_related("extended_by")),
        "lacks": [text for _, text in objection.lacks],
        "is_ended": objection.state in ENDED,
        "recommender_word": book.role("recommender"),
        **_receiving_context(objection, request),
        "ground_form": book.ground(form_asked(book, objection.form)),
        "ground_extend": book.ground(book.objections.said("extension_times")),
        "holds": objection.application.holds.filter(source=objection.hold_source),
        "State": State,
        "with_investigator": objection.state in WITH_INVESTIGATOR,
        **investigation_context(request, objection),
        "back": reverse("objections:cases"),
    }
    return render(request, "objections/case.html", context, status=status)


def _offers(objection: Objection) -> list[tuple[merging.Offer, str]]:
    """What may be handled together with this case, each with the ground it names."""
    book = objection.application.rulebook
    return [
        (one, book.condition(one.other.condition).text if one.other.condition else "未注明申报条件")
        for one in merging.offers_for(objection)
    ]


def _receiving_context(objection: Objection, request: HttpRequest) -> dict[str, Any]:
    """Who handles the case and who looks into it; what the office sees of a case that a recommender handles (O6)."""
    office, investigator = objection.application.round.office, handling.investigator_of(objection)
    return {
        "investigator_name": investigator.name,
        "office_word": objection.application.rulebook.role("office"),
        "investigates_itself": investigator == objection.handled_by,
        "may_hand_over": receiving.may_hand_over(objection),
        "handed_elsewhere": objection.handler is not None,
        "watches": objection.handler is not None and works_in(request.user, office),  # type: ignore[arg-type]
        "ground_receiving": receiving.receiving_ground(objection),
    }
