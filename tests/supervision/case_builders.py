"""A case on a made-up winner, taken as far as a test needs it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from award_portal.lib import clock
from supervision.case_deciding import decide_revocation, submit_case
from supervision.case_inquiry import intend
from supervision.cases import accept_case, open_case
from supervision.models import Case

from .builders import Honour

FACTS = "现场检查笔录和处罚决定书证实上述情况。（虚构）"


@dataclass
class Desk:
    """The office's desk with one winner and the clock it stands by."""

    honour: Honour
    stood: clock.Frozen

    @property
    def officer(self):
        return self.honour.officer

    def report(self, kind: str = "incident", **given) -> Case:
        values = {
            "award": self.honour.award, "text": "厂区发生事故，已由主管部门通报。（虚构）", "source": "office",
            "happened_on": clock.today() - timedelta(days=3), "by": self.officer,
        } | given  # fmt: skip
        return open_case(kind=kind, at=clock.now(), **values)[0]

    def inquiry(self, kind: str = "incident", **given) -> Case:
        return accept_case(self.report(kind, **given), kind=kind, by=self.officer, at=clock.now())

    def intended(self, kind: str = "incident", rule: str = "incident", **given) -> Case:
        return intend(self.inquiry(kind, **given), rule=rule, text=FACTS, by=self.officer, at=clock.now())

    def submitted(self, kind: str = "incident", rule: str = "incident", **given) -> Case:
        case = self.intended(kind, rule, **given)
        self.stood.travel_to(case.statement_until)
        return submit_case(case, considered="", by=self.officer, at=clock.now())

    def revoked(self, kind: str = "incident", rule: str = "incident", **given) -> Case:
        return self.decide(self.submitted(kind, rule, **given))

    def decide(self, case: Case, *, on: date | None = None) -> Case:
        return decide_revocation(
            case, decision_number="样政发〔2026〕9号", decided_on=on or clock.today(), scan=None, by=self.officer,
            at=clock.now(),
        )  # fmt: skip
