"""The look: every component at both widths and in large text, by keyboard, by screen reader, without JavaScript."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.django_db(transaction=True)
SHAPES = [(width, large) for width in (1280, 390) for large in (False, True)]
AUTOSAVE = "**/styleguide/autosave/"


@pytest.fixture(autouse=True)
def in_rehearsal(settings):
    settings.REHEARSAL = True


@pytest.fixture
def guide(open_page):
    def open_guide(address: str = "/styleguide/", **shape):
        page = open_page(**shape)
        page.goto(address)
        return page

    return open_guide


# --- seen -------------------------------------------------------------------------------------------------------------


def test_the_style_guide_exists_only_in_debug_and_rehearsal(client, settings):
    assert client.get("/styleguide/").status_code == 200
    settings.REHEARSAL = settings.DEBUG = False
    assert client.get("/styleguide/").status_code == 404


@pytest.mark.parametrize(("width", "large"), SHAPES)
@pytest.mark.parametrize("layout", ["reading", "desk"])
def test_axe_finds_no_fault_and_nothing_overflows(guide, axe_faults, layout, width, large):
    page = guide(f"/styleguide/?layout={layout}", width=width, large_text=large)
    assert axe_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("width", "large"), SHAPES)
def test_labels_hints_and_errors_stand_above_their_inputs(guide, width, large):
    page = guide(width=width, large_text=large)
    jammed = page.evaluate("""() => {
        const faults = [];
        for (const field of document.querySelectorAll('.field-input, .field-textarea, .field-select, .field-file')) {
            const control = field.querySelector('input, select, textarea').getBoundingClientRect();
            for (const text of field.querySelectorAll('.field-head, .hint:not(.counter), .error')) {
                if (text.getBoundingClientRect().bottom > control.top + 0.5) faults.push(text.textContent.trim());
            }
        }
        return faults;
    }""")
    assert page.locator(".field-input, .field-textarea, .field-select, .field-file").count() >= 10
    assert jammed == []


@pytest.mark.parametrize(("width", "large"), SHAPES)
def test_step_lines_reach_from_mark_to_mark(guide, width, large):
    page = guide(width=width, large_text=large)
    lines = page.evaluate("""() => [...document.querySelectorAll('.steps')].flatMap(list => {
        const steps = [...list.children];
        const mark = step => {
            const box = step.getBoundingClientRect(), style = getComputedStyle(step, '::before');
            const size = parseFloat(style.width);
            const left = box.left + parseFloat(style.left), top = box.top + parseFloat(style.top);
            return {x: left + size / 2, y: top + size / 2, size};
        };
        return steps.slice(0, -1).map((step, index) => {
            const box = step.getBoundingClientRect(), style = getComputedStyle(step, '::after');
            const left = box.left + parseFloat(style.left), top = box.top + parseFloat(style.top);
            return {from: mark(step), to: mark(steps[index + 1]), left, top,
                    right: left + parseFloat(style.width), bottom: top + parseFloat(style.height)};
        });
    })""")
    assert len(lines) == 15
    for line in lines:
        reach = line["from"]["size"] / 2 + 1
        down = line["to"]["y"] > line["from"]["y"] + 1
        start, end = ("top", "bottom") if down else ("left", "right")
        axis = "y" if down else "x"
        assert line[start] <= line["from"][axis] + reach
        assert line[end] >= line["to"][axis] - reach
        across = (line["left"] + line["right"]) / 2 if down else (line["top"] + line["bottom"]) / 2
        assert abs(across - line["from"]["x" if down else "y"]) <= 1


def test_large_text_is_a_switch_that_is_remembered(guide):
    page = guide()
    normal = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
    page.get_by_role("button", name="大字版").click()
    expect(page.get_by_role("button", name="标准字号")).to_be_visible()
    assert page.url.endswith("/styleguide/")
    page.reload()
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= normal * 1.25
    page.get_by_role("button", name="标准字号").click()
    expect(page.get_by_role("button", name="大字版")).to_be_visible()


def test_the_text_size_switch_leads_to_no_other_site(client):
    answer = client.post("/large-text/", {"next": "https://example.com/"})
    assert answer["Location"] == "/"


# --- reached ----------------------------------------------------------------------------------------------------------


def test_the_keyboard_reaches_skip_link_and_controls_with_a_visible_focus(guide):
    page = guide("/styleguide/#top")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="跳到正文")
    expect(skip).to_be_focused()
    assert skip.bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    seen = set()
    for _ in range(45):
        page.keyboard.press("Tab")
        name, outline = page.evaluate(
            "(() => { const e = document.activeElement;"
            " return [e.name || e.textContent.trim(), getComputedStyle(e).outlineStyle] })()"
        )
        assert outline != "none", name
        seen.add(name)
    assert {"近三年主要指标", "提交申报", "blank-name", "blank-district", "blank-summary", "blank-licence"} <= seen


def test_the_error_summary_takes_the_focus_and_leads_to_the_field(guide):
    page = guide()
    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_role("link", name=re.compile("统一社会信用代码：校验码不符")).click()
    expect(page.locator("#id_wrong-code")).to_be_focused()


def test_everything_is_there_without_javascript(guide):
    page = guide(javascript=False)
    expect(page.get_by_role("heading", name="表单有误")).to_be_visible()
    expect(page.get_by_text("最多 800 字").first).to_be_visible()
    expect(page.get_by_role("button", name="打印")).to_be_hidden()
    page.get_by_role("button", name="大字版").click()
    expect(page.get_by_role("button", name="标准字号")).to_be_visible()


# --- typed ------------------------------------------------------------------------------------------------------------


def test_a_long_text_is_counted_and_never_cut(guide):
    page = guide()
    page.fill("#id_blank-summary", "质" * 805)
    expect(page.locator("#id_blank-summary-count")).to_have_text("超出 5 字（最多 800 字）")
    assert len(page.input_value("#id_blank-summary")) == 805


def test_a_file_over_the_limit_is_told_before_it_is_sent(guide, settings):
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    page = guide()
    expect(page.locator("#id_blank-licence-limits")).to_contain_text("单个文件不超过 1 MB")
    page.set_input_files(
        "#id_blank-licence", {"name": "执照.pdf", "mimeType": "application/pdf", "buffer": b"0" * 1_200_000}
    )
    expect(page.locator("#id_blank-licence-refused")).to_contain_text("超过 1 MB 的上限")


PDF = {"name": "执照.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 made up"}


def test_an_upload_shows_the_page_the_server_answers_with(guide):
    page = guide()
    page.evaluate("window.sameDocument = true")
    page.set_input_files("#id_wrong-licence", PDF)
    page.get_by_role("button", name="上传并提交").click()
    expect(page.locator(".upload-progress")).to_have_count(0)
    page.fill("#id_blank-summary", "质" * 3)
    expect(page.locator("#id_blank-summary-count")).to_have_text("已填 3 字，最多 800 字")
    assert page.evaluate("window.sameDocument") is True


def test_an_upload_the_server_refuses_leaves_the_form_as_it_was(guide):
    page = guide()
    page.route("**/styleguide/", lambda route: route.fulfill(status=413, content_type="text/plain", body=""))
    page.fill("#id_wrong-summary", "推行双闭环质量管理")
    page.set_input_files("#id_wrong-licence", PDF)
    send = page.get_by_role("button", name="上传并提交")
    send.click()
    expect(page.locator(".upload-progress")).to_have_text("文件超过服务器上限，没有上传；页面上的内容都还在。")
    assert page.input_value("#id_wrong-summary") == "推行双闭环质量管理"
    assert send.get_attribute("aria-busy") is None


def answer_saves(page, *answers):
    """The server's side of the autosave contract, an answer a save; returns what was sent."""
    sent, left = [], list(answers)

    def respond(route):
        sent.append(
            {key: texts[-1] for key, texts in parse_qs(route.request.post_data, keep_blank_values=True).items()}
        )
        status, body = left.pop(0) if len(left) > 1 else left[0]
        route.fulfill(status=status, content_type="application/json", body=json.dumps(body))

    page.context.route(AUTOSAVE, respond)
    return sent


def test_autosave_sends_what_changed_with_its_version(guide):
    page = guide()
    sent = answer_saves(page, (200, {"ok": True, "version": 2, "saved_at": "09:05"}), (200, {"ok": True, "version": 3}))
    page.fill("#id_blank-name", "乌鲁木齐示例新材料有限公司")
    page.locator("#id_blank-name").blur()
    expect(page.locator("[data-save-state]")).to_have_text("已保存 09:05")
    assert sent[0]["version"] == "1"
    assert sent[0]["blank-name"] == "乌鲁木齐示例新材料有限公司"
    assert "csrfmiddlewaretoken" in sent[0]
    assert "blank-code" not in sent[0]
    assert "form_key" not in sent[0]
    assert page.evaluate("localStorage.length") == 0
    page.check("#id_blank-innovations_0")
    page.uncheck("#id_blank-innovations_0")
    page.fill("#id_blank-code", "9165")
    page.locator("#id_blank-code").blur()
    expect(page.locator("input[name=version]").first).to_have_value("3")
    assert all(save["version"] in ("2", "3") for save in sent[1:])
    assert any(save.get("blank-innovations") == "" for save in sent[1:])


def test_what_was_typed_survives_a_closed_tab(guide):
    page = guide()
    answer_saves(page, (503, {}))
    page.fill("#id_blank-summary", "推行双闭环质量管理")
    page.locator("#id_blank-summary").blur()
    expect(page.locator("[data-save-state]")).to_contain_text("已保存在本机浏览器中")
    page.close()
    page.context.unroute(AUTOSAVE)
    again = page.context.new_page()
    sent = answer_saves(again, (200, {"ok": True, "version": 2, "saved_at": "09:10"}))
    again.goto("/styleguide/")
    expect(again.locator(".restore-bar")).to_contain_text("尚未上传的 1 项内容")
    assert again.input_value("#id_blank-summary") == ""
    again.get_by_role("button", name="恢复").click()
    assert again.input_value("#id_blank-summary") == "推行双闭环质量管理"
    expect(again.locator("[data-save-state]")).to_have_text("已保存 09:10")
    assert sent[-1]["blank-summary"] == "推行双闭环质量管理"
    again.reload()
    expect(again.locator(".restore-bar")).to_have_count(0)


def test_a_lost_session_keeps_the_text_and_says_where_to_sign_in(guide):
    page = guide()
    answer_saves(page, (401, {"ok": False, "sign_in": "/sign-in/"}))
    page.fill("#id_blank-name", "乌鲁木齐示例")
    page.locator("#id_blank-name").blur()
    expect(page.locator("[data-save-state]")).to_contain_text("登录已失效")
    expect(page.locator("[data-save-state] a")).to_have_attribute("href", "/sign-in/")
    assert "乌鲁木齐示例" in page.evaluate("JSON.stringify(localStorage)")


def test_a_stale_tab_shows_both_texts_and_lets_the_person_choose(guide, axe_faults):
    page = guide()
    theirs = {"ok": False, "theirs": {"blank-name": "另一页签的名称"}, "version": 7}
    sent = answer_saves(page, (409, theirs), (200, {"ok": True, "version": 8, "saved_at": "09:20"}))
    page.fill("#id_blank-name", "本页签的名称")
    page.locator("#id_blank-name").blur()
    conflict = page.locator(".conflict")
    expect(conflict).to_contain_text("另一页签的名称")
    expect(conflict).to_contain_text("本页签的名称")
    assert axe_faults(page) == []
    page.get_by_role("button", name="用本页的").click()
    expect(page.locator("[data-save-state]")).to_have_text("已保存 09:20")
    assert sent[-1]["version"] == "7"
    assert sent[-1]["blank-name"] == "本页签的名称"
    expect(conflict).to_have_count(0)


def test_a_form_pressed_twice_is_sent_once(guide):
    page = guide()
    posts = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    with page.expect_navigation():
        page.evaluate("""() => {
            const form = document.querySelector('form[data-autosave]');
            window.refused = 0;
            form.addEventListener('submit', event => { if (event.defaultPrevented) window.refused += 1; });
            const send = form.querySelector('button[type=submit]');
            send.click(); send.click();
            sessionStorage.refused = window.refused;
        }""")
    assert len(posts) == 1
    assert page.evaluate("sessionStorage.refused") == "1"


def test_a_form_with_an_expired_token_gives_back_what_was_typed(client):
    client.handler.enforce_csrf_checks = True
    answer = client.post(
        "/styleguide/", {"summary": "推行双闭环质量管理", "password": "not-to-be-echoed", "form_key": "abcdef"}
    )
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "推行双闭环质量管理" in page
    assert "not-to-be-echoed" not in page
    assert "abcdef" not in page
