"""The office prepares a round: opens it on an edition, confirms every assumed value, sets the dates (R1–R3)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from award_portal.lib import clock
from awards.calendars import current_calendar, running_out
from awards.copying import last_round
from awards.criteria import ApprovalRefused, office_made, record_approval
from awards.forms.rounds import CeremonyForm, CriteriaForm, DatesForm, OpenRoundForm, ValueForm
from awards.gantt import Bar, Chart, draw_chart
from awards.models import Round
from awards.parameters import ParameterRefused, confirm_parameter, read_value, rulebook_for, set_parameter
from awards.planning import (
    BackwardPlan,
    PlannedStage,
    day_unit,
    plan_backwards,
    plan_stages,
    propose_dates,
    whole_timetable,
)
from awards.preparing import adjustable_lines, editions_for, offices_of, propose_round, value_groups
from awards.round_panels import panels_of
from awards.rounds import RoundRefused, announcement_refusals, confirm_draft, prepare_round, set_dates
from awards.rulebook import RuleRow
from awards.schemes import needs_confirmation, opening_blockers, rulebook_of
from awards.workdays import CalendarMissing
from organizations.once import once_only


def _round_of(request: HttpRequest, public_id) -> Round:
    rounds = Round.objects.visible_to(request.user).select_related("scheme", "edition__scheme", "office")
    return get_object_or_404(rounds, public_id=public_id)


def _only_offices(request: HttpRequest) -> None:
    if not offices_of(request.user).exists():
        raise PermissionDenied("届次由办公室组织筹备，您不在办公室任职。")


@login_required
@require_GET
def rounds(request: HttpRequest) -> HttpResponse:
    """The rounds of the person's offices, newest first."""
    _only_offices(request)
    found = Round.objects.visible_to(request.user).select_related("scheme", "edition", "office")
    page = Paginator(found.order_by("-prepared_at", "-pk"), 30).get_page(request.GET.get("page"))
    context = {"page_obj": page, "warning": running_out(clock.today()), "now": clock.now()}
    return render(request, "awards/rounds.html", context)


@login_required
@require_GET
def choose_edition(request: HttpRequest) -> HttpResponse:
    """Which edition the new round runs on; one not in force says so and cannot be chosen (R2)."""
    _only_offices(request)
    today = clock.today()
    editions = [
        {
            "edition": one,
            "regulation": rulebook_of(one).regulation,
            "blockers": opening_blockers(one, on=today),
            "confirmation": needs_confirmation(one),
        }
        for one in editions_for(request.user)
    ]
    return render(request, "awards/choose_edition.html", {"editions": editions})


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def open_round(request: HttpRequest, scheme: str, edition: str) -> HttpResponse:
    """Open a round on one edition; the 届次 and the title are proposed."""
    chosen = get_object_or_404(editions_for(request.user), scheme__key=scheme, edition=edition)
    office = offices_of(request.user).filter(scheme_key=scheme).first()
    if office is None:
        raise Http404
    now = clock.now()
    form = OpenRoundForm(request.POST or None, initial=propose_round(chosen, year=now.year))
    if request.method == "POST" and form.is_valid():
        try:
            opened = prepare_round(chosen, office=office, by=request.user, at=now, **form.cleaned_data)
        except RoundRefused as refused:
            for reason in refused.reasons:
                form.add_error(None, reason)
        else:
            messages.success(request, f"{opened.title}已建立。请逐项确认办公室设定值，确定日期后发布申报通知。")
            return redirect("awards:round", opened.public_id)
    context = {"form": form, "edition": chosen, "blockers": opening_blockers(chosen, on=now.date())}
    return render(request, "awards/open_round.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def round_overview(request: HttpRequest, public_id) -> HttpResponse:
    """One round: what is prepared, what is left, and the door to the call."""
    round = _round_of(request, public_id)
    groups = value_groups(round)
    total, left = sum(len(one.lines) for one in groups), sum(one.left for one in groups)
    confirmation = needs_confirmation(round.edition)
    has_dates = bool(round.opens_at and round.closes_at)
    tasks: list[dict[str, Any]] = [
        {
            "title": "确认规则和办公室设定值",
            "status": "complete" if not left else "partial" if left < total else "empty",
            "url": reverse("awards:round_values", args=[round.public_id]),
            "hint": f"共{total}项，已确认{total - left}项",
        },
        {
            "title": "确定申报起止和报送日期",
            "status": "complete" if has_dates else "empty",
            "url": reverse("awards:round_dates", args=[round.public_id]),
            "hint": "按工作日推算，附各环节工期",
        },
    ]
    if criteria := office_made(round):
        tasks.append(
            {
                "title": "登记评价标准的审定",
                "status": "complete" if round.criteria_approved_on else "empty",
                "url": reverse("awards:round_criteria", args=[round.public_id]),
                "hint": "办公室制订的评价标准须经审议机构审定后执行",
                "cite": rulebook_for(round).cite(criteria[0].approval.cite) if criteria[0].approval.cite else "",
            }
        )
    if confirmation:
        tasks.insert(
            0,
            {
                "title": "确认以征求意见稿开展评审",
                "status": "complete" if round.draft_confirmed_at else "empty",
                "url": reverse("awards:round_draft", args=[round.public_id]),
                "hint": confirmation,
            },
        )
    refusals = [] if round.published_at else announcement_refusals(round, at=clock.now())
    blockers = [{"text": text} for text in refusals]
    context = {"round": round, "tasks": tasks, "blockers": blockers, "warning": running_out(clock.today())}
    is_over = bool(round.closes_at and round.closes_at <= clock.now())
    more = {"source": last_round(round), "is_over": is_over, "panels": panels_of(round, request.user, at=clock.now())}
    return render(request, "awards/round.html", context | more)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def round_criteria(request: HttpRequest, public_id) -> HttpResponse:
    """The criteria, to print and take to the leading body, and where and when it approved them (U5)."""
    round = _round_of(request, public_id)
    book = rulebook_for(round)
    initial = {"meeting": round.criteria_approval, "approved_on": round.criteria_approved_on}
    form = CriteriaForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            record_approval(round, **form.cleaned_data, by=request.user, at=clock.now())
            messages.success(request, "评价标准的审定情况已登记。")
            return redirect("awards:round", public_id)
        except ApprovalRefused as refused:
            form.add_error(None, str(refused))
    criteria = [(one, book.ground(one.approval) if one.approval else "") for one in book.rubrics]
    context = {"round": round, "form": form, "criteria": criteria, "body": book.bodies.leading_body.name}
    return render(request, "awards/round_criteria.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def round_values(request: HttpRequest, public_id) -> HttpResponse:
    """Every assumed value with its reason, confirmed one by one or a group read through (R3)."""
    round = _round_of(request, public_id)
    groups = value_groups(round)
    if request.method == "POST":
        paths, anchor = _paths_to_confirm(groups, request.POST)
        if not paths:
            messages.warning(request, "没有需要确认的项目，可能已由他人确认。")
        try:
            with transaction.atomic():
                for path in paths:
                    confirm_parameter(round, path, by=request.user, at=clock.now())
        except ParameterRefused as refused:
            messages.error(request, f"{refused}。")
        else:
            if paths:
                messages.success(request, f"已确认{len(paths)}项，每项均已留痕。")
        return redirect(f"{reverse('awards:round_values', args=[round.public_id])}#{anchor}")
    total, left = sum(len(one.lines) for one in groups), sum(one.left for one in groups)
    context = {"round": round, "groups": groups, "total": total, "done": total - left, "left": left}
    return render(request, "awards/round_values.html", context | {"adjustable": adjustable_lines(round)})


def _paths_to_confirm(groups, posted) -> tuple[list[str], str]:
    """What the pressed button asks for: one path, or all that is left of one group."""
    for group in groups:
        if posted.get("group") == group.key:
            return [line.row.path for line in group.lines if not line.is_settled], group.key
        for line in group.lines:
            if posted.get("path") == line.row.path:
                return ([] if line.is_settled else [line.row.path]), group.key
    return [], "values"


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def set_value(request: HttpRequest, public_id) -> HttpResponse:
    """Set one value for this round, with its ground; a value an article fixes is not offered."""
    round = _round_of(request, public_id)
    row = _row_of(round, request.GET.get("path", ""))
    form = ValueForm(request.POST or None, row=row, initial={"value": _typed(row)})
    if request.method == "POST" and form.is_valid():
        try:
            set_parameter(
                round,
                row.path,
                form.cleaned_data["read"],
                ground=form.cleaned_data["ground"],
                by=request.user,
                at=clock.now(),
            )
        except ParameterRefused as refused:
            form.add_error("value", f"{refused}。")
        else:
            messages.success(request, f"“{row.label}”已设定，理由已留痕。")
            return redirect("awards:round_values", round.public_id)
    return render(
        request,
        "awards/set_value.html",
        {"round": round, "row": row, "form": form},
        status=422 if form.errors else 200,
    )


def _row_of(round: Round, path: str) -> RuleRow:
    for row in rulebook_for(round).rules():
        if row.path == path and row.may_be_set:
            return row
    raise Http404


def _typed(row: RuleRow) -> str:
    """The value as an officer would type it: what `read_value` reads back."""
    if row.kind == "boolean":
        return "是" if row.value else "否"
    if row.kind in ("list", "weights"):
        return row.value_zh
    if row.kind == "text":
        try:
            return str(read_value(row, str(row.value or "")) or "")
        except ParameterRefused:
            return ""
    return "" if row.value is None else str(row.value)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def round_draft(request: HttpRequest, public_id) -> HttpResponse:
    """The office confirms on record that the round runs on a text that is not in force yet (R2)."""
    round = _round_of(request, public_id)
    confirmation = needs_confirmation(round.edition)
    if confirmation is None or round.draft_confirmed_at or round.published_at:
        messages.info(request, "该项无需确认，或者已经确认。")
        return redirect("awards:round", round.public_id)
    if request.method == "POST":
        confirm_draft(round, by=request.user, at=clock.now())
        messages.success(request, "已确认。本届文书均注明依据征求意见稿。")
        return redirect("awards:round", round.public_id)
    context = {
        "round": round,
        "confirmation": confirmation,
        "cancel_url": reverse("awards:round", args=[round.public_id]),
        "submit_label": "确认以征求意见稿开展评审",
    }
    return render(request, "awards/round_draft.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def round_dates(request: HttpRequest, public_id) -> HttpResponse:
    """The window and the due date, proposed in working days, with the timetable they lead to."""
    round = _round_of(request, public_id)
    proposed, missing = _proposed(round)
    ceremony = CeremonyForm(request.GET if "awarded_on" in request.GET else None)
    backward, too_far = _backward(round, ceremony)
    form = DatesForm(request.POST or None, initial=(backward and vars(backward)) or _dates_of(round) or proposed)
    if request.method == "POST" and form.is_valid():
        try:
            set_dates(
                round,
                opens_at=form.opens_at,
                closes_at=form.closes_at,
                recommendation_due_on=form.cleaned_data["recommendation_due_on"],
                by=request.user,
                at=clock.now(),
            )
        except (RoundRefused, CalendarMissing) as refused:
            for reason in getattr(refused, "reasons", [str(refused)]):
                form.add_error(None, reason)
        else:
            messages.success(request, "日期已保存。")
            return redirect("awards:round_dates", round.public_id)
    days: dict[str, Any] = vars(backward) if backward else _dates_of(round) or proposed
    lines, plan_missing = _timetable(round, days)
    context = {
        "round": round,
        "form": form,
        "ceremony": ceremony,
        "backward": backward,
        "is_too_late": bool(backward and backward.opens_on < clock.today()),
        "proposed": proposed,
        "missing": missing or too_far or plan_missing,
        "lines": lines,
        "chart": _chart(round, lines),
        "closes_on": days.get("closes_on"),
        "window": rulebook_for(round).timing.application_window_days,
        "window_unit": day_unit(rulebook_for(round).window_day_kind),
        "ground": rulebook_for(round).ground(rulebook_for(round).timing.application_window_days),
    }
    return render(request, "awards/round_dates.html", context, status=422 if form.errors else 200)


def _proposed(round: Round) -> tuple[dict[str, date], str]:
    try:
        return propose_dates(rulebook_for(round), current_calendar(), announced_on=clock.today()), ""
    except CalendarMissing as missing:
        return {}, str(missing)


def _backward(round: Round, form: CeremonyForm) -> tuple[BackwardPlan | None, str]:
    if not form.is_valid():
        return None, ""
    try:
        awarded_on = form.cleaned_data["awarded_on"]
        return plan_backwards(rulebook_for(round), current_calendar(), awarded_on=awarded_on), ""
    except CalendarMissing as missing:
        return None, str(missing)


def _dates_of(round: Round) -> dict[str, date]:
    if not (round.opens_at and round.closes_at and round.recommendation_due_on):
        return {}
    last = round.closes_at.astimezone(clock.SHANGHAI) - timedelta(microseconds=1)
    return {
        "opens_on": clock.day_of(round.opens_at),
        "closes_on": last.date(),
        "recommendation_due_on": round.recommendation_due_on,
    }


def _timetable(round: Round, days: dict[str, Any]) -> tuple[list[PlannedStage], str]:
    """Every line of the timetable the dates lead to; a plan counted backwards brings its own stages."""
    if not days:
        return [], ""
    book, calendar = rulebook_for(round), current_calendar()
    opens_on, closes_on = days["opens_on"], days["closes_on"]
    try:
        stages = days.get("stages") or plan_stages(book, calendar, closes_on=closes_on)
        return whole_timetable(book, calendar, opens_on=opens_on, closes_on=closes_on, stages=stages), ""
    except CalendarMissing as missing:
        return [], str(missing)


def _chart(round: Round, lines: list[PlannedStage]) -> Chart | None:
    bars = [Bar(one.label, one.starts_on, one.ends_on) for one in lines]
    return draw_chart(bars, current_calendar(), today=clock.today(), title=f"{round.title}工期图")
