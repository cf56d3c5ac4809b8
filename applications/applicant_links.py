"""What else an applicant may do about an application: each higher room registers its own, the overview lists them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .models import Application


@dataclass(frozen=True)
class ApplicantLink:
    """One entry beside the application's papers; `note` tells how far an earlier request is."""

    label: str
    url: str
    note: str = ""


Provider = Callable[[Application], Iterable[ApplicantLink]]
_providers: list[Provider] = []


def applicant_links(provider: Provider) -> Provider:
    """Register what a room offers the applicant. Called from a module the room's `AppConfig.ready()` imports."""
    _providers.append(provider)
    return provider


def links_for(application: Application) -> list[ApplicantLink]:
    return [link for provider in _providers for link in provider(application)]
