"""The applicant's pages: what is typed is kept, what is refused says why and on what ground (R3–R5, R7, R9, U11.2)."""

from __future__ import annotations

import json
import re
from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from applications.filling import start_application
from applications.models import Answer, Application
from applications.pipeline import State
from award_portal.lib import clock
from awards.models import Award, Ban
from tests.applications.test_submitting import publicised, returned, submitted
from tests.factories import (
    fill_application,
    made_up_pdf,
    made_up_upload,
    make_claim,
    make_draft,
    make_organization,
    make_round,
    make_unit,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen", "calendars")]


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def url(name: str, application: Application, *args: object) -> str:
    return reverse(f"applications:{name}", args=[application.public_id, *args])


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def draft() -> Application:
    return make_draft()


@pytest.fixture
def client(draft: Application) -> Client:
    return signed_in(draft.created_by)


# -- beginning ---------------------------------------------------------------------------------------------------------


def test_an_open_round_shows_its_conditions_each_with_its_article_and_a_draft_begins() -> None:
    round, organization = make_round(), make_organization()
    client = signed_in(make_claim(organization))
    page = client.get(reverse("applications:start", args=[round.public_id]))
    for word in ("第九条第（三）项", "第十六条", "公共信用信息报告", "2026年3月31日 18:00", "年限已达到"):
        assert word in text_of(page)
    begun = client.post(page.request["PATH_INFO"], {"organization": str(organization.public_id)}, follow=True)
    application = Application.objects.get()
    assert begun.redirect_chain[-1][0] == application.get_absolute_url()
    assert "填写申报表" in text_of(begun)


def test_r4_a_second_application_in_a_round_is_refused_with_the_reason(client: Client, draft: Application) -> None:
    address = reverse("applications:start", args=[draft.round.public_id])
    refused = client.post(address, {"organization": str(draft.organization.public_id)})
    assert refused.status_code == 422
    assert "每个组织每届只能申报一次，请在原申报上继续填写" in text_of(refused)
    assert Application.objects.count() == 1


def test_u20_a_banned_organisation_is_told_until_when(client: Client, draft: Application) -> None:
    banned = make_organization()
    make_claim(banned, user=draft.created_by)
    Ban.objects.create(
        scheme=draft.round.scheme, name=banned.name, code=banned.code, rule="false_materials", cite="20",
        ground="提供虚假材料", starts_on=date(2024, 5, 1), ends_on=date(2029, 5, 1), decided_by="办公室（虚构）",
    )  # fmt: skip
    address = reverse("applications:start", args=[draft.round.public_id])
    refused = client.post(address, {"organization": str(banned.public_id)})
    assert "不予受理，2029年5月1日起方可申报" in text_of(refused)
    assert "第二十条" in text_of(refused)


def test_u16_a_recent_winner_is_told_from_when_it_may_apply_again(client: Client, draft: Application) -> None:
    winner = make_organization()
    make_claim(winner, user=draft.created_by)
    Award.objects.create(
        scheme=draft.round.scheme, name=winner.name, code=winner.code, tier="main", tier_name="质量奖", year=2022,
        awarded_on=date(2022, 9, 1),
    )  # fmt: skip
    address = reverse("applications:start", args=[draft.round.public_id])
    refused = client.post(address, {"organization": str(winner.public_id)})
    assert "获奖后5年内不得重复申报，2027年9月1日起方可申报" in text_of(refused)
    assert Application.objects.filter(organization=winner).count() == 0


def test_without_a_verified_letter_there_is_no_draft_and_the_way_is_shown() -> None:
    round, organization = make_round(), make_organization()
    client = signed_in(make_claim(organization, state="pending"))
    page = client.get(reverse("applications:start", args=[round.public_id]))
    assert "登记您代表的组织" in text_of(page)
    client.post(page.request["PATH_INFO"], {"organization": str(organization.public_id)})
    assert Application.objects.count() == 0


def test_another_organisations_application_does_not_exist_for_me(draft: Application) -> None:
    stranger = signed_in(make_claim(make_organization()))
    for name in ("overview", "check", "print", "compiled", "publicity", "revise", "hand_in", "withdraw"):
        assert stranger.get(url(name, draft)).status_code == 404, name
    assert stranger.get(url("section", draft, "profile")).status_code == 404
    assert stranger.post(url("autosave", draft, "profile"), {"version": "1", "address": "改"}).status_code == 404
    assert stranger.post(url("attach", draft, "licence"), {"upload": made_up_upload("执照")}).status_code == 404


# -- filling -----------------------------------------------------------------------------------------------------------


def test_every_section_of_the_rulebook_has_a_page(client: Client, draft: Application) -> None:
    for section in draft.rulebook.form.sections:
        page = client.get(url("section", draft, section.key))
        assert page.status_code == 200
        assert section.title in text_of(page)
    assert client.get(url("section", draft, "nonsense")).status_code == 404


def test_a_number_that_is_text_is_named_and_stays_as_typed(client: Client, draft: Application) -> None:
    saved = client.post(url("section", draft, "indicators"), {"version": "1", "revenue__2025": "约三千万"})
    assert "2025年“营业收入”应为数字，实际填写“约三千万”" in text_of(saved)
    assert 'value="约三千万"' in saved.content.decode()
    assert draft.answers.get(section="indicators").data["revenue__2025"] == "约三千万"
    assert "营业收入”应为数字" in text_of(client.get(url("check", draft)))


def test_a_date_that_is_none_stays_in_sight(client: Client, draft: Application) -> None:
    version = draft.answers.get(section="profile").version
    saved = client.post(url("section", draft, "profile"), {"version": version, "founded_on": "二〇一〇年"})
    assert "“成立日期”应为日期" in text_of(saved)
    assert 'value="二〇一〇年"' in saved.content.decode()
    assert 'type="date" name="founded_on"' not in saved.content.decode()


def test_a_draft_takes_incomplete_text_and_counts_what_is_left(client: Client, draft: Application) -> None:
    saved = client.post(url("section", draft, "overview"), {"version": "1", "model": "三全质量管理"}, follow=True)
    assert "“质量工作概述”已保存，还有2处未填" in text_of(saved)
    assert "已填未完" in text_of(saved)


def test_text_over_its_limit_is_kept_and_told_with_the_length(client: Client, draft: Application) -> None:
    saved = client.post(url("section", draft, "overview"), {"version": "1", "diffusion": "推" * 501})
    assert "“示范带动与推广价值”共501字，超过500字" in text_of(saved)
    assert len(draft.answers.get(section="overview").data["diffusion"]) == 501


def test_a_code_with_a_wrong_check_digit_is_told(client: Client, draft: Application) -> None:
    code = draft.organization.code
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    version = draft.answers.get(section="profile").version
    saved = client.post(url("section", draft, "profile"), {"version": version, "code": wrong})
    assert "校验位不符" in text_of(saved)
    assert wrong in saved.content.decode()


def test_u8_a_recommender_chosen_for_the_first_time_is_right_at_once(frozen) -> None:
    round, organization = make_round(), make_organization()
    user = make_claim(organization)
    unit = make_unit("recommender", district="天山区", recommender_key="district_regulator")
    application = start_application(round, organization=organization, by=user, at=clock.now())
    typed = {"version": "1", "code": organization.code, "district": "天山区", "recommender": str(unit.public_id)}
    saved = signed_in(user).post(url("section", application, "profile"), typed, follow=True)
    assert "审核推荐单位请从所列单位中选择" not in text_of(saved)
    assert "“组织概况”已保存，还有" in text_of(saved)
    moved = typed | {"version": "2", "district": "米东区"}
    assert "审核推荐天山区的申报组织" in text_of(signed_in(user).post(url("section", application, "profile"), moved))


def test_autosave_keeps_what_changed_and_tells_the_version(client: Client, draft: Application) -> None:
    first = client.post(url("autosave", draft, "overview"), {"version": "1", "model": "甲"})
    assert first.json() == {"ok": True, "version": 2, "saved_at": "09:00"}
    again = client.post(url("autosave", draft, "overview"), {"version": "2", "model": "甲"})
    assert again.json()["version"] == 2
    client.post(url("autosave", draft, "overview"), {"version": "2", "results": "乙"})
    assert draft.answers.get(section="overview").data == {"model": "甲", "results": "乙"}


def test_a_stale_tab_gets_both_texts_and_overwrites_nothing(client: Client, draft: Application) -> None:
    client.post(url("autosave", draft, "overview"), {"version": "1", "model": "新的"})
    stale = client.post(url("autosave", draft, "overview"), {"version": "1", "model": "旧页的"})
    assert stale.status_code == 409
    assert stale.json() == {"ok": False, "theirs": {"model": "新的"}, "version": 2}
    page = client.post(url("section", draft, "overview"), {"version": "1", "model": "旧页的"})
    assert page.status_code == 409
    assert "别处已保存为：新的" in text_of(page)
    assert "旧页的" in text_of(page)
    assert draft.answers.get(section="overview").data["model"] == "新的"
    shown = re.search(r'name="version" value="(\d+)"', page.content.decode())
    client.post(url("section", draft, "overview"), {"version": shown[1], "model": "旧页的"})
    assert draft.answers.get(section="overview").data["model"] == "旧页的"


def test_a_lost_session_answers_401_with_where_to_sign_in(draft: Application) -> None:
    lost = Client().post(url("autosave", draft, "overview"), {"version": "1", "model": "甲"})
    assert (lost.status_code, lost.json()) == (401, {"ok": False, "sign_in": reverse("organizations:sign_in")})


def test_a_cleared_box_is_cleared(client: Client, draft: Application) -> None:
    client.post(url("autosave", draft, "declarations"), {"version": "1", "truth": "on"})
    assert draft.answers.get(section="declarations").data["truth"] is True
    client.post(url("autosave", draft, "declarations"), {"version": "2", "truth": ""})
    assert draft.answers.get(section="declarations").data["truth"] is False


def test_fields_the_form_does_not_have_are_not_kept(client: Client, draft: Application) -> None:
    client.post(url("autosave", draft, "overview"), {"version": "1", "model": "甲", "state": "awarded"})
    assert draft.answers.get(section="overview").data == {"model": "甲"}


def test_u11_2_a_trade_secret_is_marked_with_its_reason(client: Client, draft: Application) -> None:
    bare = client.post(url("secret", draft, "overview"), {"is_secret": "on", "reason": " "}, follow=True)
    assert "请说明哪些内容涉及商业秘密" in text_of(bare)
    client.post(url("secret", draft, "overview"), {"is_secret": "on", "reason": "工艺参数"})
    assert Answer.objects.get(section="overview").secret_reason == "工艺参数"
    assert "商业秘密" in text_of(client.get(draft.get_absolute_url()))


# -- materials ---------------------------------------------------------------------------------------------------------


def test_u11_2_every_upload_page_warns_of_state_secrets_and_shows_limits_before_the_choice(
    client: Client, draft: Application
) -> None:
    page = text_of(client.get(url("section", draft, "attachments")))
    assert "本系统为非涉密系统，严禁上传涉密信息" in page
    assert re.search(r"近三年审计报告.*须上传3个文件，最多3个。.*可上传 pdf，单个文件不超过 20 MB", page)
    assert re.search(r"证实性材料.*最多20个。.*可上传 pdf、docx、xlsx、jpg、png", page)


def test_a_disguised_file_is_refused_and_the_others_stay(client: Client, draft: Application) -> None:
    client.post(url("attach", draft, "licence"), {"upload": made_up_upload("执照")})
    fake = SimpleUploadedFile("信用报告.pdf", b"MZ\x90\x00 not a pdf", content_type="application/pdf")
    refused = client.post(url("attach", draft, "credit_report"), {"upload": fake})
    assert refused.status_code == 422
    assert "已上传的其他文件不受影响" in text_of(refused)
    assert list(draft.attachments.values_list("key", flat=True)) == ["licence"]


def test_a_format_the_material_does_not_take_is_refused(client: Client, draft: Application) -> None:
    picture = SimpleUploadedFile("信用报告.png", made_up_pdf("x"), content_type="image/png")
    refused = client.post(url("attach", draft, "credit_report"), {"upload": picture})
    assert refused.status_code == 422
    assert draft.attachments.count() == 0


def test_an_oversized_file_is_refused_with_the_limit(client: Client, draft: Application, settings) -> None:
    settings.UPLOAD_MAX_BYTES = 200
    refused = client.post(url("attach", draft, "licence"), {"upload": made_up_upload("执照")})
    assert refused.status_code == 422
    assert draft.attachments.count() == 0


def test_one_file_too_many_is_refused_with_what_to_do(client: Client, draft: Application) -> None:
    for _ in range(2):
        last = client.post(url("attach", draft, "licence"), {"upload": made_up_upload("执照")})
    assert "最多上传1个文件，请先移除一个再上传" in text_of(last)
    assert draft.attachments.count() == 1


def test_a_file_is_removed_on_a_page_that_names_it(client: Client, draft: Application) -> None:
    client.post(url("attach", draft, "licence"), {"upload": made_up_upload("旧执照")})
    address = url("detach", draft, draft.attachments.get().public_id)
    assert "旧执照.pdf" in text_of(client.get(address))
    assert draft.attachments.filter(removed_at=None).count() == 1
    client.post(address)
    assert draft.attachments.filter(removed_at=None).count() == 0


def test_a_missing_material_is_listed_before_submitting(client: Client, draft: Application) -> None:
    page = text_of(client.get(url("check", draft)))
    assert "附件“近三年审计报告”应上传3个文件，现有0个" in page
    assert "附件“所属法人同意书”" not in page


# -- publicity and handing in ------------------------------------------------------------------------------------------


def test_u11_2_the_publicity_page_computes_its_dates_in_working_days(client: Client, draft: Application) -> None:
    fill_application(draft)
    page = text_of(client.get(url("publicity", draft)))
    assert "2026年3月3日（星期二）" in page
    assert "2026年3月9日（星期一）24:00" in page
    client.post(url("publicity", draft), {"place": "公告栏"})
    assert Application.objects.get(pk=draft.pk).state == State.SELF_PUBLICITY
    frozen_page = client.get(url("section", draft, "overview")).content.decode()
    assert "<fieldset" in frozen_page
    assert "data-autosave=" not in frozen_page


def test_u11_2_submitting_before_the_publicity_is_over_is_refused(client: Client, draft: Application) -> None:
    fill_application(draft)
    client.post(url("publicity", draft), {"place": "公告栏"})
    client.post(
        url("publicity", draft), {"proof": made_up_upload("照片"), "had_objections": "no", "settlement": ""}
    )  # fmt: skip
    refused = client.post(url("hand_in", draft))
    assert refused.status_code == 422
    assert "内部公示至2026年3月9日24:00止，期满后才能提交；填报内容已保留" in text_of(refused)
    assert "第十一条第（二）项" in text_of(refused)
    assert Application.objects.get(pk=draft.pk).state == State.SELF_PUBLICITY


def test_a_year_without_a_calendar_is_told_and_nothing_starts(frozen) -> None:
    frozen.travel_to(clock.at(date(2026, 12, 28), 9))
    round = make_round(opens_at=clock.at(date(2026, 12, 1)), closes_at=clock.at(date(2027, 1, 29)))
    draft = make_draft(round)
    fill_application(draft)
    client = signed_in(draft.created_by)
    page = client.get(url("publicity", draft))
    assert "2027年的工作日历尚未录入" in text_of(page)
    refused = client.post(url("publicity", draft), {"place": "公告栏"})
    assert refused.status_code == 422
    assert 'value="公告栏"' in refused.content.decode()
    assert Application.objects.get(pk=draft.pk).state == State.DRAFT


def test_giving_the_publicity_up_reopens_the_form_and_the_next_one_starts_anew(frozen) -> None:
    application = publicised(frozen)
    client = signed_in(application.created_by)
    client.post(url("revise", application))
    application = Application.objects.get(pk=application.pk)
    assert application.state == State.DRAFT
    assert application.self_publicities.filter(abandoned_at=None).count() == 0
    assert "data-autosave=" in client.get(url("section", application, "overview")).content.decode()
    assert client.post(url("hand_in", application)).status_code == 422


def test_submitting_at_the_page_freezes_and_shows_the_timeline_without_names(frozen) -> None:
    application = publicised(frozen)
    client = signed_in(application.created_by)
    done = client.post(url("hand_in", application), follow=True)
    page = text_of(done)
    assert "材料第1版已固定" in page
    assert "提交申报，转入“审核推荐”" in page
    assert "URUMQI2026-001" in page
    assert (
        application.created_by.display_name
        not in text_of(client.get(application.get_absolute_url())).split("办理过程")[1].split("文书")[0]
    )


def test_r3_one_second_late_at_the_page_keeps_the_draft(frozen) -> None:
    application = publicised(frozen)
    frozen.travel_to(application.round.closes_at)
    late = signed_in(application.created_by).post(url("hand_in", application))
    assert late.status_code == 422
    assert "截止，不能再提交；填报内容已保留" in text_of(late)
    assert Application.objects.get(pk=application.pk).state == State.SELF_PUBLICITY


def test_a_form_posted_twice_submits_once(frozen) -> None:
    application = publicised(frozen)
    client = signed_in(application.created_by)
    key = re.search(r'name="form_key" value="([^"]+)"', client.get(url("hand_in", application)).content.decode())[1]
    for _ in range(2):
        again = client.post(url("hand_in", application), {"form_key": key}, follow=True)
    assert application.dossiers.count() == 1
    assert "未重复办理" in text_of(again)


def test_in_a_correction_only_the_named_parts_are_open(frozen) -> None:
    application, _ = returned(frozen, "overview", "licence")
    client = signed_in(application.created_by)
    page = text_of(client.get(application.get_absolute_url()))
    assert page.count("需要补正") >= 3
    assert "暂不可填" in page
    assert "data-autosave=" in client.get(url("section", application, "overview")).content.decode()
    assert "data-autosave=" not in client.get(url("section", application, "profile")).content.decode()
    uploads = client.get(url("section", application, "attachments")).content.decode()
    assert uploads.count(">移除<") == 1
    version = application.answers.get(section="profile").version
    refused = client.post(url("section", application, "profile"), {"version": version, "address": "新址"})
    assert refused.status_code == 422
    assert "不在本次补正范围内" in text_of(refused)
    assert "新址" in refused.content.decode()
    client.post(url("hand_in", application))
    assert application.dossiers.count() == 2


def test_a_withdrawal_needs_its_reason(frozen) -> None:
    application = submitted(frozen)
    client = signed_in(application.created_by)
    assert client.post(url("withdraw", application), {"ground": ""}).status_code == 422
    client.post(url("withdraw", application), {"ground": "暂不具备条件"})
    assert Application.objects.get(pk=application.pk).state == State.WITHDRAWN
    assert "撤回申报" in text_of(client.get(application.get_absolute_url()))


def test_the_compiled_pdf_has_a_cover_contents_and_every_attachment(frozen) -> None:
    application = submitted(frozen)
    answer = signed_in(application.created_by).get(url("compiled", application))
    document = PdfReader(BytesIO(answer.content))
    assert answer["Content-Type"] == "application/pdf"
    titles = [one.title for one in document.outline]
    assert titles[:2] == ["封面和目录", "申报表"]
    assert len(titles) == 2 + application.attachments.count()
    front = "".join(page.extract_text() for page in document.pages[:2])
    assert "目录" in front
    assert application.number in front


def test_the_printed_form_has_the_signature_page(client: Client, draft: Application) -> None:
    page = text_of(client.get(url("print", draft)))
    assert "法定代表人（负责人）签字" in page
    assert "草稿" in page


def test_the_recommenders_people_are_led_to_their_own_page(frozen) -> None:
    application = submitted(frozen)
    desk = make_user(application.recommender)
    answer = signed_in(desk).get(application.get_absolute_url())
    assert answer["Location"] == url("examine", application)
    assert signed_in(make_user(make_unit("recommender"))).get(application.get_absolute_url()).status_code == 404


def test_my_list_costs_the_same_for_one_application_and_for_many(client, draft, django_assert_num_queries) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(reverse("applications:mine"))
    for _ in range(3):
        organization = make_organization()
        make_claim(organization, user=draft.created_by)
        make_draft(draft.round, organization=organization, by=draft.created_by)
    with django_assert_num_queries(len(one)):
        client.get(reverse("applications:mine"))


def test_json_of_a_dossier_is_what_was_typed(frozen) -> None:
    application = submitted(frozen)
    frozen_text = json.dumps(application.current_dossier.content, ensure_ascii=False)
    assert application.answers.get(section="overview").data["model"] in frozen_text
