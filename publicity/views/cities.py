"""The front page: of all awards that share the portal, or of the one the visitor chose."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from award_portal.lib import clock
from awards.faces import CITY_COOKIE, face_of, show_as
from awards.models import Award, Edition, Round, Scheme
from awards.rulebook import Rulebook
from awards.schemes import latest_edition, rulebook_of
from publicity.standing import standings

from .site import public_notices

YEAR = 365 * 24 * 3600


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What is open, what is in publicity, and where to go for what; the awards to choose from where there are more."""
    return _front(request, face_of(request))


@require_GET
def city(request: HttpRequest, scheme: str) -> HttpResponse:
    """One award's own front page; the visitor finds it again at the front page."""
    found = get_object_or_404(Scheme.objects.filter(is_public=True), key=scheme)
    show_as(request, found)
    response = _front(request, found)
    response.set_cookie(CITY_COOKIE, found.key, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure())
    return response


@require_GET
def cities(request: HttpRequest) -> HttpResponse:
    """Every award to choose from; what was chosen before is forgotten."""
    response = render(request, "publicity/cities.html", {"cards": _cards()})
    response.delete_cookie(CITY_COOKIE)
    return response


def _front(request: HttpRequest, scheme: Scheme | None) -> HttpResponse:
    now = clock.now()
    rounds, notices, winners = Round.objects.public(), public_notices(), Award.objects.public()
    if scheme is not None:
        rounds, notices = rounds.filter(scheme=scheme), notices.filter(round__scheme=scheme)
        winners = winners.filter(scheme=scheme)
    running = notices.filter(published_at__lte=now, ends_at__gt=now)[:10]
    edition = latest_edition(scheme.key) if scheme else None
    book = rulebook_of(edition) if edition else None
    context = {
        "scheme": scheme,
        "book": book,
        "approval_word": book.label("approval") if book else "",
        "cards": _cards() if scheme is None else [],
        "is_shared": Scheme.objects.filter(is_public=True).count() > 1,
        "open_rounds": rounds.open_for_applications(now).select_related("scheme", "office")[:10],
        "running": standings(list(running), at=now),
        "latest": notices[:8],
        "winners": winners.count(),
    }
    return render(request, "home.html", context)


def _cards() -> list[dict[str, object]]:
    """Each public award with its city, its authority and what is open today."""
    now = clock.now()
    open_now = Q(rounds__published_at__isnull=False, rounds__opens_at__lte=now, rounds__closes_at__gt=now)
    counted = Scheme.objects.filter(is_public=True).annotate(
        open_rounds=Count("rounds", filter=open_now, distinct=True),
        running=Count(
            "rounds__notices",
            filter=Q(rounds__notices__published_at__lte=now, rounds__notices__ends_at__gt=now),
            distinct=True,
        ),
    )
    editions: dict[int, Edition] = {}
    for one in Edition.objects.order_by("loaded_at", "pk"):
        editions[one.scheme_id] = one
    found = []
    for one in counted.order_by("pk"):
        book = rulebook_of(editions[one.pk]) if one.pk in editions else None
        found.append({"scheme": one, "place": place_of(book), "authority": book.bodies.office.name if book else ""})
    return found


def place_of(book: Rulebook | None) -> str:
    """The city or county whose government gives the award."""
    return book.bodies.government.name.replace("人民政府", "") if book else ""
