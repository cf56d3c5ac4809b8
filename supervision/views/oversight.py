"""The supervising department's desk: it reads everything of a round but ballots and objectors' names (Y22, B21)."""

from __future__ import annotations

import json
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
from awards.models import Round, Scheme
from awards.parameters import rulebook_for
from documents.registers import Register, attachment, register_response, registers_response
from organizations import evidence
from organizations.auditing import as_exported
from organizations.models import AuditRecord, Unit
from organizations.once import once_only

from ..advising import answer_advice, file_advice
from ..case_rules import book_of
from ..forms import beside
from ..models import SpotCheck, SpotCheckItem, SupervisionAdvice
from ..oversight import SECTIONS, all_sections, clocks_register, overview, watched_rounds
from ..oversight_forms import AdviceAnswerForm, AdviceForm, ResultForm, SpotCheckForm, SummaryForm
from ..spot_checking import close_spot_check, draw_spot_check, record_result, replay


@login_required
@never_cache
@require_GET
def oversight(request: HttpRequest) -> HttpResponse:
    """Every round the department watches, with what stands out in it."""
    user: Any = request.user
    if not Unit.objects.of_user(user).of_kind("supervisor").exists():
        raise PermissionDenied
    page = Paginator(watched_rounds(user), 30).get_page(request.GET.get("page"))
    context = {"page_obj": page, "rows": overview(list(page), at=clock.now())}
    return render(request, "supervision/oversight.html", context)


@login_required
@never_cache
@require_GET
def watched(request: HttpRequest, public_id: uuid.UUID, section: str = "steps") -> HttpResponse:
    """One section of a round's log."""
    user: Any = request.user
    round = get_object_or_404(watched_rounds(user), public_id=public_id)
    if section not in SECTIONS:
        raise Http404
    at = clock.now()
    make = SECTIONS[section][1]
    register: Register = clocks_register(round, at=at, user=user) if section == "clocks" else make(round, at=at)
    page = Paginator(register.rows, 50).get_page(request.GET.get("page"))
    context = {
        "round": round, "register": register, "page_obj": page, "section": section,
        "tabs": [(key, label) for key, (label, _) in SECTIONS.items()],
        "checks": SpotCheck.objects.filter(round=round), "advice": SupervisionAdvice.objects.filter(round=round),
        "ground": rulebook_for(round).discipline_ground,
    }  # fmt: skip
    return render(request, "supervision/watched.html", context)


@login_required
@never_cache
@require_POST
def export_log(request: HttpRequest, public_id: uuid.UUID, wanted: str) -> HttpResponse:
    """The log as a workbook, or the round's chain of evidence as `verify_audit --export` reads it; on record."""
    user: Any = request.user
    round = get_object_or_404(watched_rounds(user), public_id=public_id)
    at = clock.now()
    with transaction.atomic():
        evidence.record("oversight.export", by=user, subject=f"round:{round.public_id}", at=at, data={"as": wanted})
    if wanted == "excel":
        registers = all_sections(round, at=at)
        return registers_response([_named(one, round) for one in registers], "xlsx", at=at)
    if wanted == "evidence":
        links = AuditRecord.objects.filter(chain=round.chain).order_by("seq").iterator()
        lines = (as_exported(one) | {"hash": one.hash} for one in links)
        text = "".join(json.dumps(one, ensure_ascii=False, sort_keys=True) + "\n" for one in lines)
        return attachment(text.encode(), f"{round.title}留痕.jsonl", "application/x-ndjson")
    raise Http404


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def draw(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Draw applications of a round for a spot check."""
    user: Any = request.user
    round = get_object_or_404(watched_rounds(user), public_id=public_id)
    form = SpotCheckForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            check = draw_spot_check(round, **form.cleaned_data, by=user, at=clock.now())
            messages.success(request, "已抽取，结果已留痕。")
            return redirect("supervision:spot_check", check.public_id)
        except DeskRefused as refused:
            beside(form, refused)
    context = {"round": round, "form": form, "ground": rulebook_for(round).discipline_ground}
    return render(request, "supervision/draw_spot_check.html", context, status=422 if form.errors else 200)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def spot_check(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The draw with what anybody needs to draw again, the result sheets, the conclusion."""
    user: Any = request.user
    check = get_object_or_404(
        SpotCheck.objects.visible_to(user).select_related("round__scheme", "round__edition"), public_id=public_id
    )
    watches = watched_rounds(user).filter(pk=check.round_id).exists()
    items = list(check.items.select_related("application__organization", "application__round__edition"))
    if wanted := request.GET.get("format"):
        return register_response(_sheet(check, items), wanted, at=clock.now())
    asked = request.POST.get("item", "")
    forms = {str(one.public_id): ResultForm(auto_id=f"r{one.pk}-%s") for one in items if one.recorded_at is None}
    summary = SummaryForm(request.POST if request.POST.get("close") else None)
    failed: Any = None
    if request.method == "POST":
        if not watches:
            raise Http404
        try:
            if request.POST.get("close"):
                failed = summary
                if summary.is_valid():
                    close_spot_check(check, **summary.cleaned_data, by=user, at=clock.now())
                    return redirect("supervision:spot_check", public_id)
            elif asked in forms:
                item = next(one for one in items if str(one.public_id) == asked)
                failed = forms[asked] = ResultForm(request.POST, auto_id=f"r{item.pk}-%s")
                if failed.is_valid():
                    record_result(item, **failed.cleaned_data, by=user, at=clock.now())
                    return redirect("supervision:spot_check", public_id)
            else:
                messages.error(request, "该项已经登记。页面可能已过时，请刷新。")
        except DeskRefused as refused:
            beside(failed, refused)
    drawn = replay(check.seed, check.population, check.count)
    context = {
        "check": check, "rows": [(one, forms.get(str(one.public_id))) for one in items], "drawn": drawn,
        "agrees": [number for number, _ in drawn] == [one.application.number for one in items], "summary": summary,
        "watches": watches, "failed": failed,
    }  # fmt: skip
    return render(request, "supervision/spot_check.html", context, status=422 if failed is not None else 200)


@login_required
@never_cache
@require_GET
def advice_list(request: HttpRequest) -> HttpResponse:
    """Advice of the person's schemes: the department's own, and what waits for the office's answer."""
    user: Any = request.user
    units = Unit.objects.of_user(user).filter(kind__in=("supervisor", "office"))
    if not units.exists():
        raise PermissionDenied
    found = SupervisionAdvice.objects.visible_to(user).select_related("scheme", "round", "unit")
    page = Paginator(found, 30).get_page(request.GET.get("page"))
    schemes = Scheme.objects.filter(key__in=Unit.objects.of_user(user).of_kind("supervisor").values("scheme_key"))
    context = {"page_obj": page, "schemes": schemes, "now": clock.now()}
    return render(request, "supervision/advice_list.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def new_advice(request: HttpRequest, scheme: str) -> HttpResponse:
    """File advice to the office, of a round where `?round=` names one."""
    user: Any = request.user
    keys = Unit.objects.of_user(user).of_kind("supervisor").values("scheme_key")
    found = get_object_or_404(Scheme.objects.filter(key__in=keys), key=scheme)
    round = _asked_round(request, found)
    form = AdviceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = file_advice(found, round=round, **form.cleaned_data, by=user, at=clock.now())
            messages.success(request, f"已送办公室，编号{row.number}。")
            return redirect("supervision:advice", row.public_id)
        except DeskRefused as refused:
            beside(form, refused)
    context = {"form": form, "scheme": found, "round": round}
    return render(request, "supervision/new_advice.html", context, status=422 if form.errors else 200)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def advice(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One piece of advice; the office answers it once."""
    user: Any = request.user
    row = get_object_or_404(
        SupervisionAdvice.objects.visible_to(user).select_related(
            "scheme", "round__edition", "round__office", "unit", "paper", "answer_paper"
        ),
        public_id=public_id,
    )
    may_answer = (
        row.answered_at is None and Unit.objects.of_user(user).of_kind("office").of_scheme(row.scheme.key).exists()
    )
    form = AdviceAnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            answer_advice(row, **form.cleaned_data, by=user, at=clock.now())
            messages.success(request, "已答复。")
            return redirect("supervision:advice", public_id)
        except DeskRefused as refused:
            beside(form, refused)
    context = {
        "row": row, "form": form, "may_answer": may_answer, "now": clock.now(),
        "ground": book_of(award=None, round=row.round, scheme=row.scheme).discipline_ground,
    }  # fmt: skip
    return render(request, "supervision/advice.html", context, status=422 if form.errors else 200)


def _asked_round(request: HttpRequest, scheme: Scheme) -> Round | None:
    asked = request.GET.get("round") or request.POST.get("round") or ""
    try:
        key = uuid.UUID(asked)
    except ValueError:
        return None
    return Round.objects.published().filter(scheme=scheme, public_id=key).select_related("office", "edition").first()


def _named(register: Register, round: Round) -> Register:
    title = f"{round.title}监督日志" if register.title == "办理步骤" else register.title
    return Register(title, register.headings, register.rows)


def _sheet(check: SpotCheck, items: list[SpotCheckItem]) -> Register:
    """抽查结果表: one line an application, to print and sign."""
    return Register(
        title=f"{check.round.title}抽查结果表",
        headings=["次序", "申报编号", rulebook_for(check.round).noun, "结果", "情况说明", "抽查日期"],
        rows=[
            [
                one.position, one.application.number, str(one.application.organization), one.get_finding_display(),
                one.text, one.checked_on.isoformat() if one.checked_on else "",
            ]
            for one in items
        ],
        facts=[("编号", check.number), ("抽查内容", check.purpose), ("随机种子", check.seed),
               ("抽查范围", f"已提交的申报{len(check.population)}个")],
        notes=[check.summary] if check.summary else [],
        signatures=["抽查人", "监督机构负责人", "日期"],
        widths=[2, 5, 8, 4, 10, 4],
    )  # fmt: skip
