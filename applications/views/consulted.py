"""Consultation from both sides: the sender's 台账 and letters, and the desk of the department that is asked."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from award_portal.lib import clock
from awards.calendars import current_calendar
from awards.models import Round
from awards.parameters import rulebook_for
from awards.workdays import CalendarMissing
from documents.models import IssuedDocument
from documents.registers import register_response
from organizations.models import Unit, UnitKind
from organizations.once import once_only

from ..consultation_summary import (
    ADVERSE,
    CLEAR,
    NOT_ASKED,
    SILENT,
    SILENT_CLEAR,
    WAITING,
    issue_consultation_summary,
    summarize,
    summary_register,
)
from ..consulting import (
    departments_of,
    lookback_start,
    note_missing_reply,
    remind,
    reply,
    send_letters,
    silence_clears,
    went_on,
)
from ..desk_papers import last_day_of
from ..forms.desks import LettersForm, NoteForm, ReplyForm, add_refusals
from ..models import Application, Consultation, ConsultationReply
from ..moves import StepRefused
from ..office_desk import days_left
from ..pipeline import State
from ..registers import consultation_ledger
from .recommender import require_unit

PAGE = 30
TONES = {CLEAR: "green", ADVERSE: "red", SILENT_CLEAR: "grey", SILENT: "amber", WAITING: "amber", NOT_ASKED: "grey"}
STAGE_OF = {UnitKind.RECOMMENDER: State.RECOMMENDATION_REVIEW, UnitKind.OFFICE: State.QUALIFICATION}


# -- the sender --------------------------------------------------------------------------------------------------------


@login_required
@never_cache
@require_GET
def consultations(request: HttpRequest) -> HttpResponse:
    """台账: every letter the person's units sent, with what is still unanswered."""
    _sending_units(request)
    letters = _counted(Consultation.objects.of_sender(request.user))  # type: ignore[arg-type]
    page = Paginator(letters.order_by("-sent_at", "pk"), PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "rows": _rows(page.object_list), "summaries": _summaries(request)}
    return render(request, "applications/desks/consultations.html", context)


@login_required
@never_cache
@require_GET
def consultations_export(request: HttpRequest) -> HttpResponse:
    """征求意见台账, one line for each letter and name."""
    _sending_units(request)
    now = clock.now()
    register = consultation_ledger(request.user, at=now)  # type: ignore[arg-type]
    return register_response(register, request.GET.get("format", ""), at=now)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def summary(request: HttpRequest, round_id: uuid.UUID, stage: str) -> HttpResponse:
    """征求意见情况汇总表 of one round and stage: read, printed, kept as a workbook, or issued for the opinion."""
    now = clock.now()
    letters = Consultation.objects.of_sender(request.user).filter(round__public_id=round_id, stage=stage)  # type: ignore[arg-type]
    letter = letters.with_names().order_by("pk").first()  # type: ignore[attr-defined]
    if letter is None:
        raise Http404
    asked = ConsultationReply.objects.filter(consultation__in=letters)
    names = list(Application.objects.filter(pk__in=asked.values("application")).with_names().order_by("number", "pk"))
    table = summarize(names, stage=stage, at=now)
    if wanted := request.GET.get("format"):
        register = summary_register(letter.round, stage=stage, sender=letter.sender, summary=table)
        return register_response(register, wanted, at=now)
    book, refused, kind = names[0].rulebook, [], "consultation_summary"
    if request.method == "POST":
        try:
            issue_consultation_summary(
                names, round=letter.round, stage=stage, sender=letter.sender, by=request.user, at=now  # type: ignore[arg-type]
            )  # fmt: skip
            messages.success(request, "汇总表已出具。")
            return redirect("applications:consultation_summary", round_id, stage)
        except StepRefused as stopped:
            refused = stopped.blockers
    issued = IssuedDocument.objects.filter(
        chain=letter.round.chain, kind=kind, issuer=letter.sender, content__stage=book.label(stage)
    )
    rows = [
        (
            row.application,
            [(name, answer, TONES[answer]) for name, answer in zip(table.departments, row.answers, strict=True)],
        )
        for row in table.rows
    ]
    context = {
        "letter": letter, "summary": table, "rows": rows, "stage_label": book.label(stage), "book": book,
        "paper": book.instrument(kind) if book.has_instrument(kind) else "", "issued": issued.order_by("-pk"),
        "ground": book.ground(book.consultation(stage) or book.stage(stage)), "refused": refused,
    }  # fmt: skip
    return render(request, "applications/desks/consultation_summary.html", context, status=409 if refused else 200)


def _not_yet_asked(departments: Iterable[Unit], candidates: list[Application], stage: str, sender: Unit) -> list[Unit]:
    """The departments that have no letter yet about one of these names at this stage."""
    rows = ConsultationReply.objects.filter(
        application__in=candidates, consultation__stage=stage, consultation__sender=sender
    )
    asked = set(rows.values_list("consultation__department", "application"))
    return [unit for unit in departments if any((unit.pk, one.pk) not in asked for one in candidates)]


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def new_letters(request: HttpRequest) -> HttpResponse:
    """One letter to each chosen department about the chosen names of one round."""
    now = clock.now()
    sender, stage, candidates = _candidates(request)
    if not candidates:
        return render(request, "applications/desks/new_letters.html", {"form": None})
    round = candidates[0].round
    rule = candidates[0].rulebook.consultation(stage)
    initial = {
        "applications": [str(one.public_id) for one in candidates],
        "period_from": lookback_start(round, now),
        "period_to": now.date(),
    }
    departments = departments_of(round)
    initial["departments"] = [str(one.public_id) for one in _not_yet_asked(departments, candidates, stage, sender)]
    form = LettersForm(request.POST or None, candidates=candidates, departments=departments, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            sent = send_letters(
                round, stage=stage, sender=sender, departments=form.chosen_departments,
                applications=form.chosen_applications, period_from=form.cleaned_data["period_from"],
                period_to=form.cleaned_data["period_to"], by=request.user, at=now,
            )  # fmt: skip
            messages.success(request, f"已发出征求意见函{len(sent)}件。")
            return redirect("applications:consultations")
        except StepRefused as refused:
            add_refusals(form, refused)
        except CalendarMissing as missing:
            form.add_error(None, str(missing))
    context = {"form": form, "rule": rule, "ground": candidates[0].rulebook.ground(rule), "round": round}
    return render(request, "applications/desks/new_letters.html", context)


@login_required
@never_cache
@require_GET
def consultation(request: HttpRequest, letter_id: uuid.UUID) -> HttpResponse:
    letter = _own_letter(request, letter_id)
    return render(request, "applications/desks/consultation.html", _letter_context(letter))


@login_required
@require_POST
@once_only
def remind_department(request: HttpRequest, letter_id: uuid.UUID) -> HttpResponse:
    letter = _own_letter(request, letter_id)
    try:
        remind(letter, by=request.user, at=clock.now())  # type: ignore[arg-type]
        messages.success(request, f"已向{letter.department}发出催办。")
        return redirect("applications:consultation", letter.public_id)
    except StepRefused as refused:
        context = _letter_context(letter) | {"refused": refused.blockers}
        return render(request, "applications/desks/consultation.html", context, status=409)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def go_on_without(request: HttpRequest, letter_id: uuid.UUID, public_id: uuid.UUID) -> HttpResponse:
    """The signed note on which the desk goes on; silence is never clearance."""
    letter = _own_letter(request, letter_id)
    row = get_object_or_404(
        letter.replies.select_related("application__organization", "consultation__department"),
        application__public_id=public_id,
    )
    form = NoteForm(request.POST or None, initial={"note": row.note})
    if request.method == "POST" and form.is_valid():
        try:
            note_missing_reply(row, note=form.cleaned_data["note"], by=request.user, at=clock.now())  # type: ignore[arg-type]
            messages.success(request, "说明已签署并记录。")
            return redirect("applications:consultation", letter.public_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    context = {"letter": letter, "row": row, "form": form, "submit_label": "签署说明"}
    return render(request, "applications/desks/go_on_without.html", context)


# -- the department that is asked --------------------------------------------------------------------------------------


@login_required
@never_cache
@require_GET
def consulted_desk(request: HttpRequest) -> HttpResponse:
    """The letters to this department; names and codes are all it sees, never a dossier."""
    require_unit(request, UnitKind.CONSULTED)
    letters = _counted(Consultation.objects.of_department(request.user))  # type: ignore[arg-type]
    page = Paginator(letters.order_by("-waiting", "-due_at", "-pk"), PAGE).get_page(request.GET.get("page"))
    return render(
        request, "applications/desks/consulted_desk.html", {"page_obj": page, "rows": _rows(page.object_list)}
    )


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def consulted_letter(request: HttpRequest, letter_id: uuid.UUID) -> HttpResponse:
    letters = Consultation.objects.of_department(request.user).with_names()  # type: ignore[arg-type]
    letter = get_object_or_404(letters, public_id=letter_id)
    replies = list(letter.replies.select_related("application__organization").order_by("pk"))
    form = ReplyForm(request.POST or None, replies=replies)
    if request.method == "POST" and form.is_valid():
        try:
            given = reply(letter, form.answers, by=request.user, at=clock.now())  # type: ignore[arg-type]
            messages.success(request, f"复函已提交（{len(given)}家）。")
            return redirect("applications:consulted_letter", letter.public_id)
        except StepRefused as refused:
            add_refusals(form, refused)
    is_open = any(one.answer == ConsultationReply.Answer.NONE for one in replies)
    context = {"letter": letter, "form": form, "is_open": is_open, "last_on": last_day_of(letter.due_at)}
    return render(request, "applications/desks/consulted_letter.html", context)


# -- parts -------------------------------------------------------------------------------------------------------------


def _counted(letters: QuerySet[Consultation]) -> QuerySet[Consultation]:
    none, adverse = ConsultationReply.Answer.NONE, ConsultationReply.Answer.ADVERSE
    return letters.with_names().annotate(  # type: ignore[attr-defined]
        names=Count("replies"),
        open_replies=Count("replies", filter=Q(replies__answer=none)),
        waiting=Count("replies", filter=Q(replies__answer=none, replies__noted_at=None)),
        adverse_replies=Count("replies", filter=Q(replies__answer=adverse)),
    )


def _summaries(request: HttpRequest) -> list[dict[str, Any]]:
    """The rounds and stages the person's units have sent letters about, newest first."""
    letters = Consultation.objects.of_sender(request.user)  # type: ignore[arg-type]
    pairs = set(letters.order_by().values_list("round", "stage"))
    rounds = Round.objects.select_related("scheme", "edition").in_bulk({pk for pk, _ in pairs})
    return [
        {"round": rounds[pk], "stage": stage, "label": rulebook_for(rounds[pk]).label(stage)}
        for pk, stage in sorted(pairs, reverse=True)
    ]


def _rows(letters: Any) -> list[dict[str, Any]]:
    now, calendar = clock.now(), current_calendar()
    rows = []
    for one in letters:
        last = last_day_of(one.due_at)
        overdue = bool(one.waiting) and now >= one.due_at
        rows.append(
            {"letter": one, "last_on": last, "days_left": days_left(calendar, last, now.date()), "overdue": overdue}
        )
    return rows


def _sending_units(request: HttpRequest) -> list[Unit]:
    user: Any = request.user
    units = list(Unit.objects.of_user(user).filter(kind__in=STAGE_OF))
    if not units:
        raise Http404
    return units


def _candidates(request: HttpRequest) -> tuple[Unit, str, list[Application]]:
    """The unit that sends, its stage, and the applications of one round on its desk now."""
    units = _sending_units(request)
    wanted = request.GET.get("stage", "")
    for unit in sorted(units, key=lambda one: STAGE_OF[UnitKind(one.kind)] != wanted):
        stage = STAGE_OF[UnitKind(unit.kind)]
        mine = Q(round__office=unit) if unit.kind == UnitKind.OFFICE else Q(recommender=unit)
        here = Application.objects.submitted().filter(mine, state=stage).with_names().order_by("number", "pk")
        # one letter speaks of one round; a scheme that does not consult at this desk has no names for it
        found = [one for one in here if one.rulebook.consultation(stage)]
        found = [one for one in found if one.round_id == found[0].round_id]
        if found:
            return unit, stage, found
    return units[0], STAGE_OF[UnitKind(units[0].kind)], []


def _own_letter(request: HttpRequest, letter_id: uuid.UUID) -> Consultation:
    letters = Consultation.objects.of_sender(request.user).with_names()  # type: ignore[arg-type]
    return get_object_or_404(letters, public_id=letter_id)


def _letter_context(letter: Consultation) -> dict[str, Any]:
    now = clock.now()
    replies = letter.replies.select_related("application__organization", "noted_by").order_by("pk")
    book = rulebook_for(letter.round)
    rule = book.consultation(letter.stage)
    rows = [(one, went_on(one)) for one in replies]
    missing = any(one.answer == ConsultationReply.Answer.NONE for one, _ in rows)
    return {
        "letter": letter,
        "rows": rows,
        "last_on": last_day_of(letter.due_at),
        "overdue": missing and now >= letter.due_at,
        "missing": missing,
        "silence_clears": silence_clears(letter),
        "reminders_left": max(0, rule.reminders.value - letter.reminders) if rule else 0,
        "reminder_ground": book.ground(rule.reminders) if rule else "",
        "silence_ground": book.ground(rule.silence_is_clearance) if rule else "",
        "noun": book.noun,
    }
