"""The pool of experts: found, added, and one expert's card with all that is kept of them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from applications.forms.desks import add_refusals
from applications.moves import StepRefused
from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from organizations.once import once_only
from organizations.passwords import PasswordRefused, issue_password_link, needs_first_password

from ..expert_absences import enter_absence, remove_absence
from ..expert_records import uses_of
from ..expert_sanctions import discipline_ground, disqualify_expert, reinstate_expert, suspend_expert
from ..experts import add_expert, edit_card, end_employment, enter_employment, note_use, record_training
from ..forms import experts as forms
from ..forms.panels import ConflictForm
from ..models import Expert, ExpertSpecialty, PanelMember, Tie, TieSource
from ..ties import declare_conflict
from .desk import require_office_desk
from .invitations import as_uuid


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def experts(request: HttpRequest) -> HttpResponse:
    """The office's pool, searched, and adding to it."""
    offices, user = require_office_desk(request), _person(request)
    form = forms.ExpertForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            expert = add_expert(offices[0].scheme_key, user=form.user, by=user, at=clock.now(), **form.cleaned_data)
            messages.success(request, f"{expert}已入库。")
            if needs_first_password(expert.user):
                return redirect("reviews:expert", expert.public_id)
            return redirect("reviews:experts")
        except StepRefused as refused:
            add_refusals(form, refused)
    own = Expert.objects.of_office(user)
    wanted = forms.ExpertFilter(request.GET or None, fields=_fields_of(own))
    chosen = wanted.chosen
    first, last = chosen.pop("free_from", None), chosen.pop("free_to", None)
    days = (first or last, last or first) if first or last else None
    pool = Expert.objects.filter(pk__in=own.found_by(**chosen, free=days).values("pk"))
    page = Paginator(pool.with_use().with_fields().order_by("field", "pk"), 30).get_page(request.GET.get("page"))
    context = {"form": form, "page_obj": page, "wanted": wanted, "is_narrowed": bool(chosen or days)}
    return render(request, "reviews/experts/experts.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def expert(request: HttpRequest, expert_id: uuid.UUID) -> HttpResponse:
    """One expert: fields, employers, training, use, days away, ties, sanctions; each changed by a form of its own."""
    require_office_desk(request)
    user = _person(request)
    one = get_object_or_404(Expert.objects.of_office(user).with_use().with_fields(), public_id=expert_id)
    rounds = Round.objects.visible_to(user).published().filter(scheme__key=one.scheme_key)
    round = rounds.order_by("-pk").first()
    action = request.POST.get("action", "")
    bound = _forms(one, round, action, request)
    form, link = bound.get(action), ""
    try:
        if action == "password_link":
            link = request.build_absolute_uri(issue_password_link(one.user, by=user, at=clock.now()))
        elif action == "remove_absence":
            remove_absence(get_object_or_404(one.absences, public_id=as_uuid(request)), by=user, at=clock.now())
            return redirect("reviews:expert", expert_id)
        elif form is not None and form.is_valid():
            messages.success(request, _acts(request, one, round)[action](form.cleaned_data))
            return redirect("reviews:expert", expert_id)
    except PasswordRefused as refused:
        messages.error(request, str(refused))
    except StepRefused as refused:
        if form is None:
            raise
        add_refusals(form, refused)
    return render(request, "reviews/experts/expert.html", _card(one, round, bound, form) | {"link": link})


def _forms(one: Expert, round: Round | None, action: str, request: HttpRequest) -> dict[str, Form]:
    """A form for each act; the one that was posted holds what was typed."""

    def data(name: str) -> Any:
        return request.POST if action == name else None

    others = "、".join(each.field for each in one.specialties.all())
    made: dict[str, Form] = {
        "edit": forms.CardForm(
            data("edit"), initial={"field": one.field, "other_fields": others, "title": one.title}, prefix=None
        ),
        "employment": forms.EmploymentForm(data("employment"), auto_id="job_%s"),
        "end_employment": forms.EndEmploymentForm(data("end_employment"), auto_id="end_%s"),
        "training": forms.TrainingForm(data("training"), auto_id="training_%s"),
        "absence": forms.AbsenceForm(data("absence"), auto_id="away_%s"),
        "use": forms.UseNoteForm(data("use"), auto_id="use_%s"),
    }
    if one.is_in_use:
        made["suspend"] = forms.SuspendForm(data("suspend"), auto_id="suspend_%s")
    else:
        made["reinstate"] = forms.ReinstateForm(data("reinstate"), auto_id="reinstate_%s")
    if one.state != Expert.State.DISQUALIFIED or one.is_in_use:
        made["disqualify"] = forms.DisqualifyForm(data("disqualify"), auto_id="disqualify_%s")
    if round is not None:
        made["conflict"] = ConflictForm(data("conflict"), book=rulebook_for(round), auto_id="tie_%s")
    return made


def _acts(request: HttpRequest, one: Expert, round: Round | None) -> dict[str, Callable[[dict[str, Any]], str]]:
    """What each form does, and what the page says then."""
    who: dict[str, Any] = {"by": request.user, "at": clock.now()}

    def done(said: str, act: Callable[..., Any], *subject: Any) -> Callable[[dict[str, Any]], str]:
        def carry_out(data: dict[str, Any]) -> str:
            act(*subject, **data, **who)
            return said

        return carry_out

    def on_employment(data: dict[str, Any]) -> str:
        return done("离任已登记。", end_employment, _of(one.employments.select_related("expert"), request))(data)

    def on_use(data: dict[str, Any]) -> str:
        return done("使用评价已登记。", note_use, _seat(one, request))(data)

    def on_tie(data: dict[str, Any]) -> str:
        organization, source = data.pop("organization"), TieSource.OFFICE
        return done("利害关系已登记。", declare_conflict, one, organization)({**data, "round": round, "source": source})

    return {
        "edit": done("已保存。", edit_card, one),
        "employment": done("任职已登记。", enter_employment, one),
        "end_employment": on_employment,
        "training": done("培训已登记。", record_training, one),
        "absence": done("已登记。抽取专家时将避开这段时间。", enter_absence, one),
        "use": on_use,
        "suspend": done("已暂停使用。未办结的评审任务已转由他人办理。", suspend_expert, one),
        "disqualify": done("已取消评审专家资格。未办结的评审任务已转由他人办理。", disqualify_expert, one),
        "reinstate": done("已恢复使用。", reinstate_expert, one),
        "conflict": on_tie,
    }


def _card(one: Expert, round: Round | None, bound: dict[str, Form], failed: Form | None) -> dict[str, Any]:
    book = rulebook_for(round) if round else None
    grounds = {item.key: item.text for item in book.recusal.grounds} if book else {}
    ties = Tie.objects.standing().of_scheme(one.scheme_key).filter(person=one.user).with_names()
    return {
        "expert": one, "forms": bound, "failed": failed if failed is not None and failed.errors else None,
        "employments": one.employments.all(), "trainings": one.training_records.all(), "uses": uses_of(one),
        "absences": one.absences.filter(until_on__gt=clock.today()),
        "sanctions": one.sanctions.select_related("made_by", "ended_by"),
        "conflicts": [(row, grounds.get(row.ground, row.get_kind_display())) for row in ties],
        "needs_password": needs_first_password(one.user), "recusal_ground": book.recusal_ground if book else "",
        "discipline_ground": discipline_ground(one.scheme_key),
    }  # fmt: skip


def _fields_of(own: Any) -> list[str]:
    """Every field somebody in the pool has."""
    main = own.order_by().values_list("field", flat=True).distinct()
    other = ExpertSpecialty.objects.filter(expert__in=own).order_by().values_list("field", flat=True).distinct()
    return sorted({*main, *other})


def _of(rows: Any, request: HttpRequest) -> Any:
    return get_object_or_404(rows, public_id=as_uuid(request))


def _seat(one: Expert, request: HttpRequest) -> PanelMember:
    members = one.memberships.select_related("panel", "expert")
    found = members.filter(panel__public_id=as_uuid(request)).first()
    if found is None:
        raise Http404
    return found


def _person(request: HttpRequest) -> Any:
    return request.user
