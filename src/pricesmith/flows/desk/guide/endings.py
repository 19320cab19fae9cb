"""What the prices of a shop end in today: the guide proposes these endings, and says how many of the prices they fit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import poisson

from pricesmith.contracts.errors import PricesmithError
from pricesmith.contracts.money import endings_of, exponent, minor_expr
from pricesmith.contracts.policy import Policy
from pricesmith.flows import wiring
from pricesmith.flows.desk.data.histories import READ, seen
from pricesmith.flows.desk.reading.ledger import KEY, Reading
from pricesmith.preparation.items import asked_prices

NONE = {**dict.fromkeys(KEY, pl.String), "price": pl.Int64}
ENOUGH, MOST, LEAST = 0.9, 10, 0.5
"""Share of the prices that are to be fitted; endings that are proposed at most; and the share that these must fit, else none is."""


CHANCE = 0.2
"""Shops whose other prices end in anything, of which one in so many may be offered an ending too much."""
Ints = NDArray[np.int64]


class Ending(msgspec.Struct, frozen=True):
    """An ending, as the rule price_endings has it, and how many of the prices end so and in no ending before it."""

    ending: float
    prices: int


class Endings(msgspec.Struct, frozen=True):
    """Current prices of the shop, and what they end in.

    proposed  the fewest endings that fit ENOUGH of them, the most frequent first; empty where the prices have no endings in common
    fitting   prices that end in one of the endings that the guide shows;  otherwise: all others
    """

    prices: int
    proposed: list[Ending]
    fitting: int
    otherwise: int


def endings(reading: Reading, shown: Sequence[float], answered: bool) -> Endings | None:
    """None where no price is known, or the tables are too large to be looked at meanwhile. Read once while the files stay.

    shown     the endings of shop.toml;  answered: somebody meant them, so that the guide shows these and no others
    """
    prices, currency = prices_of(reading), reading.policy.currency
    if prices.is_empty():
        return None
    proposed = proposal(prices, currency)
    taken = list(shown) if answered or not proposed else [one.ending for one in proposed]
    fit = fitting(prices, taken, currency)
    return Endings(len(prices), proposed, fit, len(prices) - fit)


def prices_of(reading: Reading) -> pl.Series:
    """Today's prices, minor units of the currency of shop.toml; empty where none is known, or the tables are too large to be looked at."""
    return current_prices(reading)["price"]


def current_prices(reading: Reading) -> pl.DataFrame:
    """sku, channel, region and `price` of the same, above 0. Read once while the files stay."""
    policy, held = reading.policy, wiring.files_of(reading.folder)
    files = [sorted(wiring.of_table(held, table.name).items(), key=str) for table in READ]
    name = f"{policy.currency} {policy.timezone} {files}"
    prices: pl.DataFrame = reading.shelf("endings", 1).get(name, lambda _name: _current(reading, policy))
    return prices


def proposal(prices: pl.Series, currency: str) -> list[Ending]:
    """As `Endings.proposed`. prices: minor units

    Where nearly all are whole amounts the last digit before the point is the ending. What a single price ends in is nobody's habit, nor
    what as many do as would by chance: prices that are means end in anything.
    """
    scale = 10 ** exponent(currency)
    whole = scale > 1 and float((prices % scale == 0).mean() or 0.0) >= ENOUGH
    tails = (prices // scale if whole else prices) % (10 if whole or scale == 1 else scale)
    counts = tails.alias("tail").value_counts().sort("count", "tail", descending=[True, False]).head(MOST)
    rest = len(prices) - counts["count"].cum_sum() + counts["count"]
    usual = counts.filter(_above_chance(counts["count"].to_numpy(), rest.to_numpy(), 10 if whole or scale == 1 else scale))
    needed = usual.filter((pl.col("count").cum_sum() - pl.col("count") < ENOUGH * len(prices)) & (pl.col("count") > 1))
    if needed["count"].sum() < LEAST * len(prices):
        return []
    return [Ending(tail if whole else tail / scale, count) for tail, count in needed.iter_rows()]


def _above_chance(counts: Ints, rest: Ints, tails: int) -> NDArray[np.bool_]:
    """Which endings, the most frequent first, are no chance: all up to the first that is.

    counts  prices with each ending;  rest: with it and all after it;  tails: endings that there are
    Were what is left spread evenly over the endings that are left, the most frequent of them would have so many in CHANCE of such shops.
    """
    left = tails - np.arange(counts.size)
    rare = left * poisson.sf(counts - 1, rest / left) < CHANCE
    return np.logical_and.accumulate(rare)


def fitting(prices: pl.Series, shown: Sequence[float], currency: str) -> int:
    """How many prices, in minor units, end in one of the endings."""
    tails = [prices % modulus == remainder for remainder, modulus in endings_of(shown, currency)]
    return int(pl.select(pl.any_horizontal(tails)).to_series().sum()) if tails else 0


def _current(reading: Reading, policy: Policy) -> pl.DataFrame:
    """As `current_prices`, of active products; empty where nothing can be read: the check of the data says why."""
    none = pl.DataFrame(schema=NONE)
    try:
        found = seen(reading)
    except PricesmithError:
        return none
    if found is None:
        return none
    prepared, _, keys, rows, last = found
    eve = last + dt.timedelta(days=1)
    active = prepared.tables["products"].filter(pl.col("active").fill_null(1) == 1)
    known = asked_prices(keys, rows, prepared, policy, eve).join(keys, on="item").join(active, on="sku", how="semi")
    return known.select(*KEY, price=minor_expr(pl.col("current_price"), policy.currency)).drop_nulls("price")
