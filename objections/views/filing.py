"""Filing an objection from a notice; no account is needed (U12)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from award_portal.lib import clock
from awards.faces import show_as
from awards.parameters import rulebook_for
from organizations.once import once_only
from publicity.models import Notice

from ..filing import FilingRefused, file_objection, filing_lacks
from ..forms import FilingForm

KINDS = ("person", "unit")


@require_http_methods(["GET", "POST"])
@once_only
def file(request: HttpRequest, public_id) -> HttpResponse:
    """File an objection to a name on a running notice; no account is needed (U12)."""
    notice = get_object_or_404(Notice.objects.public().windows().select_related("round__scheme"), public_id=public_id)
    show_as(request, notice.round.scheme)
    switched = request.POST.get("switch", "")  # a person after all, or a unit: what was typed comes along
    kind = switched or request.POST.get("kind") or request.GET.get("kind") or "person"
    kind = kind if kind in KINDS else "person"
    book = rulebook_for(notice.round)
    items = {
        str(one.application.public_id): one
        for one in notice.items.filter(struck_at=None).select_related("application__round")
    }
    # an empty form is answered too: nothing in it makes POST false
    posted = request.method == "POST" and not switched
    form = FilingForm(
        request.POST if posted else None,
        request.FILES if posted else None,
        initial=request.POST.dict() if switched else None,
        book=book,
        kind=kind,
        names=[(key, one.name) for key, one in items.items()],
    )
    if posted and not form.is_valid():
        # everything that lacks is told at once, what the files are as well as what is empty
        given = {"fields": form.given_fields, "files": form.given_files, "text": form.cleaned_data.get("text", "")}
        form.add_lacks(filing_lacks(book, form=kind, **given))
    elif posted:
        try:
            _, secret = file_objection(
                items[form.cleaned_data["application"]].application,
                form=kind,
                fields=form.given_fields,
                files=form.given_files,
                text=form.cleaned_data["text"],
                condition=form.cleaned_data["condition"],
                accuses_recommender=form.cleaned_data["accuses_recommender"],
                at=clock.now(),
            )
        except FilingRefused as refused:
            form.add_lacks(refused.lacks)
        else:
            return redirect("objections:receipt", secret=secret)
    context = {
        "notice": notice,
        "form": form,
        "kind": kind,
        "asked": form.asked,
        "ground": book.ground(form.asked),
        "is_running": notice.is_running(clock.now()),
        "site_name": book.name,
        "details": [form[name] for name in form.fields if name.startswith(("field_", "file_"))],
    }
    return render(request, "objections/file.html", context, status=422 if form.errors else 200)
