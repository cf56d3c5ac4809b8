"""A winner of a made-up round, and the units that look at what it does with the honour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from award_portal.lib import clock
from awards.models import Award, Round
from organizations.models import User
from supervision.models import SharingRecord
from supervision.sharing import file_sharing
from tests.factories import make_claim, make_organization, make_round, make_unit, make_user


@dataclass
class Honour:
    """Everybody after one award."""

    round: Round
    award: Award
    winner: User
    officer: User
    clerk: User
    supervisor: User

    def share(self, **given) -> SharingRecord:
        values = {
            "duty": "promote", "held_on": date(2026, 3, 1), "title": "开放日（虚构）",
            "content": "介绍质量管理模式。", "audience": 80, "proof": None,
        }  # fmt: skip
        return file_sharing(self.award, **(values | given), by=given.pop("by", self.winner), at=clock.now())


def make_honour() -> Honour:
    round = make_round()
    award, winner = make_award(round)
    return Honour(
        round, award, winner, make_user(round.office), make_user(make_unit("recommender", district="天山区")),
        make_user(make_unit("supervisor")),
    )  # fmt: skip


def make_award(round: Round | None, *, scheme=None, **given) -> tuple[Award, User]:
    organization = make_organization()
    known = given.pop("organization", organization)
    values = {
        "name": organization.name, "code": organization.code, "tier": "main", "tier_name": "质量奖", "year": 2026,
        "district": "天山区",
        "awarded_on": date(2026, 2, 10), "certificate_number": f"样质{organization.code[-6:]}",
    } | given  # fmt: skip
    award = Award.objects.create(
        scheme=scheme or round.scheme, round=round, organization=known, **values
    )  # fmt: skip
    return award, make_claim(organization)
