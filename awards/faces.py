"""Whose portal a page is: the award whose name and colour it wears, among all that share the portal (R1)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from organizations import evidence
from organizations.models import Unit, User

from .models import Scheme
from .schemes import latest_edition, rulebook_of

CITY_COOKIE = "city"


def show_as(request: HttpRequest, scheme: Scheme) -> None:
    """The page belongs to one award, whatever the visitor chose before."""
    request.award_scheme = scheme  # type: ignore[attr-defined]


def face_of(request: HttpRequest) -> Scheme | None:
    """The page's award, else the only one its signed-in reader works for, else the city chosen, else the only one."""
    own = getattr(request, "award_scheme", None)
    return own or scheme_of_reader(request) or chosen_city(request) or _only_public()


def chosen_city(request: HttpRequest) -> Scheme | None:
    """The award the visitor chose on the front page."""
    key = request.COOKIES.get(CITY_COOKIE, "")
    return Scheme.objects.filter(key=key, is_public=True).first() if key else None


def scheme_of_reader(request: HttpRequest) -> Scheme | None:
    """The only award its signed-in reader works for, asked once a page."""
    if not hasattr(request, "reader_scheme"):
        request.reader_scheme = _of_reader(request)  # type: ignore[attr-defined]
    return request.reader_scheme  # type: ignore[attr-defined]


def _of_reader(request: HttpRequest) -> Scheme | None:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    keys = Unit.objects.of_user(user).values("scheme_key")
    found = list(Scheme.objects.filter(key__in=keys)[:2])
    return found[0] if len(found) == 1 else None


def _only_public() -> Scheme | None:
    found = list(Scheme.objects.filter(is_public=True)[:2])
    return found[0] if len(found) == 1 else None


def words_of_reader(request: HttpRequest) -> dict[str, str]:
    """What the only award its reader works for calls each state (section 9); nothing where they are several."""
    scheme = scheme_of_reader(request)
    edition = latest_edition(scheme.key) if scheme else None
    return dict(rulebook_of(edition).labels.states) if edition else {}


def schemes_faced_by(user: User) -> QuerySet[Scheme]:
    """The awards whose face this person sets: those of its offices; an administrator sets any."""
    if user.is_superuser:
        return Scheme.objects.all()
    return Scheme.objects.filter(key__in=Unit.objects.of_user(user).of_kind("office").values("scheme_key"))


@transaction.atomic
def set_face(scheme: Scheme, *, colour: str, is_public: bool, by: User, at: datetime) -> Scheme:
    """Colour, and whether the public finds the award on the front page."""
    locked = Scheme.objects.select_for_update(of=("self",)).get(pk=scheme.pk)
    locked.colour, locked.is_public = colour, is_public
    locked.save(update_fields=["colour", "is_public"])
    evidence.record(
        "scheme.set_face", by=by, subject=f"scheme:{locked.key}", at=at, data={"colour": colour, "public": is_public}
    )
    return locked
