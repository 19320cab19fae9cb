"""Verdicts on items that are tied to one another."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Flags, Floats, Ints, Ladder
from pricesmith.contracts.money import ceil_minor, floor_minor
from pricesmith.contracts.rule import Ties

_PAIRS = 4096


def apart(tied: Ties, prices: Ints) -> Flags:
    """(n,) True for the items of a pair that does not keep to its ratios, and for all of a group that must share one price and does not."""
    wrong = ~tied.met(prices)
    flagged = np.zeros(prices.size, dtype=bool)
    flagged[tied.first[wrong]] = flagged[tied.second[wrong]] = True
    equal = (tied.low == 1.0) & (tied.high == 1.0)
    if (wrong & equal).any():
        group = connected(tied.first[equal], tied.second[equal], prices.size)
        torn = np.zeros(prices.size, dtype=bool)
        torn[group[tied.first[equal & wrong]]] = True
        flagged |= torn[group]
    return flagged


def connected(first: Ints, second: Ints, n: int) -> Ints:
    """(n,) number of the group of each item, groups being what the pairs connect."""
    from scipy.sparse import coo_array  # loaded late: every command reads the rules, few judge a torn group
    from scipy.sparse.csgraph import connected_components

    found: Ints = connected_components(coo_array((np.ones(first.size, np.int8), (first, second)), shape=(n, n)), directed=False)[1]
    return found


def meetable(tied: Ties, ladder: Ladder, valid: Flags) -> Ties:
    """The pairs that some two valid or current prices of the pair can meet."""
    usable = valid.copy()
    known = np.flatnonzero(ladder.current >= 0)
    usable[known, ladder.current[known]] = True
    parts = [_any_met(tied, ladder.prices, usable, slice(start, start + _PAIRS)) for start in range(0, tied.first.size, _PAIRS)]
    meets = np.concatenate([np.zeros(0, dtype=bool), *parts])
    return Ties(tied.first[meets], tied.second[meets], tied.low[meets], tied.high[meets])


def _any_met(tied: Ties, prices: Ints, usable: Flags, part: slice) -> Flags:
    """(m,) whether some usable price of the first leaves, between its ratios, some usable price of the second."""
    one, other = tied.first[part], tied.second[part]
    base = prices[one].astype(np.float64)
    least, most = ceil_minor(_times(tied.low[part], base)), floor_minor(_times(tied.high[part], base))
    below, upto = _places(prices[other], np.maximum(least - 1, 0)), _places(prices[other], np.maximum(most, 0))
    seen = np.concatenate([np.zeros((one.size, 1), dtype=np.int64), usable[other].cumsum(axis=1)], axis=1)
    between = np.take_along_axis(seen, upto, axis=1) > np.take_along_axis(seen, below, axis=1)
    return np.asarray((between & usable[one]).any(axis=1), dtype=bool)


def _places(prices: Ints, bounds: Floats) -> Ints:
    """(m, K) how many prices of each row (ascending) are not above each bound of that row: one search over all rows."""
    beyond = int(prices.max(initial=0)) + 1
    rows = np.arange(prices.shape[0])[:, None]
    wanted = np.minimum(bounds, beyond - 1).astype(np.int64) + rows * beyond
    places: Ints = np.searchsorted((prices + rows * beyond).ravel(), wanted, side="right") - rows * prices.shape[1]
    return places


def _times(ratio: Floats, price: Floats) -> Floats:
    with np.errstate(invalid="ignore"):
        return np.where(np.isinf(ratio)[:, None], np.inf, ratio[:, None] * price)
