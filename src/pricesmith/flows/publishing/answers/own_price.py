"""What judges a price that a person sets, on every way: the rules on the product, the evidence behind it, rules over several products."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats, Ints, today_alone
from pricesmith.contracts.tables import DECISIONS
from pricesmith.engine import Decided
from pricesmith.optimization.expectations import units_at
from pricesmith.rules.apply import fits_alone
from pricesmith.rules.caution import WEAK_EVIDENCE
from pricesmith.rules.together import Broken, Together, binds, together
from pricesmith.rules.together import breaking as broken_by

REACH = "reach"
"""What stands against a price that no rule forbids, where it is farther from today's than a run looks."""
KEY = list(DECISIONS.key)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of a price for a product by itself. Where nothing stands in any of them, it may be set.

    same     it is the price that the run began with: a run with it would send nothing
    hold     code of why the product may have no other price, "" where it may
    barred   names of the hard rules that forbid the price, or REACH: no way leads around them
    against  names of the soft rules that hold for the product and that the price breaks, and WEAK_EVIDENCE where that lets none move so
             far: a person may set it all the same
    """

    same: bool = False
    hold: str = ""
    barred: tuple[str, ...] = ()
    against: tuple[str, ...] = ()


def judged(decided: Decided, items: Ints, prices: Ints) -> list[Verdict]:
    """The verdict on a price (minor units) of each item (m,); a soft rule that gave way for a product stands against nothing."""
    order = np.argsort(items, kind="stable")
    turn = np.empty(items.size, dtype=np.int64)
    turn[order] = np.arange(items.size) - np.searchsorted(items[order], items[order])
    told = [Verdict()] * items.size
    for number in range(int(turn.max(initial=-1)) + 1):
        rows = np.flatnonzero(turn == number)
        for row, verdict in zip(rows, _judged(decided, items[rows], prices[rows]), strict=True):
            told[row] = verdict
    return told


def _judged(decided: Decided, items: Ints, prices: Ints) -> list[Verdict]:
    """The same where no item is asked about twice: a ladder has room for one price that is meant."""
    block = decided.meaning(items, prices).opened(items)
    on = (block.ladder.prices == prices[:, None]) & block.ladder.valid
    open_ = (on & block.allowed.valid).any(axis=1)
    rules, bounds = decided.shop.policy.rules, block.bounds
    fits = fits_alone(rules, block.items, prices[:, None], bounds.low, bounds.high, block.context)[:, :, 0]
    broken, cautious = ~fits & ~block.allowed.dropped, block.caution.lets(prices[:, None])[:, 0]
    hard = np.array([rule.hard for rule in rules], dtype=bool)[:, None]
    same = decided.items["current_price"].fill_null(0).to_numpy()[items] == prices
    told = []
    for row in range(items.size):
        if same[row] or open_[row] or bounds.hold[row]:
            told.append(Verdict(same=True) if same[row] else Verdict(hold=str(bounds.hold[row])))
            continue
        firm, soft = (tuple(bounds.names[number] for number in np.flatnonzero(side[:, row])) for side in (broken & hard, broken & ~hard))
        barred = firm or (() if on[row].any() else (REACH,))
        told.append(Verdict(barred=barred, against=soft if cautious[row] else (*soft, WEAK_EVIDENCE)))
    return told


def forbidden(price: str, names: str) -> str:
    """What is said of a price that is barred. price: with its currency;  names: of what bars it."""
    return f"{price} cannot be published; what forbids it: {names}"


def began_with(price: str) -> str:
    """What is said of a price that is the `same`. price: with its currency."""
    return f"{price} is the price that the run began with: a run with it would send nothing"


def stands_already(price: str) -> str:
    """What is said of the price that the run proposes, or that somebody set before."""
    return f"{price} is proposed already: accept that proposal instead"


def nearest(decided: Decided, items: Ints, wanted: Floats, count: int = 1) -> Ints:
    """(m, count) prices that the rules on each item (m,) allow, nearest to the wanted one (m,) first, the lower of two; minor units.

    Today's price is one of them where they allow it; -1 where there are no more, or the item is held.
    """
    block = decided.opened(items)
    open_ = block.allowed.valid & (block.bounds.hold == "")[:, None]
    away = np.where(open_, np.abs(block.ladder.prices - wanted[:, None]), np.inf)
    order = np.argsort(away, axis=1, kind="stable")[:, :count]
    found = np.isfinite(np.take_along_axis(away, order, axis=1))
    return np.where(found, np.take_along_axis(block.ladder.prices, order, axis=1), -1)


def settable(decided: Decided, item: int, wanted: float, count: int) -> list[int]:
    """Prices of an item nearest to the wanted one against which nothing stands, minor units, ascending."""
    now = decided.items["current_price"][item]
    close = nearest(decided, np.array([item]), np.array([wanted]), count + 1)[0].tolist()
    return sorted([price for price in close if price > 0 and price != now][:count])


def gave_way(decided: Decided, item: int) -> list[str]:
    """Names of the soft rules that gave way for an item: no price that the other rules allow keeps to them."""
    block = decided.opened(np.array([item]))
    return [block.bounds.names[number] for number in np.flatnonzero(block.allowed.dropped[:, 0])]


def bound(decided: Decided) -> Together:
    """What the rules bind over several products at the prices of a run."""
    shop, rows, prices = decided.shop, np.arange(decided.column.size), prices_of(decided)
    if not binds(shop.policy.rules):
        return together((), decided.items, prices, shop.context)
    now = shop.demand.curves(today_alone(shop.shelf.own), rows).base
    context = replace(shop.context, units_now=now, units_then=decided.expected.units)
    return together(shop.policy.rules, decided.items, prices, context)


def breaking(decided: Decided, known: Together, items: Ints, plans: Ints) -> list[list[Broken]]:
    """What each of p plans would break over several products, all other prices as they are: what the making of an own price would refuse.

    items  (m,) numbers of items;  plans  (p, m) minor units, each a price that the rules on its item alone allow
    """
    if not known.sums and not known.ties:
        return [[] for _ in plans]
    family = decided.shop.demand.family
    kin = np.isin(family, family[items][family[items] >= 0])
    kin[items] = True
    rows = np.flatnonzero(kin)
    own, block, meant = np.searchsorted(rows, items), None, known.prices
    prices, units = np.tile(known.prices[rows], (len(plans), 1)), np.empty((len(plans), rows.size))
    prices[:, own] = plans
    for number, plan in enumerate(plans):
        meaning = decided.meaning(items, plan)
        if block is None or not np.array_equal(meaning.shop.shelf.meant, meant):
            block, meant = meaning.opened(rows), meaning.shop.shelf.meant
        column = decided.column[rows].copy()
        column[own] = np.argmax((block.ladder.prices[own] == plan[:, None]) & block.ladder.valid[own], axis=1)
        units[number] = units_at(block.curves, block.ladder, column)
    return broken_by(known, decided.items, rows, prices, units)


def prices_of(decided: Decided) -> Ints:
    """(n,) price of each item in minor units under a run: the decided one, else the current one; 0 where none is known."""
    chosen = decided.decisions.select(*KEY, "price")
    table = decided.items.select(*KEY, "current_price").join(chosen, on=KEY, how="left", maintain_order="left")
    return table.select(pl.coalesce("price", "current_price").fill_null(0)).to_series().to_numpy().astype(np.int64, copy=True)
