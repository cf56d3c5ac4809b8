"""Amending what is published: a longer window, a corrected text, always by a notice of its own (E1, R3)."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from award_portal.lib import clock
from awards.models import Round
from awards.parameters import rulebook_for
from awards.workdays import CalendarMissing
from organizations.models import Unit
from organizations.once import once_only
from publicity.correcting import AMENDING, publish_correction
from publicity.extending import extend_publicity, extended_window, extension_refusals, window_word
from publicity.forms import ChangeListForm, CorrectionForm, ExtendForm, ExtendWindowForm
from publicity.list_changes import publish_list_change, unannounced
from publicity.models import Notice
from publicity.opening import PublicityRefused
from publicity.rerunning import rerun_wanted
from publicity.window_extending import extend_window, propose_window_end, window_refusals


def _own_notice(request: HttpRequest, public_id) -> Notice:
    """A notice of a unit the person works in; anybody else's is not found here."""
    notices = Notice.objects.public().filter(scheme=None).select_related("round__scheme", "round__edition", "issuer")
    return get_object_or_404(notices.filter(issuer__in=Unit.objects.of_user(request.user)), public_id=public_id)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def extend(request: HttpRequest, public_id) -> HttpResponse:
    """Lengthen a running publicity, by a 延期公告 everybody can read (E1)."""
    notice = _own_notice(request, public_id)
    if notice.ends_at is None:
        raise Http404
    now = clock.now()
    form = ExtendForm(request.POST or None, initial={"days": (notice.days or 0) + 1})
    window = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            if request.POST.get("step") == "publish":
                extension = extend_publicity(notice, days=data["days"], ground=data["ground"], by=request.user, at=now)
                messages.success(request, f"{window_word(notice)}已延长，公告已发布。")
                return redirect(extension.get_absolute_url())
            refused = extension_refusals(notice, days=data["days"], ground=data["ground"], by=request.user, at=now)
            if refused:
                raise PublicityRefused(refused)
            window = extended_window(notice, days=data["days"])
        except PublicityRefused as error:
            for blocker in error.blockers:
                form.add_error(None, str(blocker))
        except CalendarMissing as missing:
            form.add_error(None, str(missing))
    context = {"notice": notice, "form": form, "window": window, "window_word": window_word(notice)}
    return render(request, "publicity/extend.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def extend_applications(request: HttpRequest, public_id) -> HttpResponse:
    """Move the end of the application window forward: first see both new days, then publish (R3)."""
    rounds = Round.objects.visible_to(request.user).select_related("scheme", "edition", "office")
    round = get_object_or_404(rounds.published(), public_id=public_id)
    now = clock.now()
    form = ExtendWindowForm(request.POST or None)
    window = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            to = propose_window_end(round, closes_on=data["closes_on"], due_on=data["due_on"])
            if request.POST.get("step") == "publish":
                notice = extend_window(round, to=to, ground=data["ground"], by=request.user, at=now)
                messages.success(request, "申报期已延长，公告已发布，已通知填报中的申报组织和审核推荐单位。")
                return redirect(notice.get_absolute_url())
            refused = window_refusals(round, to=to, ground=data["ground"], by=request.user, at=now)
            if refused:
                raise PublicityRefused(refused)
            window = to
        except PublicityRefused as error:
            for blocker in error.blockers:
                form.add_error(None, str(blocker))
        except (CalendarMissing, OverflowError) as missing:
            form.add_error(None, str(missing) if isinstance(missing, CalendarMissing) else "日期超出可以计算的范围。")
    context = {
        "round": round,
        "form": form,
        "window": window,
        "is_over": bool(round.closes_at and round.closes_at <= now),
        "applicant": rulebook_for(round).noun,
    }
    return render(request, "publicity/extend_applications.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def correct(request: HttpRequest, public_id) -> HttpResponse:
    """Publish a correction of a notice; the notice itself is never rewritten."""
    notice = _own_notice(request, public_id)
    if notice.kind in AMENDING:
        raise Http404
    form = CorrectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            correction = publish_correction(notice, **form.cleaned_data, by=request.user, at=clock.now())
        except PublicityRefused as refused:
            for blocker in refused.blockers:
                form.add_error(None, str(blocker))
        else:
            messages.success(request, "更正公告已发布。")
            return redirect(correction.get_absolute_url())
    context = {
        "notice": notice,
        "form": form,
        "submit_label": "发布更正公告",
        "cancel_url": reverse("publicity:notice", args=[notice.public_id]),
    }
    return render(request, "publicity/correct.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def change_list(request: HttpRequest, public_id) -> HttpResponse:
    """Announce that names left a published list, by a 名单变更公告; the list itself keeps them struck through (R12)."""
    notice = _own_notice(request, public_id)
    if notice.ends_at is None:
        raise Http404
    form = ChangeListForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            change = publish_list_change(
                notice, because=form.cleaned_data["because"], by=request.user, at=clock.now()
            )  # fmt: skip
        except PublicityRefused as refused:
            for blocker in refused.blockers:
                form.add_error(None, str(blocker))
        except CalendarMissing as missing:
            form.add_error(None, str(missing))
        else:
            messages.success(request, "名单变更公告已发布。")
            return redirect(change.get_absolute_url())
    context = {
        "notice": notice,
        "form": form,
        "struck": unannounced(notice).order_by("position"),
        "again": rerun_wanted(rulebook_for(notice.round), notice.kind),
    }
    return render(request, "publicity/change_list.html", context, status=422 if form.errors else 200)
