"""A browser of few words over Django's test client: it fills in only what a page offers, and posts all the page hides.

No script runs. A field that is not on the page, a choice that is not offered and a button that is greyed cannot be
used: a person could not use them either. Tokens are checked: a form without its token fails here too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urldefrag, urlencode, urljoin

from django.test import Client
from django.urls import reverse
from lxml import html

BUTTONS = ("submit", "image")
BLOCKS = "p|li|td|th|dt|dd|h1|h2|h3|h4|label|legend|button|option|div|section|caption"


def plain(node: html.HtmlElement) -> str:
    """The words a person reads, spaces as one; blocks are kept apart."""
    source = html.tostring(node, encoding="unicode", with_tail=False)
    source = re.sub(r"<(script|style)\b.*?</\1>", "", source, flags=re.S)
    source = re.sub(rf"(</(?:{BLOCKS})>)", r"\1 ", source)
    return re.sub(r"\s+", " ", html.fromstring(f"<div>{source}</div>").text_content()).strip()


class Visitor:
    """One person at one browser, signed in at the sign-in page unless nobody."""

    def __init__(self, username: str = "", password: str = "") -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.seen: dict[str, str] = {}  # the last of each address
        if username:
            page = self.visit(reverse("organizations:sign_in"))
            home = page.form("登录").fill(username=username, password=password).press("登录")
            assert "退出" in home.text, home.text

    def visit(self, url: str, *, status: int = 200) -> Page:
        response = self.client.get(url, follow=True)
        return self._page(response, url, status)

    def post(self, url: str, data: dict[str, Any], *, status: int = 200) -> Page:
        response = self.client.post(url, data, follow=True)
        return self._page(response, url, status)

    def _page(self, response: Any, url: str, status: int) -> Page:
        where = response.redirect_chain[-1][0] if response.redirect_chain else url
        page = Page(self, urldefrag(where)[0], response)
        self.seen[page.url] = page.source
        assert page.status == status, f"{page.status} {url}: {page.text}"
        return page


class Page:
    """What is in the window: its address, its words, its links and forms."""

    def __init__(self, visitor: Visitor, url: str, response: Any) -> None:
        self.visitor, self.url, self.response = visitor, url, response
        self.status = response.status_code
        self.source = response.content.decode() if "html" in response["Content-Type"] else ""
        self.tree = html.fromstring(self.source or "<p></p>")
        self.text = plain(self.tree)

    def says(self, *words: str) -> Page:
        for one in words:
            assert one in self.text, f"“{one}” is not on {self.url}: {self.text}"
        return self

    def never_says(self, *words: str) -> Page:
        for one in words:
            assert one not in self.text, f"“{one}” is on {self.url}: {self.text}"
        return self

    def link(self, words: str, *, row: str = "") -> str:
        """Where the link with these words leads; `row` names the row it stands in."""
        rows = [one for one in self.tree.iter("tr", "li") if row in plain(one)] if row else [self.tree]
        found = {one.get("href") for among in rows for one in among.iter("a") if words in plain(one)}
        assert len(found) == 1, f"{len(found)} links “{words}” on {self.url}: {self.text}"
        return urljoin(self.url, found.pop())

    def follow(self, words: str, *, row: str = "") -> Page:
        return self.visitor.visit(self.link(words, row=row))

    def form(self, words: str) -> Form:
        """The one form that can be sent by a button with these words."""
        found = [one for one in map(self._form, self.tree.iter("form")) if one.button(words) is not None]
        assert len(found) == 1, f"{len(found)} forms “{words}” on {self.url}: {self.text}"
        return found[0]

    def forms(self, words: str) -> list[Form]:
        return [one for one in map(self._form, self.tree.iter("form")) if one.button(words) is not None]

    def press(self, words: str, **values: Any) -> Page:
        """Fill in the form with this button and send it."""
        return self.form(words).fill(**values).press(words)

    def _form(self, node: html.HtmlElement) -> Form:
        return Form(self, node, values=_values(node))


@dataclass
class Form:
    """One form as it stands in the page: what it holds already, and what was filled in since."""

    page: Page
    node: html.HtmlElement
    values: dict[str, Any] = field(default_factory=dict)
    sent: dict[str, Any] = field(default_factory=dict)

    def button(self, words: str) -> html.HtmlElement | None:
        for one in self.node.iter("button"):
            if words in plain(one) and one.get("type", "submit") in BUTTONS and one.get("disabled") is None:
                return one
        return None

    def names(self) -> list[str]:
        """The names of its fields, in the page's order."""
        return list(dict.fromkeys(one.get("name") for one in _inputs(self.node)))

    def offered(self, name: str) -> list[str]:
        """What there is to choose from."""
        return _offered([one for one in _inputs(self.node) if one.get("name") == name]) or []

    def fill(self, **values: Any) -> Form:
        """Type, choose and tick: only what the form has, and only what it offers."""
        for name, value in values.items():
            self.set(name, value)
        return self

    def set(self, name: str, value: Any) -> Form:
        inputs = [one for one in _inputs(self.node) if one.get("name") == name]
        assert inputs, f"no field “{name}” on {self.page.url}: {self.names()}"
        offered = _offered(inputs)
        assert inputs[0].get("type") != "hidden", f"“{name}” is hidden"
        if isinstance(value, bool):
            if value:
                self.values[name] = offered[0] if offered else "on"
            else:
                self.values.pop(name, None)
            return self
        if offered is not None:
            chosen = value if isinstance(value, list) else [value]
            assert set(chosen) <= set(offered), f"“{name}” offers {offered}, not {value}"
        self.values[name] = value
        return self

    def press(self, words: str, *, status: int = 200) -> Page:
        button = self.button(words)
        assert button is not None, f"no button “{words}” on {self.page.url}"
        named = {button.get("name"): button.get("value", "")} if button.get("name") else {}
        self.sent = self.values | named
        return self.again(status=status)

    def again(self, *, status: int = 200) -> Page:
        """Send what was sent, once more: a double click, a reload."""
        for one in self.sent.values():
            if hasattr(one, "seek"):
                one.seek(0)
        url = urljoin(self.page.url, self.node.get("action") or self.page.url)
        if self.node.get("method", "get").lower() == "get":
            return self.page.visitor.visit(f"{url}?{urlencode(self.sent, doseq=True)}", status=status)
        return self.page.visitor.post(url, self.sent, status=status)


def _inputs(node: html.HtmlElement) -> list[html.HtmlElement]:
    """Every named input that is not switched off."""
    off = {id(one) for box in node.xpath(".//fieldset[@disabled]") for one in box.iter()}
    return [
        one
        for one in node.iter("input", "select", "textarea")
        if one.get("name") and one.get("disabled") is None and id(one) not in off
    ]


def _offered(inputs: list[html.HtmlElement]) -> list[str] | None:
    """The values to choose from; None where one may type."""
    first = inputs[0]
    if first.tag == "select":
        return [one.get("value", "") for one in first.iter("option") if one.get("disabled") is None]
    if first.get("type") in ("radio", "checkbox"):
        return [one.get("value", "on") for one in inputs]
    return None


def _values(node: html.HtmlElement) -> dict[str, Any]:
    """What the form would send as it stands, hidden values and the token with it; a name given twice as a list."""
    values: dict[str, Any] = {}
    for one in _inputs(node):
        value = _value(one)
        if value is not None:
            name, old = one.get("name"), values.get(one.get("name"))
            values[name] = value if old is None else [*(old if isinstance(old, list) else [old]), value]
    return values


def _value(one: html.HtmlElement) -> str | None:
    """What one input sends as it stands; None for nothing."""
    kind = one.get("type", "text")
    if one.tag == "select":
        options = list(one.iter("option"))
        chosen = [x for x in options if x.get("selected") is not None] or options[:1]
        return chosen[0].get("value", "") if chosen else None
    if one.tag == "textarea":
        return (one.text or "").lstrip("\n")
    if kind in ("radio", "checkbox"):
        return one.get("value", "on") if one.get("checked") is not None else None
    return None if kind in ("file", "submit", "button", "image") else one.get("value", "")
