"""The desk from which lists are published: names, the computed window, then the act."""

from __future__ import annotations

import uuid

from django.urls import reverse

from organizations.desks import desks_for
from publicity.models import Notice, NoticeItem
from tests.factories import make_unit, make_user
from tests.publicity.builders import at


def url_of(lists, kind: str, unit) -> str:
    return reverse("publicity:open_list", args=[lists.round.public_id, kind, unit.public_id])


def post(client, url: str, step: str, names, days=5, **data):
    sent = {"form_key": str(uuid.uuid4()), "step": step, "names": [str(one.public_id) for one in names], "days": days}
    return client.post(url, sent | data)


def test_u11_3_the_recommender_sees_its_own_names_and_the_window_before_it_publishes(client, lists):
    own = lists.name("recommendation_publicity")
    foreign = lists.name("recommendation_publicity", recommender=make_unit("recommender"))
    client.force_login(lists.clerk)
    url = url_of(lists, "recommendation_publicity", lists.recommender)
    assert url in client.get(reverse("publicity:open_publicity")).content.decode()
    page = client.get(url).content.decode()
    assert str(own.organization) in page
    assert str(foreign.organization) not in page
    preview = post(client, url, "preview", [own]).content.decode()
    assert "2026年3月3日" in preview
    assert "2026年3月9日" in preview
    assert not Notice.objects.exists()
    answer = post(client, url, "publish", [own])
    notice = Notice.objects.get()
    assert answer["Location"] == notice.get_absolute_url()
    assert [one.application for one in notice.items.all()] == [own]


def test_another_units_name_cannot_be_slipped_into_the_form(client, lists):
    lists.name("recommendation_publicity")
    foreign = lists.name("recommendation_publicity", recommender=make_unit("recommender"))
    client.force_login(lists.clerk)
    answer = post(client, url_of(lists, "recommendation_publicity", lists.recommender), "publish", [foreign])
    assert answer.status_code == 422
    assert not Notice.objects.exists()


def test_a_stranger_finds_no_list_to_publish(client, lists):
    lists.name()
    client.force_login(make_user(make_unit("recommender")))
    assert client.get(url_of(lists, "acceptance_publicity", lists.office)).status_code == 404
    client.force_login(make_user())
    assert client.get(reverse("publicity:open_publicity")).status_code == 403


def test_too_few_days_are_told_with_the_article_beside_the_greyed_button(client, lists):
    name = lists.name()
    client.force_login(lists.officer)
    url = url_of(lists, "acceptance_publicity", lists.office)
    preview = post(client, url, "preview", [name], days=3).content.decode()
    assert "不得少于5日" in preview
    assert "disabled" in preview
    assert post(client, url, "publish", [name], days=3).status_code == 422
    assert not NoticeItem.objects.exists()
    again = post(client, url, "edit", [name], days=3)
    assert 'value="3"' in again.content.decode()


def test_e1_an_unpublished_year_is_told_and_nothing_is_published(client, lists, frozen):
    name = lists.name()
    frozen.travel_to(at(12, 29))
    client.force_login(lists.officer)
    url = url_of(lists, "acceptance_publicity", lists.office)
    assert "2027年的工作日历尚未录入" in client.get(url).content.decode()
    answer = post(client, url, "publish", [name])
    assert answer.status_code == 422
    assert "2027年的工作日历尚未录入" in answer.content.decode()
    assert not Notice.objects.exists()


def test_a_list_posted_twice_is_published_once(client, lists):
    name = lists.name()
    client.force_login(lists.officer)
    url, key = url_of(lists, "acceptance_publicity", lists.office), str(uuid.uuid4())
    first = post(client, url, "publish", [name], form_key=key)
    again = post(client, url, "publish", [name], form_key=key)
    assert first["Location"] == again["Location"]
    assert Notice.objects.count() == 1


def test_the_desk_counts_what_waits_for_its_own_unit(lists):
    lists.name("recommendation_publicity")
    lists.name("recommendation_publicity", recommender=make_unit("recommender"))
    lists.name("acceptance_publicity")

    def waiting(user) -> int:
        return next(desk.count for desk in desks_for(user) if desk.url == reverse("publicity:open_publicity"))

    assert waiting(lists.clerk) == 1
    assert waiting(lists.officer) == 1


def test_a_window_is_extended_from_its_page_after_the_new_last_day_was_seen(client, lists):
    notice = lists.publish(lists.name(), at=at(3, 2))
    client.force_login(lists.officer)
    url = reverse("publicity:extend", args=[notice.public_id])
    data = {"days": 7, "ground": "系统停机半日"}
    preview = client.post(url, {"form_key": str(uuid.uuid4()), "step": "preview", **data}).content.decode()
    assert "2026年3月11日" in preview
    assert Notice.objects.count() == 1
    client.post(url, {"form_key": str(uuid.uuid4()), "step": "publish", **data})
    assert Notice.objects.filter(kind="extension", amends=notice).count() == 1
    short = client.post(url, {"form_key": str(uuid.uuid4()), "step": "publish", "days": 6, "ground": "样例"})
    assert short.status_code == 422
    client.force_login(lists.clerk)
    assert client.get(url).status_code == 404
