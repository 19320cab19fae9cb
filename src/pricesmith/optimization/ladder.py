"""The fixed ladder of publishable prices: one absolute lattice per currency, of which each item sees the part within its reach.

The lattice depends on nothing but currency and endings, so a tighter limit only takes candidates away and can never score higher.

With an ending e the lattice holds n + e for whole numbers n of major units (19.99, 20.99, ...), thinned at high prices to every 2nd, 5th,
10th, ... so that neighbours lie 0.5 to 1 % apart (1009.99, 1019.99). An ending of one major unit or more is read as the last digits of
the price: 8 gives 8, 18, 28, ...; 88 gives 88, 188, ... (contracts.money.ending). Several endings give the union of their lattices.
Without endings: round steps of 0.2 to 0.5 % (1, 2, 5, 10, ... minor units) joined with the lattices of the usual endings, so that a
rule on usual endings only filters.

Where rules leave no price of the lattice, though there are some, those are put in for that product (engine.decide), and a person may mean
a price beside the lattice: it is put in for that product alone, and judged like every other.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from pricesmith.contracts.curves import Floats, Ints, Ladder, pieces
from pricesmith.contracts.errors import PolicyError
from pricesmith.contracts.money import MAX_MINOR, ending, exponent

USUAL = (0.0, 0.49, 0.5, 0.9, 0.95, 0.99)
"""Endings that the plain lattice contains, in currencies with decimals."""

USUAL_WHOLE = (0.0, 50.0, 80.0, 90.0, 98.0, 99.0)
"""Endings that the plain lattice contains, in currencies without decimals."""

PARTS = 100
"""A step from one candidate with an ending to the next is at most 1 / PARTS of the price, where it is more than the ending's own step."""

SPAN = (0.5, 2.0)
"""Reach as multiples of the current price where no bound is given."""

FARTHEST = (0.2, 5.0)
"""No bound reaches farther from the current price than this."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The ladders of n items before they are laid out: a run of the lattice for each, with its current price put in.

    rungs     (L,) the lattice
    start     (n,) first rung of each item
    length    (n,) candidates of each item
    inserted  (n,) column at which the current price is put in, beyond all columns where it is a rung itself
    own       (n,) current price, 0 where none is known
    current   (n,) column of the current price among those, -1 where none is known
    low, high (n,) reach, minor units
    also      (n, m) prices beside the lattice, put in as well; 0 where there is none
    meant     (n,) price beside the lattice that a person means, put in as well; 0 where there is none
    """

    rungs: Ints
    start: Ints
    length: Ints
    inserted: Ints
    own: Ints
    current: Ints
    low: Floats
    high: Floats
    also: Ints
    meant: Ints

    def with_also(self, rows: Ints, prices: Ints) -> Shelf:
        """The same where the ladders of some items (r,) hold these prices (r, m) too, 0 for none; each row names a price once."""
        fresh = np.where(np.isin(prices, self.rungs) | (prices == self.own[rows][:, None]), 0, prices)
        fresh = np.sort(fresh, axis=1)[:, fresh.shape[1] - int((fresh > 0).sum(axis=1).max(initial=0)) :]
        also = np.zeros((self.own.size, fresh.shape[1]), dtype=np.int64)
        also[rows] = fresh
        return replace(self, also=also)

    def with_meant(self, rows: Ints, prices: Ints) -> Shelf:
        """The same where the ladders of some items (m,) hold these prices (m,), in whole minor units, as far as they are within reach."""
        known = np.isin(prices, self.rungs) | (self.own[rows] == prices) | (self.also[rows] == prices[:, None]).any(axis=1)
        within = (prices >= np.maximum(self.low[rows], 1.0)) & (prices <= self.high[rows])
        meant = self.meant.copy()
        meant[rows] = np.where(within & ~known, prices, 0)
        return self if np.array_equal(meant, self.meant) else replace(self, meant=meant)

    def ladder(self, rows: Ints) -> Ladder:
        """The ladder of some of the items, as wide as the longest of them."""
        length, beside = self.length[rows].astype(np.int32), np.column_stack([self.also[rows], self.meant[rows]])
        width = int((length + (beside > 0).sum(axis=1)).max(initial=1))
        prices, valid = np.empty((rows.size, width), dtype=np.int64), np.empty((rows.size, width), dtype=bool)
        steps = np.arange(width, dtype=np.int32)
        for part in pieces(rows.size, width):
            np.less(steps, length[part, None], out=valid[part])
            _gather(self, rows[part], length[part], steps, prices[part])
        ladder = Ladder(prices, valid, self.current[rows])
        for price in beside.T:
            _put_in(ladder, length, price)
            length += price > 0
        return ladder


def build_ladder(
    items: pl.DataFrame,
    endings: Sequence[float] | None,
    currency: str,
    reach: tuple[ArrayLike, ArrayLike] | None = None,
    also: Sequence[float] = (),
) -> Ladder:
    """Candidate prices of every item: the lattice within its reach, and its current price; arguments as in `build_shelf`."""
    return build_shelf(items, endings, currency, reach, also).ladder(np.arange(items.height))


def build_shelf(
    items: pl.DataFrame,
    endings: Sequence[float] | None,
    currency: str,
    reach: tuple[ArrayLike, ArrayLike] | None = None,
    also: Sequence[float] = (),
    limits: tuple[Floats, Floats] | None = None,
) -> Shelf:
    """The ladder of every item, not laid out yet.

    items     table ITEMS; only `current_price` is read
    endings   allowed endings in major units (0.99), None for all prices
    also      endings that only some prices must have: they join the plain lattice
    reach     (low, high), each (n,) minor units; infinite or NaN where unbounded, which reads as SPAN times the current price
    limits    (low, high), each (n,) minor units within the reach; beyond a finite one the ladder holds a price at least, be it out of reach
    An item without a current price and without a finite reach has no valid candidate. Raises PolicyError for an impossible ending.
    """
    current = items["current_price"].cast(pl.Float64).to_numpy().astype(np.float64)
    low, high = _reach(current, reach)
    top = FARTHEST[1] * float(np.max(high, initial=1.0, where=np.isfinite(high)))
    top = 10 ** math.ceil(math.log10(min(max(top, 10.0), MAX_MINOR)))
    rungs = lattice(currency, None if endings is None else tuple(endings), top, tuple(also))
    return _shelf(rungs, _beyond(rungs, low, high, current, limits), (low, high), current)


@functools.lru_cache(maxsize=32)
def lattice(currency: str, endings: tuple[float, ...] | None, top: int, also: tuple[float, ...] = ()) -> Ints:
    """All publishable prices from 1 to `top` minor units, ascending, and one beyond any reach at the end (do not write into it)."""
    usual = USUAL if exponent(currency) else USUAL_WHOLE
    parts = [_ending(value, currency, top) for value in ((*usual, *also) if endings is None else endings)]
    if endings is None:
        parts.append(_stepped(1, 0, 200, top))
    joined = np.unique(np.concatenate([*parts, np.array([2 * MAX_MINOR])]))
    joined.flags.writeable = False
    return joined


def _ending(value: float, currency: str, top: int) -> Ints:
    try:
        remainder, modulus = ending(value, currency)
    except ValueError as error:
        raise PolicyError(str(error), hint="endings are amounts in major units such as 0.99") from None
    return _stepped(modulus, remainder, PARTS, top)


def one_in(value: float, currency: str, price: float, modulus: int) -> int:
    """Of so many prices with an ending (major units) the lattice holds one, near a price (minor units).

    modulus  how far such prices lie apart, minor units: beside 80, an ending of 0 is 00 (`contracts.money.endings_of`)
    """
    own, multiple = ending(value, currency)[1], 1
    while price >= PARTS * own * _next_round(multiple):
        multiple = _next_round(multiple)
    return max(own * multiple // modulus, 1)


def _stepped(modulus: int, remainder: int, parts: int, top: int) -> Ints:
    """Prices with that remainder, thinned by whole multiples of the modulus so that a step is at most 1/parts of the price."""
    pieces, multiple = [], 1
    start = 0
    while start <= top:
        wider = _next_round(multiple)
        stop = min(parts * modulus * wider, top + 1)
        offset = remainder + (multiple - 1) * modulus if remainder else 0
        step = modulus * multiple
        first = offset + max(0, -((offset - start) // step)) * step
        pieces.append(np.arange(first, stop, step, dtype=np.int64))
        start, multiple = stop if stop <= top else top + 1, wider
    joined = np.concatenate(pieces)
    return np.asarray(joined[joined >= 1])


def _next_round(multiple: int) -> int:
    """1, 2, 5, 10, 20, 50, ..."""
    return multiple * 5 // 2 if str(multiple)[0] == "2" else multiple * 2


def _reach(current: Floats, reach: tuple[ArrayLike, ArrayLike] | None) -> tuple[Floats, Floats]:
    low = np.full(current.shape, -np.inf) if reach is None else np.array(reach[0], dtype=np.float64)
    high = np.full(current.shape, np.inf) if reach is None else np.array(reach[1], dtype=np.float64)
    known = current > 0
    low = np.where(np.isfinite(low), low, np.where(known, SPAN[0] * current, np.inf))
    high = np.where(np.isfinite(high), high, np.where(known, SPAN[1] * current, -np.inf))
    low = np.where(known, np.maximum(low, FARTHEST[0] * current), low)
    high = np.where(known, np.minimum(high, FARTHEST[1] * current), high)
    return low, np.minimum(high, MAX_MINOR)


def _beyond(rungs: Ints, low: Floats, high: Floats, current: Floats, limits: tuple[Floats, Floats] | None) -> tuple[Ints, Ints]:
    """(n,) first rung of each row and the one after its last: those in reach, and the next one where a limit leaves none beyond it."""
    start = np.searchsorted(rungs, low, side="left")
    stop = np.maximum(np.searchsorted(rungs, high, side="right"), start)
    if limits is None:
        return start, stop
    lower, upper = limits
    first, last = np.searchsorted(rungs, lower, side="left"), np.searchsorted(rungs, upper, side="right")
    below, above = rungs[np.maximum(start - 1, 0)], rungs[np.minimum(stop, rungs.size - 1)]
    start = start - (np.isfinite(lower) & (start == first) & (start > 0) & (current > 0) & (below >= FARTHEST[0] * current))
    stop = stop + (np.isfinite(upper) & (stop == last) & (above <= np.minimum(FARTHEST[1] * current, MAX_MINOR)))
    return start, stop


def _shelf(rungs: Ints, ends: tuple[Ints, Ints], reach: tuple[Floats, Floats], current: Floats) -> Shelf:
    """Each row: rungs[start:stop] with the current price inserted where it is not among them."""
    known = current > 0
    own = np.where(known, current, 0).astype(np.int64)
    start, stop = ends
    count = stop - start
    place = np.searchsorted(rungs, own, side="left")
    column = np.clip(place - start, 0, count)
    listed = (place >= start) & (place < stop) & (rungs[np.minimum(place, rungs.size - 1)] == own)
    added = known & ~listed
    inserted, column = np.where(added, column, rungs.size + 1), np.where(known, column, -1)
    none = np.zeros(own.size, dtype=np.int64)
    return Shelf(rungs, start, count + added, inserted, own, column, *reach, np.zeros((own.size, 0), dtype=np.int64), none)


def _put_in(ladder: Ladder, length: NDArray[np.int32], fresh: Ints) -> None:
    """Write a price (n,) into each ladder at its place, 0 for none: its row has a column left."""
    at = np.flatnonzero(fresh)
    prices, valid, current = ladder.prices, ladder.valid, ladder.current
    steps, price = np.arange(valid.shape[1]), fresh[at, None]
    place = (valid[at] & (prices[at] < price)).sum(axis=1)[:, None]
    moved = np.take_along_axis(prices[at], steps - (steps > place), axis=1)
    prices[at] = np.where((steps == place) | ((steps > place) & (place == length[at, None])), price, moved)
    valid[at] = steps <= length[at, None]
    current[at] += (current[at] >= place[:, 0]) & (current[at] >= 0)


def _gather(shelf: Shelf, rows: Ints, length: NDArray[np.int32], steps: NDArray[np.int32], out: Ints) -> None:
    """Write the prices of some items into `out` (m, K); beyond the length of a row its last price is repeated."""
    inserted = shelf.inserted[rows].astype(np.int32)
    added = inserted < length
    index = shelf.start[rows].astype(np.int32)[:, None] + steps
    index -= steps > inserted[:, None]
    last = shelf.start[rows].astype(np.int32) + np.maximum(length - 1 - added, 0)
    np.minimum(index, np.minimum(last, shelf.rungs.size - 1)[:, None], out=index)
    np.take(shelf.rungs, index, out=out, mode="clip")
    out[length == 0] = 1
    at = np.flatnonzero(added)
    out[at, inserted[at]] = shelf.own[rows[at]]
    end = at[inserted[at] == length[at] - 1]
    out[end] = np.where(steps >= inserted[end, None], shelf.own[rows[end], None], out[end])
