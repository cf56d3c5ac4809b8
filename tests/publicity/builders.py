"""A published round with its units, and names standing in a publicity state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from applications.models import Application, Step
from award_portal.lib import clock
from awards.models import Round
from organizations.models import Unit, User
from publicity.models import Notice
from publicity.opening import open_publicity
from tests.factories import make_organization, make_round, make_unit, make_user


@dataclass
class Lists:
    """Everybody who publishes lists of one made-up round."""

    round: Round
    office: Unit
    officer: User
    recommender: Unit
    clerk: User
    count: int = 0

    def name(self, state: str = "acceptance_publicity", *, recommender: Unit | None = None) -> Application:
        """An application standing in `state`."""
        self.count += 1
        at = clock.now()
        return Application.objects.create(
            number=f"URUMQI-2026-{self.count:04d}",
            round=self.round,
            organization=make_organization(),
            recommender=recommender or self.recommender,
            created_by=self.officer,
            created_at=at,
            submitted_at=at,
            state=state,
        )

    def shortlisted(self, tier_name: str = "质量奖") -> Application:
        """A name the leading body proposed for a tier."""
        application, at = self.name("award_publicity"), clock.now()
        Step.objects.create(
            application=application, step="shortlist", from_state="deliberation", to_state="award_publicity",
            by=self.officer, by_label="办公室", facts={"tier": "main", "tier_name": tier_name}, at=at, recorded_at=at,
        )  # fmt: skip
        return application

    def publish(self, *names: Application, kind: str = "acceptance_publicity", at: datetime, **given) -> Notice:
        """A list of the office, published."""
        return open_publicity(
            self.round, kind=kind, applications=names, issuer=self.office, by=self.officer, at=at, **given
        )


def make_lists(edition_text: str = "") -> Lists:
    round = make_round(edition_text=edition_text)
    name = "样例工业主管部门（虚构）"
    recommender = Unit.objects.filter(name=name).first() or make_unit("recommender", name)
    return Lists(round, round.office, make_user(round.office), recommender, make_user(recommender))


def at(month: int, day: int, hour: int = 9, minute: int = 0, year: int = 2026) -> datetime:
    return clock.at(date(year, month, day), hour, minute)
