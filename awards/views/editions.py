"""Rulebook files at the desk: imported, corrected beside their errors, looked through, compared, published (R1)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from award_portal.lib import clock
from awards.diagram import draw_svg
from awards.differences import compare
from awards.editions import (
    DraftStale,
    edition_before,
    examine,
    keep_draft,
    lines_of,
    may_prepare,
    next_edition_text,
    publish_draft,
    publishing_refusals,
    replace_lines,
    save_draft,
    seats_of,
    windows_of,
)
from awards.faces import schemes_faced_by
from awards.forms.editions import BeginForm, CorrectForm, ImportForm, ReviseForm
from awards.models import Edition, EditionDraft
from awards.preparing import offices_of, rules_by_group
from awards.rulebook import Rulebook
from awards.schemes import EditionRefused, needs_confirmation, opening_blockers, rulebook_of
from awards.skeleton import describe_spec, skeleton
from organizations.once import once_only

MOST_ERRORS = 200


def preparers_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_prepare(request.user):  # type: ignore[arg-type]
            raise PermissionDenied("规则文件由办公室或者系统管理员维护，您不在办公室任职。")
        return view(request, *args, **kwargs)

    return wrapper


def _draft_of(request: HttpRequest, public_id) -> EditionDraft:
    if not may_prepare(request.user):  # type: ignore[arg-type]
        raise Http404
    drafts = EditionDraft.objects.visible_to(request.user).select_related("by", "saved_by", "published_as__scheme")
    return get_object_or_404(drafts, public_id=public_id)


def _edition_of(request: HttpRequest, scheme: str, edition: str) -> Edition:
    if not may_prepare(request.user):  # type: ignore[arg-type]
        raise Http404
    return get_object_or_404(Edition.objects.select_related("scheme"), scheme__key=scheme, edition=edition)


@login_required
@preparers_only
@require_GET
def editions(request: HttpRequest) -> HttpResponse:
    """Every scheme's editions, and the drafts one may see."""
    drafts = EditionDraft.objects.visible_to(request.user).unpublished().select_related("saved_by")
    found = Edition.objects.select_related("scheme").order_by("scheme__name", "scheme", "-loaded_at", "-pk")
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    faced = schemes_faced_by(request.user).order_by("name")  # type: ignore[arg-type]
    return render(request, "awards/editions.html", {"page_obj": page, "drafts": drafts[:50], "faced": faced})


@login_required
@preparers_only
@require_http_methods(["GET", "POST"])
@once_only
def import_edition(request: HttpRequest) -> HttpResponse:
    """A file or its text becomes a draft, faulty or not; or a blank document to fill in."""
    action = request.POST.get("action", "")
    form = ImportForm(request.POST if action == "import" else None, request.FILES if action == "import" else None)
    begin = BeginForm(request.POST if action == "begin" else None)
    asked = begin if action == "begin" else form
    if request.method == "POST" and asked.is_valid():
        try:
            text = skeleton(begin.cleaned_data["key"]) if asked is begin else form.cleaned_data["read"]
            draft = keep_draft(text, by=request.user, at=clock.now())
        except EditionRefused as refused:
            asked.add_error(None, str(refused))
        else:
            _tell(request, draft)
            return redirect("awards:edition_draft", draft.public_id)
    context = {"form": form, "begin": begin, "asked": asked}
    return render(request, "awards/edition_import.html", context, status=422 if asked.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def revise_edition(request: HttpRequest, scheme: str, edition: str) -> HttpResponse:
    """The next edition begun from a published one: its text under a new name, as a draft."""
    base = _edition_of(request, scheme, edition)
    form = ReviseForm(request.POST or None, base=base)
    if request.method == "POST" and form.is_valid():
        text = next_edition_text(base, name=form.cleaned_data["edition"])
        draft = keep_draft(text, by=request.user, at=clock.now())
        messages.success(request, f"已按版本 {base.edition} 起草新版本，请对照修订后的办法修改。")
        return redirect("awards:edition_draft", draft.public_id)
    return render(
        request, "awards/edition_revise.html", {"form": form, "base": base}, status=422 if form.errors else 200
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def edition_draft(request: HttpRequest, public_id) -> HttpResponse:
    """A draft with its errors beside the lines, and the text to correct it in; what is sent is always kept."""
    draft = _draft_of(request, public_id)
    if draft.published_as is not None:
        return redirect("awards:edition", draft.published_as.scheme.key, draft.published_as.edition)
    lines = _written_lines(request)
    typed = request.POST if request.method == "POST" and not lines else None
    form = CorrectForm(typed, request.FILES or None, initial={"text": draft.text, "version": draft.version})
    theirs = ""
    if request.method == "POST" and (lines or form.is_valid()):
        try:
            draft = _saved(request, draft, lines, form)
        except DraftStale:
            draft = _draft_of(request, public_id)
            theirs = draft.text
            if not lines:
                form.add_error(
                    None, "您打开本页之后，他人保存了本草稿。您的文本没有保存，仍在下面；他人的文本在本页最后。"
                )
                # sent again, it is sent knowingly over what the other saved
                form.data = {"text": form.cleaned_data["read"], "version": draft.version}
        except EditionRefused as refused:
            if lines:
                messages.error(request, str(refused))
            else:
                form.add_error(None, str(refused))
        else:
            _tell(request, draft)
            return redirect("awards:edition_draft", draft.public_id)
    found = examine(draft.text)
    context = {
        "draft": draft, "form": form, "book": found.book, "total": len(found.errors),
        "runs": windows_of(lines_of(draft.text, most=MOST_ERRORS)), "most": MOST_ERRORS,
        "theirs": theirs, "unsaved": sorted(lines.items()) if theirs else [],
        "blockers": [{"text": one} for one in publishing_refusals(draft, by=request.user)] if found.book else [],
    }  # fmt: skip
    status = 409 if theirs else 422 if form.errors else 200
    return render(request, "awards/edition_draft.html", context, status=status)


def _saved(request: HttpRequest, draft: EditionDraft, lines: dict[int, str], form: CorrectForm) -> EditionDraft:
    """The draft with the lines corrected beside their errors, or with the whole text sent."""
    text = replace_lines(draft.text, lines) if lines else form.cleaned_data["read"]
    version = _version(request) if lines else form.cleaned_data["version"]
    return save_draft(draft, text, version=version, by=request.user, at=clock.now())  # type: ignore[arg-type]


def _written_lines(request: HttpRequest) -> dict[int, str]:
    """The faulty lines as they were corrected beside their errors, by their number."""
    found = {re.fullmatch(r"line-([0-9]{1,6})", name): value for name, value in request.POST.items()}
    return {int(name[1]): str(value) for name, value in found.items() if name}


def _version(request: HttpRequest) -> int:
    seen = request.POST.get("version", "")
    return int(seen) if re.fullmatch(r"[0-9]{1,9}", seen) else 0


def _tell(request: HttpRequest, draft: EditionDraft) -> None:
    """What was kept, and what is left to do."""
    errors = len(examine(draft.text).errors)
    if errors:
        messages.warning(request, f"草稿已保存，还有{errors}处需要填写或者更正。")
    else:
        messages.success(request, "草稿已保存，检查无误，可以预览并发布。")


@login_required
@require_GET
def edition_draft_preview(request: HttpRequest, public_id) -> HttpResponse:
    """What a draft says, before it is published."""
    draft = _draft_of(request, public_id)
    book = examine(draft.text).book
    if book is None:
        return redirect("awards:edition_draft", draft.public_id)
    return render(request, "awards/edition_preview.html", _preview(book) | {"draft": draft})


@login_required
@require_GET
def edition(request: HttpRequest, scheme: str, edition: str) -> HttpResponse:
    """A published edition: what it says, who is needed for it, and the way to a round."""
    one = _edition_of(request, scheme, edition)
    book = rulebook_of(one)
    context = _preview(book) | {
        "edition": one,
        "seats": seats_of(book),
        "opening": opening_blockers(one, on=clock.today()),
        "confirmation": needs_confirmation(one),
        "is_own": offices_of(request.user).filter(scheme_key=scheme).exists(),
        "rounds": one.rounds.select_related("office").order_by("-ordinal"),
    }
    return render(request, "awards/edition_preview.html", context)


def _preview(book: Rulebook) -> dict[str, Any]:
    """The drawing, the assumed values first, then every value by its part of the document."""
    rows = book.rules()
    return {
        "book": book,
        "drawing": draw_svg(book),
        "assumed": rules_by_group(row for row in rows if row.assumed),
        "assumed_total": sum(row.assumed for row in rows),
        "cited": rules_by_group(row for row in rows if not row.assumed),
        "total": len(rows),
        "before": edition_before(book),
    }


@login_required
@require_GET
def edition_changes(request: HttpRequest, scheme: str, edition: str) -> HttpResponse:
    """What an edition changed against the one before it."""
    one = _edition_of(request, scheme, edition)
    return _changes(request, rulebook_of(one), {"edition": one})


@login_required
@require_GET
def edition_draft_changes(request: HttpRequest, public_id) -> HttpResponse:
    """What a draft would change against the newest edition."""
    draft = _draft_of(request, public_id)
    book = examine(draft.text).book
    if book is None:
        return redirect("awards:edition_draft", draft.public_id)
    return _changes(request, book, {"draft": draft})


def _changes(request: HttpRequest, book: Rulebook, context: dict[str, Any]) -> HttpResponse:
    others = Edition.objects.filter(scheme__key=book.key).select_related("scheme").order_by("-loaded_at", "-pk")
    wanted = others.filter(edition=request.GET.get("with", "")[:40]).first()
    before = wanted or edition_before(book)
    groups = compare(rulebook_of(before), book) if before else []
    context |= {"book": book, "before": before, "groups": groups, "others": others[:30]}
    return render(request, "awards/edition_changes.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def publish_edition(request: HttpRequest, public_id) -> HttpResponse:
    """The draft becomes an edition, after a page that says what follows."""
    draft = _draft_of(request, public_id)
    if draft.published_as is not None:
        return redirect("awards:edition", draft.published_as.scheme.key, draft.published_as.edition)
    book = examine(draft.text).book
    if book is None:
        return redirect("awards:edition_draft", draft.public_id)
    if request.method == "POST":
        try:
            published = publish_draft(draft, version=_version(request), by=request.user, at=clock.now())
        except DraftStale:
            messages.error(request, "草稿在您打开发布页之后又有改动，没有发布。请重新预览后再发布。")
            return redirect("awards:edition_draft", draft.public_id)
        except EditionRefused as refused:
            messages.error(request, f"没有发布：{refused}。")
            return redirect("awards:edition_draft", draft.public_id)
        messages.success(request, f"{published}已发布。请核对所需单位和人员，再建立届次。")
        return redirect("awards:edition", published.scheme.key, published.edition)
    context = {
        "draft": draft,
        "book": book,
        "before": edition_before(book),
        "is_new": not Edition.objects.filter(scheme__key=book.key).exists(),
        "blockers": [{"text": one} for one in publishing_refusals(draft, by=request.user)],
        "assumed_total": sum(row.assumed for row in book.rules()),
        "cancel_url": reverse("awards:edition_draft", args=[draft.public_id]),
        "submit_label": "发布",
    }
    return render(request, "awards/edition_publish.html", context)


@login_required
@require_GET
def edition_text(request: HttpRequest, scheme: str, edition: str) -> HttpResponse:
    """The document itself, to keep or to start another from."""
    one = _edition_of(request, scheme, edition)
    return _file(one.text, f"{one.scheme.key}-{one.edition}.yaml")


@login_required
@require_GET
def edition_draft_text(request: HttpRequest, public_id) -> HttpResponse:
    """The draft's text as a file, to work on elsewhere."""
    draft = _draft_of(request, public_id)
    return _file(draft.text, f"{draft.scheme_key or 'draft'}.yaml")


def _file(text: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name.encode("ascii", "ignore").decode()}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@login_required
@preparers_only
@require_GET
def edition_keys(request: HttpRequest) -> HttpResponse:
    """Every key a document may hold, with its kind and its choices."""
    return render(request, "awards/edition_keys.html", {"keys": describe_spec()})
