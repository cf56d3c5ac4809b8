"""意见建议 of the public: the form beside a notice, and the desk where the office reads and sums them up (B15)."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from award_portal.lib import clock
from award_portal.lib.clients import asks_too_often
from awards.faces import show_as
from awards.models import Round
from awards.parameters import rulebook_for
from organizations.models import Unit
from organizations.once import once_only
from publicity.commenting import (
    STAGE,
    save_summary,
    summary_of,
    summary_refusals,
    take_comment,
    takes_comments,
)
from publicity.forms import CommentForm, CommentSummaryForm
from publicity.models import CommentSummary, Notice, PublicComment
from publicity.opening import PublicityRefused, ground_of

PAGE = 30
# from one address: enough for a household, too few for a machine
AT_MOST, WITHIN_SECONDS = 10, 600


@require_http_methods(["GET", "POST"])
@once_only
def comment(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Anybody leaves a comment while the window runs; no account, and nothing of the person is kept (E4)."""
    notices = Notice.objects.public().filter(round__scheme__is_public=True).select_related("round__scheme", "issuer")
    notice = get_object_or_404(notices, public_id=public_id)
    if not takes_comments(notice):
        raise Http404
    show_as(request, notice.round.scheme)
    now, book = clock.now(), rulebook_for(notice.round)
    names = [
        (str(one.application.public_id), one.name)
        for one in notice.items.filter(struck_at=None).select_related("application")
    ]
    form = CommentForm(request.POST if request.method == "POST" else None, names=names)
    if request.method == "POST" and form.is_valid():
        about = form.cleaned_data["about"]
        if asks_too_often(request, "comment", at_most=AT_MOST, within_seconds=WITHIN_SECONDS):
            form.add_error(None, "提交过于频繁，请十分钟后再试。已填写的内容已保留。")
        else:
            try:
                take_comment(notice, text=form.cleaned_data["text"], about=uuid.UUID(about) if about else None, at=now)
            except PublicityRefused as refused:
                for blocker in refused.blockers:
                    form.add_error(None, str(blocker))
            else:
                messages.success(request, "意见建议已提交，感谢参与。")
                return redirect(notice.get_absolute_url())
    context = {
        "notice": notice, "form": form, "label": book.label(notice.kind), "is_running": notice.is_running(now),
        "ground": ground_of(book, notice.kind), "site_name": book.name,
    }  # fmt: skip
    return render(request, "publicity/comment.html", context, status=422 if form.errors else 200)


@login_required
@never_cache
@require_GET
def comment_rounds(request: HttpRequest) -> HttpResponse:
    """The rounds of the person's offices that asked the public, with what came in."""
    user: Any = request.user
    offices = Unit.objects.of_user(user).of_kind("office")
    if not offices.exists():
        raise Http404
    found = Notice.objects.public().filter(kind=STAGE, round__office__in=offices).select_related("round__scheme")
    found = found.annotate(count=Count("comments")).order_by("-published_at", "-pk")
    written = set(CommentSummary.objects.filter(round__office__in=offices).values_list("round", flat=True))
    page, now = Paginator(found, PAGE).get_page(request.GET.get("page")), clock.now()
    rows = [(one, one.is_running(now), one.round_id in written) for one in page]
    return render(request, "publicity/comment_rounds.html", {"page_obj": page, "rows": rows})


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def comments(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What the public wrote, for the round's office, and 征求意见情况 for the review report."""
    user: Any = request.user
    offices = Unit.objects.of_user(user).of_kind("office")
    rounds = Round.objects.published().select_related("scheme", "edition", "office").filter(office__in=offices)
    round, now = get_object_or_404(rounds.distinct(), public_id=public_id), clock.now()
    told = summary_of(round)
    if told is None:
        raise Http404
    written = CommentSummary.objects.filter(round=round).first()
    initial: dict[str, Any] = {"version": 0}
    if written:
        initial = {"text": written.text, "handled": written.handled, "version": written.version}
    form = CommentSummaryForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            save_summary(round, **form.cleaned_data, by=user, at=now)
            messages.success(request, "征求意见情况已保存，写入评审报告。")
            return redirect("publicity:comments", round.public_id)
        except PublicityRefused as refused:
            for blocker in refused.blockers:
                form.add_error(None, str(blocker))
    found = PublicComment.objects.of_round(round).select_related("item", "notice").order_by("-pk")
    asked = request.GET.get("q", "").strip()[:60]
    if asked:
        found = found.filter(Q(text__contains=asked) | Q(item__name__contains=asked))
    context = {
        "round": round, "told": told, "form": form, "written": written, "asked": asked,
        "page_obj": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "refused": summary_refusals(round, by=user, at=now),
    }  # fmt: skip
    return render(request, "publicity/comments.html", context, status=422 if form.errors else 200)
