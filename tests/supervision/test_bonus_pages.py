"""The pages of the money: the office pays and inspects, the winner plans and reports, nobody else sees it (S2)."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from award_portal.lib import clock
from awards.models import Award
from awards.parameters import rulebook_for
from organizations.models import StoredFile, Unit
from supervision.clawing_back import demand_clawback
from supervision.models import BonusClawback, BonusFact, BonusInspection, BonusPayment, BonusUse
from tests.factories import made_up_upload, make_claim, make_user

from .money_builders import ACCOUNT, establish, pay
from .test_allocating import award, round_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendars")]
PAYMENT = {
    "part": "bonus", "amount": "300000", "paid_on": "2026-03-02", "bank": "样例银行（虚构）", "account": ACCOUNT,
    "receipt_number": "样收0001",
}  # fmt: skip


@pytest.fixture
def won(frozen) -> Award:
    round = round_of("bayannur-2025.yaml")
    return award(round, rulebook_for(round).tiers[0].key)


def url(name: str, *args) -> str:
    return reverse(f"supervision:{name}", args=args)


def browser(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def form(**given) -> dict:
    return {"form_key": str(uuid.uuid4())} | given


def test_b18_from_the_fact_to_the_payment_and_the_account_opened_on_record(won):
    office = browser(make_user(won.round.office))
    page = url("bonus", won.public_id)
    assert "尚未核实是否为财政全额拨款单位" in office.get(page).content.decode()
    early = office.post(url("pay", won.public_id), form(**PAYMENT, receipt=made_up_upload("收据")))
    assert (early.status_code, "请先登记核实结果" in early.content.decode()) == (422, True)
    assert ACCOUNT in early.content.decode()  # what was typed is not lost
    assert not StoredFile.objects.filter(purpose="bonus").exists()
    fact = {"kind": "fully_funded", "holds": "no", "basis": "单位经费来源证明（虚构）"}
    assert office.post(url("establish", won.public_id), form(**fact, proof=made_up_upload("证明"))).status_code == 302
    assert BonusFact.objects.get().holds is False
    assert office.post(url("pay", won.public_id), form(**PAYMENT, receipt=made_up_upload("收据"))).status_code == 302
    payment = BonusPayment.objects.get()
    shown = office.get(page).content.decode()
    assert "200,000 元" in shown  # what is left
    assert "**** **** 5678" in shown
    assert ACCOUNT.replace(" ", "") not in shown
    one = url("payment", payment.public_id)
    opened = office.post(one, {"act": "open", "purpose": "inspect"}).content.decode()
    assert ACCOUNT.replace(" ", "") in opened
    assert ACCOUNT.replace(" ", "") not in office.get(one).content.decode()
    assert office.post(one, form(act="void", because="")).status_code == 422
    assert office.post(one, form(act="void", because="重复登记")).status_code == 302


def test_b19_the_winner_plans_reports_and_hears_of_the_purposes_it_may_not_use(won):
    officer, winner = make_user(won.round.office), make_claim(won.organization)
    establish(won, "fully_funded", by=officer, holds=False)
    client, office = browser(winner), browser(officer)
    early = client.post(url("own_bonus", won.public_id), form(kind="report"))
    assert (early.status_code, "没有已拨付" in early.content.decode()) == (409, True)
    pay(won, by=officer)
    assert "**** **** 5678" in client.get(url("own_bonus", won.public_id)).content.decode()
    assert client.post(url("own_bonus", won.public_id), form(kind="report")).status_code == 302
    use = BonusUse.objects.get()
    page = url("bonus_use", use.public_id)
    line = {
        "act": "add",
        "purpose": "不在以上用途之内",
        "amount": "5000",
        "what": "购置公务用车",
        "spent_on": "2026-03-02",
    }
    outside = client.post(page, form(**line, proof=made_up_upload("发票")))
    told = outside.content.decode()
    assert (outside.status_code, "不得挪作他用" in told, "第十九条" in told, "购置公务用车" in told) == (
        422,
        *[True] * 3,
    )
    right = line | {"purpose": "质量持续改进", "what": "质量改进项目（虚构）"}
    assert client.post(page, form(**right, proof=made_up_upload("发票"))).status_code == 302
    assert (
        client.post(page, form(**(right | {"what": "登记错的一笔"}), proof=made_up_upload("发票"))).status_code == 302
    )
    wrong = use.lines.get(what="登记错的一笔")
    assert client.post(url("use_line", use.public_id, wrong.public_id), form()).status_code == 302
    assert office.get(page).status_code == 404  # not handed in yet
    file = url("bonus_file", won.public_id, use.lines.get().proof.public_id)
    assert [office.get(file).status_code, client.get(file).status_code] == [404, 200]
    assert client.post(page, form(act="file", summary="按用途使用")).status_code == 302
    assert office.get(file).status_code == 200
    assert office.post(url("use_review", use.public_id), form(act="return", note="")).status_code == 422
    assert office.post(url("use_review", use.public_id), form(act="accept", note="")).status_code == 302
    assert BonusUse.objects.get().state == BonusUse.State.ACCEPTED


def test_z24_inspected_put_right_demanded_back_and_returned(won):
    officer = make_user(won.round.office)
    establish(won, "fully_funded", by=officer, holds=False)
    pay(won, by=officer, amount=Decimal(200_000))
    office = browser(officer)
    inspection = {"inspected_on": "2026-03-02", "inspectors": "样例检查组", "finding": "挪作他用", "is_proper": "no"}
    late = office.post(url("inspect", won.public_id), form(**inspection))
    assert (late.status_code, "整改期限" in late.content.decode()) == (422, True)
    assert office.post(url("inspect", won.public_id), form(**inspection, rectify_by="2026-04-01")).status_code == 302
    found = BonusInspection.objects.get()
    assert office.post(url("close_inspection", found.public_id), form(note="已退回")).status_code == 302
    assert office.post(url("claw_back", won.public_id), form(amount="", ground="第十九条")).status_code == 302
    demand = BonusClawback.objects.get()
    assert demand.paper is not None
    assert "500,000.00" not in demand.paper.content["lines"][0]
    assert "200,000.00元" in demand.paper.content["lines"][0]
    assert demand.due_on is not None
    given = {"amount": "200000", "received_on": "2026-03-02", "receipt_number": "缴0001"}
    assert office.post(url("clawback_return", demand.public_id), form(**given)).status_code == 302
    assert office.post(url("clawback_return", demand.public_id), form(**given)).status_code == 422


def test_the_money_is_the_offices_the_supervisors_to_read_and_the_winners_own(won):
    officer = make_user(won.round.office)
    establish(won, "fully_funded", by=officer, holds=False)
    payment = pay(won, by=officer)
    demand = demand_clawback(won, ground="第二十二条", by=officer, at=clock.now())
    assert demand is not None
    paper = demand.paper.get_absolute_url()
    assert [browser(officer).get(paper).status_code, browser(make_user()).get(paper).status_code] == [202, 404]
    key = won.scheme.key
    supervisor = make_user(Unit.objects.create(scheme_key=key, kind="supervisor", name="样例监督（虚构）"))
    near = make_user(Unit.objects.create(scheme_key=key, kind="recommender", name="样例旗县（虚构）"))
    page, one = url("bonus", won.public_id), url("payment", payment.public_id)
    receipt = url("bonus_file", won.public_id, payment.receipt.public_id)
    assert [browser(supervisor).get(where).status_code for where in (page, one, receipt)] == [200, 404, 200]
    assert "登记拨付" not in browser(supervisor).get(page).content.decode()
    for stranger in (near, make_user()):
        for where in (page, one, receipt, url("own_bonus", won.public_id), url("pay", won.public_id)):
            assert browser(stranger).get(where).status_code == 404


@pytest.mark.parametrize(
    "changed", [{"amount": "三十万"}, {"paid_on": "昨天"}, {"account": "1"}, {"part": "dance"}, {"amount": "1e9"}]
)
def test_bad_input_is_answered_with_the_form_and_what_was_typed(won, changed):
    officer = make_user(won.round.office)
    establish(won, "fully_funded", by=officer, holds=False)
    answer = browser(officer).post(
        url("pay", won.public_id), form(**(PAYMENT | changed), receipt=made_up_upload("收据"))
    )
    assert (answer.status_code, "样收0001" in answer.content.decode()) == (422, True)
    assert not BonusPayment.objects.exists()
