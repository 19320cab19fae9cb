"""Names that one is a slip of: a letter or two that are wrong, or the same words in another order."""

from __future__ import annotations

import re
from collections.abc import Iterable

SHORT = 5
"""Letters of a name up to which one wrong letter is a slip, and two make another word."""


def meant(name: str, valid: Iterable[str]) -> str | None:
    """The nearest of the valid names of which a name may be a slip; None where it is too far from each."""
    away = {one: 0 if words(one) == words(name) else slips(name.lower(), one.lower()) for one in valid}
    near = {one: count for one, count in away.items() if count <= (1 if min(len(one), len(name)) <= SHORT else 2)}
    return min(near, key=lambda one: (near[one], one), default=None)


def words(name: str) -> list[str]:
    """Its words, whatever their order and what stands between them."""
    return sorted(filter(None, re.split(r"[\W_]+", name.lower())))


def slips(one: str, other: str) -> int:
    """Letters to add, leave out, replace, or exchange with the next, each part of the name at most once (optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        here = [row]
        for column, its in enumerate(other, 1):
            here.append(min(last[column] + 1, here[-1] + 1, last[column - 1] + (letter != its)))
            if row > 1 and column > 1 and (letter, its) == (other[column - 2], one[row - 2]):
                here[-1] = min(here[-1], before[column - 2] + 1)
        before, last = last, here
    return last[-1]
