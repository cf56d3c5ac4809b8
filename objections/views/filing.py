"""Filing an objection from a notice, or a tip where it is too late for one; no account is needed (U12)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from award_portal.lib import clock
from award_portal.lib.clients import asks_too_often, counts_too_often
from awards.faces import show_as
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from organizations.once import once_only
from publicity.models import Notice, NoticeItem

from ..filing import file_objection
from ..form_check import FilingRefused, filing_lacks
from ..forms import FilingForm, SituationForm
from ..receiving import handler_of, receiving_rule
from ..situations import report_situation, takes_situations
from ..windows import window_refusal

KINDS = ("person", "unit")
HOUR = 3600
# what one address, and one telephone, may hand in: an office shares an address, a person a telephone
MOST_BY_ADDRESS, MOST_BY_PHONE = 20, 6
TOO_OFTEN = "提交过于频繁，请稍后再试，已填写的内容没有提交。确有多件材料的，可以在先前的查询地址中补充，或者书面提交。"


@require_http_methods(["GET", "POST"])
@once_only
def file(request: HttpRequest, public_id) -> HttpResponse:
    """File an objection to a name on a notice; no account is needed (U12)."""
    notice = _notice(request, public_id)
    switched = request.POST.get("switch", "")  # a person after all, or a unit: what was typed comes along
    kind = switched or request.POST.get("kind") or request.GET.get("kind") or "person"
    kind = kind if kind in KINDS else "person"
    book, items = rulebook_for(notice.round), _items(notice)
    # an empty form is answered too: nothing in it makes POST false
    posted = request.method == "POST" and not switched
    form = FilingForm(
        request.POST if posted else None,
        request.FILES if posted else None,
        initial=request.POST.dict() if switched else {"application": request.GET.get("name", "")},
        book=book,
        kind=kind,
        names=[(key, one.name) for key, one in items.items()],
        lenient="as_is" in request.POST,
    )
    if posted and not form.is_valid():
        # everything that lacks is told at once, what the files are as well as what is empty
        given = {"fields": form.given_fields, "files": form.given_files, "text": form.cleaned_data.get("text", "")}
        form.add_lacks(filing_lacks(book, form=kind, **given))
    elif posted:
        secret = _filed(request, form, kind, items)
        if secret:
            return redirect("objections:receipt", secret=secret)
    chosen = items.get(request.POST.get("application") or request.GET.get("name") or "")
    late = window_refusal(chosen.application, at=clock.now()) if chosen else ""
    context = {
        "notice": notice,
        "form": form,
        "kind": kind,
        "asked": form.asked,
        "ground": book.ground(form.asked),
        **_receiver(notice, items, book),
        "is_running": notice.is_running(clock.now()),
        "site_name": book.name,
        "late": late,
        "takes_situations": takes_situations(book),
        "chosen": chosen,
        "completion": book.objections.said("completion_days"),
        "may_be_incomplete": bool(form.errors) and not late,
        "details": [form[name] for name in form.fields if name.startswith(("field_", "file_"))],
    }
    return render(request, "objections/file.html", context, status=422 if form.errors else 200)


def _receiver(notice: Notice, items: dict[str, NoticeItem], book: Rulebook) -> dict[str, Any]:
    """Who receives what is filed now from this notice, with the article (O6)."""
    named = next(iter(items.values()), None)
    running = notice if notice.is_running(clock.now()) else None
    handler = handler_of(named.application, running, accuses_recommender=False) if named else None
    rule = receiving_rule(book, notice.kind)
    return {
        "receiver": handler or notice.round.office,
        "receiver_ground": book.ground(rule if handler and rule else book.objections),
    }


def _filed(request: HttpRequest, form: FilingForm, kind: str, items: dict[str, NoticeItem]) -> str:
    """The secret of the receipt, or "" with what was refused on the form."""
    phone = form.given_fields.get("phone", "")
    if _too_often(request, phone):
        form.add_error(None, TOO_OFTEN)
        return ""
    try:
        _, secret = file_objection(
            items[form.cleaned_data["application"]].application,
            form=kind,
            fields=form.given_fields,
            files=form.given_files,
            text=form.cleaned_data["text"],
            condition=form.cleaned_data["condition"],
            accuses_recommender=form.cleaned_data["accuses_recommender"],
            incomplete_ok="as_is" in request.POST,
            at=clock.now(),
        )
    except FilingRefused as refused:
        form.add_lacks(refused.lacks)
        return ""
    return secret


@require_http_methods(["GET", "POST"])
@once_only
def tell_situation(request: HttpRequest, public_id) -> HttpResponse:
    """情况反映: what comes too late for an objection, where the rulebook takes it."""
    notice = _notice(request, public_id)
    book, items = rulebook_for(notice.round), _items(notice)
    form = SituationForm(
        request.POST or None,
        request.FILES or None,
        initial={"application": request.GET.get("name", "")},
        noun=book.noun,
        names=[(key, one.name) for key, one in items.items()],
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if _too_often(request, data["phone"]):
            form.add_error(None, TOO_OFTEN)
        else:
            try:
                _, secret = report_situation(
                    items[data["application"]].application,
                    text=data["text"],
                    contact={"name": data["name"], "phone": data["phone"]},
                    files=data["evidence"],
                    at=clock.now(),
                )
                return redirect("objections:situation_receipt", secret=secret)
            except FilingRefused as refused:
                for key, told in refused.lacks:
                    form.add_error(key if key in form.fields else None, told)
    context = {"notice": notice, "form": form, "late": book.objections.said("late"), "site_name": book.name}
    context["ground"] = book.ground(context["late"])
    return render(request, "objections/situation_file.html", context, status=422 if form.errors else 200)


def _notice(request: HttpRequest, public_id) -> Notice:
    notice = get_object_or_404(
        Notice.objects.public().windows().select_related("round__scheme", "round__office"), public_id=public_id
    )
    show_as(request, notice.round.scheme)
    return notice


def _items(notice: Notice) -> dict[str, NoticeItem]:
    found = notice.items.filter(struck_at=None).select_related("application__round", "application__recommender")
    return {str(one.application.public_id): one for one in found}


def _too_often(request: HttpRequest, phone: str) -> bool:
    by_address = asks_too_often(request, "objection", at_most=MOST_BY_ADDRESS, within_seconds=HOUR)
    by_phone = bool(phone) and counts_too_often(
        "objection-phone", phone, at_most=MOST_BY_PHONE, within_seconds=24 * HOUR
    )
    return by_address or by_phone
