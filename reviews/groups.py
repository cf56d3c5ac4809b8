"""Which bodies belong to one group: parents of parents and subsidiaries of subsidiaries, with the way between (U23)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from awards.names import plain_name

from .models import GroupLink


def body_keys(name: str, code: str) -> tuple[str, ...]:
    """By what a body is found: its code first, then its name as writing alone does not change it."""
    code, name = code.strip().upper(), plain_name(name)
    return tuple(one for one in (f"code:{code}" if code else "", f"name:{name}" if name else "") if one)


@dataclass(frozen=True)
class Way:
    """How a body stands to another of its group: the names on the way, and which way is up."""

    names: tuple[str, ...]
    ups: int
    downs: int

    def says(self, noun: str) -> str:
        """`样例集团（申报组织的母公司）`, with who stands between where the way is longer."""
        start, between = self.names[0], self.names[1:-1]
        if self.downs and not self.ups:
            role = "母公司" if self.downs == 1 else "上级母公司"
        elif self.ups and not self.downs:
            role = "子公司" if self.ups == 1 else "下级子公司"
        else:
            role = "同一集团成员"
        through = f"，经{'、'.join(between)}" if between else ""
        return f"{start}（{noun}的{role}{through}）"


class Groups:
    """The standing links of one scheme as a graph; a body is a node under whichever of its keys is known."""

    def __init__(self, links: Iterable[GroupLink]) -> None:
        self._node: dict[str, int] = {}
        self._names: list[str] = []
        # node → (neighbour, whether the neighbour is its parent)
        self._next: dict[int, list[tuple[int, bool]]] = {}
        links = list(links)
        for one in links:
            self._join(body_keys(one.parent_name, one.parent_code), one.parent_name)
            self._join(body_keys(one.child_name, one.child_code), one.child_name)
        for one in links:
            self._link(body_keys(one.parent_name, one.parent_code), body_keys(one.child_name, one.child_code))
        self._reached: dict[int, dict[int, Way]] = {}

    def add_link(self, parent: tuple[str, ...], parent_name: str, child: tuple[str, ...], child_name: str) -> None:
        """One link more, known from elsewhere: a branch under its parent's code, a parent the form names."""
        self._join(parent, parent_name)
        self._join(child, child_name)
        self._link(parent, child)
        self._reached.clear()

    def ways_from(self, keys: Iterable[str]) -> dict[str, Way]:
        """Every key of every other body of the group with the way from it to the body these keys name."""
        starts = {self._node[one] for one in keys if one in self._node}
        found: dict[int, Way] = {}
        for start in sorted(starts):
            for node, way in self._ways(start).items():
                if node not in starts:
                    found.setdefault(node, way)
        return {key: found[node] for key, node in self._node.items() if node in found}

    def _join(self, keys: tuple[str, ...], name: str) -> None:
        """All keys of one body lead to one node; two nodes that turn out to be one are made one."""
        if not keys:
            return
        nodes = sorted({self._node[one] for one in keys if one in self._node})
        if not nodes:
            nodes = [len(self._names)]
            self._names.append(name)
            self._next[nodes[0]] = []
        kept, gone = nodes[0], set(nodes[1:])
        if gone:
            self._node = {key: kept if node in gone else node for key, node in self._node.items()}
            self._next[kept] += [pair for node in gone for pair in self._next.pop(node)]
            for node, pairs in self._next.items():
                moved = [(kept if other in gone else other, is_parent) for other, is_parent in pairs]
                self._next[node] = [pair for pair in moved if pair[0] != node]
        self._node.update(dict.fromkeys(keys, kept))

    def _link(self, parent: tuple[str, ...], child: tuple[str, ...]) -> None:
        if not parent or not child:
            return
        above, below = self._node[parent[0]], self._node[child[0]]
        if above != below:
            self._next[above].append((below, False))
            self._next[below].append((above, True))

    def _ways(self, start: int) -> dict[int, Way]:
        """Node → the shortest way from it to `start`, breadth first; a ring of holdings ends where it began."""
        if start in self._reached:
            return self._reached[start]
        found = {start: Way((self._names[start],), 0, 0)}
        queue = deque([start])
        while queue:
            node = queue.popleft()
            way = found[node]
            for other, is_parent in self._next[node]:
                if other not in found:
                    # seen from `other`: a parent goes down to reach its child
                    found[other] = Way(
                        (self._names[other], *way.names), way.ups + (not is_parent), way.downs + is_parent
                    )
                    queue.append(other)
        self._reached[start] = found
        return found
