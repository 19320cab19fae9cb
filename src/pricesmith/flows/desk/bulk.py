"""Prices of one's own for many products at once: a move by a share, rounded to what the rules let be published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pricesmith.contracts.errors import PricesmithError, UsageError
from pricesmith.contracts.shop import Key
from pricesmith.engine import Decided
from pricesmith.flows.publishing.own_price import nearest

from .reading import KEY


@dataclass(frozen=True, slots=True)
class Moved:
    """prices: minor units, by product;  left: chosen products whose price may not be set, or would be that of today or of the run."""

    prices: dict[Key, int]
    left: int


def moved(decided: Decided, keys: Sequence[Key], share: float) -> Moved:
    """The publishable price nearest to today's moved by `share` (0.05 is 5 % up), for each product.

    Raises PricesmithError where no price of any of them may be set, or none would change.
    """
    if not -0.9 <= share <= 9.0 or share == 0.0:
        raise UsageError(f"a move by {100 * share:g} % cannot be", hint="from -90 to 900, and not 0")
    wanted = pl.DataFrame(keys, schema=KEY, orient="row").unique(maintain_order=True)
    items = decided.items.select(*KEY, "item", "current_price").filter(pl.col("current_price") > 0)
    rows = wanted.join(items, on=KEY, maintain_order="left").join(decided.decisions.select(*KEY, "price"), on=KEY, maintain_order="left")
    if rows.is_empty():
        raise PricesmithError("no price of these products may be set", hint="see the limits of their rules")
    price = nearest(decided, rows["item"].cast(pl.Int64).to_numpy(), rows["current_price"].to_numpy() * (1.0 + share))[:, 0]
    moves = (pl.col("mine") > 0) & (pl.col("mine") != pl.col("price")) & (pl.col("mine") != pl.col("current_price"))
    found = rows.with_columns(mine=pl.Series(price)).filter(moves)
    if found.is_empty() and (price > 0).any():
        raise PricesmithError("none of these prices would be another one than today or in the run", hint="take a larger move")
    if found.is_empty():
        raise PricesmithError("no price of these products may be set", hint="see the limits of their rules")
    chosen = {Key(*row[:3]): int(row[3]) for row in found.select(*KEY, "mine").iter_rows()}
    return Moved(chosen, wanted.height - len(chosen))
