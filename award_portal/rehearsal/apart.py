"""A rehearsal apart: its own process, its own temporary directory, nothing configured is read or touched.

`manage.py rehearse` starts it. The public ids come from the seed here, so that the same seed gives the same round
to the last byte of its papers; nowhere else are they anything but random.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import uuid
from pathlib import Path
from random import Random
from typing import Any, TextIO

# What a rehearsal may take from its surroundings; everything else, a database's address above all, stays outside.
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TERM", "TMPDIR", "VIRTUAL_ENV", "PORTAL_FONT_DIR", "PYTHONPATH")
PHASES = 12
BAR = 24


class NotApart(Exception):
    """The process is no guarded child."""


def environment(folder: Path) -> dict[str, str]:
    """The child's whole environment."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "award_portal.settings",
        "REHEARSAL": "1",
        "PORTAL_VAR_DIR": str(folder),
        "PORTAL_APART": str(folder),
        "PORTAL_ENV_FILE": os.devnull,
    }


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    ids = _random_ids()
    _set_up()
    from django.conf import settings

    from award_portal.lib import clock

    from . import whole_round
    from .invariants import broken_invariants
    from .migrated import migrate_empty
    from .summary import closing_table, save_documents, summarize

    migrate_empty(Path(str(settings.DATABASES["default"]["NAME"])))
    ids.seed(f"ids:{options.seed}")  # whether the tables were made just now or copied
    bar, started = Bar(), time.monotonic()
    with clock.frozen(clock.at(whole_round.FIRST_DAY, 9)) as stood:
        played = whole_round.play_round(
            options.scheme, applicants=options.applicants, seed=options.seed, to=stood.travel_to, tell=bar.tell,
            rendered=not options.no_pdf,
        )  # fmt: skip
        round = played.player.round
        bar.finish("核对")
        broken = broken_invariants(round, rendered=not options.no_pdf)
        elapsed_s = time.monotonic() - started
        summary = summarize(round, elapsed_s=elapsed_s, refused_next_time=played.refused_next_time)
        if options.documents:
            say(f"公文{save_documents(round, Path(options.documents))}份存入 {options.documents}")
    say(closing_table(summary, played.player.round_book))
    if options.json:
        Path(options.json).write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    for one in broken:
        say(f"✗ {one}", to=sys.stderr)
    return 1 if broken else 0


def _options(arguments: list[str]) -> Any:
    parser = argparse.ArgumentParser(prog="rehearse")
    parser.add_argument("scheme")
    parser.add_argument("--applicants", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", default="")
    parser.add_argument("--documents", default="")
    parser.add_argument("--no-pdf", action="store_true")
    return parser.parse_args(arguments)


def _random_ids() -> Random:
    """What public ids come from, to be seeded: set before the models are loaded, which keep the function they find."""
    random = Random(0)
    uuid.uuid4 = lambda: uuid.UUID(int=random.getrandbits(128), version=4)
    return random


def _set_up() -> None:
    """Django on the temporary directory; refuses anything else."""
    import django

    django.setup()
    from django.conf import settings

    apart = os.environ.get("PORTAL_APART", "")
    name = str(settings.DATABASES["default"]["NAME"])
    if not apart or not settings.REHEARSAL or not Path(name).resolve().is_relative_to(Path(apart).resolve()):
        raise NotApart("演练只在独立的临时目录中进行，请使用 manage.py rehearse。")


def say(text: str, *, to: TextIO = sys.stdout) -> None:
    to.write(text + "\n")
    to.flush()


class Bar:
    """A progress bar on standard error; where that is no terminal, a line a phase."""

    def __init__(self) -> None:
        self.done = 0

    def tell(self, text: str) -> None:
        self._show(text, "")
        self.done = min(self.done + 1, PHASES)

    def finish(self, text: str) -> None:
        self.done = PHASES
        self._show(text, "\n")

    def _show(self, text: str, end: str) -> None:
        full = BAR * self.done // PHASES
        line = f"[{'█' * full}{'·' * (BAR - full)}] {text}"
        sys.stderr.write(f"\r\x1b[K{line}{end}" if sys.stderr.isatty() else f"{line}\n")
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
