"""What every page shows around its own content: `portal` in each template."""

from __future__ import annotations

import datetime as dt
import importlib
from dataclasses import replace
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest

from award_portal.lib import clock

LARGE_TEXT_COOKIE = "large_text"


class Portal:
    """The frame of one page; nothing is asked of the database before a template asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @property
    def name(self) -> str:
        """The award's own name on its pages, the portal's where several share one."""
        return self.face.name if self.face else getattr(settings, "PORTAL_NAME", "政府质量奖申报评审门户")

    @property
    def colour(self) -> str:
        return self.face.colour if self.face else "blue"

    @cached_property
    def face(self) -> Any:
        """The award this page belongs to (awards.faces), or None; a broken database still gets its error page."""
        try:
            return importlib.import_module("awards.faces").face_of(self.request)
        except DatabaseError:
            return None

    @property
    def large_text(self) -> bool:
        return self.request.COOKIES.get(LARGE_TEXT_COOKIE) == "1"

    @property
    def rehearsal(self) -> bool:
        return bool(settings.REHEARSAL)

    @cached_property
    def now(self) -> dt.datetime:
        return clock.now()

    @cached_property
    def user(self) -> Any:
        """Who is signed in, or None; pages made before the session was read have nobody."""
        user = getattr(self.request, "user", None)
        return user if user is not None and user.is_authenticated else None

    @cached_property
    def desks(self) -> list[Any]:
        """The signed-in person's desks, each with `label`, `url` and `count` (organizations.desks.desks_for)."""
        found = _from_room("desks_for", self.user) if self.user else []
        return [replace(desk, label=self._called(desk)) for desk in found]

    @cached_property
    def desk_rows(self) -> list[Any]:
        """The desks as the navigation shows them; a group has `desks`."""
        return importlib.import_module("organizations.desks").folded(self.desks)

    def _called(self, desk: Any) -> str:
        word = self.words.get(str(desk.state)) if desk.state else None
        return f"{word}{desk.after}" if word else desk.label

    @cached_property
    def words(self) -> dict[str, str]:
        """The states as the regulation of the reader's only award calls them; empty for all others."""
        return importlib.import_module("awards.faces").words_of_reader(self.request) if self.user else {}

    @cached_property
    def desk_here(self) -> str:
        """The address of the desk this page belongs to: of those its own address begins with, the longest."""
        begun = [desk.url for desk in self.desks if self.request.path.startswith(desk.url)]
        return max(begun, key=len, default="")

    @cached_property
    def inbox_unread(self) -> int:
        return int(_from_room("unread_count", self.user) or 0) if self.user else 0

    @property
    def upload_limits(self) -> dict[str, Any]:
        return {"max_bytes": settings.UPLOAD_MAX_BYTES, "allowed": settings.UPLOAD_ALLOWED}


def _from_room(function: str, user: Any) -> Any:
    """Ask organizations.desks, which stands above this module's imports and may not offer the function."""
    desks = importlib.import_module("organizations.desks")
    found = getattr(desks, function, None)
    return found(user) if found else []


def portal(request: HttpRequest) -> dict[str, Any]:
    return {"portal": Portal(request)}
