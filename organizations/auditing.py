"""The record as it is handed out, and checked where it lies."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from .evidence import as_exported
from .models import AuditDigest, AuditHead, AuditRecord
from .triggers import missing_triggers
from .verifying import Verdict, check_links


def exported_links() -> Iterator[dict[str, Any]]:
    """Every link, each chain in the order it was written in."""
    for link in AuditRecord.objects.order_by("chain", "pk").iterator():
        yield as_exported(link) | {"hash": link.hash}


def published_digests() -> Iterator[dict[str, Any]]:
    for one in AuditDigest.objects.order_by("day", "chain").iterator():
        yield {"day": one.day.isoformat(), "chain": one.chain, "seq": one.seq, "hash": one.hash}


def chain_heads() -> Iterator[dict[str, Any]]:
    for one in AuditHead.objects.order_by("chain").iterator():
        yield {"chain": one.chain, "seq": one.seq, "hash": one.hash}


def verify_database() -> Verdict:
    """Check the record where it lies: links, published digests, the chains' ends, and the guards of the tables."""
    verdict = check_links(exported_links(), digests=published_digests(), heads=chain_heads())
    verdict.faults += [
        f"{table}：防改写的触发器不在或者被改，须重新安装（manage.py migrate）。" for table in missing_triggers()
    ]
    return verdict


def write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Write rows as JSON lines; how many."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n")
            count += 1
    return count
