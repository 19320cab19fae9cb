"""Prices of one's own for many products at once: a move by a share, rounded to what the rules let be published, or one price exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats, Ints
from pricesmith.contracts.errors import PricesmithError, UsageError
from pricesmith.contracts.shop import Key
from pricesmith.engine import Decided
from pricesmith.flows.desk.reading.ledger import KEY
from pricesmith.flows.publishing.answers.own_price import REACH, Verdict, judged, nearest


@dataclass(frozen=True, slots=True)
class Moved:
    """prices: minor units, by product;  left: chosen products whose price may not be set, or would be that of today or of the run.

    short  of the prices those that limits keep from the price that was meant
    """

    prices: dict[Key, int]
    left: int
    short: int


@dataclass(frozen=True, slots=True)
class SetTo:
    """Products that may have one price, and the others with what stands against it.

    prices   minor units, by product: the same for each
    against  names of what may give way and that some of them go against
    rest     not to be changed by it, held, or barred
    """

    prices: dict[Key, int]
    against: tuple[str, ...]
    rest: dict[Key, Verdict]


def set_to(decided: Decided, keys: Sequence[Key], price: int) -> SetTo:
    """One price (minor units) for each of these products, exactly: who may have it by the rules on the product alone.

    Products that are not in the run are left out.
    """
    wanted = pl.DataFrame(keys, schema=KEY, orient="row").unique(maintain_order=True)
    rows = wanted.join(decided.items.select(*KEY, "item"), on=KEY, maintain_order="left")
    items = rows["item"].cast(pl.Int64).to_numpy()
    verdicts = judged(decided, items, np.full(items.size, price, dtype=np.int64))
    told = dict(zip((Key(*row) for row in rows.select(KEY).iter_rows()), verdicts, strict=True))
    rest = {key: one for key, one in told.items() if one.same or one.hold or one.barred}
    free = {key: one for key, one in told.items() if key not in rest}
    return SetTo(dict.fromkeys(free, price), tuple(dict.fromkeys(name for one in free.values() for name in one.against)), rest)


class StoppedError(PricesmithError):
    """No price of these can move so far. names: of what stops them, as in `Verdict`."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        super().__init__(stopped(", ".join(names)), hint=STOPPED)


FAR = 0.1
"""How far, as a share of it, a price lies from the one that was meant where no price near that is offered at all."""
STOPPED = "take a smaller move, or change the limit on the page Rules"


def stopped(names: str) -> str:
    """What is said where no price can move so far. names: of what stops them."""
    return f"none of these prices may move further than today's or the run's; what stops them: {names}"


def moved(decided: Decided, keys: Sequence[Key], share: float) -> Moved:
    """The publishable price nearest to today's moved by `share` (0.05 is 5 % up), for each product.

    Raises PricesmithError where no price of any of them may be set, or none would change; StoppedError where rules are why.
    """
    if not -0.9 <= share <= 9.0 or share == 0.0:
        raise UsageError(f"a move by {100 * share:g} % cannot be", hint="from -90 to 900, and not 0")
    wanted = pl.DataFrame(keys, schema=KEY, orient="row").unique(maintain_order=True)
    items = decided.items.select(*KEY, "item", "current_price").filter(pl.col("current_price") > 0)
    rows = wanted.join(items, on=KEY, maintain_order="left").join(decided.decisions.select(*KEY, "price"), on=KEY, maintain_order="left")
    if rows.is_empty():
        raise PricesmithError("no price of these products may be set", hint="see the limits of their rules")
    numbers, wanted_price = rows["item"].cast(pl.Int64).to_numpy(), rows["current_price"].to_numpy() * (1.0 + share)
    price = nearest(decided, numbers, wanted_price)[:, 0]
    moves = (pl.col("mine") > 0) & (pl.col("mine") != pl.col("price")) & (pl.col("mine") != pl.col("current_price"))
    found = rows.with_columns(mine=pl.Series(price)).filter(moves)
    if found.is_empty() and (price > 0).any():
        free = price > 0
        raise _unmoved(decided, numbers[free], price[free], wanted_price[free])
    if found.is_empty():
        raise PricesmithError("no price of these products may be set", hint="see the limits of their rules")
    chosen = {Key(*row[:3]): int(row[3]) for row in found.select(*KEY, "mine").iter_rows()}
    mine = rows.with_columns(mine=pl.Series(price)).select(moves.fill_null(False))["mine"].to_numpy()
    short = _short(decided, numbers[mine], price[mine], wanted_price[mine])
    return Moved(chosen, wanted.height - len(chosen), short)


def _short(decided: Decided, items: Ints, price: Ints, wanted: Floats) -> int:
    """As `Moved.short`: a price that may not be set is nearer to the one that was meant, or none is offered so far.

    items  (m,);  price  (m,) minor units, the nearest to the wanted one (m,) that the rules allow
    """
    block = decided.opened(items)
    away = np.where(block.ladder.valid, np.abs(block.ladder.prices - wanted[:, None]), np.inf).min(axis=1)
    apart = np.abs(price - wanted)
    return int(((away < apart - 0.5) | (apart > FAR * wanted)).sum())


def _unmoved(decided: Decided, items: Ints, price: Ints, wanted: Floats) -> PricesmithError:
    """Why none of the items (m,) would get another price than today's or the run's: what stops most of them.

    price  (m,) minor units, the nearest to the wanted one (m,) that the rules allow
    """
    block = decided.opened(items)
    up = (wanted > price)[:, None]
    beyond = block.ladder.valid & np.where(up, block.ladder.prices > price[:, None], block.ladder.prices < price[:, None])
    ends = ~(beyond & block.allowed.valid).any(axis=1)
    away = np.where(beyond, np.abs(block.ladder.prices - wanted[:, None]), np.inf)
    asked = block.ladder.prices[np.arange(items.size), np.argmin(away, axis=1)]
    if 2 * ends.sum() < items.size:
        what = "none of these prices would be another one than today or in the run: the move does not reach the next publishable price"
        return PricesmithError(what, hint="take a larger move")
    told = judged(decided, items[ends], np.where(np.isfinite(away.min(axis=1)), asked, wanted.astype(np.int64))[ends])
    names = dict.fromkeys(name for one in told for name in one.barred or one.against)
    return StoppedError(tuple(names) or (REACH,))
