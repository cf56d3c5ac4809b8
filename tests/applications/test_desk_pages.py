"""The desks' pages: who finds them, what they say when refused, and that nothing typed is lost."""

from __future__ import annotations

import re
import uuid
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.consulting import send_letters
from applications.models import Correction, DossierGrant, SecretOpening
from applications.pipeline import State
from award_portal.lib import clock
from organizations.models import Membership

from .desk_builders import Desks, build_desks, person

pytestmark = pytest.mark.django_db
REVIEW = State.RECOMMENDATION_REVIEW


@pytest.fixture
def desks(frozen, calendars) -> Desks:
    return build_desks()


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def at(name: str, *args) -> str:
    return reverse(f"applications:{name}", args=args)


def queries(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize(
    ("who", "name", "state"),
    [
        ("examiner", "recommendation_desk", REVIEW),
        ("officer", "qualification_desk", State.QUALIFICATION),
        ("officer", "office", State.QUALIFICATION),
    ],
)
def test_a_queue_costs_the_same_for_one_row_and_for_thirty(desks, who, name, state):
    desks.application(state)
    client = signed_in(getattr(desks, who))
    one = queries(client, at(name))
    for _ in range(29):
        desks.application(state)
    assert client.get(at(name)).content.decode().count("虚构") >= 30
    assert queries(client, at(name)) == one


def test_the_queue_puts_what_is_to_do_first_and_finds_by_name(desks):
    later = desks.application(State.RECOMMENDATION_PUBLICITY)
    todo = desks.application(REVIEW)
    client = signed_in(desks.examiner)
    page = client.get(at("recommendation_desk")).content.decode()
    assert page.index(str(todo.organization)) < page.index(str(later.organization))
    assert "待系统核查" in page
    found = client.get(at("recommendation_desk"), {"q": later.organization.code, "state": "nonsense"}).content.decode()
    assert str(later.organization) in found
    assert str(todo.organization) not in found


def test_each_desk_is_found_only_by_its_own_people(desks):
    application = desks.application()
    own = {
        desks.examiner: {"recommendation_desk", "recommendation_export", "opinion", "consultations", "new_letters"},
        desks.officer: {
            "office", "qualification_desk", "intake", "office_export", "consultations", "new_letters",
        },
        desks.tax_clerk: {"consulted_desk"},
        desks.applicant_of(application): set(),
    }  # fmt: skip
    every = set.union(*own.values())
    for user, names in own.items():
        client = signed_in(user)
        assert {name for name in every if client.get(at(name)).status_code == 200} == names
    assert Client().get(at("office")).status_code == 302


def test_anothers_application_is_404_on_every_page_of_the_desk(desks):
    application = desks.application()
    pages = ["examine", "dossier", "pass_on", "return_application", "refuse", "credit_check", "disqualify_application"]
    for user in (desks.stranger, desks.tax_clerk, person("passer_by")):
        client = signed_in(user)
        for name in pages:
            assert client.get(at(name, application.public_id)).status_code == 404, name
            assert client.post(at(name, application.public_id)).status_code in (404, 405), name
        assert client.post(at("checklist", application.public_id)).status_code == 404
        assert client.post(at("run_machine_checks", application.public_id)).status_code == 404
    assert signed_in(desks.examiner).get(at("disqualify_application", application.public_id)).status_code == 404


def test_the_examination_page_shows_the_dossier_beside_the_checklist_by_article(desks):
    application = desks.application()
    page = signed_in(desks.examiner).get(at("examine", application.public_id)).content.decode()
    assert "申报材料真实" in page
    assert "第十一条第（三）项" in page
    assert "从业人员" in page
    assert "120 人" in page
    # a marked part is named and stays shut
    assert "含工艺参数" in page
    assert "核心参数" not in page
    assert not SecretOpening.objects.exists()


def test_a_reading_of_the_page_runs_no_check(desks):
    application = desks.application()
    client = signed_in(desks.examiner)
    client.get(at("examine", application.public_id))
    assert not application.findings.exists()
    client.post(at("run_machine_checks", application.public_id))
    assert application.findings.exists()


def checklist_data(application, **given) -> dict:
    data = {"version": 0, "opinion": "同意", "examiner": "甲", "reviewer": "乙", "approver": "丙", "sign": "1"}
    for item in application.rulebook.stage(REVIEW).checklist:
        data[f"verdict_{item.key}"] = "meets"
        data[f"note_{item.key}"] = ""
    return data | given


def test_the_checklist_is_saved_even_when_it_cannot_be_signed_yet(desks):
    application = desks.application()
    client = signed_in(desks.examiner)
    url = at("checklist", application.public_id)
    answer = client.post(
        url, checklist_data(application, verdict_truth="", note_accuracy="核对了三份报告", approver="")
    )
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "“申报材料真实”尚未填写意见" in page
    assert "请填写分管领导" in page
    assert re.search(r'name="note_accuracy"[^>]*>\s*核对了三份报告</textarea>', page)
    assert 'value="乙"' in page
    saved = application.checklists.get()
    assert saved.signed_at is None
    assert saved.items["accuracy"]["note"] == "核对了三份报告"
    assert f'name="version" value="{saved.version}"' in page
    assert client.post(url, checklist_data(application, version=saved.version)).status_code == 302
    assert application.checklists.get().signed_at == clock.now()


def test_a_stale_page_is_told_and_keeps_what_was_typed(desks):
    application = desks.application()
    client = signed_in(desks.examiner)
    url = at("checklist", application.public_id)
    assert client.post(url, checklist_data(application)).status_code == 302
    answer = client.post(url, checklist_data(application, note_truth="我的说明"))
    page = answer.content.decode()
    assert "已被本单位其他人员更新" in page
    assert "我的说明" in page
    assert application.checklists.get().items["truth"]["note"] == ""


def test_a_decision_posted_twice_is_carried_out_once(desks):
    application = desks.application()
    client = signed_in(desks.examiner)
    data = {"parts": ["profile"], "reason": "缺页", "form_key": str(uuid.uuid4())}
    for _ in range(2):
        answer = client.post(at("return_application", application.public_id), data)
        assert answer.status_code == 302
    assert Correction.objects.count() == 1


def test_a_refused_decision_keeps_its_text_and_says_why(desks):
    application = desks.application()
    client = signed_in(desks.examiner)
    page = client.post(at("refuse", application.public_id), {"cite": "", "ground": "近三年有安全事故"}).content.decode()
    assert "近三年有安全事故" in page
    assert type(application).objects.get(pk=application.pk).state == REVIEW
    cite = application.rulebook.cite("9.3")
    client.post(at("refuse", application.public_id), {"cite": cite, "ground": "近三年有安全事故"})
    assert type(application).objects.get(pk=application.pk).state == State.NOT_RECOMMENDED


def test_a_return_due_in_an_unpublished_year_is_told_on_the_page(desks, frozen):
    application = desks.application()
    frozen.travel_to(clock.at(date(2026, 12, 30), 9))
    answer = signed_in(desks.examiner).post(
        at("return_application", application.public_id), {"parts": ["profile"], "reason": "缺页"}
    )
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "2027年的工作日历尚未录入" in page
    assert "缺页" in page


def test_passing_is_greyed_with_its_reasons_and_refused_by_the_same(desks):
    application = desks.application()
    client = signed_in(desks.examiner)
    page = client.get(at("pass_on", application.public_id)).content.decode()
    assert "审核表尚未签署" in page
    assert client.post(at("pass_on", application.public_id)).status_code == 200
    assert type(application).objects.get(pk=application.pk).state == REVIEW
    desks.ready_to_pass(application)
    assert client.post(at("pass_on", application.public_id)).status_code == 302
    assert type(application).objects.get(pk=application.pk).state == State.RECOMMENDATION_PUBLICITY


def test_r7_a_marked_part_opens_by_post_and_each_opening_is_on_record(desks):
    application = desks.application()
    client = signed_in(desks.examiner)
    url = at("dossier_part", application.public_id, "overview")
    asked = client.get(url).content.decode()
    assert "核心参数" not in asked
    assert SecretOpening.objects.count() == 0
    assert "核心参数" in client.post(url).content.decode()
    client.post(url)
    assert SecretOpening.objects.filter(user=desks.examiner, part="overview").count() == 2

    secret = application.current_dossier.content["attachments"][1]["file"]
    url = at("dossier_file", application.public_id, secret)
    assert client.get(url)["Content-Type"].startswith("text/html")
    assert client.post(url)["Content-Type"] == "application/pdf"
    assert SecretOpening.objects.filter(part=f"file:{secret}").count() == 1
    plain = application.current_dossier.content["attachments"][0]["file"]
    assert client.get(at("dossier_file", application.public_id, plain))["Content-Type"] == "application/pdf"


def test_a_revoked_grant_is_404_on_the_next_request(desks):
    application, expert = desks.application(), person("expert")
    grant = DossierGrant.objects.create(
        application=application, user=expert, parts=["profile", "overview"], reason="评审", granted_at=clock.now()
    )
    client = signed_in(expert)
    page = client.get(at("dossier", application.public_id)).content.decode()
    assert "从业人员" in page
    assert "营业执照.pdf" not in page
    assert client.get(at("examine", application.public_id)).status_code == 404
    assert client.post(at("dossier_part", application.public_id, "overview")).status_code == 404
    assert client.get(at("dossier_part", application.public_id, "eligibility")).status_code == 404
    assert client.get(at("dossier", application.public_id)).status_code == 200
    grant.revoked_at = clock.now()
    grant.save()
    assert client.get(at("dossier", application.public_id)).status_code == 404
    assert SecretOpening.objects.count() == 0


def test_who_left_the_unit_finds_nothing_on_the_next_request(desks):
    application = desks.application()
    client = signed_in(desks.examiner)
    assert client.get(at("examine", application.public_id)).status_code == 200
    Membership.objects.filter(user=desks.examiner).update(ended_at=clock.now())
    assert client.get(at("examine", application.public_id)).status_code == 404
    assert client.get(at("recommendation_desk")).status_code == 404


def test_the_consulted_department_sees_names_and_codes_and_no_dossier(desks):
    one, two = desks.application(), desks.application()
    (letter,) = send_letters(
        desks.round, stage=REVIEW, sender=desks.recommender, departments=[desks.tax], applications=[one, two],
        by=desks.examiner, at=clock.now(),
    )  # fmt: skip
    client = signed_in(desks.tax_clerk)
    assert str(desks.recommender) in client.get(at("consulted_desk")).content.decode()
    url = at("consulted_letter", letter.public_id)
    page = client.get(url).content.decode()
    assert one.organization.code in page
    assert "examine" not in page
    assert client.get(at("dossier", one.public_id)).status_code == 404
    assert signed_in(desks.safety_clerk).get(url).status_code == 404

    data = {f"answer_{one.public_id}": "clear", f"answer_{two.public_id}": "adverse", f"content_{two.public_id}": ""}
    refused = client.post(url, data).content.decode()
    assert "请写明具体情况" in refused
    assert letter.replies.filter(answer="none").count() == 2
    assert client.post(url, data | {f"content_{two.public_id}": "欠税"}).status_code == 302
    assert letter.replies.filter(answer="none").count() == 0
    ledger = signed_in(desks.examiner).get(at("consultation", letter.public_id)).content.decode()
    assert "欠税" in ledger
    assert signed_in(desks.stranger).get(at("consultation", letter.public_id)).status_code == 404


def test_letters_are_sent_reminded_and_noted_from_the_pages(desks, frozen):
    application = desks.application()
    client = signed_in(desks.examiner)
    data = {
        "applications": [str(application.public_id)], "departments": [str(desks.tax.public_id)],
        "period_from": "2023-03-02", "period_to": "2026-03-02",
    }  # fmt: skip
    tax = f'value="{desks.tax.public_id}"'
    assert re.search(rf"<input[^>]*{tax}[^>]*checked", client.get(at("new_letters")).content.decode())
    assert client.post(at("new_letters"), data).status_code == 302
    again = client.get(at("new_letters")).content.decode()
    assert tax in again  # it may be asked again
    assert not re.search(rf"<input[^>]*{tax}[^>]*checked", again)
    letter = desks.round.consultations.get()
    refused = client.post(at("remind_department", letter.public_id))
    assert "届满后方可催办" in refused.content.decode()
    frozen.travel_to(letter.due_at)
    assert client.post(at("remind_department", letter.public_id)).status_code == 302
    assert "逾期未复" in client.get(at("consultations")).content.decode()
    note = at("go_on_without", letter.public_id, application.public_id)
    assert client.post(note, {"note": "已电话核实"}).status_code == 302
    assert letter.replies.get().note == "已电话核实"


def test_the_opinion_is_issued_from_its_page_and_the_office_registers_the_receipt(desks):
    application = desks.application(State.RECOMMENDATION)
    client = signed_in(desks.examiner)
    data = {"applications": [str(application.public_id)], "opinion": "同意推荐", "publicity_result": ""}
    assert "同意推荐" in client.post(at("opinion"), data).content.decode()
    assert client.post(at("opinion"), data | {"publicity_result": "公示5个工作日无异议"}).status_code == 302
    office = signed_in(desks.officer)
    assert str(application.organization) in office.get(at("intake")).content.decode()
    page = office.get(at("examine", application.public_id)).content.decode()
    assert "公示5个工作日无异议" in page
    for url in (at("office_export"), at("intake") + "?format=xlsx"):
        assert office.get(url).content[:2] == b"PK"


def test_u13_the_office_disqualifies_from_its_page_on_a_prohibitive_condition_only(desks):
    application = desks.application(State.DOCUMENT_REVIEW)
    office = signed_in(desks.officer)
    url = at("disqualify_application", application.public_id)
    page = office.get(url).content.decode()
    assert "第九条第（三）项" in page
    assert "党和国家" not in page
    office.post(url, {"condition": "party_line", "ground": "查实"})
    assert type(application).objects.get(pk=application.pk).state == State.DOCUMENT_REVIEW
    assert office.post(url, {"condition": "clean_record", "ground": "查实"}).status_code == 302
    assert type(application).objects.get(pk=application.pk).state == State.DISQUALIFIED


def test_a_finding_is_settled_and_a_credit_check_registered_from_the_page(desks):
    application = desks.application()
    client = signed_in(desks.examiner)
    client.post(at("run_machine_checks", application.public_id))
    url = at("settle", application.public_id, "founding_years")
    assert client.post(url, {"settled_as": "clear", "note": ""}).status_code == 200
    assert client.post(url, {"settled_as": "clear", "note": "查阅执照"}).status_code == 302
    assert application.findings.get(check_name="founding_years").settled_by == desks.examiner
    data = {"site": "信用中国", "looked_on": "2026-03-02", "is_clear": "yes", "result": "未见不良记录"}
    assert client.post(at("credit_check", application.public_id), data).status_code == 302
    assert "信用中国" in client.get(at("examine", application.public_id)).content.decode()
    assert client.get(at("settle", application.public_id, "made_up")).status_code == 404


def test_e1_the_office_is_told_before_the_work_calendar_runs_out(desks, settings):
    settings.REHEARSAL = False
    client = signed_in(desks.officer)
    assert "录入工作日历" not in client.get(at("office")).content.decode()
    with clock.frozen(clock.at(date(2026, 11, 9), 9)):
        told = client.get(at("office")).content.decode()
    assert "请提醒系统管理员录入工作日历" in told
    assert "2027年尚未录入" in told


def test_a_letter_is_waited_for_until_it_is_answered_noted_or_its_name_has_gone_on(desks, frozen):
    """What stays on the office's list is what somebody can still do something about (U11.4)."""
    application = desks.application(State.QUALIFICATION)
    client = signed_in(desks.officer)
    letter = send_letters(
        desks.round, stage=State.QUALIFICATION, sender=desks.office, departments=[desks.tax],
        applications=[application], by=desks.officer, at=clock.now(),
    )[0]  # fmt: skip
    where = at("consultation", letter.public_id)
    assert where in client.get(at("office")).content.decode()
    letter.replies.update(noted_at=clock.now(), noted_by=desks.officer, note="公开信息未见异常")
    assert where not in client.get(at("office")).content.decode()
    assert "未复，已说明" in client.get(at("consultations")).content.decode()
    letter.replies.update(noted_at=None, noted_by=None, note="")
    assert where in client.get(at("office")).content.decode()
    type(application).objects.filter(pk=application.pk).update(state=State.ACCEPTANCE_PUBLICITY)
    assert where not in client.get(at("office")).content.decode()
