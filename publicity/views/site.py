"""The public site: calls, notices, the register of winners, certificates, the record's digests. No personal data."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from applications.rules import works_in
from award_portal.lib import clock
from awards.faces import face_of, show_as
from awards.models import Award, Edition, Round
from awards.parameters import rulebook_for
from awards.rulebook.process import Publicity
from awards.schemes import latest_edition, rulebook_of
from organizations.models import AuditDigest
from publicity.commenting import takes_comments
from publicity.extending import day_unit
from publicity.forms import CallFilter, CertificateForm, NoticeFilter, RegisterFilter
from publicity.list_changes import unannounced
from publicity.models import Notice, WindowExtension
from publicity.opening import ground_of
from publicity.speaking_up import ways_of
from publicity.standing import book_of, standings
from publicity.winners import register_file, register_of_winners, registered, superseded, told_state


def public_notices() -> QuerySet[Notice]:
    """What the public may read, of the awards that show themselves."""
    return (
        Notice.objects.public()
        .filter(Q(round__scheme__is_public=True) | Q(scheme__is_public=True))
        .select_related("issuer", "scheme", "round__scheme", "round__edition", "document")
    )


@require_GET
def calls(request: HttpRequest) -> HttpResponse:
    """Every call for applications, newest first; of the award the page belongs to, unless another is asked for."""
    form = CallFilter(_asked(request))
    found = Round.objects.public().select_related("scheme", "office").order_by("-published_at", "-pk")
    if form.is_valid() and form.cleaned_data["scheme"]:
        found = found.filter(scheme=form.cleaned_data["scheme"])
    page = Paginator(found, 20).get_page(request.GET.get("page"))
    context = {"form": form, "page_obj": page, "count": page.paginator.count, "now": clock.now()}
    return render(request, "publicity/calls.html", context)


def _asked(request: HttpRequest) -> QueryDict:
    """What a list was asked to show: where no award is named, the one the page belongs to; "全部" names none."""
    asked = request.GET.copy()
    if "scheme" not in asked and (face := face_of(request)):
        asked["scheme"] = face.key
    return asked


@require_GET
def call(request: HttpRequest, public_id) -> HttpResponse:
    """One call as it was published: window, conditions, materials, criteria, contacts, and how to apply."""
    round = get_object_or_404(Round.objects.public().select_related("scheme", "edition", "office"), public_id=public_id)
    notice = get_object_or_404(public_notices(), round=round, kind=Notice.Kind.CALL)
    show_as(request, round.scheme)
    now, book = clock.now(), rulebook_for(round)
    context = {
        "round": round,
        "notice": notice,
        "content": notice.document.content if notice.document else {},
        "is_open": round.is_open_at(now),
        "is_over": bool(round.closes_at and round.closes_at <= now),
        "corrections": public_notices().filter(amends=notice),
        "is_extended": WindowExtension.objects.filter(round=round).exists(),
        "may_amend": request.user.is_authenticated and works_in(request.user, notice.issuer),
        "organization_noun": book.noun_for("organization"),
        "admits_individuals": book.admits_individuals,
    }
    return render(request, "publicity/call.html", context)


@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """Every notice, filtered; a running publicity says how many days are left."""
    form, now = NoticeFilter(_asked(request)), clock.now()
    found = public_notices()
    if form.is_valid():
        data = form.cleaned_data
        if data["scheme"]:
            found = found.filter(Q(round__scheme=data["scheme"]) | Q(scheme=data["scheme"]))
        if data["kind"]:
            found = found.filter(kind=data["kind"])
        if data["running"]:
            found = found.filter(published_at__lte=now, ends_at__gt=now)
    page = Paginator(found, 20).get_page(request.GET.get("page"))
    context = {"form": form, "page_obj": page, "lines": standings(list(page), at=now), "count": page.paginator.count}
    return render(request, "publicity/notices.html", context)


@require_GET
def notice(request: HttpRequest, public_id) -> HttpResponse:
    """One notice: the list, its three dates, and how to object while it runs (U12)."""
    notice = get_object_or_404(public_notices().select_related("amends"), public_id=public_id)
    if notice.kind == Notice.Kind.CALL:
        return redirect("publicity:call", notice.round.public_id)
    show_as(request, notice.of_scheme)
    now = clock.now()
    book = book_of(notice)
    may_amend = notice.scheme is None and request.user.is_authenticated and works_in(request.user, notice.issuer)
    items = list(notice.items.select_related("application"))
    ways = ways_of(notice, items, at=now)
    context = {
        "notice": notice,
        "standing": standings([notice], at=now)[0],
        "ways": ways,
        "items": [(one, ways.of_item.get(one.pk)) for one in items],
        "corrections": public_notices().filter(amends=notice),
        "content": notice.document.content if notice.document else {},
        "ground": ground_of(book, notice.kind) if notice.ends_at else "",
        "filing": [(form, book.ground(form)) for form in book.objections.filing],
        "comments": takes_comments(notice),
        "noun": book.noun,
        "recommender_word": book.role("recommender"),
        "may_amend": may_amend,
        "is_changed": may_amend and bool(notice.ends_at) and unannounced(notice).exists(),
    }
    return render(request, "publicity/notice.html", context)


@require_GET
def register(request: HttpRequest) -> HttpResponse:
    """The register of winners: who, which year and tier, what became of the honour; to filter and to take away."""
    form, today = RegisterFilter(_asked(request)), clock.today()
    found = Award.objects.public().order_by("-year", "scheme", "tier", "pk")
    if form.is_valid():
        found = registered(found, form.cleaned_data, today)
    if wanted := request.GET.get("format"):
        return register_file(register_of_winners(found, today), wanted, at=clock.now())
    page = Paginator(found, 30).get_page(request.GET.get("page"))
    context = {
        "form": form, "page_obj": page, "count": page.paginator.count, "query": request.GET.urlencode(),
        "rows": [(one, *told_state(one, today)) for one in page],
    }  # fmt: skip
    return render(request, "publicity/register.html", context)


@require_GET
def certificate_check(request: HttpRequest) -> HttpResponse:
    """Ask for a certificate by its number."""
    asked = "number" in request.GET
    form = CertificateForm(request.GET if asked else None)
    if asked and form.is_valid():
        return _answer_certificate(request, form.cleaned_data["number"], form)
    status = 422 if asked else 200
    return render(request, "publicity/certificate_check.html", {"form": form}, status=status)


@require_GET
def certificate(request: HttpRequest, number: str) -> HttpResponse:
    """What the QR code of a certificate leads to."""
    return _answer_certificate(request, number, CertificateForm(initial={"number": number}))


def _answer_certificate(request: HttpRequest, number: str, form: CertificateForm) -> HttpResponse:
    """Valid, revoked, expired, replaced by another, or not found: the only five answers there are."""
    number = number.replace("\x00", "").strip()[:40]
    public = Award.objects.public().select_related("scheme")
    award = public.filter(certificate_number__iexact=number).first() if number else None
    standing, decision = "missing", ""
    replaced = superseded(number) if number and award is None else None
    if replaced is not None:
        award = replaced.award
    if award is not None:
        show_as(request, award.scheme)
        edition = latest_edition(award.scheme.key)
        decision = rulebook_of(edition).instrument("commendation") if edition else "决定文号"
        standing = award.state
        if standing == Award.State.GRANTED and award.valid_until and award.valid_until < clock.today():
            standing = Award.State.EXPIRED
    if replaced is not None and standing != Award.State.REVOKED:
        standing = "replaced"
    context = {
        "form": form, "number": number, "award": award, "standing": str(standing), "decision": decision,
        "replaced": replaced, "earlier": list(award.superseded_certificates.all()) if award and not replaced else [],
    }  # fmt: skip
    return render(request, "publicity/certificate_check.html", context, status=200 if award else 404)


@require_GET
def evidence_digests(request: HttpRequest) -> HttpResponse:
    """The daily heads of the record, and how anybody holds the record against them."""
    page = Paginator(AuditDigest.objects.all(), 50).get_page(request.GET.get("page"))
    titles = {one.chain: one.title for one in Round.objects.public().only("public_id", "title")}
    lines = [(one, titles.get(one.chain, "门户") if one.chain != "portal" else "门户") for one in page]
    return render(request, "publicity/evidence_digests.html", {"page_obj": page, "lines": lines})


@require_GET
def about(request: HttpRequest) -> HttpResponse:
    """What the portal is, and under which regulations."""
    return render(request, "publicity/about.html", {"books": _public_books()})


@require_GET
def how_to_object(request: HttpRequest) -> HttpResponse:
    """Who may object, when, with what, and by when each step is done, article by article (U12, U13).

    Of the award the page belongs to; `?scheme=` asks for all of them.
    """
    asked = CallFilter(_asked(request))
    scheme = asked.cleaned_data["scheme"] if asked.is_valid() else None
    books = [
        {
            "book": book,
            "filing": [(form, book.ground(form)) for form in book.objections.filing],
            "clocks": _clocks(book),
            "publicities": [
                (book.label(stage.state), window_zh(stage.publicity), book.ground(stage.publicity.days))
                for stage in book.stages
                if stage.publicity and stage.publicity.held_by != "applicant"
            ],
        }
        for book in _public_books()
        if scheme is None or book.key == scheme.key
    ]
    now = clock.now()
    running = public_notices().filter(published_at__lte=now, ends_at__gt=now)
    if scheme is not None:
        running = running.filter(round__scheme=scheme)
    context = {"books": books, "running": standings(list(running[:20]), at=now), "of_one": scheme is not None}
    return render(request, "publicity/how_to_object.html", context)


def window_zh(rule: Publicity) -> str:
    """How long a list is public, as the regulation says it: 不少于5个工作日, 7个工作日, 不少于10个自然日."""
    bound = {"at_least": "不少于", "at_most": "不超过"}.get(rule.days.bound, "")
    return f"{bound}{rule.days.value}{day_unit(rule.day_kind.value)}"


CLOCK_WORDS = {
    "form_check": "形式审查",
    "forward": "转送调查单位",
    "report": "调查单位报告调查情况",
    "decide": "作出认定",
    "tell": "告知异议人",
}


def _clocks(book) -> list[tuple[str, str, str]]:
    rows = {row.path: row for row in book.rules() if row.path.startswith("objections.clocks.")}
    found = []
    for key, words in CLOCK_WORDS.items():
        row = rows.get(f"objections.clocks.{key}.days")
        if row is not None:
            found.append((words, row.value_zh, "" if row.assumed else row.citation_zh))
    return found


def _public_books() -> list:
    """The newest edition of each public scheme."""
    newest: dict[int, Edition] = {}
    for edition in Edition.objects.filter(scheme__is_public=True).order_by("loaded_at", "pk"):
        newest[edition.scheme_id] = edition
    return [rulebook_of(one) for one in newest.values()]
