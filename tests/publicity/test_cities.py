"""Several awards share one portal (R1): the public chooses a city, and each page reads as its award's own."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from award_portal.lib import clock
from awards.models import Award, Round, Scheme
from awards.schemes import latest_edition, load_scheme, rulebook_of
from organizations.models import AuditRecord, Membership
from publicity.models import Notice
from tests.factories import make_round, make_unit, make_user
from tests.journeys.regulations import yuntai_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def round(calendars, frozen) -> Round:
    return make_round()


@pytest.fixture
def yuntai(round) -> Scheme:
    scheme = load_scheme(yuntai_text(), at=clock.now()).scheme
    Scheme.objects.filter(pk=scheme.pk).update(colour="red")
    return Scheme.objects.get(pk=scheme.pk)


def text(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_r1_the_only_award_is_the_whole_portal(client, round):
    page = text(client, "/")
    assert f"<h1>{round.scheme.name}</h1>" in page
    assert "选择城市" not in page


def test_r1_of_several_awards_the_public_chooses_one_and_finds_it_again(client, round, yuntai):
    page = text(client, "/")
    assert "选择城市" in page
    assert reverse("publicity:city", args=["yuntai"]) in page
    assert "云台市（虚构）" in page
    own = text(client, reverse("publicity:city", args=["yuntai"]))
    assert "<h1>云台市质量卓越奖（虚构）</h1>" in own
    assert round.scheme.name not in own
    assert "<h1>云台市质量卓越奖（虚构）</h1>" in text(client, "/")
    assert round.scheme.name in text(client, reverse("publicity:cities"))
    assert "<h1>云台市质量卓越奖（虚构）</h1>" not in text(client, "/")


def test_r1_a_page_wears_its_own_awards_name_and_colour_whatever_was_chosen(client, round, yuntai):
    client.get(reverse("publicity:city", args=[round.scheme.key]))
    page = text(client, reverse("publicity:city", args=["yuntai"]))
    assert 'data-colour="red"' in page
    assert f"<span>{yuntai.name}</span>" in page


def test_an_award_that_does_not_show_itself_is_not_there(client, round, yuntai):
    Scheme.objects.filter(pk=yuntai.pk).update(is_public=False)
    assert client.get(reverse("publicity:city", args=["yuntai"])).status_code == 404
    client.cookies["city"] = "yuntai"
    assert "云台" not in text(client, "/")


def test_the_front_page_asks_as_many_questions_for_ten_awards_as_for_two(
    client, round, yuntai, django_assert_max_num_queries
):
    with django_assert_max_num_queries(12) as two:
        client.get("/")
    for number in range(8):
        Scheme.objects.create(key=f"sample{number}", name=f"样例奖{number}（虚构）", short_name="样例奖")
    with django_assert_max_num_queries(len(two)):
        client.get("/")


def test_the_office_gives_its_award_its_colour_on_record(client, round, yuntai):
    officer = make_user(round.office)
    client.force_login(officer)
    url = reverse("awards:face", args=[round.scheme.key])
    assert client.post(url, {"colour": "green", "is_public": "on"}).status_code == 302
    assert Scheme.objects.get(pk=round.scheme_id).colour == "green"
    assert AuditRecord.objects.filter(verb="scheme.set_face").count() == 1
    assert "pink" in text_of_post(client, url, {"colour": "pink"})
    assert Scheme.objects.get(pk=round.scheme_id).colour == "green"
    assert client.get(reverse("awards:face", args=["yuntai"])).status_code == 404


def text_of_post(client: Client, url: str, data: dict[str, str]) -> str:
    answer = client.post(url, data)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def shown_round(round) -> Round:
    """The other city's call, its notice and a winner of it are public."""
    now = clock.now()
    Round.objects.filter(pk=round.pk).update(published_at=now)
    notice = Notice.objects.create(
        round=round, kind=Notice.Kind.CALL, issuer=round.office, title="样例通知（虚构）", published_at=now
    )
    assert notice in Notice.objects.public()
    Award.objects.create(
        scheme=round.scheme, round=round, name="样例获奖组织（虚构）", code="91990100MA00000001", tier="main",
        tier_name="质量奖", year=2024, awarded_on=clock.today(), certificate_number="SAMPLE-0001",
    )  # fmt: skip
    return round


@pytest.mark.parametrize("page", ["publicity:calls", "publicity:notices", "publicity:register"])
def test_r1_the_lists_of_a_chosen_city_are_its_own_until_all_are_asked_for(client, shown_round, yuntai, page):
    """A page that wears one city's name lists that city's; the filter leads to the others."""
    client.get(reverse("publicity:city", args=["yuntai"]))
    assert not list(client.get(reverse(page)).context["page_obj"])
    assert len(client.get(reverse(page), {"scheme": ""}).context["page_obj"]) == 1


def test_r1_how_to_object_tells_the_rules_of_the_chosen_city(client, round, yuntai):
    client.get(reverse("publicity:city", args=["yuntai"]))
    asked = reverse("publicity:how_to_object")
    assert round.scheme.name not in text(client, asked)
    assert round.scheme.name in text(client, f"{asked}?scheme=")


def test_r1_the_front_page_of_a_city_leads_to_its_own_winners(client, round, yuntai):
    assert f"{reverse('publicity:register')}?scheme=yuntai" in text(client, reverse("publicity:city", args=["yuntai"]))


def test_r1_a_certificate_wears_the_award_that_gave_it(client, shown_round, yuntai):
    """A certificate read from its QR code, whatever city was chosen on this telephone before."""
    client.get(reverse("publicity:city", args=["yuntai"]))
    page = text(client, reverse("publicity:certificate", args=["SAMPLE-0001"]))
    assert f"<span>{shown_round.scheme.name}</span>" in page
    assert "<dt>表彰决定</dt>" not in page  # nothing is told of a number the register does not hold


def test_a_desk_is_called_as_the_readers_only_regulation_calls_it(client, round, yuntai):
    """资格审查 in one city is 资格复核 in the next; who works for both reads the usual word."""
    own = latest_edition("yuntai")
    assert own is not None
    word = rulebook_of(own).label("qualification")
    assert word != "资格审查"
    office = make_user(make_unit("office", scheme_key="yuntai"))
    client.force_login(office)
    assert f">{word}" in text(client, reverse("applications:office"))
    Membership.objects.create(user=office, unit=round.office, started_at=clock.now())
    assert ">资格审查" in text(client, reverse("applications:office"))


def test_the_face_of_an_award_is_set_from_the_desk_of_its_rules(client, round):
    client.force_login(make_user(round.office))
    assert reverse("awards:face", args=[round.scheme.key]) in text(client, reverse("awards:editions"))
