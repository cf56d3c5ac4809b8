"""A winner of an award that asks for a report every year, and the years as they go by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings

from applications.models import Application, Dossier
from applications.pipeline import State
from award_portal.lib import clock
from awards.models import Award, Round
from organizations.models import Unit, User
from supervision.duties import sweep_duties
from supervision.models import YearlyReport
from supervision.yearly_reports import file_report, indicators_of, save_report
from tests.factories import make_claim, make_organization, make_round, make_user


@dataclass
class Honoured:
    """Award and everybody around it; `go` moves the clock and sweeps."""

    stood: clock.Frozen
    round: Round
    award: Award
    winner: User
    officer: User
    clerk: User

    def go(self, day: date, hour: int = 9) -> None:
        self.stood.travel_to(clock.at(day, hour))
        sweep_duties(clock.now())

    def report(self, year: int) -> YearlyReport:
        return YearlyReport.objects.select_related("award__round", "award__scheme").get(award=self.award, year=year)

    def write(self, year: int, *, figure: str = "120.5", text: str = "按计划开展（虚构）") -> YearlyReport:
        report = self.report(year)
        texts = {f"part{place}": text for place in range(1, 5)}
        figures = {row.key: figure for row in indicators_of(self.award)}
        return save_report(report, texts=texts, figures=figures, version=report.version, by=self.winner, at=clock.now())

    def hand_in(self, year: int, **given) -> YearlyReport:
        return file_report(self.write(year, **given), by=self.winner, at=clock.now())


def honour(stood: clock.Frozen, name: str = "bayannur-2025.yaml") -> Honoured:
    """An award of 2026-02-10, laid out on Monday 2026-03-02; its application told revenue 100, 110 and 120."""
    text = (Path(settings.BASE_DIR) / "fixtures" / "schemes" / name).read_text("utf-8")
    round = make_round(edition_text=text, title="2026年样例奖（虚构）")
    key = round.scheme.key
    organization = make_organization()
    winner = make_claim(organization, scheme_key=key)
    near = Unit.objects.create(scheme_key=key, kind="recommender", name="样例旗县局（虚构）", district="临河区")
    award = Award.objects.create(
        scheme=round.scheme, round=round, organization=organization, name=organization.name, code=organization.code,
        tier="main", tier_name="市长质量奖", year=2026, awarded_on=date(2026, 2, 10), district="临河区",
        application_number="样申0001", certificate_number="样质0001",
    )  # fmt: skip
    sweep_duties(clock.now())
    return Honoured(stood, round, award, winner, make_user(round.office), make_user(near))


def add_application(one: Honoured, *, is_secret: bool = False) -> Application:
    """The application the award came from, as far as its figures go."""
    application = Application.objects.create(
        round=one.round, organization=one.award.organization, created_by=one.winner, created_at=clock.now(),
        number="样申0001", state=State.AWARDED,
    )  # fmt: skip
    data = {"revenue__2023": "100", "revenue__2024": "110", "revenue__2025": "120"}
    content = {
        "sections": {"indicators": {"data": data, "is_secret": is_secret, "secret_reason": ""}}, "attachments": [],
        "self_publicity": {},
    }  # fmt: skip
    Dossier.objects.create(application=application, version=1, content=content, sha256="0" * 64, frozen_at=clock.now())
    return application
