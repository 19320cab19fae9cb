"""Candidates of family members that a best plan can hold: the others are struck out by proof before families are searched.

Take an item i whose best price alone is p*, worth g*. Moving it from price p to p* changes its own value by (g* - g) exp(rate_i S), where S
is the sum of the others' logs, and the value v_j >= 0 of another member j by v_j (exp(-rate_j log(p / p*)) - 1), which is not below
-v_j (rate_j log(p / p*))^+. With bounds on S and v_j from the ends of the ladders,

    g < g* - (rise (p / p* - 1)^+ + fall (p* / p - 1)^+)

says that p* is better whatever the others do (log y <= y - 1). Plans that hold such a price are worth less than one that does not, so
neither the optimum nor a bound on it needs them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Flags, Floats, Ints, Ladder, pieces

from .family import Families

WIDTHS = (8, 24, 64)
"""Families are searched side by side with those of like width: up to 8 columns, up to 24, up to 64, and more."""

SURE = 1e-9
"""A candidate is struck out only where it is worse by more than this share: rounding strikes out none."""


_ALL = 1e300


@dataclass(frozen=True, slots=True)
class Ends:
    """What the search alone saw of the open columns of n rows: whether some lose money, their sum, the first and the last (n,)."""

    losing: Flags
    sum: Floats
    first: Ints
    last: Ints


def contending(
    rows: Ints, best: Ints, ends: Ends, family: Ints, cross: Floats, gain: Floats, opened: Flags, ladder: Ladder
) -> Iterator[tuple[Families, Ints]]:
    """(families, (N, W) ladder column of each of their columns): families of like width at a time, the columns that contend alone.

    rows  members of families;  best  (n,) best column alone;  the other arguments speak of all n items
    Inside a family members stand by their own figures, so that the order of items never matters.
    """
    number = np.unique(family[rows], return_inverse=True)[1]
    rows, number = _sorted(rows, number, ends, cross, ladder)
    first, span = np.empty(rows.size, dtype=np.int64), np.empty(rows.size, dtype=np.int64)
    kept = _kept(rows, number, best, ends, cross, gain, opened, ladder)
    for part in pieces(*kept.shape):
        first[part] = kept[part].argmax(axis=1)
        span[part] = kept.shape[1] - kept[part, ::-1].argmax(axis=1) - first[part]
    widest = np.zeros(int(number.max(initial=-1)) + 1, dtype=np.int64)
    np.maximum.at(widest, number, span)
    group = np.searchsorted(WIDTHS, widest)[number]
    for chosen in np.unique(group):
        some = np.flatnonzero(group == chosen)
        yield _narrow(rows[some], number[some], some, first[some], int(span[some].max()), kept, cross, gain, ladder)


def _sorted(rows: Ints, number: Ints, ends: Ends, cross: Floats, ladder: Ladder) -> tuple[Ints, Ints]:
    own = ladder.prices[rows, ladder.current[rows]]
    order = np.lexsort((ends.sum[rows], cross[rows], own, number))
    return rows[order], number[order]


def _kept(rows: Ints, number: Ints, best: Ints, ends: Ends, cross: Floats, gain: Floats, opened: Flags, ladder: Ladder) -> Flags:
    """(N, K) columns that contend."""
    top, price = gain[rows, best[rows]], ladder.prices[rows, best[rows]]
    rise, fall = _allowances(rows, number, top, ends, cross, ladder)
    up, down = (rise / price)[:, None], (fall / ladder.prices[rows, ends.first[rows]])[:, None]
    least = (top - SURE * np.abs(top))[:, None]
    kept = np.empty((rows.size, gain.shape[1]), dtype=bool)
    for part in pieces(*kept.shape):
        here = rows[part]
        dearer = (ladder.prices[here] - price[part, None]).astype(np.float64)
        room = np.maximum(up[part] * dearer, -down[part] * dearer)
        room += gain[here]
        np.greater_equal(room, least[part], out=kept[part])
        kept[part] &= opened[here]
    return kept


def _allowances(rows: Ints, number: Ints, top: Floats, ends: Ends, cross: Floats, ladder: Ladder) -> tuple[Floats, Floats]:
    """(N,) rise and fall; beyond all gains in families that may lose money at some open price."""

    def others(amount: Floats) -> Floats:
        return np.bincount(number, amount)[number] - amount

    members = np.bincount(number)[number]
    rate = cross[rows] / np.maximum(members - 1, 1)
    own = ladder.prices[rows, ladder.current[rows]]
    low, high = (others(np.log(ladder.prices[rows, column[rows]] / own)) for column in (ends.first, ends.last))
    most = top * np.exp(np.maximum(rate * low, rate * high))
    sound = np.bincount(number, ends.losing[rows])[number] == 0
    slack = (1.0 + SURE) / np.exp(np.minimum(rate * low, rate * high))
    rise, fall = (np.maximum(others(most * np.maximum(sign * rate, 0.0)), 0.0) for sign in (1.0, -1.0))
    return np.where(sound, slack * rise, _ALL), np.where(sound, slack * fall, _ALL)


def _narrow(
    rows: Ints, number: Ints, some: Ints, first: Ints, width: int, kept: Flags, cross: Floats, gain: Floats, ladder: Ladder
) -> tuple[Families, Ints]:
    """Families over `width` columns from `first` on; the current price, which breaks ties, stands behind them where it lies outside."""
    own, columns = ladder.current[rows], gain.shape[1]
    wanted = first[:, None] + np.arange(width + 1)
    place = np.minimum(wanted, columns - 1)
    place[:, width] = own
    opened = kept.ravel().take(some[:, None] * columns + place)
    opened[:, :width] &= wanted[:, :width] < columns
    opened[:, width] = False
    cells = rows[:, None] * columns + place
    prices = ladder.prices.ravel().take(cells)
    logs = np.log(prices / prices[:, width:])
    starts = np.flatnonzero(np.r_[True, number[1:] != number[:-1]])
    sizes = np.diff(np.r_[starts, rows.size])
    group = Families(
        rows, starts, sizes, np.repeat(np.arange(starts.size), sizes), np.where(opened, gain.ravel().take(cells), 0.0),
        np.zeros(place.shape), opened, logs, cross[rows], prices, np.where((own >= first) & (own < first + width), own - first, width),
    )  # fmt: skip
    return group, place
