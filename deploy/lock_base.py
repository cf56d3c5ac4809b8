"""Writes requirements/base.txt: the part of the development lock that production needs, with the same hashes."""

import re
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HERE = Path(__file__).resolve().parent.parent / "requirements"


def read_blocks() -> dict[str, str]:
    """Name → its block of the development lock (version line and hashes, without comments)."""
    blocks: dict[str, list[str]] = {}
    name = ""
    for line in (HERE / "dev.txt").read_text().splitlines():
        if found := re.match(r"([A-Za-z0-9][A-Za-z0-9._-]*)==", line):
            name = canonicalize_name(found[1])
        if name and line.strip() and not line.strip().startswith("#"):
            blocks.setdefault(name, []).append(line)
    return {name: "\n".join(lines) for name, lines in blocks.items()}


def needed_by(names: list[str]) -> set[str]:
    """The names and everything they require, as installed in this environment."""
    seen: set[str] = set()
    waiting = list(names)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in seen:
            continue
        seen.add(name)
        for text in requires(name) or []:
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
    return seen


def main() -> None:
    lines = (HERE / "base.in").read_text().splitlines()
    asked = [Requirement(line).name for line in lines if line.strip() and not line.startswith("#")]
    blocks = read_blocks()
    kept = [blocks[name] for name in sorted(needed_by(asked)) if name in blocks]
    head = "# Written by `make lock` from dev.txt: what production needs, same versions, same hashes."
    (HERE / "base.txt").write_text(head + "\n" + "\n".join(kept) + "\n")


if __name__ == "__main__":
    main()
