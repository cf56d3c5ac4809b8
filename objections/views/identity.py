"""Opening who objected: always on a ground, each opening on record, and the register of all of them (section 4)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from award_portal.lib import clock
from organizations.files import serve_file
from organizations.models import Unit

from ..handling import HandlingRefused
from ..identity import may_open, open_identity, opened_today, openings_for
from ..investigation_forms import GroundForm
from ..models import Objection, ObjectionFile
from .cases import desk_objections, render_case


@login_required
@never_cache
@require_POST
def identity(request: HttpRequest, public_id) -> HttpResponse:
    """Open who the objector is, on a ground; recorded each time."""
    objection = get_object_or_404(desk_objections(request), public_id=public_id)
    if not may_open(request.user, objection):  # type: ignore[arg-type]
        raise Http404
    form = GroundForm(request.POST)
    if form.is_valid():
        try:
            known = open_identity(
                objection, ground=form.cleaned_data["ground"], by=request.user, at=clock.now()  # type: ignore[arg-type]
            )  # fmt: skip
        except HandlingRefused as refused:
            form.add_error("ground", str(refused))
        else:
            labels = _labels(objection)
            shown = [(labels.get(key, key), value) for key, value in known.items()]
            return render_case(request, objection, known=shown)
    return render_case(request, objection, opening=form, status=422)


@login_required
@require_GET
def paper(request: HttpRequest, public_id, file_id) -> HttpResponse:
    """A proof handed in; one that tells who objected only after an opening with its ground the same day."""
    objection = get_object_or_404(desk_objections(request), public_id=public_id)
    found = get_object_or_404(ObjectionFile.objects.select_related("file"), objection=objection, public_id=file_id)
    if found.tells_identity:
        user, now = request.user, clock.now()
        if not may_open(user, objection):  # type: ignore[arg-type]
            raise Http404
        opened = opened_today(objection, by=user, at=now)  # type: ignore[arg-type]
        if opened is None:
            form = GroundForm({})
            form.add_error(None, "该材料载有异议人信息，请先写明理由、查看异议人信息，再打开材料。")
            return render_case(request, objection, opening=form, status=422)
        open_identity(objection, ground=opened.ground, by=user, at=now, paper=found)  # type: ignore[arg-type]
    return serve_file(found.file)


@login_required
@require_GET
def openings(request: HttpRequest) -> HttpResponse:
    """异议人信息查阅登记: who opened which case when and why; never what was seen."""
    units = Unit.objects.of_user(request.user)  # type: ignore[arg-type]
    if not units.filter(kind__in=("office", "supervisor", "recommender")).exists():
        raise Http404
    found = openings_for(request.user)  # type: ignore[arg-type]
    page = Paginator(found, 30).get_page(request.GET.get("page"))
    return render(request, "objections/openings.html", {"page_obj": page})


def _labels(objection: Objection) -> dict[str, str]:
    book = objection.application.rulebook
    asked = next(one for one in book.objections.filing if one.kind == objection.form)
    return {field.key: field.label for field in asked.requires}
