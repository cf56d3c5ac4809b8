"""From a rulebook file to an open round, at the pages: imported, corrected beside its errors, compared, published."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from award_portal.lib import clock
from awards.editions import keep_draft, next_edition_text
from awards.models import Edition, EditionDraft, Round, Scheme
from awards.rulebook.rubric_library import frozen_text
from awards.schemes import load_scheme
from organizations.models import AuditRecord, Unit
from tests.factories import make_round, make_unit, make_user, urumqi_text

NOW = clock.at(date(2026, 3, 2), 9)
NEW_CITY = (
    urumqi_text()
    .replace("key: urumqi", "key: sample_city", 1)
    .replace("name: 乌鲁木齐市人民政府质量奖", "name: 样例市人民政府质量奖", 1)
)


@pytest.fixture
def officer(db, frozen, calendars, client):
    user = make_user(make_unit("office"))
    client.force_login(user)
    return user


@pytest.fixture
def administrator(db, frozen, calendars, client):
    user = make_user()
    user.is_staff = True
    user.save()
    client.force_login(user)
    return user


def post(client, url: str, **data):
    return client.post(url, {"form_key": str(uuid.uuid4()), **data})


def bring(client, text: str | bytes) -> EditionDraft:
    data = text if isinstance(text, bytes) else text.encode()
    file = SimpleUploadedFile("rules.yaml", data)
    answer = post(client, reverse("awards:import_edition"), action="import", file=file)
    assert answer.status_code == 302, answer.content.decode()
    return EditionDraft.objects.latest("pk")


def page_of(client, name: str, *args) -> str:
    answer = client.get(reverse(f"awards:{name}", args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_faulty_file_is_kept_and_each_error_stands_at_its_line(client, officer):
    faulty = urumqi_text().replace("quota: {value: 3,", "quota: {value: 三,")
    draft = bring(client, faulty)
    assert draft.text == faulty
    page = client.get(reverse("awards:edition_draft", args=[draft.public_id]))
    number = next(n for n, line in enumerate(faulty.split("\n"), 1) if "三," in line)
    line = next(one for run in page.context["runs"] for one in run if one.number == number)
    assert [(one.path, one.message_zh) for one in line.errors] == [
        ("tiers.main.quota.value", "应为数字，实际为文字“三”")
    ]
    shown = page.content.decode()
    assert f'id="line-{number}" class="faulty"' in shown
    assert "tiers.main.quota.value" in shown
    assert not Edition.objects.exists()
    refused = post(client, reverse("awards:publish_edition", args=[draft.public_id]), version=draft.version)
    assert refused["Location"] == reverse("awards:edition_draft", args=[draft.public_id])
    assert not Edition.objects.exists()


def test_it_is_corrected_in_the_page_or_by_a_new_file(client, officer):
    draft = bring(client, "spec: 1\nname: 样例市\n")
    url = reverse("awards:edition_draft", args=[draft.public_id])
    assert "缺少必填项" in client.get(url).content.decode()
    post(client, url, text="spec: 1\r\nname: 样例奖\r\n", version=1)
    draft.refresh_from_db()
    assert (draft.text, draft.name, draft.version) == ("spec: 1\nname: 样例奖\n", "样例奖", 2)
    post(client, url, text="", version=2, file=SimpleUploadedFile("rules.yaml", urumqi_text().encode()))
    draft.refresh_from_db()
    assert (draft.text, draft.scheme_key, draft.edition) == (urumqi_text(), "urumqi", "2025")


def test_a_faulty_line_is_corrected_beside_its_error(client, officer):
    faulty = urumqi_text().replace("quota: {value: 3,", "quota: {value: 三,")
    number = next(n for n, line in enumerate(faulty.split("\n"), 1) if "三," in line)
    draft = bring(client, faulty)
    url = reverse("awards:edition_draft", args=[draft.public_id])
    assert f'name="line-{number}"' in client.get(url).content.decode()
    right = '    quota: {value: 3, bound: at_most, cite: "4"}'
    post(client, url, version=1, **{f"line-{number}": right, "line-999999": "多余"})
    draft.refresh_from_db()
    assert draft.text == urumqi_text()
    stale = post(client, url, version=1, **{f"line-{number}": "    quota: 再改一次"})
    assert stale.status_code == 409
    assert "quota: 再改一次" in stale.content.decode()
    draft.refresh_from_db()
    assert draft.text == urumqi_text()


def test_what_another_saved_meanwhile_is_not_overwritten_and_nothing_typed_is_lost(client, officer):
    draft = bring(client, "spec: 1\n")
    url = reverse("awards:edition_draft", args=[draft.public_id])
    post(client, url, text="spec: 1\nname: 甲的文本\n", version=1)
    stale = post(client, url, text="spec: 1\nname: 乙的文本\n", version=1)
    assert stale.status_code == 409
    page = stale.content.decode()
    assert "甲的文本" in page
    assert "乙的文本" in page
    draft.refresh_from_db()
    assert "甲的文本" in draft.text
    assert 'name="version" value="2"' in page


@pytest.mark.parametrize("data", [b"\x00\x01\x02", b"\x89PNG\r\n\x1a\n\x00\xff\xfe"])
def test_a_file_that_is_no_text_is_refused_in_words(client, officer, data):
    file = SimpleUploadedFile("rules.yaml", data)
    answer = post(client, reverse("awards:import_edition"), action="import", file=file)
    assert answer.status_code == 422
    assert "不是文本" in answer.content.decode()
    assert not EditionDraft.objects.exists()


def test_a_file_saved_by_chinese_windows_is_read(client, officer):
    assert bring(client, urumqi_text().encode("gb18030")).text == urumqi_text()
    assert bring(client, b"\xef\xbb\xbf" + urumqi_text().encode()).text == urumqi_text()
    assert bring(client, urumqi_text().encode("utf-16")).text == urumqi_text()


def test_odd_documents_never_break_the_page(client, officer):
    for text in (
        "- a\n- b\n",
        "key: [1\n",
        "a: &x 1\nb: *x\n",
        "? [1]\n: 2\n",
        "name: !!python/object:os {}\n",
        "\t",
        "1",
    ):
        draft = bring(client, text)
        assert draft.text == text
        assert client.get(reverse("awards:edition_draft", args=[draft.public_id])).status_code == 200


def test_the_preview_draws_the_pipeline_and_lists_what_was_assumed_before_the_rest(client, officer):
    draft = bring(client, NEW_CITY)
    page = page_of(client, "edition_draft_preview", draft.public_id)
    assert '<svg xmlns="http://www.w3.org/2000/svg" class="pipeline-drawing"' in page
    assert page.index("办法未规定补正期限") < page.index("条款规定的值</h2>")
    assert "第十一条第（八）项" in page


def test_the_difference_to_the_edition_in_force_is_told_article_by_article(client, officer):
    edition = load_scheme(urumqi_text(), at=NOW)
    newer = next_edition_text(edition, name="2027").replace(
        'quota: {value: 3, bound: at_most, cite: "4"}', 'quota: {value: 4, bound: at_most, cite: "4"}'
    )
    draft = bring(client, newer)
    page = client.get(reverse("awards:edition_draft_changes", args=[draft.public_id]))
    (group,) = page.context["groups"]
    assert group.title == "第四条"
    assert [(one.kind, one.old, one.new) for one in group.changes] == [("changed", "不超过3个", "不超过4个")]


def test_a_new_citys_file_becomes_an_edition_with_its_units_people_and_first_round(client, administrator):
    draft = bring(client, NEW_CITY)
    url = reverse("awards:publish_edition", args=[draft.public_id])
    assert "增加一个奖项" in client.get(url).content.decode()
    answer = post(client, url, version=draft.version)
    edition = Edition.objects.get(scheme__key="sample_city")
    assert answer["Location"] == reverse("awards:edition", args=["sample_city", "2025"])
    evidence = AuditRecord.objects.get(verb="load_edition")
    assert evidence.data["sha256"] == edition.sha256
    assert evidence.actor == str(administrator.public_id)
    page = client.get(answer["Location"])
    assert {seat.kind for seat in page.context["seats"] if seat.is_needed and not seat.is_filled} == {
        "office", "recommender", "consulted", "leading_body", "government"
    }  # fmt: skip
    link = reverse("organizations:new_unit") + "?scheme_key=sample_city&amp;kind=office"
    assert link in page.content.decode()
    proposed = client.get(link.replace("&amp;", "&")).content.decode()
    assert '<option value="sample_city" selected>' in proposed
    post(
        client,
        reverse("organizations:new_unit"),
        scheme_key="sample_city",
        kind="office",
        name="样例市评审办公室",
        is_active="on",
    )
    office = Unit.objects.get(scheme_key="sample_city")
    person = make_user(username="sample.officer")
    post(client, reverse("organizations:unit", args=[office.public_id]), action="join", username="sample.officer")
    client.force_login(person)
    assert reverse("awards:open_round", args=["sample_city", "2025"]) in page_of(
        client, "edition", "sample_city", "2025"
    )
    assert reverse("awards:open_round", args=["sample_city", "2025"]) in page_of(client, "choose_edition")
    post(client, reverse("awards:open_round", args=["sample_city", "2025"]), year=2026, ordinal=1, title="第一届样例奖")
    assert Round.objects.get().edition == edition


def test_posted_twice_it_is_published_once(client, officer):
    draft = bring(client, urumqi_text())
    url = reverse("awards:publish_edition", args=[draft.public_id])
    key = str(uuid.uuid4())
    for _ in range(2):
        answer = client.post(url, {"form_key": key, "version": draft.version})
        assert answer["Location"] == reverse("awards:edition", args=["urumqi", "2025"])
    assert AuditRecord.objects.filter(verb="load_edition").count() == 1


def test_a_draft_changed_after_the_page_was_opened_is_not_published(client, officer):
    draft = bring(client, urumqi_text())
    post(client, reverse("awards:edition_draft", args=[draft.public_id]), text=urumqi_text() + "\n", version=1)
    answer = client.post(
        reverse("awards:publish_edition", args=[draft.public_id]),
        {"form_key": str(uuid.uuid4()), "version": 1},
        follow=True,
    )
    assert "没有发布" in answer.content.decode()
    assert not Edition.objects.exists()


def test_r1_an_edition_a_round_uses_is_not_replaced(client, officer):
    make_round()
    draft = bring(client, urumqi_text().replace("plan_days: {value: 20,", "plan_days: {value: 21,"))
    page = page_of(client, "publish_edition", draft.public_id)
    assert "已有届次使用，内容不得变更" in page
    post(client, reverse("awards:publish_edition", args=[draft.public_id]), version=1)
    assert Edition.objects.get().text == frozen_text(urumqi_text())


def test_the_rules_of_another_scheme_are_its_own_offices_to_publish(client, officer):
    Unit.objects.create(scheme_key="sample_city", kind="office", name="样例市办公室（虚构）", phone="0", address="无")
    draft = bring(client, NEW_CITY)
    assert "由其办公室发布" in page_of(client, "edition_draft", draft.public_id)
    post(client, reverse("awards:publish_edition", args=[draft.public_id]), version=1)
    assert not Scheme.objects.filter(key="sample_city").exists()


def test_a_draft_is_seen_by_its_author_its_office_and_the_administrator(client, officer):
    draft = keep_draft(urumqi_text(), by=make_user(), at=NOW)
    url = reverse("awards:edition_draft", args=[draft.public_id])
    assert client.get(url).status_code == 200
    stranger = make_user(Unit.objects.create(scheme_key="elsewhere", kind="office", name="别处（虚构）"))
    client.force_login(stranger)
    assert client.get(url).status_code == 404
    client.force_login(draft.by)  # no longer in any office
    assert client.get(url).status_code == 404


def test_a_blank_document_is_begun_and_the_next_edition_from_the_last(client, officer):
    post(client, reverse("awards:import_edition"), action="begin", key="sample_city")
    assert EditionDraft.objects.latest("pk").scheme_key == "sample_city"
    assert post(client, reverse("awards:import_edition"), action="begin", key="样例").status_code == 422
    load_scheme(urumqi_text(), at=NOW)
    url = reverse("awards:revise_edition", args=["urumqi", "2025"])
    assert "已经发布" in post(client, url, edition="2025").content.decode()
    post(client, url, edition="2027")
    draft = EditionDraft.objects.latest("pk")
    assert draft.edition == "2027"
    assert draft.text.replace('edition: "2027"', 'edition: "2025"') == frozen_text(urumqi_text())


def test_an_edition_no_address_can_carry_is_refused_at_publishing(client, officer):
    draft = bring(client, urumqi_text().replace('edition: "2025"', 'edition: "2025/1"'))
    assert "只能由文字、数字" in page_of(client, "edition_draft", draft.public_id)
    post(client, reverse("awards:publish_edition", args=[draft.public_id]), version=1)
    assert not Edition.objects.exists()


def test_the_list_costs_the_same_for_one_edition_and_for_many(client, officer):
    load_scheme(urumqi_text(), at=NOW)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page_of(client, "editions")
        return len(captured)

    page_of(client, "editions")
    one = queries()
    for number in range(5):
        text = urumqi_text().replace('edition: "2025"', f'edition: "20{30 + number}"')
        load_scheme(text, at=NOW)
        keep_draft(text, by=officer, at=NOW)
    assert queries() == one
    for name in ("edition", "edition_changes"):
        assert page_of(client, name, "urumqi", "2030")
    assert "document_review" in page_of(client, "edition_keys")
