"""经费指标分配表: each winner's sum is the rulebook's, and who gets nothing is told why (B18, Y19, Y23)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from award_portal.lib import clock
from awards.models import Award, Round
from awards.parameters import rulebook_for
from awards.schemes import load_scheme
from documents.models import IssuedDocument
from documents.rendering import render_document
from organizations.models import Organization, Unit
from supervision.allocating import AllocationRefused, allocation_rows, issue_allocation, total_of
from tests.factories import make_user

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


def test_b18_the_nominee_gets_none_and_a_fully_funded_winner_is_to_be_checked(frozen):
    round = round_of("bayannur-2025.yaml")
    main, nominee = tiers_of(round)
    award(round, main.key)
    award(round, nominee.key)
    first, second = allocation_rows(round)
    assert (first.yuan, second.yuan) == (500_000, 0)
    assert "全额拨款" in first.note
    assert second.reason


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
