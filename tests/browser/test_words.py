"""The template tags without a browser: dates in Beijing time, windows, citations, forms, pages of a list."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory

from award_portal.context import Portal
from award_portal.lib import clock
from award_portal.templatetags import portal, words
from organizations.desks import Desk, folded

UTC = dt.UTC


def render(source: str, **values) -> str:
    return Template(source).render(Context(values))


def test_instants_are_told_in_beijing_time():
    eve = dt.datetime(2026, 3, 1, 16, 5, tzinfo=UTC)
    assert words.zh_date(eve) == "2026年3月2日"
    assert words.zh_datetime(eve) == "2026年3月2日 00:05"
    assert words.zh_weekday(eve) == "星期一"
    assert words.zh_date(dt.date(2026, 3, 1)) == "2026年3月1日"
    assert words.zh_date(None) == words.zh_datetime(None) == ""


def test_the_last_day_of_a_window_is_the_day_before_its_exclusive_end():
    midnight = dt.datetime(2026, 3, 30, 16, 0, tzinfo=UTC)
    assert words.zh_date(midnight) == "2026年3月31日"
    assert words.zh_last_day(midnight) == "2026年3月30日"


def test_midnight_is_the_end_of_the_day_before():
    assert words.zh_until(dt.datetime(2026, 3, 30, 16, 0, tzinfo=UTC)) == "2026年3月30日24:00"
    assert words.zh_until(dt.datetime(2026, 3, 30, 10, 0, tzinfo=UTC)) == "2026年3月30日 18:00"
    assert words.zh_until(None) == ""
    assert (words.days_to_go(2), words.days_to_go(0)) == ("还有2个工作日", "今日到期")


@pytest.mark.parametrize(
    ("value", "text"), [(300000, "300,000 元"), ("12.5", "12.50 元"), (0, "0 元"), ("三万", ""), (None, "")]
)
def test_sums_of_money(value, text):
    assert words.yuan(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0 B"), (820, "820 B"), (34 * 1024, "34 KB"), (20 * 1024**2, "20 MB"), (1258291, "1.2 MB")]
)
def test_sizes_of_files(value, text):
    assert words.file_size(value) == text


def test_a_citation_is_escaped_and_nothing_is_nothing():
    assert portal.cite("第九条") == '<span class="cite">第九条</span>'
    assert "<b>" not in portal.cite("<b>", title='"><b>')
    assert portal.cite("") == portal.cite(None) == ""
    assert "应当公示" in portal.cite(SimpleNamespace(text="第十一条", full="应当公示"))


def test_a_state_is_told_in_the_regulations_own_words():
    application = SimpleNamespace(state="disqualified", get_state_display=lambda: "取消参评资格")
    assert portal.status_tag(application) == '<span class="tag tag-red">取消参评资格</span>'
    application.state_label = "退出评选"
    assert "退出评选" in portal.status_tag(application)
    assert portal.status_tag("补正", "amber") == '<span class="tag tag-amber">补正</span>'


class TestCountdown:
    """A window's last day and its working days; a number of days is told only when somebody counted them."""

    @pytest.fixture(autouse=True)
    def on_monday(self, settings):
        settings.REHEARSAL = True
        with clock.frozen(clock.at(dt.date(2026, 3, 23), 9)):
            yield

    def test_counts_what_the_notice_says(self):
        notice = SimpleNamespace(due_at=clock.at(dt.date(2026, 3, 30), 24), days_left=6)
        page = render("{% countdown notice %}", notice=notice)
        assert "还有 <b>6</b> 个工作日" in page
        assert "最后一日 2026年3月30日（星期一）24:00" in page

    def test_never_guesses_working_days(self):
        page = render("{% countdown notice %}", notice=SimpleNamespace(last_on=dt.date(2026, 3, 30)))
        assert "个工作日" not in page
        assert "2026年3月30日" in page

    def test_the_last_day_lasts_until_midnight(self):
        page = render("{% countdown last_on=day days_left=1 %}", day=dt.date(2026, 3, 23))
        assert "今天 <b>24:00</b> 截止" in page
        assert "is-urgent" in page

    def test_the_day_after_is_closed(self):
        assert "已截止" in render("{% countdown last_on=day days_left=0 %}", day=dt.date(2026, 3, 22))


class OpinionForm(forms.Form):
    text = forms.CharField(label="推荐意见", max_length=10, widget=forms.Textarea, help_text="写明理由。")
    choice = forms.ChoiceField(label="结论", choices=[("y", "推荐"), ("n", "不予推荐")], widget=forms.RadioSelect)
    proof = forms.FileField(label="盖章意见")


def test_a_field_never_cuts_a_text_and_leaves_the_refusal_to_the_server():
    page = render("{% form_fields form %}", form=OpinionForm())
    assert "maxlength" not in page
    assert 'data-max-length="10"' in page
    assert " required" not in page
    assert 'aria-describedby="id_text-hint id_text-count"' in page


def test_the_summary_names_each_fault_and_leads_to_it():
    page = render("{% error_summary form kept='已保存' %}", form=OpinionForm({}, {}))
    assert "有 3 处需要改正" in page
    assert '<a href="#id_text">推荐意见：请填写这一项。</a>' in page
    assert '<a href="#id_choice_0">结论：请选择一项。</a>' in page
    assert '<a href="#id_proof">盖章意见：请选择文件。</a>' in page
    assert "已保存" in page
    assert render("{% error_summary form %}", form=OpinionForm()).strip() == ""


def test_a_text_too_long_is_told_how_long_it_may_be():
    page = render("{% error_summary form %}", form=OpinionForm({"text": "字" * 12}, {}))
    assert "推荐意见：不超过10个字，现有12个字。" in page


def test_upload_limits_are_told_before_choosing(settings):
    settings.UPLOAD_MAX_BYTES, settings.UPLOAD_ALLOWED = 3 * 1024**2, ["pdf", "png"]
    page = render("{% field form.proof %}", form=OpinionForm())
    assert "可上传 pdf、png，单个文件不超过 3 MB" in page
    assert 'accept=".pdf,.png"' in page


def test_a_guarded_action_prints_why_it_is_not_open():
    source = '{% include "_components/blocked_action.html" with label="受理" blockers=blockers %}'
    refused = render(source, blockers=[SimpleNamespace(text="公示未满", citation="第十一条")])
    assert "disabled" in refused
    assert "公示未满" in refused
    assert "第十一条" in refused
    assert "submit" not in refused
    assert 'type="submit"' in render(source, blockers=[])


def test_the_pages_of_a_list_keep_its_filters():
    request = RequestFactory().get("/desk/", {"stage": "推荐公示", "page": "2"})
    page = render("{% pagination page %}", page=Paginator(range(90), 20).get_page(2), request=request)
    assert "第 21–40 条，共 90 条" in page
    assert page.count("stage=%E6%8E%A8%E8%8D%90%E5%85%AC%E7%A4%BA") == 6
    assert "page=2&amp;page" not in page


def test_bars_are_drawn_in_the_table_of_their_numbers():
    page = render("{% bar_chart rows unit='家' %}", rows=[("天山区", 10), ("米东区", 5), ("达坂城区", 0)])
    assert 'width="50.0%"' in page
    assert 'width="0.0%"' in page
    assert "style=" not in page
    assert "0%" in render("{% bar_chart rows %}", rows=[("天山区", 0)])


def test_many_desks_fold_into_their_groups_and_few_stand_side_by_side():
    many = [Desk(str(number), f"/{number}/", group="组" if number > 9 else "", count=1) for number in range(14)]
    rows = folded(many)
    assert [one.label for one in rows] == [*map(str, range(10)), "组"]
    assert rows[-1].count == 4
    assert folded(many[4:]) == many[4:]


def test_the_desk_of_a_page_is_the_longest_address_it_begins_with():
    frame = Portal(RequestFactory().get("/applications/office/3f2a/"))
    frame.desks = [SimpleNamespace(url=url) for url in ("/applications/", "/applications/office/", "/reviews/")]
    assert frame.desk_here == "/applications/office/"
    frame = Portal(RequestFactory().get("/register/"))
    assert frame.desks == []
    assert frame.desk_here == ""
    assert frame.inbox_unread == 0
