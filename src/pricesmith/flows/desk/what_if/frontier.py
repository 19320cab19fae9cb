"""The efficient frontier of a run, or of a run under changes: what more revenue would cost in profit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from pricesmith.contracts.curves import Ints
from pricesmith.contracts.errors import PricesmithError
from pricesmith.contracts.money import exponent
from pricesmith.engine import Decided
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.desk.reading.trouble import Trouble
from pricesmith.flows.desk.runs.sums import efficient

from .answer import Given, given, mine_of
from .choices import patience
from .plans import Plan, World, beside
from .question import changes_of, write


class Point(msgspec.Struct, frozen=True):
    """A plan: revenue and profit a day, major units; how many prices change; what it adds to today's profit, with its 90 % interval.

    profit_change, profit_lo, profit_hi  null for today's prices themselves
    """

    revenue: float
    profit: float
    changes: int = 0
    profit_change: float | None = None
    profit_lo: float | None = None
    profit_hi: float | None = None


class Frontiers(msgspec.Struct, frozen=True):
    """Efficient plans under the same rules, from most profit to most revenue; today's prices and the chosen ones.

    chosen_plan  number among `plans` (from 0) of the one that is the chosen one; null where none is
    working      it is being worked out: ask again
    """

    run: str
    currency: str = ""
    changes: list[Given] = []
    plans: list[Point] = []
    today: Point | None = None
    chosen: Point | None = None
    chosen_plan: int | None = None
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
    found: Frontiers | None = reading.frontiers.ask(
        f"{name} {texts}", lambda: _worked_out(name, currency, decided), patience(reading, name)
    )
    if found is None:
        return Frontiers(name, currency, given(changes), working=True)
    return msgspec.structs.replace(found, changes=given(changes))


def _worked_out(run: str, currency: str, decided: Decided) -> Frontiers:
    found, major = efficient(decided, currency), 10.0 ** exponent(currency)
    added = [tuple(value / major for value in one) for one in _added(decided, found.prices)]
    rows = [*found.plans.select("revenue", "profit", "changes").iter_rows(), (*found.chosen, found.changes)]
    *plans, chosen = (Point(*row, *one) for row, one in zip(rows, added, strict=True))
    *prices, own = found.prices
    place = next((number for number, one in enumerate(prices) if np.array_equal(one, own)), None)
    return Frontiers(run, currency, [], plans, Point(*found.today), chosen, place)


def _added(decided: Decided, prices: Sequence[Ints]) -> list[tuple[float, float, float]]:
    """What each plan adds to the profit of today's prices, minor units a day, and its 90 % interval: as What if counts it."""
    here = World(decided.items, decided.shop.demand)
    plans = {"nothing": Plan(here, decided.items["current_price"].fill_null(0).to_numpy().astype(np.int64))}
    plans |= {str(number): Plan(here, one) for number, one in enumerate(prices)}
    found = beside(plans, [(name, "nothing") for name in plans if name != "nothing"], np.arange(decided.items.height))
    return [(one.mean["profit"], one.low["profit"], one.high["profit"]) for one in found.contrasts]
