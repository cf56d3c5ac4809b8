"""System checks: a gate without a provider, and missing parts for PDF rendering."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks


@checks.register
def every_gate_has_a_provider(**kwargs: Any) -> list[checks.CheckMessage]:
    from applications.gates import GATES
    from applications.models import Application
    from applications.pipeline import steps_of

    named = {name for edges in steps_of(Application).values() for edge in edges for name in edge.custom["gates"]}
    return [
        checks.Error(f"gate {name!r} is named in applications/pipeline.py and no room provides it", id="portal.E001")
        for name in sorted(named - GATES.keys())
    ]


@checks.register
def pdf_parts_are_installed(**kwargs: Any) -> list[checks.CheckMessage]:
    from award_portal.lib.pdf import missing_parts

    kind = checks.Error if settings.PRODUCTION else checks.Warning
    return [kind(text, id="portal.W002") for text in missing_parts()]
