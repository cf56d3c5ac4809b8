"""Takes the README's pictures of a running demo: `.venv/bin/python docs/pictures/take.py http://127.0.0.1:8000`.

The demo is as `make demo-reset` leaves it; nothing is changed by looking. Chromium is Debian's, or named in CHROMIUM.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
PASSWORD = "yanlian-2026"
WIDTH, HEIGHT = 1280, 900


def take_pictures(base_url: str) -> list[Path]:
    """One picture a desk, 1280 wide, cut at the height of one screen."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        sys.exit("no Chromium: install Debian's package `chromium`, or name one in CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--lang=zh-CN"]
        )
        taken = [_take(browser, base_url.rstrip("/"), *one) for one in PICTURES]
        browser.close()
    return taken


def _take(browser: Browser, base_url: str, name: str, username: str, clicks: tuple[str, ...]) -> Path:
    context = browser.new_context(
        base_url=base_url, viewport={"width": WIDTH, "height": HEIGHT}, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    page = context.new_page()
    if username:
        _sign_in(page, username)
    else:
        page.goto("/")
    for selector in clicks:
        page.locator(selector).first.click()
        page.wait_for_load_state()
    path = HERE / f"{name}.png"
    page.screenshot(path=path)
    context.close()
    return path


def _sign_in(page: Page, username: str) -> None:
    page.goto("/accounts/sign-in/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()
    if "/sign-in/" in page.url:
        sys.exit(f"{username} cannot sign in: is this the demo as `make demo-reset` leaves it?")


# name, who looks (nobody: the public), what is clicked on the way from the first page after signing in
PICTURES: list[tuple[str, str, tuple[str, ...]]] = [
    ("home", "", ()),
    ("applicant", "applicant1", ("a[href='/applications/mine/']", "main a[href^='/applications/']")),
    ("recommender", "recommender2", ("a[href='/applications/recommendation/']",)),
    ("office", "office", ("a[href='/applications/office/qualification/']",)),
    ("expert", "expert2", ("a[href='/reviews/mine/']",)),
    ("leader", "leader1", ("a[href='/reviews/meetings/']", "main a[href^='/reviews/meetings/']")),
]

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for picture in take_pictures(sys.argv[1]):
        sys.stdout.write(f"{picture.relative_to(HERE.parent.parent)}\n")
