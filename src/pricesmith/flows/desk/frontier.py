"""The efficient frontier of a run, or of a run under changes: what more revenue would cost in profit."""

from __future__ import annotations

from typing import Any

import msgspec

from pricesmith.contracts.errors import PricesmithError

from .choices import patience
from .question import changes_of, write
from .reading import Reading
from .sums import Frontier, efficient
from .trouble import Trouble
from .what_if import Given, given, mine_of


class Point(msgspec.Struct, frozen=True):
    """A plan: revenue and profit a day, major units; how many prices change."""

    revenue: float
    profit: float
    changes: int | None = None


class Frontiers(msgspec.Struct, frozen=True):
    """Efficient plans under the same rules, from most profit to most revenue; today's prices and the chosen ones.

    working  it is being worked out: ask again
    """

    run: str
    currency: str = ""
    changes: list[Given] = []
    plans: list[Point] = []
    today: Point | None = None
    chosen: Point | None = None
    working: bool = False
    trouble: Trouble | None = None


def frontier(reading: Reading, asked: Any) -> Frontiers:
    """The frontier of a question (question.Asked); of what is looked at alone it takes no notice: rules hold for the whole shop."""
    name = asked.run or reading.latest()
    if name is None:
        return Frontiers("")
    currency = reading.run(name).currency
    try:
        changes = changes_of(asked)
        mine = mine_of(reading, name, changes)
    except PricesmithError as error:
        return Frontiers(name, currency, trouble=Trouble.of(error))
    if mine is None:
        return Frontiers(name, currency, given(changes), working=True)
    texts = [write(change) for change in changes]
    decided = mine.decided
    found: Frontier | None = reading.frontiers.ask(f"{name} {texts}", lambda: efficient(decided, currency), patience(reading, name))
    if found is None:
        return Frontiers(name, currency, given(changes), working=True)
    plans = [Point(*row) for row in found.plans.select("revenue", "profit", "changes").iter_rows()]
    return Frontiers(name, currency, given(changes), plans, Point(*found.today), Point(*found.chosen))
