"""What was paid, what it was spent on, who looked, what came back (B18, B19, B22, Z24)."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from applications.desk_rules import DeskRefused
from award_portal.lib import clock
from award_portal.lib.crypto import DecryptionFailed, decrypt
from awards.models import Award, Round
from awards.parameters import rulebook_for
from organizations.models import AuditRecord, OutboxItem, User
from supervision.clawing_back import demand_clawback, record_return
from supervision.inspecting import close_inspection, record_inspection
from supervision.models import BonusClawback, BonusPayment, BonusUse
from supervision.paying import money_of, open_account, void_payment
from supervision.spending import begin_use, file_use, review_use, take_line_out, total_of
from tests.factories import make_claim, make_user

from .money_builders import ACCOUNT, establish, paper, pay, spend
from .test_allocating import award, round_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendars")]


@pytest.fixture
def money(frozen) -> tuple[Round, Award, User, User]:
    """Bayannur's main winner, not fully funded: 500,000 yuan are due; round, award, officer, winner."""
    round = round_of("bayannur-2025.yaml")
    won = award(round, rulebook_for(round).tiers[0].key)
    officer, winner = make_user(round.office), make_claim(won.organization)
    establish(won, "fully_funded", by=officer, holds=False)
    return round, won, officer, winner


def test_b18_paid_in_parts_and_never_over_the_sum(money):
    _, won, officer, _ = money
    pay(won, by=officer, amount=Decimal(200_000))
    pay(won, by=officer, amount=Decimal(300_000))
    (due,) = money_of(won)
    assert (due.paid, due.left) == (500_000, 0)
    with pytest.raises(DeskRefused, match=r"最多可登记0.00元.*第十八条"):
        pay(won, by=officer, amount=Decimal("0.01"))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"amount": Decimal(0)}, "大于零"),
        ({"paid_on": date(2026, 3, 3)}, "不晚于今天"),
        ({"paid_on": date(2026, 3, 1)}, "授奖日期之后"),
        ({"account": "六二二二"}, "8至30位数字"),
        ({"bank": " "}, "开户银行"),
        ({"part": "match"}, "没有这项款项"),
    ],
    ids=["nothing", "future", "before the award", "account", "bank", "no such part"],
)
def test_a_payment_that_cannot_be_so_is_refused_and_nothing_stands(money, given, told):
    _, won, officer, winner = money
    with pytest.raises(DeskRefused, match=told):
        pay(won, by=officer, **given)
    with pytest.raises(DeskRefused, match="办公室办理"):
        pay(won, by=winner)
    assert not BonusPayment.objects.exists()


def test_nothing_is_paid_before_the_sum_is_established_nor_to_a_nominee(frozen):
    round = round_of("bayannur-2025.yaml")
    main, nominee = (award(round, tier.key) for tier in rulebook_for(round).tiers)
    officer = make_user(round.office)
    with pytest.raises(DeskRefused, match=r"先登记核实结果.*第十八条"):
        pay(main, by=officer)
    with pytest.raises(DeskRefused, match=r"该等次不发奖金.*第十八条"):
        pay(nominee, by=officer)


def test_a_payment_entered_wrongly_is_voided_and_its_sum_is_free_again(money):
    _, won, officer, _ = money
    wrong = pay(won, by=officer, amount=Decimal(500_000))
    with pytest.raises(DeskRefused, match="作废理由"):
        void_payment(wrong, because=" ", by=officer, at=clock.now())
    void_payment(wrong, because="金额登记有误", by=officer, at=clock.now())
    assert money_of(won)[0].left == 500_000
    assert BonusPayment.objects.get().voided_because == "金额登记有误"


def test_the_account_stands_sealed_shown_by_its_end_and_opened_on_record(money):
    _, won, officer, winner = money
    payment = pay(won, by=officer)
    plain = ACCOUNT.replace(" ", "")
    assert plain not in payment.account_sealed
    assert payment.shown_account == "**** **** 5678"
    assert open_account(payment, purpose="verify", by=officer, at=clock.now()) == plain
    opened = AuditRecord.objects.get(verb="bonus.open_account")
    assert opened.data["purpose"] == "verify"
    with pytest.raises(DeskRefused, match="事由"):
        open_account(payment, purpose="好奇", by=officer, at=clock.now())
    with pytest.raises(DeskRefused, match="办公室"):
        open_account(payment, purpose="verify", by=winner, at=clock.now())
    # moved to another row it does not open, and no record or message holds it
    with pytest.raises(DecryptionFailed):
        decrypt(payment.account_sealed, bound_to=pay(won, by=officer, amount=Decimal(1)).binding)
    told = json.dumps(
        [*AuditRecord.objects.values_list("data", flat=True), *OutboxItem.objects.values_list("payload", flat=True)]
    )
    assert plain not in told


def test_b19_a_plan_and_a_report_stand_on_the_allowed_purposes_only(money):
    _, won, officer, winner = money
    plan = begin_use(won, kind="plan", by=winner, at=clock.now())
    with pytest.raises(DeskRefused, match=r"不得挪作他用.*第十九条"):
        spend(plan, by=winner, purpose="购置公务用车")
    with pytest.raises(DeskRefused, match=r"还可列500,000.00元"):
        spend(plan, by=winner, amount=Decimal(500_001))
    spend(plan, by=winner, spent_on=None, proof=None)
    file_use(plan, summary="按用途安排", by=winner, at=clock.now())
    with pytest.raises(DeskRefused, match="没有已拨付"):
        begin_use(won, kind="report", by=winner, at=clock.now())
    pay(won, by=officer, amount=Decimal(100_000))
    report = begin_use(won, kind="report", by=winner, at=clock.now())
    with pytest.raises(DeskRefused, match="支付凭证"):
        spend(report, by=winner, proof=None)
    with pytest.raises(DeskRefused, match="支出日期"):
        spend(report, by=winner, spent_on=date(2026, 3, 3))
    with pytest.raises(DeskRefused, match=r"还可列100,000.00元"):
        spend(report, by=winner, amount=Decimal(100_001))
    with pytest.raises(DeskRefused, match="还没有列出"):
        file_use(report, summary="", by=winner, at=clock.now())
    line = spend(report, by=winner)
    take_line_out(line, by=winner)
    spend(report, by=winner, amount=Decimal(60_000))
    assert total_of(report) == 60_000


def test_b19_the_office_sends_a_report_back_and_accepts_the_corrected_one(money):
    _, won, officer, winner = money
    pay(won, by=officer, amount=Decimal(100_000))
    report = begin_use(won, kind="report", by=winner, at=clock.now())
    spend(report, by=winner)
    file_use(report, summary="", by=winner, at=clock.now())
    with pytest.raises(DeskRefused, match="不能再改"):
        spend(report, by=winner, amount=Decimal(1))
    with pytest.raises(DeskRefused, match="退回理由"):
        review_use(report, accepted=False, note="", by=officer, at=clock.now())
    with pytest.raises(DeskRefused, match="办公室"):
        review_use(report, accepted=True, note="", by=winner, at=clock.now())
    review_use(report, accepted=False, note="请补充合同", by=officer, at=clock.now())
    file_use(report, summary="已补充", by=winner, at=clock.now())
    assert review_use(report, accepted=True, note="", by=officer, at=clock.now()).state == BonusUse.State.ACCEPTED
    # what is left is reported in another paper
    again = begin_use(won, kind="report", by=winner, at=clock.now())
    with pytest.raises(DeskRefused, match=r"还可列20,000.00元"):
        spend(again, by=winner, amount=Decimal(20_001))


def test_a_scheme_that_names_no_purposes_asks_for_no_report(frozen):
    round = round_of("yangquan-1.yaml")
    won = award(round, rulebook_for(round).tiers[0].key)
    with pytest.raises(DeskRefused, match="没有规定奖金用途"):
        begin_use(won, kind="plan", by=make_claim(won.organization), at=clock.now())


def test_z24_an_inspection_finds_misuse_and_closes_when_it_is_put_right(money):
    _, won, officer, winner = money
    values = {
        "inspected_on": date(2026, 3, 2), "inspectors": "样例检查组（虚构）", "finding": "部分支出无凭证",
        "is_proper": False, "rectify_by": date(2026, 4, 2), "proof": None, "by": officer, "at": clock.now(),
    }  # fmt: skip
    with pytest.raises(DeskRefused, match="尚未拨付"):
        record_inspection(won, **values)
    pay(won, by=officer)
    with pytest.raises(DeskRefused, match=r"整改期限.*第十九条"):
        record_inspection(won, **(values | {"rectify_by": None}))
    found = record_inspection(won, **values)
    assert found.closed_at is None
    assert OutboxItem.objects.filter(
        payload__user=winner.pk, payload__subject="奖金使用检查发现问题，请按期整改"
    ).exists()
    with pytest.raises(DeskRefused, match="整改情况"):
        close_inspection(found, note="", by=officer, at=clock.now())
    assert close_inspection(found, note="凭证已补齐", by=officer, at=clock.now()).closed_at == clock.now()
    with pytest.raises(DeskRefused, match="已经销号"):
        close_inspection(found, note="凭证已补齐", by=officer, at=clock.now())


def test_b22_what_was_paid_is_demanded_back_once_and_comes_in_parts(money):
    _, won, officer, winner = money
    assert demand_clawback(won, ground="第二十二条", by=officer, at=clock.now()) is None
    pay(won, by=officer, amount=Decimal(200_000))
    with pytest.raises(DeskRefused, match="不能超过"):
        demand_clawback(won, amount=Decimal(200_001), ground="第二十二条", by=officer, at=clock.now())
    demand = demand_clawback(won, ground="第二十二条", by=officer, at=clock.now())
    assert demand.amount == 200_000
    assert demand_clawback(won, ground="第二十二条", by=officer, at=clock.now()) is None
    assert BonusClawback.objects.count() == 1
    given = {"received_on": date(2026, 3, 2), "receipt_number": "缴0001", "by": officer, "at": clock.now()}
    record_return(demand, amount=Decimal(150_000), **given)
    with pytest.raises(DeskRefused, match=r"尚应退回50,000.00元"):
        record_return(demand, amount=Decimal(50_001), **given)
    with pytest.raises(DeskRefused, match="办公室"):
        record_return(demand, amount=Decimal(1), **(given | {"by": winner}))


def test_a_revoked_award_is_paid_nothing_more(money):
    _, won, officer, _ = money
    Award.objects.filter(pk=won.pk).update(state="revoked", revoked_on=date(2026, 3, 2))
    with pytest.raises(DeskRefused, match="已经取消"):
        pay(won, by=officer)
    assert paper("收据", officer).pk
