"""Names that are nearly the same: flagged for a person to decide, never barred by the portal itself (U23).

样例阀门有限公司 and 样例阀门股份有限公司 may be one body before and after its change of form, or two; so may two names
a slip of the pen apart.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

from awards.names import SHORTEST_NEAR, nearly_same, plain_name

# the form of a company wherever it stands: 样例有限公司某地分公司, 样例有限公司（筹）
COMPANY = re.compile(r"股份有限公司|有限公司")
ENDING = re.compile(r"(集团公司|总公司|分公司|公司|集团|总厂|厂)$")
SHORTEST_BARE = 3
T = TypeVar("T", bound=Hashable)


def bare_name(name: str) -> str:
    """The plain name without its legal form: what a body keeps when it changes it."""
    plain, bare = "", COMPANY.sub("", plain_name(name))
    while bare != plain:
        plain, bare = bare, ENDING.sub("", bare)
    return bare


class Alike(Generic[T]):
    """Finds whose name a name is nearly the same as; the cost is that of the names, not of their pairs."""

    def __init__(self, named: Iterable[tuple[str, T]]) -> None:
        self._bare: dict[str, set[tuple[str, T]]] = {}
        self._near: dict[str, set[tuple[str, T]]] = {}
        for name, what in named:
            plain = plain_name(name)
            if len(bare_name(name)) >= SHORTEST_BARE:
                self._bare.setdefault(bare_name(name), set()).add((plain, what))
            if len(plain) >= SHORTEST_NEAR:
                for key in _one_left_out(plain):
                    self._near.setdefault(key, set()).add((plain, what))

    def to(self, name: str) -> set[T]:
        """What bears a name nearly, and not exactly, this one."""
        plain = plain_name(name)
        found = {what for other, what in self._bare.get(bare_name(name), ()) if other != plain}
        if len(plain) >= SHORTEST_NEAR:
            for key in _one_left_out(plain):
                found |= {what for other, what in self._near.get(key, ()) if nearly_same(plain, other)}
        return found


def _one_left_out(plain: str) -> set[str]:
    """The name and every name one character shorter: two names one character apart share one of them."""
    return {plain, *(plain[:place] + plain[place + 1 :] for place in range(len(plain)))}
