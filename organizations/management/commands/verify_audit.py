"""`manage.py verify_audit`: checks the evidence chain; `--export` writes what an outsider needs to do the same."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from organizations.evidence import as_exported
from organizations.models import AuditDigest, AuditRecord
from organizations.triggers import missing_triggers
from organizations.verifying import check_links, read_export


class Command(BaseCommand):
    help = "check the evidence chain of the database, or of an exported record (--from)"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--export", metavar="FILE", help="write the record as JSON lines, and FILE.heads beside it")
        parser.add_argument("--from", dest="source", metavar="FILE", help="check an export instead of the database")
        parser.add_argument("--heads", metavar="FILE", help="published heads as JSON lines, with --from")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["source"]:
            links = read_export(Path(options["source"]).read_text("utf-8").splitlines())
            heads = read_export(Path(options["heads"]).read_text("utf-8").splitlines()) if options["heads"] else []
            missing: list[str] = []
        else:
            links = [as_exported(link) | {"hash": link.hash} for link in AuditRecord.objects.order_by("chain", "pk")]
            heads = [
                {"day": one.day.isoformat(), "chain": one.chain, "seq": one.seq, "hash": one.hash}
                for one in AuditDigest.objects.order_by("day", "chain")
            ]
            missing = missing_triggers()
        if options["export"]:
            _write(Path(options["export"]), links)
            _write(Path(f"{options['export']}.heads"), heads)
            self.stdout.write(f"已导出{len(links)}条记录和{len(heads)}条公布的摘要。")
        verdict = check_links(links, heads=heads)
        for table in missing:
            verdict.faults.append(f"{table}：防改写的触发器不在，须重新安装（manage.py migrate）。")
        for line in verdict.faults:
            self.stdout.write(f"✗ {line}")
        for line in verdict.notes:
            self.stdout.write(f"· {line}")
        self.stdout.write(f"{'✓ 相符' if verdict.verified else '✗ 不符'}：共{verdict.records}条记录。")
        if not verdict.verified:
            sys.exit(1)


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    lines = (json.dumps(row, ensure_ascii=False, sort_keys=True) for row in rows)
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
