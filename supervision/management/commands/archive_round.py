"""`manage.py archive_round ROUND --to FILE`: writes a round's archive without the web, and says its digest."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from award_portal.lib import clock
from awards.models import Round
from organizations import evidence
from supervision.archive_zip import write_archive
from supervision.archiving import CHAIN, default_retention, digest_of


class Command(BaseCommand):
    help = "write the archive of one round to a file; ROUND is its id, or scheme:ordinal, for example urumqi:4"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("round", metavar="ROUND")
        parser.add_argument("--to", metavar="FILE", type=Path, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        round, target = _round_named(options["round"]), options["to"]
        if target.exists():
            raise CommandError(f"{target} 已经存在，不覆盖。")
        try:
            with target.open("xb+") as file:
                written = write_archive(round, file, retention=default_retention())
                sha256 = digest_of(file)
        except OSError as error:
            raise CommandError(f"{target}：无法写入（{type(error).__name__}）。") from None
        with transaction.atomic():
            evidence.record(
                "archive.export", chain=CHAIN, by=None, subject=f"round:{round.public_id}", at=clock.now(),
                data={"sha256": sha256, "entries": written.entries},
            )  # fmt: skip
        state = "已结束" if round.closed_at else "未结束"
        self.stdout.write(f"{round.title}（{state}）：{written.entries}件，{written.missing}件未能读取")
        self.stdout.write(f"{sha256}  {target}")


def _round_named(name: str) -> Round:
    rounds = Round.objects.select_related("scheme", "edition", "office")
    scheme, _, ordinal = name.rpartition(":")
    try:
        found = (
            rounds.filter(scheme__key=scheme, ordinal=int(ordinal)) if scheme else rounds.filter(public_id=UUID(name))
        ).first()
    except ValueError:
        found = None
    if found is None:
        raise CommandError(f"没有届次“{name}”。请写届次的编号，或者“奖项代号:届次”，例如 urumqi:4。")
    return found
