"""`manage.py export_audit FILE`: writes what an outsider needs to check the evidence without us."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from organizations.auditing import exported_links, published_digests, write_lines


class Command(BaseCommand):
    help = "write the record as JSON lines, for `verify_audit --export`; it carries no personal data"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--digests", metavar="FILE", type=Path, help="write the published daily digests too")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"已导出{write_lines(options['file'], exported_links())}条记录：{options['file']}")
        if options["digests"]:
            count = write_lines(options["digests"], published_digests())
            self.stdout.write(f"已导出{count}条公布的摘要：{options['digests']}")
