"""The bands of criteria as the office edits them: those of all items, of a guide, of one item by itself (U5)."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

BLANK_BANDS = 1
FIELDS = ("label", "at_least", "at_most", "text")
Content = Mapping[str, Any]


@dataclass(frozen=True)
class BandSet:
    """One list of bands: where it stands in the content ("", "guide:<key>", "item:<key>") and for what it is read."""

    place: str
    label: str
    bands: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_own(self) -> bool:
        """An item's own, instead of its guide's."""
        return self.place.startswith("item:")

    @property
    def with_blank(self) -> list[dict[str, Any]]:
        return [*self.bands, *({} for _ in range(BLANK_BANDS))]


def band_sets(content: Content) -> list[BandSet]:
    """Every list of bands in the content, in a fixed order."""
    found = [BandSet("", "全部条目", list(content["bands"]))] if content.get("bands") else []
    found += [
        BandSet(f"guide:{one['key']}", str(one.get("label", "")), list(one.get("bands") or []))
        for one in content.get("guides") or []
    ]
    return found + [
        BandSet(f"item:{one['key']}", f"{one.get('title', '')}（单独设定）", list(one["bands"]))
        for one in content.get("items") or []
        if one.get("bands")
    ]


def bandable(content: Content) -> list[tuple[str, str]]:
    """The items that have no bands of their own yet."""
    return [(one["key"], str(one.get("title", ""))) for one in content.get("items") or [] if not one.get("bands")]


def typed_bands(post: Mapping[str, str], content: Content, items: list[dict[str, Any]]) -> dict[str, Any]:
    """The bands as typed, of those lists the page showed; `own-bands` gives an item a copy to edit."""
    found: dict[str, Any] = {}
    by_key = {one["key"]: one for one in items}
    for number, one in enumerate(band_sets(content)):
        if not post.get(f"bands-{number}-shown"):
            continue
        bands = _typed(post, number, one.bands)
        kind, _, key = one.place.partition(":")
        if kind == "guide":
            guides = found.setdefault("guides", deepcopy(list(content["guides"])))
            next(guide for guide in guides if guide["key"] == key)["bands"] = bands
        elif kind == "item" and key in by_key:
            by_key[key].pop("bands", None)
            if bands and not post.get(f"bands-{number}-drop"):
                by_key[key]["bands"] = bands
        elif not kind:
            found["bands"] = bands
    chosen = by_key.get(post.get("own-bands", ""))
    if chosen is not None and not chosen.get("bands"):
        chosen["bands"] = deepcopy(_read_now({**content, **found}, chosen))
    return found


def _read_now(content: Content, item: Mapping[str, Any]) -> list[dict[str, Any]]:
    guide = next((one for one in content.get("guides") or [] if one["key"] == item.get("guide")), None)
    return list((guide or content).get("bands") or [])


def _typed(post: Mapping[str, str], number: int, stored: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row without words is none; what is no whole number stays as typed, to be said by the rules of criteria."""
    known = {one["key"] for one in stored}
    found = []
    for place in range(len(stored) + BLANK_BANDS):
        head = f"bands-{number}-{place}"
        words = {name: post.get(f"{head}-{name}", "").replace("\r\n", "\n").strip() for name in FIELDS}
        if post.get(f"{head}-remove") or not any(words.values()):
            continue
        before = {} if place >= len(stored) else {k: v for k, v in stored[place].items() if k not in FIELDS}
        row = before | {name: whole(text) if name[:3] == "at_" else text for name, text in words.items() if text}
        row["key"] = before.get("key") or next(name for size in range(1, 99) if (name := f"band_{size}") not in known)
        known.add(row["key"])
        found.append(row)
    return found


def whole(text: str) -> int | str:
    """A whole number, or what stood there instead."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else text
