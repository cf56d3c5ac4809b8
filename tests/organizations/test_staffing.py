"""The administrator's pages, passwords by link, and that the admin is no second door."""

from __future__ import annotations

import re

import pytest
from django.contrib import admin
from django.contrib.auth.tokens import default_token_generator
from django.test import Client
from django.urls import reverse

from applications.models import Application
from award_portal.lib import clock
from organizations.desks import desks_for
from organizations.models import AuditRecord, InboxMessage, Membership, OutboxItem, Unit, User
from reviews.models import Expert
from tests.factories import make_draft, make_round, make_unit, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "zhiliang-2026"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def at(name: str, *args) -> str:
    return reverse(f"organizations:{name}", args=args)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


@pytest.fixture
def administrator(frozen, calendars) -> User:
    user = make_user(username="admin1")
    user.is_staff = user.is_superuser = True
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def desk(administrator) -> Client:
    make_round()
    return signed_in(administrator)


def verbs() -> list[str]:
    return list(AuditRecord.objects.order_by("pk").values_list("verb", flat=True))


def test_unit_user_and_role_from_their_pages_to_a_working_desk(desk):
    unit = {"scheme_key": "urumqi", "kind": "office", "name": "样例办公室（新）", "is_active": "on"}
    answer = desk.post(at("new_unit"), unit)
    made = Unit.objects.get(name="样例办公室（新）")
    assert answer["Location"] == at("unit", made.public_id)
    desk.post(at("new_person"), {"username": "new.clerk", "display_name": "样例新人"})
    clerk = User.objects.get(username="new.clerk")
    assert not clerk.has_usable_password()
    link = re.search(
        r"http://testserver(/accounts/password/\S+?/)<",
        desk.post(at("password_link", clerk.public_id)).content.decode(),
    )[1]
    desk.post(at("unit", made.public_id), {"action": "join", "username": "new.clerk"})
    theirs = Client()
    typed = {"password": PASSWORD, "password_again": PASSWORD}
    assert theirs.post(link, typed)["Location"] == at("sign_in")
    assert theirs.post(at("sign_in"), {"username": "new.clerk", "password": PASSWORD}).status_code == 302
    assert theirs.get(reverse("applications:office")).status_code == 200
    place = Membership.objects.get(user=clerk)
    desk.post(at("end_place", made.public_id, clerk.public_id))
    place.refresh_from_db()
    assert place.ended_at is not None
    assert theirs.get(reverse("applications:office")).status_code in (403, 404)
    assert {"unit.create", "user.create", "password.link", "membership.start", "password.set", "membership.end"} <= set(
        verbs()
    )


def test_the_pages_are_the_administrators_alone(desk):
    unit, person = make_unit("office"), make_user()
    officer = make_user(unit)
    Membership.objects.get(user=officer)
    client = signed_in(officer)
    for where in (at("units"), at("new_unit"), at("unit", unit.public_id), at("people"), at("new_person"),
                  at("person", person.public_id), at("end_place", unit.public_id, officer.public_id)):  # fmt: skip
        assert desk.get(where).status_code == 200, where
        assert client.get(where).status_code == 403, where
        assert client.post(where, {}).status_code == 403, where
    assert client.post(at("password_link", person.public_id)).status_code == 403
    assert Client().get(at("units")).status_code == 302


def test_a_refused_form_keeps_its_text(desk):
    unit = make_unit("office", "样例办公室（旧）")
    typed = {
        "scheme_key": "urumqi",
        "kind": "office",
        "name": unit.name,
        "address": "样例路9号（虚构）",
        "is_active": "on",
    }
    answer = desk.post(at("new_unit"), typed)
    assert answer.status_code == 422
    assert "已有同名单位" in answer.content.decode()
    assert "样例路9号（虚构）" in answer.content.decode()
    without = desk.post(at("new_unit"), typed | {"kind": "recommender", "name": "样例推荐"})
    assert "审核推荐单位须选择类别" in without.content.decode()
    again = desk.post(at("new_person"), {"username": make_user().username.upper(), "display_name": "样例"})
    assert "已被使用" in again.content.decode()
    nobody = desk.post(at("unit", unit.public_id), {"action": "join", "username": "nobody"})
    assert "没有这个用户名" in nobody.content.decode()


def test_a_closed_account_signs_in_no_more_and_one_administrator_stays(desk, administrator):
    person = make_user()
    theirs = signed_in(person)
    assert theirs.get(at("inbox")).status_code == 200
    desk.post(at("person", person.public_id), {})
    assert theirs.get(at("inbox")).status_code == 302
    answer = desk.post(at("person", administrator.public_id), {"is_active": "on"})
    assert "最后一名系统管理员" in answer.content.decode()
    administrator.refresh_from_db()
    assert administrator.is_staff


def test_a_link_opens_an_account_once_and_never_another(desk, administrator):
    person, other = make_user(), make_user()
    path = at("set_password", person.public_id, default_token_generator.make_token(person))
    typed = {"password": PASSWORD, "password_again": PASSWORD}
    elsewhere = path.replace(str(person.public_id), str(other.public_id))
    assert Client().post(elsewhere, typed).status_code == 410
    short = Client().post(path, {"password": "12345", "password_again": "12345"})
    assert short.status_code == 422
    assert Client().post(path, typed).status_code == 302
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    assert Client().get(path).status_code == 410
    assert Client().post(path, {"password": "another-2026", "password_again": "another-2026"}).status_code == 410
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_a_link_for_an_account_in_use_is_told_to_its_owner(desk):
    person = make_user()
    person.set_password(PASSWORD)
    person.save()
    desk.post(at("password_link", person.public_id))
    assert OutboxItem.objects.filter(kind="inbox_message", payload__user=person.pk).exists()
    assert not InboxMessage.objects.filter(body__contains="/password/").exists()
    User.objects.filter(pk=person.pk).update(is_active=False)
    refused = desk.post(at("password_link", person.public_id), follow=True)
    assert "已停用" in refused.content.decode()


def test_a_person_changes_the_own_password_with_the_old_one(administrator):
    client = signed_in(administrator)
    new = {"password": "xinmima-2026", "password_again": "xinmima-2026"}
    wrong = client.post(at("account"), {"old": "wrong-wrong", **new})
    assert wrong.status_code == 422
    assert "原密码不正确" in wrong.content.decode()
    assert client.post(at("account"), {"old": PASSWORD, **new}).status_code == 302
    administrator.refresh_from_db()
    assert administrator.check_password("xinmima-2026")
    assert client.get(at("account")).status_code == 200, "still signed in"


def test_u7_4_an_office_gives_a_new_expert_a_first_password_and_no_second(frozen, calendars):
    round = make_round()
    client = signed_in(make_user(round.office))
    card = {
        "username": "new.expert",
        "display_name": "样例专家",
        "field": "质量管理",
        "employer": "样例研究院",
        "trainings": "0",
    }
    client.post(reverse("reviews:experts"), card)
    expert = Expert.objects.get(user__username="new.expert")
    where = reverse("reviews:expert", args=[expert.public_id])
    told = client.post(where, {"action": "password_link"}).content.decode()
    link = re.search(r"http://testserver(/accounts/password/\S+?/)<", told)[1]
    Client().post(link, {"password": PASSWORD, "password_again": PASSWORD})
    expert.user.refresh_from_db()
    assert expert.user.check_password(PASSWORD)
    again = client.post(where, {"action": "password_link"}).content.decode()
    assert "/accounts/password/" not in again
    assert "联系系统管理员" in again


def test_the_admin_changes_nothing_of_a_round_a_unit_or_an_account(desk, administrator):
    """Every model shown is on the list, and each write is refused even to a superuser."""
    shown = {model._meta.label for model in admin.site._registry}
    assert shown == {
        "applications.Application", "awards.CalendarYear", "awards.Edition", "awards.Round", "awards.RoundParameter",
        "awards.Scheme", "documents.IssuedDocument", "organizations.Unit", "organizations.User", "publicity.Notice",
    }  # fmt: skip
    draft = make_draft()
    objects = {User: administrator, Unit: make_unit("office"), Application: draft, type(draft.round): draft.round}
    for model, one in objects.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert desk.get(reverse(f"{name}_changelist")).status_code == 200
        assert desk.get(reverse(f"{name}_change", args=[one.pk])).status_code == 200
        assert desk.post(reverse(f"{name}_change", args=[one.pk]), {"state": "awarded"}).status_code == 403
        assert desk.post(reverse(f"{name}_add"), {}).status_code == 403
        assert desk.post(reverse(f"{name}_delete", args=[one.pk]), {"post": "yes"}).status_code == 403
    draft.refresh_from_db()
    assert draft.state == "draft"
    User.objects.filter(pk=administrator.pk).update(is_superuser=False)
    assert desk.get(reverse("admin:awards_round_changelist")).status_code == 200
    assert desk.get(reverse("admin:organizations_user_changelist")).status_code == 200


def test_only_who_has_no_other_desk_is_offered_to_apply(administrator):
    """An expert or an official is not sent to 我的申报; somebody who has just registered is."""
    newcomer, expert = make_user(), make_user()
    Expert.objects.create(
        scheme_key="urumqi", user=expert, field="质量管理", employer="样例研究院", added_at=clock.now(),
        added_by=administrator,
    )  # fmt: skip
    assert [desk.label for desk in desks_for(newcomer)] == ["我的申报"]
    assert [desk.label for desk in desks_for(expert)] == ["我的评审"]
    assert "我的申报" not in [desk.label for desk in desks_for(administrator)]
