"""Facts, payments and uses of a bonus, entered as the office and the winner do."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from award_portal.lib import clock
from awards.models import Award
from organizations.files import store_upload
from organizations.models import StoredFile, User
from supervision.establishing import establish_fact
from supervision.models import BonusFact, BonusPayment, BonusUse, BonusUseLine
from supervision.paying import record_payment
from supervision.spending import add_line
from tests.factories import made_up_upload

# a made-up account that no bank has: the canary of the tests that look for it where it must not stand
ACCOUNT = "9900 0000 1234 5678"


def paper(name: str, by: User) -> StoredFile:
    return store_upload(made_up_upload(name), purpose="bonus", by=by, at=clock.now())


def establish(award: Award, kind: str, *, by: User, holds: bool = True, **given) -> BonusFact:
    values = {"basis": "单位经费来源证明（虚构）"}
    if kind == "higher_award":
        values |= {"award_name": "样例省质量奖（虚构）", "award_year": 2026, "amount": Decimal(500_000)}
    return establish_fact(
        award, kind=kind, holds=holds, proof=paper("证明", by), by=by, at=clock.now(), **(values | given)
    )


def pay(award: Award, *, by: User, **given) -> BonusPayment:
    values = {
        "part": "bonus", "amount": Decimal(200_000), "paid_on": date(2026, 3, 2), "bank": "样例银行（虚构）",
        "account": ACCOUNT, "receipt_number": "样收0001", "receipt": paper("收据", by),
    }  # fmt: skip
    return record_payment(award, by=by, at=clock.now(), **(values | given))


def spend(use: BonusUse, *, by: User, **given) -> BonusUseLine:
    values = {
        "purpose": "质量持续改进", "amount": Decimal(80_000), "what": "质量改进项目（虚构）",
        "spent_on": date(2026, 3, 2), "proof": paper("发票", by),
    }  # fmt: skip
    return add_line(use, by=by, at=clock.now(), **(values | given))
