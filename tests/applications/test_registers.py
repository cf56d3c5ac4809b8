"""The registers, summaries and papers in bulk that a desk hands on: what they say, and to whom they are open."""

from __future__ import annotations

import io
from datetime import timedelta
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook
from pypdf import PdfReader

from applications.consultation_summary import issue_consultation_summary, summarize
from applications.consulting import note_missing_reply, remind, reply, send_letters, tell_overdue
from applications.moves import StepRefused, blockers
from applications.office_desk import office_due, queue_rows, recommender_applications
from applications.pipeline import State
from applications.recommending import draft_opinion, issue_opinion
from award_portal.lib import clock
from documents.models import IssuedDocument
from documents.rendering import render_document, store_rendered
from organizations.models import OutboxItem

from .desk_builders import Desks, build_desks, scheme_text, stage_of
from .test_desk_pages import at, signed_in

pytestmark = pytest.mark.django_db
REVIEW, QUALIFICATION = State.RECOMMENDATION_REVIEW, State.QUALIFICATION


@pytest.fixture
def desks(frozen, calendars) -> Desks:
    return build_desks()


def send(desks: Desks, *applications, departments=None):
    return send_letters(
        desks.round, stage=REVIEW, sender=desks.recommender, departments=departments or [desks.tax],
        applications=applications, by=desks.examiner, at=clock.now(),
    )  # fmt: skip


def cells(content: bytes) -> list[list]:
    return [list(row) for row in load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)]


# -- silence, as the rulebook reads it -------------------------------------------------------------------


def silence_clears(data: dict) -> None:
    rule = stage_of(data, "recommendation_review")["consultation"]
    rule["silence_is_clearance"]["value"], rule["reminders"]["value"] = True, 2


@pytest.fixture
def lenient(frozen, calendars) -> Desks:
    return build_desks(scheme_text(silence_clears))


def test_where_silence_clears_the_door_opens_with_the_due_day_and_no_note_is_asked(lenient, frozen):
    application = lenient.application()
    (letter,) = send(lenient, application)
    assert "视为无意见" in letter.document.content["silence"]
    frozen.travel_to(letter.due_at)
    found = blockers(application, "clear_review", by=lenient.examiner, at=clock.now())
    assert not [one for one in found if "复函" in one.text]
    with pytest.raises(StepRefused, match="不需要说明"):
        note_missing_reply(letter.replies.get(), note="继续", by=lenient.examiner, at=clock.now())
    (row,) = queue_rows(recommender_applications(lenient.examiner), at=clock.now())
    assert "待复函" not in row.todo
    assert summarize([application], stage=REVIEW, at=clock.now()).rows[0].answers == ["逾期未复，视为无意见"]
    tell_overdue(clock.now())
    told = OutboxItem.objects.get(payload__user=lenient.examiner.pk, payload__subject__startswith="市税务局")
    assert told.payload["body"] == "按规定视为无意见。"


def test_an_adverse_reply_still_needs_a_note_where_silence_clears(lenient):
    application = lenient.application()
    (letter,) = send(lenient, application)
    reply(letter, {application.pk: ("adverse", "欠税未清")}, by=lenient.tax_clerk, at=clock.now())
    found = blockers(application, "clear_review", by=lenient.examiner, at=clock.now())
    assert [one.text for one in found if "复函" in one.text] == ["市税务局（示例）复函有意见，继续办理须书面说明。"]


def test_reminded_as_often_as_the_rulebook_says_and_not_twice_a_day(lenient, frozen):
    (letter,) = send(lenient, lenient.application())
    frozen.travel_to(letter.due_at)
    remind(letter, by=lenient.examiner, at=clock.now())
    with pytest.raises(StepRefused, match="今天已经催办过"):
        remind(letter, by=lenient.examiner, at=clock.now())
    frozen.travel_to(letter.due_at + timedelta(days=1))
    assert remind(letter, by=lenient.examiner, at=clock.now()).reminders == 2
    frozen.travel_to(letter.due_at + timedelta(days=2))
    with pytest.raises(StepRefused, match="催办以2次为限"):
        remind(letter, by=lenient.examiner, at=clock.now())


# -- a scheme that consults elsewhere, or nowhere --------------------------------------------------------


def consults_nowhere(data: dict) -> None:
    for state in ("recommendation_review", "qualification"):
        stage_of(data, state)["consultation"] = None
    data["stages"] = [one for one in data["stages"] if one["state"] != "recommendation_publicity"]


def test_a_scheme_that_consults_nowhere_waits_for_no_letter_and_sends_none(frozen, calendars):
    desks = build_desks(scheme_text(consults_nowhere))
    application = desks.application()
    desks.clear_findings(application, REVIEW, desks.examiner)
    (row,) = queue_rows(recommender_applications(desks.examiner), at=clock.now())
    assert row.todo == "待填写审核表"
    with pytest.raises(StepRefused, match="不需要征求意见"):
        send(desks, application)
    page = signed_in(desks.examiner).get(at("new_letters")).content.decode()
    assert "没有正在审核的申报" in page


def test_without_recommendation_publicity_the_letter_says_nothing_of_it(frozen, calendars):
    desks = build_desks(scheme_text(consults_nowhere))
    application = desks.application(State.RECOMMENDATION)
    client = signed_in(desks.examiner)
    page = client.get(at("opinion")).content.decode()
    assert "publicity_result" not in page
    client.post(at("opinion"), {"applications": [str(application.public_id)], "opinion": "同意推荐。"})
    letter = IssuedDocument.objects.get(kind="recommendation_opinion")
    text = "".join(one.extract_text() for one in PdfReader(io.BytesIO(render_document(letter).data)).pages)
    assert "公示情况" not in text.replace("\n", "")
    assert "征求意见情况" not in text.replace("\n", "")


# -- the summary and the opinion that rests on it --------------------------------------------------------


def test_u11_3_the_summary_shows_each_departments_answer_about_each_name(desks, frozen):
    one, two = desks.application(), desks.application()
    tax, safety = send(desks, one, two, departments=[desks.tax, desks.safety])
    reply(
        tax, {one.pk: ("clear", ""), two.pk: ("adverse", "2025年欠税，已缴清")}, by=desks.tax_clerk, at=clock.now()
    )  # fmt: skip
    table = summarize([one, two], stage=REVIEW, at=clock.now())
    assert table.departments == ["市税务局（示例）", "市应急管理局（示例）"]
    assert [row.answers for row in table.rows] == [["无意见", "未到复函期限"], ["有意见", "未到复函期限"]]
    assert table.details == [f"{two.organization}：市税务局（示例）有意见：2025年欠税，已缴清。"]
    frozen.travel_to(safety.due_at)
    table = summarize([one, two], stage=REVIEW, at=clock.now())
    assert [row.answers[1] for row in table.rows] == ["逾期未复", "逾期未复"]
    assert (table.asked, table.replied) == (4, 2)


def test_the_summary_asks_the_same_number_of_questions_for_one_name_and_for_three(desks):
    names = [desks.application() for _ in range(3)]
    send(desks, *names, departments=[desks.tax, desks.safety])
    counts = []
    for some in (names[:1], names):
        fresh = list(type(names[0]).objects.with_names().filter(pk__in=[one.pk for one in some]))
        with CaptureQueriesContext(connection) as asked:
            summarize(fresh, stage=REVIEW, at=clock.now())
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_opinion_carries_the_summary_and_is_drafted_from_the_record(desks):
    application = desks.application()
    desks.ready_to_pass(application)
    type(application).objects.filter(pk=application.pk).update(state=State.RECOMMENDATION)
    application = type(application).objects.with_names().get(pk=application.pk)
    draft = draft_opinion([application], at=clock.now())
    assert "1份审核表已由审核人、复核人、分管领导签署" in draft
    assert "已征求市税务局（示例）等1个部门意见，应复1项，已复1项，均无不同意见。" in draft
    letter = issue_opinion(
        [application], opinion=draft, publicity_result="公示期满无异议。", by=desks.examiner, at=clock.now()
    )
    assert letter.content["consultation"]["rows"][0]["answers"] == ["无意见"]


def test_a_summary_is_issued_only_where_the_scheme_has_such_a_paper(frozen, calendars):
    desks = build_desks()
    application = desks.application()
    about = {"round": desks.round, "stage": REVIEW, "sender": desks.recommender, "at": clock.now()}
    with pytest.raises(StepRefused, match="尚未征求意见"):
        issue_consultation_summary([application], by=desks.examiner, **about)
    (letter,) = send(desks, application)
    reply(letter, {application.pk: ("clear", "")}, by=desks.tax_clerk, at=clock.now())
    with pytest.raises(StepRefused, match="由发函单位出具"):
        issue_consultation_summary([application], by=desks.stranger, **about)
    paper = issue_consultation_summary([application], by=desks.examiner, **about)
    text = PdfReader(io.BytesIO(render_document(paper).data)).pages[0].extract_text()
    assert str(application.organization) in text.replace("\n", "")
    client = signed_in(desks.examiner)
    address = at("consultation_summary", desks.round.public_id, REVIEW)
    assert paper.number in client.get(address).content.decode()
    client.post(address)
    assert IssuedDocument.objects.filter(kind="consultation_summary").count() == 2
    assert signed_in(desks.tax_clerk).get(address).status_code == 404
    assert signed_in(desks.stranger).get(address).status_code == 404


# -- registers -------------------------------------------------------------------------------------------


def test_the_ledger_of_letters_has_a_line_for_each_letter_and_name_and_only_the_senders_own(desks):
    one, two = desks.application(), desks.application()
    send(desks, one, two, departments=[desks.tax, desks.safety])
    rows = cells(signed_in(desks.examiner).get(at("consultations_export")).content)
    assert rows[0][:2] == ["序号", "届次"]
    assert len(rows) == 5
    assert cells(signed_in(desks.stranger).get(at("consultations_export")).content)[1:] == []
    assert signed_in(desks.tax_clerk).get(at("consultations_export")).status_code == 404


@pytest.mark.parametrize("name", ["recommendation_export", "recommendation_summary", "credit_records"])
def test_each_register_of_the_recommender_is_a_workbook_and_a_sheet_to_print(desks, name):
    application = desks.application()
    client = signed_in(desks.examiner)
    rows = cells(client.get(at(name)).content)
    printed = client.get(at(name), {"format": "pdf"})
    assert printed["Content-Type"] == "application/pdf"
    assert "no-store" in printed["Cache-Control"]
    if name != "credit_records":
        assert str(application.organization) in [str(cell) for row in rows for cell in row]
        text = PdfReader(io.BytesIO(printed.content)).pages[0].extract_text().replace("\n", "")
        assert application.number in text


def test_the_checklist_is_printed_with_the_three_names_to_sign(desks):
    application = desks.application()
    desks.sign(application, REVIEW, desks.examiner)
    printed = signed_in(desks.examiner).get(at("checklist_print", application.public_id))
    text = PdfReader(io.BytesIO(printed.content)).pages[-1].extract_text().replace("\n", "")
    assert all(one in text for one in ("审核人（甲审）", "复核人（乙核）", "分管领导（丙批）"))
    assert signed_in(desks.stranger).get(at("checklist_print", application.public_id)).status_code == 404


# -- papers in bulk --------------------------------------------------------------------------------------


def test_all_letters_of_one_kind_come_as_one_pdf_and_as_a_zip_once_they_are_rendered(desks):
    application = desks.application()
    send(desks, application, departments=[desks.tax, desks.safety])
    client, kind = signed_in(desks.officer), "consultation_letter"
    address = at("papers_of_kind", desks.round.public_id, kind)
    early = client.get(address, {"format": "merged"})
    assert early.status_code == 409
    assert "还有2件正在生成" in early.content.decode()
    for paper in IssuedDocument.objects.filter(kind=kind):
        store_rendered(paper, render_document(paper))
    merged = PdfReader(io.BytesIO(client.get(address, {"format": "merged"}).content))
    pages = sum(one.pages for one in IssuedDocument.objects.filter(kind=kind))
    assert len(merged.pages) == pages
    assert len(merged.outline) == 2
    names = ZipFile(io.BytesIO(client.get(address, {"format": "zip"}).content)).namelist()
    assert len(names) == 2
    assert all(one.endswith(".pdf") for one in names)
    assert "征求意见函" in client.get(at("papers")).content.decode()
    assert len(cells(client.get(address, {"format": "xlsx"}).content)) == 3
    assert signed_in(desks.examiner).get(address).status_code == 404


def test_the_offices_desk_puts_what_is_to_be_done_before_the_counts(desks):
    desks.application(QUALIFICATION)
    page = signed_in(desks.officer).get(at("office")).content.decode()
    assert page.index("待办和到期事项") < page.index("各环节在办")
    assert office_due(desks.officer, at=clock.now())
