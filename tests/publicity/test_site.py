"""The public site tells what the law wants told, to anybody, without personal data, at a constant cost."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from award_portal.lib import clock
from awards.models import Award
from organizations.models import AuditDigest
from publicity.correcting import publish_correction
from publicity.extending import extend_publicity
from tests.publicity.builders import at


def text_of(client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    return answer.content.decode()


def queries(client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def make_award(lists, number: int, **given) -> Award:
    values = {
        "name": f"样例获奖{number}号（虚构）", "code": f"9165010000000{number:04d}X",
        "tier": "main", "tier_name": "质量奖", "year": 2024, "awarded_on": date(2024, 6, 1),
        "certificate_number": f"SAMPLE-{number:04d}",
    } | given  # fmt: skip
    return Award.objects.create(scheme=lists.round.scheme, round=lists.round, **values)


def test_u11_4_a_notice_prints_names_three_dates_and_what_an_objection_must_carry(client, lists):
    name = lists.name()
    notice = lists.publish(name, at=at(3, 2))
    page = text_of(client, reverse("publicity:notice", args=[notice.public_id]))
    for told in (
        str(name.organization), name.organization.code, "发布日期：2026年3月2日",
        "自2026年3月3日起至2026年3月9日24:00止",
        "不受理匿名异议", "第十二条", reverse("objections:file", args=[notice.public_id]),
    ):  # fmt: skip
        assert told in page
    assert lists.officer.display_name not in page


def test_a_notice_counts_the_working_days_left_today_among_them(client, lists, frozen):
    url = reverse("publicity:notice", args=[lists.publish(lists.name(), at=at(3, 2)).public_id])
    assert client.get(url).context["standing"].days_left == 5
    frozen.travel_to(at(3, 6))
    assert client.get(url).context["standing"].days_left == 2
    frozen.travel_to(at(3, 9, 23, 59))
    assert client.get(url).context["standing"].days_left == 1


def test_u12_after_the_last_day_of_the_last_list_no_objection_is_offered(client, lists, frozen):
    notice = lists.publish(lists.shortlisted(), kind="award_publicity", at=at(3, 2))
    frozen.travel_to(at(3, 10, 0))
    page = text_of(client, reverse("publicity:notice", args=[notice.public_id]))
    assert reverse("objections:file", args=[notice.public_id]) not in page
    assert "已期满" in page


def test_a_corrected_notice_leads_to_its_correction(client, lists):
    notice = lists.publish(lists.name(), at=at(3, 2))
    correction = publish_correction(notice, wrong="0991-5550000", right="0991-5550001", by=lists.officer, at=at(3, 2))
    page = text_of(client, reverse("publicity:notice", args=[notice.public_id]))
    assert correction.get_absolute_url() in page
    assert "0991-5550001" in text_of(client, correction.get_absolute_url())


def test_an_extended_notice_prints_the_new_last_day(client, lists):
    notice = lists.publish(lists.name(), at=at(3, 2))
    extend_publicity(notice, days=7, ground="系统停机", by=lists.officer, at=at(3, 3))
    page = text_of(client, reverse("publicity:notice", args=[notice.public_id]))
    assert "至2026年3月11日24:00止，共7个工作日" in page


def test_notices_are_filtered_and_a_bad_filter_is_no_error(client, lists, frozen):
    notice = lists.publish(lists.name(), at=at(3, 2))
    url = reverse("publicity:notices")
    assert notice.title in text_of(client, f"{url}?kind=acceptance_publicity&running=yes&scheme=urumqi")
    assert notice.get_absolute_url() not in text_of(client, f"{url}?kind=award_publicity")
    assert client.get(f"{url}?kind=nonsense&page=x&scheme=%00").status_code == 200
    frozen.travel_to(at(3, 10, 0))
    assert notice.get_absolute_url() not in text_of(client, f"{url}?running=yes")


def test_a_scheme_that_is_not_public_is_not_shown(client, lists):
    notice = lists.publish(lists.name(), at=at(3, 2))
    make_award(lists, 1)
    type(lists.round.scheme).objects.update(is_public=False)
    assert notice.title not in text_of(client, reverse("publicity:notices"))
    text_of(client, reverse("publicity:notice", args=[notice.public_id]), status=404)
    assert "样例获奖1号" not in text_of(client, reverse("publicity:register"))
    text_of(client, reverse("publicity:certificate", args=["SAMPLE-0001"]), status=404)


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({}, 200, "证书真实，荣誉有效"),
        ({"state": "revoked", "revoked_on": date(2025, 1, 2)}, 200, "荣誉已被取消"),
        ({"valid_until": date(2026, 3, 1)}, 200, "荣誉已经期满"),
        ({"valid_until": date(2026, 3, 2)}, 200, "证书真实，荣誉有效"),
        ({"certificate_number": "OTHER-1"}, 404, "没有查到该编号"),
    ],
)
def test_a_certificate_is_valid_revoked_expired_or_not_known(client, lists, given, status, said):
    make_award(lists, 1, **given)
    assert said in text_of(client, reverse("publicity:certificate", args=["SAMPLE-0001"]), status=status)
    assert said in text_of(client, reverse("publicity:certificate_check") + "?number=+sample-0001+", status=status)


def test_a_number_that_cannot_be_one_is_simply_not_known(client, lists):
    assert client.get("/certificates/%00/").status_code == 404
    assert client.get("/certificates/?number=" + "9" * 500).status_code == 422


def test_the_register_is_filtered_by_year_tier_and_state(client, lists):
    make_award(lists, 1)
    make_award(lists, 2, year=2020, tier="nominee", tier_name="质量奖提名奖")
    make_award(lists, 3, state="revoked")
    make_award(lists, 4, valid_until=date(2025, 1, 1))
    url = reverse("publicity:register")

    def names(query: str) -> list[str]:
        return sorted(one.certificate_number[-1] for one in client.get(f"{url}?{query}").context["page_obj"])

    assert names("year=2020") == ["2"]
    assert names("tier=质量奖提名奖") == ["2"]
    assert names("state=granted") == ["1", "2"]
    assert names("state=revoked") == ["3"]
    assert names("state=expired") == ["4"]
    assert names("name=获奖3") == ["3"]
    assert names("year=nonsense") == ["1", "2", "3", "4"]


def test_e3_the_daily_heads_of_the_record_are_public(client, lists):
    AuditDigest.objects.create(
        day=date(2026, 3, 1), chain=lists.round.chain, seq=12, hash="ab" * 32, published_at=clock.now()
    )
    page = text_of(client, reverse("publicity:evidence_digests"))
    assert "ab" * 32 in page
    assert lists.round.title in page


def test_u12_how_to_object_tells_what_each_kind_of_objector_gives_with_the_article(client, lists):
    page = text_of(client, reverse("publicity:how_to_object"))
    assert "不受理匿名异议" in page
    assert "第十三条" in page


def test_public_pages_cost_the_same_for_one_name_and_for_many(client, lists):
    notice = lists.publish(lists.name(), at=at(3, 2))
    make_award(lists, 1)
    urls = [
        reverse("home"), reverse("publicity:calls"), reverse("publicity:notices"), reverse("publicity:register"),
        reverse("publicity:how_to_object"),
    ]  # fmt: skip
    before = [queries(client, url) for url in urls]
    one_name = queries(client, notice.get_absolute_url())
    many = lists.publish(*(lists.name() for _ in range(8)), at=at(3, 2))
    for number in range(2, 12):
        make_award(lists, number)
        lists.publish(lists.name(), at=at(3, 2))
    assert [queries(client, url) for url in urls] == before
    assert queries(client, many.get_absolute_url()) == one_name
