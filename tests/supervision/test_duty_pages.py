"""The pages of the yearly duties: a winner's years, a report, the overview and its export (S3)."""

from __future__ import annotations

import io
import uuid
from datetime import date

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from award_portal.lib import clock
from organizations.desks import desks_for
from supervision.models import ReportAttachment, YearlyReport
from supervision.yearly_reports import indicators_of
from tests.factories import made_up_upload, make_claim, make_organization, make_unit, make_user

from .duty_builders import Honoured, add_application, honour

pytestmark = pytest.mark.django_db


@pytest.fixture
def year(frozen, calendars) -> Honoured:
    """January after the award's year: the first report may be written."""
    one = honour(frozen)
    add_application(one)
    one.go(date(2027, 1, 4))
    return one


def browser(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def url(name: str, *args) -> str:
    return reverse(f"supervision:{name}", args=args)


def posted(one: Honoured, **changed) -> dict[str, str]:
    report = one.report(2026)
    values = {f"part{place}": "按计划开展（虚构）" for place in range(1, 5)}
    values |= {f"figure_{row.key}": "130" for row in indicators_of(one.award)}
    return values | {"version": str(report.version), "act": "file", "form_key": str(uuid.uuid4())} | changed


def test_the_winner_writes_saves_attaches_and_hands_in(year):
    client, address = browser(year.winner), url("yearly_report", year.report(2026).public_id)
    assert next(desk.count for desk in desks_for(year.winner) if desk.label == "荣誉与义务") == 1
    assert "2026年度报告" in client.get(url("honours")).content.decode()
    assert client.post(address, posted(year, act="save", part1="先写一半")).status_code == 302
    assert "先写一半" in client.get(address).content.decode()
    attach = url("report_attach", year.report(2026).public_id)
    assert client.post(attach, {"label": "审计报告", "file": made_up_upload("审计报告")}).status_code == 302
    file = ReportAttachment.objects.get()
    assert client.post(address, posted(year)).status_code == 302
    assert year.report(2026).state == YearlyReport.State.FILED
    where = url("report_file", year.report(2026).public_id, file.public_id)
    assert [browser(one).get(where).status_code for one in (year.winner, year.clerk, year.officer)] == [200] * 3
    assert browser(make_user()).get(where).status_code == 404


def test_a_faulty_report_comes_back_with_what_was_typed_and_what_it_lacks(year):
    client, address = browser(year.winner), url("yearly_report", year.report(2026).public_id)
    answer = client.post(address, posted(year, figure_revenue="一百多", part2=""))
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="一百多"' in shown
    assert "应为数字" in shown
    assert "“技术和管理创新情况”尚未填写" in shown
    stale = client.post(address, posted(year, version="0", part1="不应丢失的文字"))
    assert stale.status_code == 409
    assert "不应丢失的文字" in stale.content.decode()
    assert client.post(address, posted(year, version="")).status_code == 422


def test_u18_a_draft_is_the_winners_own_and_what_was_handed_in_is_read_and_reviewed(year):
    report = year.report(2026)
    address, review = url("yearly_report", report.public_id), url("report_review", report.public_id)
    year.write(2026, text="还没有报送的内容")
    shown = browser(year.clerk).get(address).content.decode()
    assert "还没有报送的内容" not in shown
    assert "还没有报送" in shown
    year.hand_in(2026, text="已经报送的内容")
    assert "已经报送的内容" in browser(year.clerk).get(address).content.decode()
    assert next(desk.count for desk in desks_for(year.clerk) if desk.label == "年度义务") == 1
    empty = browser(year.clerk).post(review, {"act": "check", "note": ""})
    assert empty.status_code == 422
    kept = browser(year.clerk).post(review, {"act": "dance", "note": "不应丢失的意见"})
    assert (kept.status_code, "不应丢失的意见" in kept.content.decode()) == (422, True)
    assert browser(year.clerk).post(review, {"act": "check", "note": "属实"}).status_code == 302
    assert browser(year.officer).post(review, {"act": "see", "note": ""}).status_code == 302
    assert browser(year.winner).post(review, {"act": "see", "note": ""}).status_code == 404
    rival = make_claim(make_organization())
    assert browser(rival).get(address).status_code == 404


def test_b28_the_years_of_a_winner_show_the_figures_and_their_drawing(year):
    year.hand_in(2026, figure="150")
    shown = browser(year.officer).get(url("award_duties", year.award.public_id)).content.decode()
    assert "<desc>2023：100万元；2024：110万元；2025：120万元；2026：150万元</desc>" in shown
    assert "+50.0%" in shown
    assert "第二十八条" in shown
    assert browser(make_user()).get(url("award_duties", year.award.public_id)).status_code == 404


def test_the_overview_is_filtered_exported_and_costs_the_same_for_any_number(year):
    client = browser(year.officer)
    year.go(date(2027, 4, 2))
    assert client.get(url("duties")).context["late"] == 1

    def years(query: str) -> list[int]:
        return [row["report"].year for row in client.get(url("duties") + query).context["rows"]]

    assert years("") == [2026, 2027, 2028]
    assert years("?state=late") == [2026]
    assert years("?year=2027") == [2027]
    assert years("?name=没有这个") == []
    book = openpyxl.load_workbook(io.BytesIO(client.get(url("duties") + "?format=xlsx").content))
    rows = list(book.active.values)
    assert len(rows) == 4
    assert "逾期2日" in rows[1]
    costs = []
    for query in ("?year=2027", ""):
        with CaptureQueriesContext(connection) as context:
            client.get(url("duties") + query)
        costs.append(len(context))
    assert costs[0] == costs[1]
    assert browser(make_user()).get(url("duties")).status_code == 403
    stranger = browser(make_user(make_unit("office")))
    assert stranger.get(url("duties")).context["rows"] == []
    assert clock.now() == clock.at(date(2027, 4, 2), 9)
