"""A meeting's counted ballots as a file anybody can count again (reviews.recounting)."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from ..ballot_export import export_ballots
from .meetings import visible_meeting


@login_required
@never_cache
@require_GET
def ballots_json(request: HttpRequest, meeting_id: uuid.UUID) -> JsonResponse:
    """The slips of the counted ballots, for those who see the meeting; of an open ballot nothing."""
    meeting = visible_meeting(request, meeting_id)
    answer = JsonResponse(export_ballots(meeting), json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="ballots-{meeting.held_on:%Y%m%d}.json"'
    return answer
