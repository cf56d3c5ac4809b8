"""`manage.py rotate_keys`: everything sealed comes under the newest of FIELD_KEYS; the oldest can go then."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from award_portal.lib.sealed import sealed_fields
from organizations.rotating import Counted, rotate_column, rotate_files


class Command(BaseCommand):
    help = "put everything sealed under the newest key of FIELD_KEYS; interrupted, it goes on where it stopped"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only count what stands under which key")

    def handle(self, *args: Any, **options: Any) -> None:
        check = options["check"]
        found = {f"{one.model._meta.label}.{one.name}": rotate_column(one, dry_run=check) for one in sealed_fields()}
        found["加密文件"] = rotate_files(dry_run=check)
        for name, counted in found.items():
            self._tell(name, counted)
        left = sum(one.behind - one.rotated for one in found.values())
        if any(one.failed for one in found.values()):
            self.stderr.write(
                "打不开的没有改动：密钥不在 FIELD_KEYS 里，或者内容被改过、被移到了别的行。请勿删除旧密钥。"
            )
            sys.exit(1)
        if left:
            self.stdout.write(f"还有{left}项在旧密钥之下，请{'' if check else '再次'}运行 rotate_keys。")
            return
        self.stdout.write("全部在最新密钥之下，旧密钥可以从 FIELD_KEYS 中删除；旧备份仍需旧密钥才能读取。")

    def _tell(self, name: str, counted: Counted) -> None:
        self.stdout.write(f"{name}：共{counted.total}项，更换{counted.rotated}项，待更换{counted.behind}项")
        for pk in counted.failed[:20]:
            self.stderr.write(f"{name} 第{pk}行打不开")
