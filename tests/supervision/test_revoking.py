"""Taking an award away and what follows: the ledger, certificate, ban, recovery, publication (U20, U21, B22, Y21)."""

from __future__ import annotations

from datetime import date

import pytest
from django.conf import settings
from django.urls import reverse

from applications.desk_rules import DeskRefused
from applications.ledger_bars import ban as ban_of
from award_portal.lib import clock
from awards.banning import ban_period
from awards.models import Award, Ban, Scheme
from awards.rulebook.parts import BanRule
from awards.rulebook.values import Ruled
from awards.schemes import load_scheme
from documents.models import IssuedDocument
from publicity.models import Notice
from reviews.models import GroupLink
from supervision.case_deciding import decide_revocation, submit_case
from supervision.case_executing import (
    claw_back,
    close_case,
    demand_return,
    publish_case,
    settle_recovery,
    still_to_do,
)
from supervision.case_inquiry import intend, record_service
from supervision.case_steps import steps_for
from supervision.cases import accept_case, open_case
from supervision.revoking import revoke_award
from tests.changed_schemes import changed, fraud_claws_back
from tests.factories import make_organization, make_round, make_unit, make_user

from .builders import make_award

EARLIER = date(2024, 7, 1)


def test_u21_a_revoked_award_shows_day_ground_and_number_and_bars_nobody_by_itself(desk):
    case = desk.revoked()
    award = Award.objects.get()
    assert (award.state, award.revoked_on, award.revocation_number) == ("revoked", clock.today(), "样政发〔2026〕9号")
    assert "第二十一条" in award.revoked_ground
    assert case.ban is None
    assert not Ban.objects.exists()
    paper = IssuedDocument.objects.get(kind="revocation")
    assert paper.is_public
    assert paper.title == "取消奖励决定"
    assert "样政发〔2026〕9号" in paper.content["document_number"]


def test_u20_fraud_bars_ten_years_from_the_decision_not_from_the_award(desk):
    case = desk.revoked("false_material", "fraud", happened_on=None)
    assert (case.ban.starts_on, case.ban.ends_on) == (clock.today(), clock.today().replace(year=2036))
    later = make_round(title="以后一届")
    bar = ban_of(later, desk.honour.award.organization, at=clock.now())
    assert bar is not None
    assert "2036年3月10日起方可申报" in bar.text
    assert "第二十条" in bar.cite


def test_a_rule_may_count_from_the_award_and_none_years_bar_nobody():
    years = Ruled[int | None](value=3, cite="20")
    rule = BanRule(
        key="fraud", ground="欺骗", cite="20", years=years, counted_from=Ruled(value="award", cite="20"), revokes=True
    )
    days = {"decided_on": date(2028, 2, 29), "awarded_on": date(2024, 2, 29)}
    assert ban_period(rule, **days) == (date(2024, 2, 29), date(2027, 2, 28))
    assert ban_period(rule.model_copy(update={"counted_from": None}), **days) == (date(2028, 2, 29), date(2031, 2, 28))
    nothing = rule.model_copy(update={"years": Ruled[int | None](value=None, cite="20")})
    assert ban_period(nothing, **days) is None


def test_a_decision_is_not_older_than_the_right_to_speak_and_none_is_made_twice(desk):
    case = desk.submitted()
    for day in (date(2026, 3, 9), date(2026, 3, 11)):
        with pytest.raises(DeskRefused, match="决定日期"):
            desk.decide(case, on=day)
    case = desk.decide(case)
    with pytest.raises(DeskRefused, match="不能办理"):
        desk.decide(case)
    with pytest.raises(DeskRefused, match="已经取消"):
        revoke_award(
            case.award, revoked_on=clock.today(), ground="", decision_number="", by=desk.officer, at=clock.now()
        )


def test_u21_certificate_and_plaque_come_back_or_are_declared_void_and_only_then_the_case_closes(desk):
    case = desk.revoked()
    assert still_to_do(case) == ["通知交回证书、奖牌", "向社会公开"]
    certificate, plaque = demand_return(case, by=desk.officer, at=clock.now())
    with pytest.raises(DeskRefused, match="尚有未完成"):
        close_case(case, by=desk.officer, at=clock.now())
    given = {"by": desk.officer, "at": clock.now()}
    settle_recovery(certificate, returned_on=clock.today(), void_on=None, text="", **given)
    with pytest.raises(DeskRefused, match="未交回的情况"):
        settle_recovery(plaque, returned_on=None, void_on=clock.today(), text=" ", **given)
    settle_recovery(plaque, returned_on=None, void_on=clock.today(), text="称已遗失。（虚构）", **given)
    case = publish_case(case, **given)
    notice = Notice.objects.get(kind="revocation")
    assert "作废" in notice.body
    assert case.notice == notice
    assert close_case(case, **given).state == "closed"


def test_u20_a_rule_that_claws_nothing_back_gives_no_ground_to_demand_the_bonus(desk):
    case = desk.revoked("false_material", "fraud", happened_on=None)
    assert "clawback" not in [one.key for one in steps_for(case, at=clock.now())]
    with pytest.raises(DeskRefused, match="没有规定追缴奖金"):
        claw_back(case, by=desk.officer, at=clock.now())


def test_a_claim_is_made_once_and_says_so_where_nothing_was_paid(desk):
    claws = make_round(edition_text=changed(fraud_claws_back), title="追缴奖金的一届")
    Award.objects.filter(pk=desk.honour.award.pk).update(round=claws)
    desk.honour.award = Award.objects.select_related("scheme", "round").get(pk=desk.honour.award.pk)
    case = desk.revoked("false_material", "fraud", happened_on=None)
    claw_back(case, by=desk.officer, at=clock.now())
    with pytest.raises(DeskRefused, match="未重复办理"):
        claw_back(case, by=desk.officer, at=clock.now())


def test_b22_an_award_of_earlier_years_is_revoked_in_public_though_no_round_was_held_here(client, desk):
    edition = load_scheme(
        (settings.BASE_DIR / "fixtures/schemes/bayannur-2025.yaml").read_text("utf-8"), at=clock.now()
    )
    Scheme.objects.filter(pk=edition.scheme.pk).update(is_public=True)
    officer = make_user(make_unit("office", scheme_key=edition.scheme.key))
    award, _ = make_award(None, scheme=edition.scheme, organization=None, certificate_number="", awarded_on=EARLIER)
    given = {"by": officer, "at": clock.now()}
    case, _ = open_case(award=award, kind="false_material", text="材料系伪造。（虚构）", source="office", **given)
    case = intend(accept_case(case, kind=case.kind, **given), rule="fraud", text="经查属实。（虚构）", **given)
    case = record_service(case, served_on=clock.today(), how="直接送达", **given)
    desk.stood.travel_to(case.statement_until)
    given["at"] = clock.now()
    case = submit_case(case, considered="", **given)
    case = decide_revocation(case, decision_number="样政发〔2026〕9号", decided_on=clock.today(), scan=None, **given)
    case = publish_case(case, **given)
    assert (case.notice.round_id, case.notice.scheme) == (None, edition.scheme)
    told = client.get(reverse("publicity:notices"), {"scheme": edition.scheme.key}).content.decode()
    assert f"关于对{award.name}撤销称号的公告" in told
    page = client.get(case.notice.get_absolute_url()).content.decode()
    assert "作出决定（样政发〔2026〕9号），撤销称号" in page
    assert "不予受理其申报" not in page
    client.force_login(officer)
    assert "更正" not in client.get(case.notice.get_absolute_url()).content.decode()


def test_the_certificate_is_void_with_the_decision(desk):
    paper = IssuedDocument.objects.create(
        number="URUMQI-2026-90001", scheme_key="urumqi", kind="certificate", title="证书", template="certificate.html",
        subject=f"award:{desk.honour.award.public_id}", content={}, content_sha256="0" * 64, issued_at=clock.now(),
    )  # fmt: skip
    desk.revoked()
    paper.refresh_from_db()
    assert paper.voided_at is not None
    assert "样政发〔2026〕9号" in paper.voided_because


def test_a_ban_that_reaches_subsidiaries_stops_those_of_subsidiaries_too_and_no_sister(desk, reaching_round):
    """Where the rulebook says so, a parent's ban bars what it controls, by the register of groups."""
    parent, child, grandchild, sister = (make_organization() for _ in range(4))
    for above, below in ((parent, child), (child, grandchild)):
        GroupLink.objects.create(
            scheme_key="urumqi", parent_name=above.name, parent_code=above.code, child_name=below.name,
            child_code=below.code, source="office", declared_at=clock.now(), declared_by=desk.officer,
        )  # fmt: skip
    Ban.objects.create(
        scheme=reaching_round.scheme, name=parent.name, code=parent.code, rule="fraud", ground="以欺骗等手段获奖",
        cite="20", starts_on=date(2026, 1, 1), ends_on=date(2036, 1, 1), decided_by="样例政府",
    )  # fmt: skip
    bars = {
        name: ban_of(reaching_round, one, at=clock.now())
        for name, one in {"child": child, "grandchild": grandchild, "sister": sister}.items()
    }
    assert bars["sister"] is None
    assert "所属子公司同样不予受理" in bars["child"].text
    assert "2036年1月1日起" in bars["grandchild"].text
    # under a rulebook that does not say so, only the barred one itself
    assert ban_of(desk.honour.round, child, at=clock.now()) is None
