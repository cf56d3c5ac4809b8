"""Pages of the archives: the office orders them, the office and the supervising unit take them away."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from applications.rules import works_in
from award_portal.lib import clock
from organizations.models import Unit
from organizations.once import once_only

from ..archive_forms import RetentionForm
from ..archive_parts import CLASSES, TERMS
from ..archiving import ArchiveRefused, order_archive, record_download, rounds_to_archive
from ..forms import beside
from ..models import ArchiveDownload, RoundArchive


@login_required
@require_GET
def archive_rounds(request: HttpRequest) -> HttpResponse:
    """The rounds whose archives the person may order or take away."""
    if not Unit.objects.of_user(request.user).filter(kind__in=("office", "supervisor")).exists():  # type: ignore[arg-type]
        raise PermissionDenied("归档由办公室办理，办公室和纪检监察机构可以下载。")
    rounds = rounds_to_archive(request.user).order_by("-year", "-pk")  # type: ignore[arg-type]
    page = Paginator(rounds, 30).get_page(request.GET.get("page"))
    return render(request, "supervision/archive_rounds.html", {"page_obj": page})


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def archives(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One round's archives with who took them, and the office's form to order another."""
    round = get_object_or_404(rounds_to_archive(request.user), public_id=public_id)  # type: ignore[arg-type]
    may_order = works_in(request.user, round.office)  # type: ignore[arg-type]
    form = RetentionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            order_archive(round, retention=form.cleaned_data, by=request.user, at=clock.now())  # type: ignore[arg-type]
        except ArchiveRefused as refused:
            beside(form, refused)
        else:
            messages.success(request, "已开始归档，生成后可以在本页下载。")
            return redirect("supervision:archives", round.public_id)
    downloads = Prefetch("downloads", ArchiveDownload.objects.select_related("user"))
    found = RoundArchive.objects.filter(round=round).select_related("ordered_by").prefetch_related(downloads)
    waiting = set(RoundArchive.objects.filter(round=round).waiting().values_list("pk", flat=True))
    context = {
        "round": round,
        "form": form,
        "may_order": may_order,
        "rows": [(one, one.pk in waiting, _terms(one)) for one in found],
    }
    return render(request, "supervision/archives.html", context, status=422 if form.errors else 200)


@login_required
@never_cache
@require_GET
def archive(request: HttpRequest, public_id: UUID) -> FileResponse:
    """The archive itself; the download is on record before it begins."""
    rounds = rounds_to_archive(request.user)  # type: ignore[arg-type]
    found = get_object_or_404(
        RoundArchive.objects.made().filter(round__in=rounds).select_related("round"), public_id=public_id
    )
    file = found.file.open("rb")
    record_download(found, by=request.user, at=clock.now())  # type: ignore[arg-type]
    response = FileResponse(file, content_type="application/zip")
    state = "" if found.is_final else "（未结束）"
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{found.round.title}归档{state}.zip')}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _terms(archive: RoundArchive) -> list[tuple[str, str]]:
    return [(one.label, TERMS[archive.retention.get(one.key, one.default)]) for one in CLASSES]
