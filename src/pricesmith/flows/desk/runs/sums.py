"""What a finished run adds up to: sums of the whole shop with their interval, the certificate, the efficient frontier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Curves, Floats, Ints, Ladder, today_alone
from pricesmith.contracts.economics import shares, unit_profit, unit_revenue
from pricesmith.contracts.money import exponent
from pricesmith.contracts.policy import Policy
from pricesmith.engine import Decided
from pricesmith.optimization import Problem
from pricesmith.optimization.frontier import frontier_plans, totals

from .sellable import sum_range

PLANS = 7
"""Plans on a frontier."""


@dataclass(frozen=True, slots=True)
class Total:
    """The whole shop a day: profit (major units) expected today, its change with a 90 % interval; revenue and units before and after.

    revenue  major units without tax and returns: at today's prices, at the new ones;  units  likewise
    ranges   profit, revenue and units at today's prices: 90 % intervals of what may come; empty where the model does not tell its noise
    """

    today: float
    change: float
    low: float
    high: float
    revenue: tuple[float, float]
    units: tuple[float, float]
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def week(self) -> tuple[float, float, float]:
        """The change and its interval in seven such days."""
        return 7.0 * self.change, 7.0 * self.low, 7.0 * self.high


@dataclass(frozen=True, slots=True)
class Certificate:
    """Value of the objective that was reached, and an upper bound of every value the rules allow."""

    value: float
    bound: float
    gap: float


@dataclass(frozen=True, slots=True)
class Frontier:
    """What more revenue would cost in profit: plans under the same rules, major units a day.

    plans          columns revenue, profit, changes: from most profit to most revenue, efficient ones only, each once
    today, chosen  (revenue, profit) of today's prices and of this run
    changes        prices that this run changes
    prices         of each plan and, last, of this run: (n,) price of each item, minor units, 0 where none is known
    """

    plans: pl.DataFrame
    today: tuple[float, float]
    chosen: tuple[float, float]
    changes: int = 0
    prices: list[Ints] = field(default_factory=list)


def total(decided: Decided, currency: str) -> Total:
    """Profit, revenue and units of the whole shop and the change of its profit, major units a day."""
    major, draws = 10.0 ** exponent(currency), decided.expected.total
    change = float(draws.mean()) if draws.size else 0.0
    low, high = np.quantile(draws, (0.05, 0.95)) if draws.size else (np.nan, np.nan)
    before, ranges = today_of(decided, major)
    after = {name: float(decided.decisions[f"expected_{name}"].sum()) for name in ("revenue", "units")}
    return Total(
        before["profit"],
        change / major,
        float(low) / major,
        float(high) / major,
        revenue=(before["revenue"], after["revenue"]),
        units=(before["units"], after["units"]),
        ranges=ranges,
    )


def at_current(decided: Decided, *, priced: bool) -> dict[str, float]:
    """Profit, revenue (minor units) and units a day at the current prices; see `listed`."""
    rows = listed(decided, priced=priced)
    return summed(base(decided, rows), _worths(decided, rows))


def summed(units: Floats, worths: Mapping[str, Floats]) -> dict[str, float]:
    """Totals by name. units: (m,) a day;  worths: name -> (m,) what one counts, NaN for nothing"""
    return {name: float(np.nansum(units * each)) for name, each in worths.items()}


def today_of(decided: Decided, major: float) -> tuple[dict[str, float], dict[str, tuple[float, float]]]:
    """`at_current` of the products in the price list, money in major units, and the 90 % intervals of what may come of the same."""
    rows, days = listed(decided, priced=True), decided.shop.policy.horizon_days
    worths = _worths(decided, rows)
    scaled = {name: each if name == "units" else each / major for name, each in worths.items()}
    if not rows.size:
        return dict.fromkeys(worths, 0.0), {}
    curves, tell = curves_today(decided, rows), getattr(decided.shop.demand, "noise", None)
    ranges = {} if tell is None else {name: sum_range(curves, tell(rows, days), each, days) for name, each in scaled.items()}
    return summed(curves.base, scaled), ranges


def listed(decided: Decided, *, priced: bool) -> Ints:
    """Numbers of the items with a price.

    priced  True: of the products in the price list; False: of those that are not to be priced, which the plan holds and no list shows
    """
    wanted = ((pl.col("active") == 1).fill_null(True) == priced) & (pl.col("current_price") > 0)
    return decided.items.select(wanted.fill_null(False).arg_true()).to_series().to_numpy().astype(np.int64)


def _worths(decided: Decided, rows: Ints) -> dict[str, Floats]:
    """(m,) what one unit counts at its current price, minor units: NaN where its cost is not known."""
    items = decided.items[rows]
    share, price = shares(items), items["current_price"].cast(pl.Float64).to_numpy()
    profit = unit_profit(price, share["kept"], share["landed"], share["returned"])
    return {"profit": profit, "revenue": unit_revenue(price, share["net"], share["returned"]), "units": np.ones(rows.size)}


def base(decided: Decided, rows: Ints) -> Floats:
    """(m,) expected units a day of some items at their current prices."""
    return curves_today(decided, rows).base if rows.size else np.zeros(0)


def curves_today(decided: Decided, rows: Ints) -> Curves:
    """Curves of some items, at their current prices alone."""
    return decided.shop.demand.curves(today_alone(decided.shop.shelf.own[rows]), rows)


def certificate(decided: Decided, policy: Policy, currency: str) -> Certificate:
    """Value and bound of the objective: major units a day, or units a day where units alone are the objective.

    Where the rules' last word took prices back after the choice, the value is that of the finished list.
    """
    scale = 1.0 if set(policy.weights) == {"units"} else 10.0 ** exponent(currency)
    choice = decided.choice
    value, aside = choice.value, weighed(at_current(decided, priced=False), 10.0 ** exponent(currency), policy)
    if not np.array_equal(decided.column, choice.column):
        asked = decided.opened().problem
        value += worth(asked, decided.column, policy) - worth(asked, choice.column, policy)
    gap = choice.gap if value == choice.value and not aside else (choice.bound - value) / max(abs(choice.bound - aside), 1e-300)
    return Certificate((value - aside) / scale, (choice.bound - aside) / scale, gap)


def worth(problem: Problem, column: Ints, policy: Policy) -> float:
    """Expected objective of a plan, in the units of `Choice.value`."""
    return weighed(totals(problem, column), problem.major, policy)


def weighed(brought: Mapping[str, float], major: float, policy: Policy) -> float:
    """Totals of a plan as the objective weighs them."""
    one = major if len(policy.weights) > 1 else 1.0
    return sum(weight * float(brought[name]) * (one if name == "units" else 1.0) for name, weight in policy.weights.items())


def efficient(decided: Decided, currency: str) -> Frontier:
    """Profit against revenue under the same rules; both at today's prices and at the chosen ones."""
    major, places = 10.0 ** exponent(currency), ("revenue", "profit")
    asked, aside = decided.opened().problem, at_current(decided, priced=False)
    table, columns = frontier_plans(asked, "revenue", PLANS)
    table = table.with_row_index("plan").filter("efficient").sort("revenue")
    prices = [_priced(decided, asked.ladder, columns[plan]) for plan in table["plan"]]
    once = [row for row, each in enumerate(prices) if not any(np.array_equal(each, other) for other in prices[:row])]
    plans = table[once].select(*((pl.col(name) - aside[name]) / major for name in places), "changes")
    today, chosen = (totals(asked, column) for column in (asked.ladder.current, decided.column))
    revenue, profit = ([(one[name] - aside[name]) / major for one in (today, chosen)] for name in places)
    prices = [*(prices[row] for row in once), _priced(decided, asked.ladder, decided.column)]
    return Frontier(plans, (revenue[0], profit[0]), (revenue[1], profit[1]), int(chosen["changes"]), prices)


def _priced(decided: Decided, ladder: Ladder, column: Ints) -> Ints:
    """(n,) price of each item, minor units: on the ladder, else the current one, 0 where none is known."""
    current = decided.items["current_price"].fill_null(0).to_numpy().astype(np.int64)
    return np.where(column >= 0, ladder.prices[np.arange(column.size), np.maximum(column, 0)], current)
