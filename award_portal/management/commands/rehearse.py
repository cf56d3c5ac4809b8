"""`manage.py rehearse SCHEME`: plays a whole round on the rehearsal clock in a process and a directory of its own."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from award_portal.rehearsal.apart import environment
from awards.rulebook import RulebookInvalid, load_rulebook

MOST_APPLICANTS = 200


class Command(BaseCommand):
    help = "play one round from the call to the certificates; touches nothing that is configured"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("scheme", help="the scheme's key, e.g. urumqi, or a rulebook file")
        parser.add_argument("--applicants", type=int, default=12)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--json", metavar="FILE", help="write what came of it here")
        papers = parser.add_mutually_exclusive_group()
        papers.add_argument("--documents", metavar="DIR", help="put the papers here as PDF")
        papers.add_argument("--no-pdf", action="store_true", help="number the papers and leave them unrendered: faster")

    def handle(self, *args: Any, **options: Any) -> None:
        scheme = _known(options["scheme"])
        if not 1 <= options["applicants"] <= MOST_APPLICANTS:
            raise CommandError(f"申报组织数应在1到{MOST_APPLICANTS}之间。")
        told = [scheme, "--applicants", str(options["applicants"]), "--seed", str(options["seed"])]
        for name in ("json", "documents"):
            if options[name]:
                told += [f"--{name}", str(Path(options[name]).resolve())]
        if options["no_pdf"]:
            told.append("--no-pdf")
        with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder:
            child = [sys.executable, "-m", "award_portal.rehearsal.apart", *told]
            code = subprocess.run(child, cwd=settings.BASE_DIR, env=environment(Path(folder)), check=False).returncode
        if code:
            sys.exit(1)


def _known(scheme: str) -> str:
    """A shipped scheme's key, or the path of a document that is a rulebook; CommandError says what is wrong."""
    if scheme.endswith((".yaml", ".yml")):
        try:
            load_rulebook(Path(scheme).read_text("utf-8"))
        except (OSError, UnicodeDecodeError):
            raise CommandError(f"读不到规则文件 {scheme}。") from None
        except RulebookInvalid as invalid:
            raise CommandError(f"规则文件有{len(invalid.errors)}处错误，请先用 scheme check 核对。") from None
        return str(Path(scheme).resolve())
    shipped = Path(settings.BASE_DIR) / "fixtures" / "schemes"
    known = sorted({one.stem.rpartition("-")[0] for one in shipped.glob("*.yaml")})
    if scheme not in known:
        raise CommandError(f"没有“{scheme}”的规则文件。现有：{'、'.join(known)}。")
    return scheme
