"""The parents of an applicant as the scheme's register of groups has them, for bans that reach subsidiaries."""

from __future__ import annotations

from applications.group_reach import knows_parents
from organizations.models import Organization

from .groups import Groups, body_keys
from .models import GroupLink


@knows_parents
def parents_of(scheme_key: str, organization: Organization) -> set[str]:
    """Codes of its parents and of their parents; sisters and subsidiaries are none."""
    groups = Groups(GroupLink.objects.standing().of_scheme(scheme_key))
    ways = groups.ways_from(body_keys(organization.name, organization.code))
    return {key.removeprefix("code:") for key, way in ways.items() if key.startswith("code:") and not way.ups}
