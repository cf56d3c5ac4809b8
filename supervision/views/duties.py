"""Pages of the yearly duties: a winner's years, a year's report, and the overview of those who watch."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications.desk_rules import DeskRefused
from award_portal.lib import clock
from awards.parameters import rulebook_for
from documents.registers import register_response
from organizations.files import UploadRefused, serve_file, store_upload
from organizations.models import Unit
from organizations.once import once_only
from reviews.charts import draw_years

from ..duties import duty_of
from ..duty_forms import AttachForm, DutyFilter, NoteForm, YearlyReportForm, stored_values
from ..duty_overview import days_late, duty_register, duty_text, filtered, in_order, late_count, told_state, years_known
from ..figures import series_of
from ..forms import beside
from ..models import ReportAttachment, SharingRecord, YearlyReport
from ..watching import seen_awards, watches, wins, works_at_office
from ..yearly_reports import (
    attach_to_report,
    check_report,
    detach_from_report,
    faults_of,
    file_report,
    is_watched,
    may_read_contents,
    reports_seen_by,
    return_report,
    save_report,
    see_report,
)

State = YearlyReport.State


@login_required
@never_cache
@require_GET
def duties(request: HttpRequest) -> HttpResponse:
    """Who owes what, by when, and where it stands, for the offices and for those who watch; to filter and to export."""
    user: Any = request.user
    kinds = ("office", "recommender", "supervisor")
    schemes = sorted(set(Unit.objects.of_user(user).filter(kind__in=kinds).values_list("scheme_key", flat=True)))
    if not schemes:
        raise PermissionDenied
    seen = reports_seen_by(user).filter(award__scheme__key__in=schemes)
    form = DutyFilter(request.GET, years=years_known(seen), schemes=schemes)
    found = in_order(filtered(seen, form.cleaned_data if form.is_valid() else {}))
    if wanted := request.GET.get("format"):
        return register_response(duty_register(found, at=clock.now()), wanted, at=clock.now())
    page = Paginator(found, 30).get_page(request.GET.get("page"))
    context = {
        "form": form, "page_obj": page, "count": page.paginator.count, "late": late_count(seen),
        "rows": [_line(one) for one in page], "query": request.GET.urlencode(),
    }  # fmt: skip
    return render(request, "supervision/duties.html", context)


@login_required
@never_cache
@require_GET
def award_duties(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One winner's years: what was owed and handed in, its figures over the years drawn beside their table."""
    user: Any = request.user
    award = get_object_or_404(seen_awards(user), public_id=public_id)
    if award.round is None:  # an award of an earlier regulation obliges to nothing here
        raise Http404
    own, book = wins(user, award), rulebook_for(award.round)
    reports = list(reports_seen_by(user).filter(award=award).order_by("duty", "year"))
    readable = [one for one in reports if own or one.state not in (State.OPEN, State.RETURNED)]
    series = series_of(award, readable, with_secrets=own)
    context = {
        "award": award, "is_own": own, "rows": [_line(one) for one in reports],
        "duties": [(duty, book.ground(duty)) for duty in book.supervision.duties],
        "years": [year for year, _ in series[0].values] if series else [],
        "series": series, "charts": [(one, _chart(one)) for one in series],
        "sharing": SharingRecord.objects.filter(award=award).order_by("-held_on")[:20],
    }  # fmt: skip
    return render(request, "supervision/award_duties.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def yearly_report(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One year's report: the winner writes, saves and hands in; everybody else reads what was handed in."""
    user: Any = request.user
    report = get_object_or_404(reports_seen_by(user), public_id=public_id)
    if request.method != "POST":
        return _report_page(request, report)
    if not wins(user, report.award):
        raise Http404
    form = YearlyReportForm(request.POST, report=report)
    if not form.is_valid():
        return _report_page(request, report, form=form, status=422)
    now, filing = clock.now(), request.POST.get("act") == "file"
    try:
        saved = save_report(
            report, texts=form.texts, figures=form.figures, version=form.cleaned_data["version"], by=user, at=now
        )
    except DeskRefused as refused:
        beside(form, refused)
        return _report_page(request, report, form=form, status=409)
    if filing:
        if faults := faults_of(saved):
            form = YearlyReportForm(stored_values(saved), report=saved)
            form.is_valid()
            form.tell(faults)
            return _report_page(request, saved, form=form, status=422)
        file_report(saved, by=user, at=now)
    done = "已保存。" if not filing else "已报送，等待核实。" if saved.is_filed_duty else "已形成并保存，不需报送。"
    messages.success(request, done)
    return redirect("supervision:yearly_report", public_id)


@login_required
@require_POST
@once_only
def report_attach(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A file to go with a report; what was typed in the report stands saved before."""
    user: Any = request.user
    report = get_object_or_404(reports_seen_by(user), public_id=public_id)
    if not wins(user, report.award):
        raise Http404
    form = AttachForm(request.POST, request.FILES)
    if not form.is_valid():
        return _report_page(request, report, attach=form, status=422)
    try:
        with transaction.atomic():
            file = store_upload(form.cleaned_data["file"], purpose="yearly_report", by=user, at=clock.now())
            attach_to_report(report, label=form.cleaned_data["label"], file=file, by=user, at=clock.now())
    except UploadRefused as refused:
        form.add_error("file", refused.message)
    except DeskRefused as refused:
        beside(form, refused)
    else:
        messages.success(request, "附件已上传。")
        return redirect("supervision:yearly_report", public_id)
    return _report_page(request, report, attach=form, status=422)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def report_file(request: HttpRequest, public_id: uuid.UUID, file_id: uuid.UUID) -> HttpResponse:
    """An attachment of a report, for whoever may read it; its winner takes it away again."""
    user: Any = request.user
    report = get_object_or_404(reports_seen_by(user), public_id=public_id)
    found = get_object_or_404(
        ReportAttachment.objects.select_related("file", "report"), report=report, public_id=file_id, removed_at=None
    )
    if not may_read_contents(user, report):
        raise Http404
    if request.method != "POST":
        return serve_file(found.file)  # type: ignore[return-value]
    if not wins(user, report.award):
        raise Http404
    try:
        detach_from_report(found, by=user, at=clock.now())
        messages.success(request, "附件已移除。")
    except DeskRefused as refused:
        messages.error(request, str(refused))
    return redirect("supervision:yearly_report", public_id)


@login_required
@require_POST
@once_only
def report_review(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What a desk does with a report it was handed: check it, read it, or send it back (U18)."""
    user: Any = request.user
    report = get_object_or_404(reports_seen_by(user), public_id=public_id)
    if not (watches(user, report.award) or works_at_office(user, report.award)):
        raise Http404
    form, act = NoteForm(request.POST), request.POST.get("act", "")
    if not form.is_valid():
        return _report_page(request, report, note=form, status=422)
    text, now = form.cleaned_data["note"], clock.now()
    try:
        match act:
            case "check":
                check_report(report, note=text, by=user, at=now)
            case "see":
                see_report(report, note=text, by=user, at=now)
            case "return":
                return_report(report, because=text, by=user, at=now)
            case _:
                raise DeskRefused.because("请选择办理方式。填写的意见已保留。")
    except DeskRefused as refused:
        beside(form, refused)
        return _report_page(request, report, note=form, status=422)
    messages.success(request, {"check": "已核实。", "see": "已审阅。", "return": "已退回补正。"}[act])
    return redirect("supervision:yearly_report", public_id)


def _report_page(
    request: HttpRequest,
    report: YearlyReport,
    *,
    form: YearlyReportForm | None = None,
    attach: AttachForm | None = None,
    note: NoteForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user: Any = request.user
    report = reports_seen_by(user).get(pk=report.pk)
    award, own, handed_in = report.award, wins(user, report.award), report.state in (State.FILED, State.CHECKED)
    duty, readable = duty_of(report), may_read_contents(user, report)
    writes = own and report.is_open_to_winner and award.state != "revoked" and report.opens_at <= clock.now()
    shown = form or YearlyReportForm(initial=stored_values(report), report=report)
    context = {
        "report": report, "award": award, "duty": duty, "ground": rulebook_for(award.round).ground(duty),  # type: ignore[arg-type]
        "line": _line(report), "is_own": own, "writes": writes, "readable": readable, "form": shown,
        "texts": [(one.label, report.texts.get(one.name, "")) for one in shown.text_fields] if readable else [],
        "figures": [(row, report.figures.get(row.key, "")) for row, _ in shown.figure_fields] if readable else [],
        "files": list(report.attachments.filter(removed_at=None).select_related("file")) if readable else [],
        "attach": attach or AttachForm(), "note": note or NoteForm(),
        "may_check": report.state == State.FILED and watches(user, award),
        "may_see": handed_in and works_at_office(user, award),
        "may_return": handed_in and not own and (watches(user, award) or works_at_office(user, award)),
        "unchecked": report.state == State.FILED and is_watched(award),
    }  # fmt: skip
    return render(request, "supervision/yearly_report.html", context, status=status)


def _line(report: YearlyReport) -> dict[str, Any]:
    state, tone = told_state(report)
    return {
        "report": report, "award": report.award, "duty": duty_text(report), "state": state, "tone": tone,
        "late": days_late(report, at=clock.now()) if report.late_at else 0,
    }  # fmt: skip


def _chart(series: Any) -> Any:
    points = [(year, None if number is None else float(number)) for year, number in series.numbers]
    told = [value or "—" for _, value in series.values]
    return draw_years(points, title=f"{series.row.label}（{series.row.unit}）", unit=series.row.unit, told=told)
