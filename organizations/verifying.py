"""Checking the evidence: needs only the exported record and the published digests, no database and no trust in us.

It finds an edited, deleted, inserted or reordered link and names it by chain and number. It cannot show the loss of
links written after the last published digest: that is said, not hidden. The file imports nothing of the portal, so
that anybody can read it and run it alone: `python3 verifying.py EXPORT [DIGESTS]`.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

GENESIS = "0" * 64
CANNOT_TELL = "最后一次公布的摘要之后的记录，如果从末尾缺失，本核对无法发现，以下一次公布的摘要为准。"


@dataclass
class Verdict:
    """What a check found: how many links it read, the faults by name, and what it cannot tell."""

    records: int = 0
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def verified(self) -> bool:
        return not self.faults

    def lines(self) -> list[str]:
        """The verdict as a person reads it."""
        return [
            *(f"✗ {line}" for line in self.faults),
            *(f"· {line}" for line in self.notes),
            f"{'✓ 相符' if self.verified else '✗ 不符'}：共{self.records}条记录。",
        ]


class UnreadableExport(Exception):
    """The file is no export; the text says which line."""


def check_links(
    links: Iterable[dict[str, Any]],
    *,
    digests: Iterable[dict[str, Any]] = (),
    heads: Iterable[dict[str, Any]] = (),
) -> Verdict:
    """Check links (dicts of the export, in their order) of any number of chains.

    `digests` are the published ones (chain, seq, hash, day); `heads` are the database's own ends of its chains, which
    an export does not carry and which prove nothing to an outsider.
    """
    verdict = Verdict()
    chains: dict[str, list[dict[str, Any]]] = {}
    for link in links:
        verdict.records += 1
        chains.setdefault(str(link.get("chain")), []).append(link)
    for chain, found in chains.items():
        _check_chain(chain, found, verdict)
    _check_digests(chains, list(digests), verdict)
    for head in heads:
        _check_head(chains.get(str(head["chain"]), []), head, verdict)
    verdict.notes.append(CANNOT_TELL)
    return verdict


def _check_chain(chain: str, links: list[dict[str, Any]], verdict: Verdict) -> None:
    previous, expected = GENESIS, 1
    for link in links:
        seq = link.get("seq")
        if not isinstance(seq, int):
            verdict.faults.append(f"{chain} 第{expected}条：没有序号。")
            seq = expected
        elif seq > expected:
            gap = f"第{expected}条" if seq == expected + 1 else f"第{expected}条至第{seq - 1}条"
            verdict.faults.append(f"{chain} 第{seq}条：之前缺少{gap}。")
        elif seq < expected:
            verdict.faults.append(f"{chain} 第{seq}条：次序颠倒或者重复。")
        if link.get("previous_hash") != previous:
            verdict.faults.append(f"{chain} 第{seq}条：与前一条不衔接。")
        if link_digest(link) != link.get("hash"):
            verdict.faults.append(f"{chain} 第{seq}条：内容与摘要不符，已被改动。")
        previous, expected = str(link.get("hash")), seq + 1


def _check_digests(chains: dict[str, list[dict[str, Any]]], digests: list[dict[str, Any]], verdict: Verdict) -> None:
    hashes = {chain: {link.get("seq"): link.get("hash") for link in links} for chain, links in chains.items()}
    published: dict[str, int] = {}
    for digest in digests:
        chain, seq = str(digest.get("chain")), digest.get("seq")
        published[chain] = max(published.get(chain, 0), seq if isinstance(seq, int) else 0)
        told = f"{chain} 第{seq}条：{digest.get('day', '')}公布过摘要"
        if seq not in hashes.get(chain, {}):
            verdict.faults.append(f"{told}，记录中没有这一条。")
        elif hashes[chain][seq] != digest.get("hash"):
            verdict.faults.append(f"{told}，与记录不符。")
    for chain, links in chains.items():
        after = len(links) - published.get(chain, 0)
        if after > 0:
            verdict.notes.append(f"{chain}：末尾{after}条尚未公布摘要，没有外部凭据。")


def _check_head(links: list[dict[str, Any]], head: dict[str, Any], verdict: Verdict) -> None:
    last = links[-1] if links else {"seq": 0, "hash": GENESIS}
    if (last.get("seq"), last.get("hash")) != (head["seq"], head["hash"]):
        verdict.faults.append(f"{head['chain']} 第{head['seq']}条：应为末条，记录止于第{last.get('seq')}条。")


def link_digest(link: dict[str, Any]) -> str:
    """SHA-256 over the link without its own digest, as canonical JSON: sorted keys, no spaces, UTF-8."""
    body = {key: value for key, value in link.items() if key != "hash"}
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_export(lines: Iterable[str]) -> list[dict[str, Any]]:
    """The rows of an export or of the digests: one JSON object a line; raises UnreadableExport."""
    rows = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict):
            raise UnreadableExport(f"第{number}行不是一条记录（应为一个JSON对象）。")
        rows.append(row)
    return rows


def read_file(path: str) -> list[dict[str, Any]]:
    """The rows of a file; raises UnreadableExport, naming the file."""
    try:
        with open(path, encoding="utf-8") as file:
            return read_export(file)
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableExport(f"{path}：无法读取（{type(error).__name__}）。") from None
    except UnreadableExport as error:
        raise UnreadableExport(f"{path}：{error}") from None


def main(arguments: list[str]) -> int:
    if len(arguments) not in (1, 2):
        sys.stderr.write("python3 verifying.py EXPORT [DIGESTS]\n")
        return 2
    try:
        verdict = check_links(read_file(arguments[0]), digests=read_file(arguments[1]) if arguments[1:] else ())
    except UnreadableExport as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write("\n".join(verdict.lines()) + "\n")
    return 0 if verdict.verified else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
