"""A promise as a checkable sentence, the size at which it is checked, and what a check has seen.

@promise("P17", "Each price of a call that is partly refused ends by itself.", full=2000, small=40)
def partial_success(size: int) -> Seen: ...
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

from tests.soak import promises


@dataclass(frozen=True, slots=True)
class Seen:
    """What one check came to.

    cases     what was tried, in number
    breaches  how often the promise did not hold
    figure    what else was measured, in one clause
    """

    cases: int
    breaches: int
    figure: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """One check of one promise.

    sentence  what holds, so that it can be checked
    full      cases at full size, and `small` in the tests
    quick     True where the small size belongs to `make test`; the others run in `make test-real`
    """

    number: str
    sentence: str
    check: Callable[[int], Seen]
    full: int
    small: int
    unit: str
    quick: bool

    @property
    def name(self) -> str:
        return f"{self.number} {self.check.__name__}"


PROMISES: list[Promise] = []
Check = Callable[[int], Seen]


def promise(number: str, sentence: str, *, full: int, small: int, unit: str, quick: bool = True) -> Callable[[Check], Check]:
    """Register a check."""

    def register(check: Check) -> Check:
        PROMISES.append(Promise(number, sentence, check, full, small, unit, quick))
        return check

    return register


def every() -> list[Promise]:
    """All promises by number; each module of `promises/` is imported once."""
    for module in pkgutil.iter_modules(promises.__path__):
        importlib.import_module(f"{promises.__name__}.{module.name}")
    return sorted(PROMISES, key=lambda one: one.number)
