"""经费指标分配表: each winner's sum is the rulebook's, and who gets nothing is told why (B18, Y19, Y23)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from applications.desk_rules import DeskRefused
from award_portal.lib import clock
from awards.models import Award, Round
from awards.parameters import rulebook_for
from awards.schemes import load_scheme
from documents.models import IssuedDocument
from documents.rendering import render_document
from organizations.models import Organization, Unit
from supervision.allocating import AllocationRefused, allocation_rows, issue_allocation, total_of
from supervision.models import BonusFact
from tests.factories import make_user

from .money_builders import establish, pay

pytestmark = pytest.mark.django_db


def round_of(name: str) -> Round:
    text = (Path(settings.BASE_DIR) / "fixtures" / "schemes" / name).read_text("utf-8")
    edition = load_scheme(text, at=clock.now())
    office = Unit.objects.create(scheme_key=edition.scheme.key, kind="office", name="样例办公室（虚构）")
    return Round.objects.create(
        scheme=edition.scheme, edition=edition, office=office, year=2026, ordinal=1, title="2026年样例奖（虚构）",
        prepared_at=clock.now(), published_at=clock.now(),
    )  # fmt: skip


def award(round: Round, tier: str, subject: str = "organization", **given) -> Award:
    count = Award.objects.count() + 1
    organization = Organization(
        code=f"{count:018d}", name=f"样例获奖者{count}（虚构）", subject=subject, registered_at=clock.now(),
        identity_sealed="made-up" if subject == "individual" else "",
    )  # fmt: skip
    organization.save()
    return Award.objects.create(
        scheme=round.scheme, round=round, organization=organization, name=organization.name, code=organization.code,
        tier=tier, tier_name=tier, year=2026, awarded_on=date(2026, 3, 2), certificate_number=f"样{count:04d}", **given,
    )  # fmt: skip


def test_y19_organisations_and_people_get_the_sum_of_their_tier_and_kind(frozen):
    round = round_of("yangquan-1.yaml")
    main, nominee = [tier.key for tier in tiers_of(round)]
    for tier in (main, nominee):
        award(round, tier)
        award(round, tier, "individual")
    rows = allocation_rows(round)
    assert [one.yuan for one in rows] == [300_000, 100_000, 100_000, 50_000]
    assert total_of(rows) == 550_000
    assert all("第十九条" in one.ground for one in rows)


def test_y23_a_repeat_winner_has_the_honour_and_no_money(frozen):
    round = round_of("yangquan-1.yaml")
    award(round, tiers_of(round)[0].key, outside_quota=True)
    (row,) = allocation_rows(round)
    assert row.yuan == 0
    assert "重复获奖" in row.reason
    assert "第二十三条" in row.ground


def test_b18_the_nominee_gets_none_and_no_sum_is_told_before_it_is_known_who_funds_the_winner(frozen):
    round = round_of("bayannur-2025.yaml")
    main, nominee = tiers_of(round)
    winner = award(round, main.key)
    award(round, nominee.key)
    first, second = allocation_rows(round)
    assert (first.yuan, second.yuan) == (0, 0)
    assert "尚未核实是否为财政全额拨款单位" in first.pending
    assert second.reason == "该等次不发奖金"
    officer = make_user(round.office)
    with pytest.raises(AllocationRefused, match="没有核定"):
        issue_allocation(round, by=officer, at=clock.now())
    establish(winner, "fully_funded", by=officer, holds=False)
    first, _ = allocation_rows(round)
    assert (first.yuan, first.pending) == (500_000, "")
    assert "非财政全额拨款单位" in first.reason
    assert issue_allocation(round, by=officer, at=clock.now()).content["total"] == "500,000"


def test_b18_a_fully_funded_winner_has_the_honour_only_with_the_proof_as_reason(frozen):
    round = round_of("bayannur-2025.yaml")
    winner = award(round, tiers_of(round)[0].key)
    establish(winner, "fully_funded", by=make_user(round.office), holds=True)
    (row,) = allocation_rows(round)
    assert (row.yuan, row.pending) == (0, "")
    assert "财政全额拨款单位，只授予荣誉" in row.reason
    assert "第十八条" in row.ground


def test_y20_what_the_province_paid_is_matched_once_beside_the_own_bonus(frozen):
    round = round_of("yangquan-1.yaml")
    tier, officer = tiers_of(round)[0].key, make_user(round.office)
    winner, repeated = award(round, tier), award(round, tier, outside_quota=True)
    establish(winner, "higher_award", by=officer, amount=Decimal(500_000))
    assert [(one.part, one.yuan) for one in allocation_rows(round)] == [
        ("bonus", 300_000), ("match", 500_000), ("bonus", 0),
    ]  # fmt: skip
    match = allocation_rows(round)[1]
    assert "2026年获得样例省质量奖" in match.reason
    assert "第二十条" in match.ground
    # the same body under another award is not paid for it again
    Award.objects.filter(pk=repeated.pk).update(code=winner.code)
    with pytest.raises(DeskRefused, match="不重复"):
        establish(Award.objects.get(pk=repeated.pk), "higher_award", by=officer, amount=Decimal(500_000))


def test_a_fact_is_entered_by_the_office_and_corrected_on_record_as_long_as_nothing_was_paid(frozen):
    round = round_of("bayannur-2025.yaml")
    winner, officer = award(round, tiers_of(round)[0].key), make_user(round.office)
    for stranger in (make_user(), make_user(Unit.objects.create(scheme_key="elsewhere", kind="office", name="别处"))):
        with pytest.raises(DeskRefused, match="办公室办理"):
            establish(winner, "fully_funded", by=stranger)
    with pytest.raises(DeskRefused, match="不以该事项为条件"):
        establish(winner, "higher_award", by=officer)
    establish(winner, "fully_funded", by=officer, holds=True)
    establish(winner, "fully_funded", by=officer, holds=False)
    assert [one.holds for one in BonusFact.objects.filter(award=winner).standing()] == [False]
    assert BonusFact.objects.filter(award=winner).count() == 2
    pay(winner, by=officer)
    with pytest.raises(DeskRefused, match="已经拨付"):
        establish(winner, "fully_funded", by=officer, holds=True)


def test_the_table_costs_the_same_queries_for_one_winner_and_for_many(frozen, django_assert_num_queries):
    round = round_of("bayannur-2025.yaml")
    for _ in range(3):
        award(round, tiers_of(round)[0].key)
    rulebook_for(round)
    with django_assert_num_queries(2):
        allocation_rows(round)


def test_a_scheme_without_a_sum_pays_none_and_issues_no_table(frozen):
    round = round_of("urumqi-2025.yaml")
    award(round, tiers_of(round)[0].key)
    (row,) = allocation_rows(round)
    assert (row.yuan, row.reason) == (0, "该等次不发奖金")
    with pytest.raises(AllocationRefused, match="没有列出这种文书"):
        issue_allocation(round, by=make_user(round.office), at=clock.now())


def test_the_table_is_issued_by_the_office_and_read_on_its_page(frozen):
    round = round_of("zhongmu-2025.yaml")
    with pytest.raises(AllocationRefused, match="还没有获奖名单"):
        issue_allocation(round, by=make_user(round.office), at=clock.now())
    award(round, tiers_of(round)[0].key)
    with pytest.raises(AllocationRefused, match="由办公室出具"):
        issue_allocation(round, by=make_user(), at=clock.now())
    client = Client()
    client.force_login(make_user(round.office), backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("supervision:allocation", args=[round.public_id])
    assert client.post(address).status_code == 302
    paper = IssuedDocument.objects.get(kind="bonus_allocation")
    assert paper.content["total"] == "300,000"
    assert render_document(paper).pages == 1
    assert paper.number in client.get(address).content.decode()
    assert client.get(address, {"format": "xlsx"}).status_code == 200


def tiers_of(round: Round):
    return rulebook_for(round).tiers
