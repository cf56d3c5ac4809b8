"""Checking the evidence: needs only the exported record and the published heads, no database and no trust in us.

It finds an edited, deleted, inserted or reordered link and names it. It cannot show the loss of links written after
the last published head: that is said, not hidden.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

GENESIS = "0" * 64


@dataclass
class Verdict:
    """What a check found: how many links it read, the faults by name, and what it cannot tell."""

    records: int = 0
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def verified(self) -> bool:
        return not self.faults


def check_links(links: Iterable[dict[str, Any]], *, heads: Iterable[dict[str, Any]] = ()) -> Verdict:
    """Check exported links (dicts of the export) in any number of chains against published heads (chain, seq, hash)."""
    verdict = Verdict()
    chains: dict[str, list[dict[str, Any]]] = {}
    for link in links:
        verdict.records += 1
        chains.setdefault(str(link.get("chain")), []).append(link)
    for chain, found in chains.items():
        _check_chain(chain, found, verdict)
    _check_heads(chains, list(heads), verdict)
    return verdict


def _check_chain(chain: str, links: list[dict[str, Any]], verdict: Verdict) -> None:
    previous, expected = GENESIS, 1
    for link in links:
        seq = link.get("seq")
        if seq != expected:
            what = f"缺少第{expected}条" if isinstance(seq, int) and seq > expected else "次序颠倒或者重复"
            verdict.faults.append(f"{chain} 第{seq}条：{what}。")
            expected = seq if isinstance(seq, int) else expected
        if link.get("previous_hash") != previous:
            verdict.faults.append(f"{chain} 第{seq}条：与前一条不衔接。")
        if link_digest(link) != link.get("hash"):
            verdict.faults.append(f"{chain} 第{seq}条：内容与摘要不符，已被改动。")
        previous = str(link.get("hash"))
        expected += 1


def _check_heads(chains: dict[str, list[dict[str, Any]]], heads: list[dict[str, Any]], verdict: Verdict) -> None:
    last: dict[str, int] = {}
    for head in heads:
        chain, seq = str(head["chain"]), int(head["seq"])
        last[chain] = max(last.get(chain, 0), seq)
        found = next((link for link in chains.get(chain, []) if link.get("seq") == seq), None)
        if found is None:
            verdict.faults.append(f"{chain} 第{seq}条：已公布摘要，记录中没有这一条。")
        elif found.get("hash") != head["hash"]:
            verdict.faults.append(f"{chain} 第{seq}条：与公布的摘要不符。")
    for chain, links in chains.items():
        after = len(links) - last.get(chain, 0)
        if after > 0:
            verdict.notes.append(f"{chain}：最后一次公布摘要之后的{after}条尚无外部凭据，其末尾的缺失无法发现。")


def link_digest(link: dict[str, Any]) -> str:
    """SHA-256 over the link without its own digest, as canonical JSON."""
    body = {key: value for key, value in link.items() if key != "hash"}
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def read_export(lines: Iterable[str]) -> list[dict[str, Any]]:
    """The links of an export: one JSON object a line."""
    return [json.loads(line) for line in lines if line.strip()]
