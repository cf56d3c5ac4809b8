"""The office's pages of one award's money: the sum and its reason, facts, payments, inspections, money asked back."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from applications.desk_rules import DeskRefused
from award_portal.lib import clock
from awards.models import Award
from organizations.files import UploadRefused, serve_file, store_upload
from organizations.models import StoredFile
from organizations.once import once_only

from ..bonus_forms import (
    ClawbackForm,
    ClosingForm,
    FactForm,
    InspectionForm,
    OpenAccountForm,
    PaymentForm,
    ReturnForm,
    VoidForm,
)
from ..clawing_back import demand_clawback, paid_and_not_demanded, received_of, record_return
from ..establishing import establish_fact, kinds_asked
from ..forms import beside
from ..inspecting import close_inspection, record_inspection
from ..models import BonusClawback, BonusFact, BonusInspection, BonusPayment, BonusUse, BonusUseLine
from ..paying import money_of, open_account, record_payment, void_payment
from ..spending import purposes_of
from ..watching import money_awards, office_awards, own_awards, works_at_office


@login_required
@never_cache
@require_GET
def bonus(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Everything about one award's money; the supervising unit reads it too."""
    user: Any = request.user
    award = get_object_or_404(money_awards(user), public_id=public_id)
    purposes, ground = purposes_of(award)
    context = {
        "award": award, "sums": money_of(award), "asked": kinds_asked(award), "purposes": purposes, "ground": ground,
        "facts": BonusFact.objects.filter(award=award).select_related("proof").order_by("-pk"),
        "payments": BonusPayment.objects.filter(award=award).select_related("receipt"),
        "uses": BonusUse.objects.filter(award=award).handed_in(),
        "inspections": BonusInspection.objects.filter(award=award).select_related("proof"),
        "demands": [
            (one, received_of(one)) for one in BonusClawback.objects.filter(award=award).select_related("paper")
        ],
        "today": clock.today(), "to_demand": paid_and_not_demanded(award), "is_office": works_at_office(user, award),
    }  # fmt: skip
    return render(request, "supervision/bonus.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def establish(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Enter what the sum depends on, with its proof."""
    award = _of_office(request, public_id)
    asked = kinds_asked(award)
    if not asked:
        raise Http404
    form = FactForm(request.POST or None, request.FILES or None, kinds=[kind for kind, _ in asked])

    def act(data: dict[str, Any], user: Any) -> None:
        establish_fact(award, **_with_file(data, "proof", user), by=user, at=clock.now())

    return _answer(request, award, form, act, title="登记核实结果", grounds=[ground for _, ground in asked])


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def pay(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Enter a payment as its receipt proves it."""
    award = _of_office(request, public_id)
    sums = money_of(award)
    form = PaymentForm(request.POST or None, request.FILES or None, parts=[(one.row.part, one.label) for one in sums])

    def act(data: dict[str, Any], user: Any) -> None:
        record_payment(award, **_with_file(data, "receipt", user), by=user, at=clock.now())

    return _answer(request, award, form, act, title="登记拨付", grounds=[one.row.ground for one in sums])


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@once_only
def payment(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One payment: its whole account number is opened on record, a wrong entry is voided."""
    user: Any = request.user
    found = get_object_or_404(BonusPayment.objects.select_related("award__scheme", "receipt"), public_id=public_id)
    award = _of_office(request, found.award.public_id)
    void, opening, account = VoidForm(), OpenAccountForm(), ""
    if request.method == "POST":
        opens = request.POST.get("act") == "open"
        form: Any = OpenAccountForm(request.POST) if opens else VoidForm(request.POST)
        void, opening = (void, form) if opens else (form, opening)
        if form.is_valid():
            try:
                if not opens:
                    void_payment(found, because=form.cleaned_data["because"], by=user, at=clock.now())
                    messages.success(request, "已作废，金额不再计入已拨。")
                    return redirect("supervision:bonus", award.public_id)
                account = open_account(found, purpose=form.cleaned_data["purpose"], by=user, at=clock.now())
            except DeskRefused as refused:
                beside(form, refused)
    context = {"award": award, "payment": found, "void": void, "opening": opening, "account": account}
    failed = bool(void.errors or opening.errors)
    return render(request, "supervision/payment.html", context, status=422 if failed else 200)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def inspect(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Enter an inspection of how the money is used."""
    award = _of_office(request, public_id)
    form = InspectionForm(request.POST or None, request.FILES or None)

    def act(data: dict[str, Any], user: Any) -> None:
        record_inspection(award, **_with_file(data, "proof", user), by=user, at=clock.now())

    return _answer(request, award, form, act, title="登记检查", grounds=[purposes_of(award)[1]])


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def close(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What an inspection found is put right."""
    found = get_object_or_404(BonusInspection.objects.select_related("award__scheme"), public_id=public_id)
    award = _of_office(request, found.award.public_id)
    form = ClosingForm(request.POST or None)

    def act(data: dict[str, Any], user: Any) -> None:
        close_inspection(found, note=data["note"], by=user, at=clock.now())

    return _answer(request, award, form, act, title="整改销号", grounds=[purposes_of(award)[1]], told=found.finding)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def claw_back(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Demand back what was paid."""
    award = _of_office(request, public_id)
    form = ClawbackForm(request.POST or None)

    def act(data: dict[str, Any], user: Any) -> None:
        if demand_clawback(award, amount=data["amount"], ground=data["ground"], by=user, at=clock.now()) is None:
            raise DeskRefused.because("没有已拨付而未追缴的奖金。已填内容已保留。")

    return _answer(request, award, form, act, title="追缴奖金", grounds=[])


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def returned(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Enter money that came back."""
    found = get_object_or_404(BonusClawback.objects.select_related("award__scheme"), public_id=public_id)
    award = _of_office(request, found.award.public_id)
    form = ReturnForm(request.POST or None)

    def act(data: dict[str, Any], user: Any) -> None:
        record_return(found, **data, by=user, at=clock.now())

    return _answer(request, award, form, act, title="登记退回", grounds=[], told=found.ground)


@login_required
@require_GET
def bonus_file(request: HttpRequest, public_id: uuid.UUID, file_id: uuid.UUID) -> HttpResponse:
    """A proof or a receipt of an award's money, for the office, the supervising unit and the winner."""
    user: Any = request.user
    own = own_awards(user).filter(public_id=public_id).first()
    award = own or get_object_or_404(money_awards(user), public_id=public_id)
    lines = BonusUseLine.objects.filter(use__award=award, proof__public_id=file_id)
    if own is None:
        lines = lines.filter(use__in=BonusUse.objects.handed_in())
    theirs = (
        Q(pk__in=BonusFact.objects.filter(award=award).values("proof"))
        | Q(pk__in=BonusPayment.objects.filter(award=award).values("receipt"))
        | Q(pk__in=BonusInspection.objects.filter(award=award).values("proof"))
        | Q(pk__in=lines.values("proof"))
    )
    return serve_file(get_object_or_404(StoredFile.objects.filter(theirs), public_id=file_id))  # type: ignore[return-value]


def _of_office(request: HttpRequest, public_id: uuid.UUID) -> Award:
    user: Any = request.user
    return get_object_or_404(office_awards(user), public_id=public_id)


def _with_file(data: dict[str, Any], name: str, user: Any) -> dict[str, Any]:
    """The cleaned data with the upload kept as a file, or None where none came; a receipt shows an account: sealed."""
    upload, sealed = data[name], name == "receipt"
    stored = store_upload(upload, purpose="bonus", by=user, at=clock.now(), sealed=sealed) if upload else None
    return data | {name: stored}


def _answer(
    request: HttpRequest,
    award: Award,
    form: forms.Form,
    act: Callable[[dict[str, Any], Any], None],
    *,
    title: str,
    grounds: list[str],
    told: str = "",
) -> HttpResponse:
    """Show a form of the desk and do what it asks; refused, nothing is kept of the upload and the words come back."""
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                act(dict(form.cleaned_data), request.user)
        except UploadRefused as refused:
            form.add_error(next(name for name, one in form.fields.items() if isinstance(one, forms.FileField)),
                           refused.message)  # fmt: skip
        except DeskRefused as refused:
            beside(form, refused)
        else:
            messages.success(request, f"{title}：已办理。")
            return redirect("supervision:bonus", award.public_id)
    context = {
        "award": award, "form": form, "title": title, "told": told,
        "grounds": [one for one in dict.fromkeys(grounds) if one],
    }  # fmt: skip
    return render(request, "supervision/bonus_form.html", context, status=422 if form.errors else 200)
