"""A form refused because the session was lost gives back everything typed, on a page that says what to do."""

from __future__ import annotations

import pytest

from applications.models import Answer
from tests.factories import make_draft

from .browser_of_forms import Page, Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen", "calendars")]


@pytest.fixture
def draft():
    draft = make_draft()
    draft.created_by.set_password("yang-li-2026")
    draft.created_by.save()
    return draft


def given_back(page: Page) -> dict[str, str]:
    """What the page lists as typed."""
    facts = page.tree.xpath("//dl[@class='facts']/div")
    return {one.findtext("dt"): one.findtext("dd") for one in facts}


@pytest.mark.parametrize("key", ["profile", "overview", "indicators", "declarations"])
def test_a_section_saved_after_the_session_was_lost_is_kept_on_the_page(draft, key):
    visitor = Visitor(draft.created_by.username, "yang-li-2026")
    form = visitor.visit(f"{draft.get_absolute_url()}form/{key}/").form("保存并返回任务列表")
    before = dict(Answer.objects.values_list("section", "data"))
    typed = {
        name: "true" if offered == ["on"] else offered[-1] if offered else f"{place % 10}"
        for place, name in enumerate(form.names())
        if name not in ("csrfmiddlewaretoken", "version")
        for offered in [form.offered(name)]
        if offered != [""]  # nothing to choose
    }
    for name, value in typed.items():
        form.set(name, True if value == "true" else value)
    # signed in again in another window: a new token, the old page's is worthless
    visitor.client.cookies.clear()
    page = form.press("保存并返回任务列表", status=403)
    page.says("页面已过期，本次提交没有生效", "您刚才填写的内容", "未作任何改动")
    assert page.link("重新打开原页面").endswith(f"/form/{key}/")
    shown = given_back(page)
    assert set(shown) == set(typed)
    assert all(shown[name] == value for name, value in typed.items() if value != "true")
    assert form.values["csrfmiddlewaretoken"] not in page.source
    assert dict(Answer.objects.values_list("section", "data")) == before


def test_signed_in_again_the_page_takes_what_was_given_back(draft):
    visitor = Visitor(draft.created_by.username, "yang-li-2026")
    where = f"{draft.get_absolute_url()}form/overview/"
    form = visitor.visit(where).form("保存并返回任务列表").fill(model="第一行\n第二行")
    visitor.client.cookies.clear()
    kept = given_back(form.press("保存并返回任务列表", status=403))
    assert kept["model"].split() == ["第一行", "第二行"]
    again = Visitor(draft.created_by.username, "yang-li-2026").visit(where)
    again.form("保存并返回任务列表").fill(model=kept["model"]).press("保存并返回任务列表").says("已保存")
    assert draft.answers.get(section="overview").data["model"] == "第一行\n第二行"
