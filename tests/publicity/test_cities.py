"""Several awards share one portal (R1): the public chooses a city, and each page reads as its award's own."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from award_portal.lib import clock
from awards.models import Round, Scheme
from awards.schemes import load_scheme
from organizations.models import AuditRecord
from tests.factories import make_round, make_user
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
