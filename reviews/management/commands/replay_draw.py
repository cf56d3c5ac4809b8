"""Draws again from the file of a draw's record and compares; needs the file and this program, and no database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reviews.replaying import HOW, CannotReplay, digest_of, replay


class Command(BaseCommand):
    help = "从导出的抽取记录文件（JSON）重新计算并比对，不使用数据库"
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="抽取记录页面下载的 JSON 文件")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            export = json.loads(options["file"].read_text(encoding="utf-8"))
            found = replay(export)
        except OSError as wrong:
            raise CommandError(f"不能读取文件：{wrong.strerror}") from None
        except ValueError:
            raise CommandError("文件不是 JSON。") from None
        except CannotReplay as cannot:
            raise CommandError(str(cannot)) from None
        for line in HOW[export["method"]]:
            self.stdout.write(f"· {line}")
        self.stdout.write(f"种子：{export['seed'] or '—'}")
        if isinstance(found.result, dict):
            for paper, readers in found.result.items():
                self.stdout.write(f"{paper}：{'、'.join(readers)}")
            self.stdout.write("，".join(f"{key}={value}" for key, value in found.objective.items()))
        else:
            for place, one in enumerate(found.result, start=1):
                self.stdout.write(f"正选{place}　{one}")
            for place, (one, field) in enumerate(found.reserve, start=1):
                self.stdout.write(f"备选{place}　{one}　{field}")
        self.stdout.write(f"记录校验值（SHA-256）：{digest_of(export)}")
        if not found.agrees:
            raise CommandError(f"复算不一致：{'、'.join(found.differences)}")
        self.stdout.write("复算一致：与记录完全相同。")
