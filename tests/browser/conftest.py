"""A real browser against a real server: Debian's Chromium through Playwright, one page a test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

# Playwright's sync API keeps an event loop in this thread; Django would take the tests' own queries for async ones.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def find_chromium() -> str | None:
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_chromium()
    if not path:
        pytest.skip("no Chromium: install Debian's package `chromium`, or name one in CHROMIUM")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """Opens pages of any width, text size, user, with or without JavaScript; none may ask another host for anything."""
    contexts = []
    outside: list[str] = []
    failures: list[str] = []

    def open_one(*, width: int = 1280, large_text: bool = False, javascript: bool = True, user: Any = None) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            java_script_enabled=javascript,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        contexts.append(context)
        cookies = {"large_text": "1"} if large_text else {}
        if user is not None:
            client = Client()
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            cookies |= {name: morsel.value for name, morsel in client.cookies.items()}
        if cookies:
            context.add_cookies(
                [{"name": key, "value": value, "url": live_server.url} for key, value in cookies.items()]
            )
        page = context.new_page()
        local = (live_server.url, "data:", "blob:", "about:")
        page.on("request", lambda asked: None if asked.url.startswith(local) else outside.append(asked.url))
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("console", lambda line: failures.append(line.text) if "Content Security Policy" in line.text else None)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not outside, f"requests to other hosts: {outside}"
    assert not failures, f"errors in the page: {failures}"


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    return open_page()


@pytest.fixture
def axe_faults() -> Callable[[Page], list[str]]:
    """What axe finds wrong with a page, a line each: rule, help, and the first elements concerned."""

    def find(page: Page) -> list[str]:
        page.wait_for_load_state()
        found = Axe().run(page).response["violations"]
        return [f"{fault['id']}: {fault['help']} {[node['target'] for node in fault['nodes'][:3]]}" for fault in found]

    return find
