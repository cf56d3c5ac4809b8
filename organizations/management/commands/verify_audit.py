"""`manage.py verify_audit`: checks the evidence of the database, or an exported record without touching it."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from organizations.auditing import verify_database
from organizations.verifying import UnreadableExport, check_links, read_file


class Command(BaseCommand):
    help = "check the evidence of the database, or of an exported record (--export); exit 1 when it does not hold"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--export", metavar="FILE", help="check this export (JSON lines) instead of the database")
        parser.add_argument("--digests", metavar="FILE", help="the published daily digests (JSON lines), with --export")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["digests"] and not options["export"]:
            raise CommandError("--digests 与 --export 一起使用；核对数据库时用的是库中已公布的摘要。")
        try:
            verdict = (
                check_links(
                    read_file(options["export"]), digests=read_file(options["digests"]) if options["digests"] else ()
                )
                if options["export"]
                else verify_database()
            )
        except UnreadableExport as error:
            raise CommandError(str(error)) from None
        self.stdout.write("\n".join(verdict.lines()))
        if not verdict.verified:
            sys.exit(1)
