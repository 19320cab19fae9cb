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

from pricesmith.contracts.curves import Flags, Floats, Ints, Ladder

from .family import Families, families
from .problem import pieces

WIDTHS = (8, 24, 64)
"""Families are searched side by side with those of like width: up to 8 columns, up to 24, up to 64, and more."""

SURE = 1e-9
"""A candidate is struck out only where it is worse by more than this share: rounding strikes out none."""


_ALL = 1e300


@dataclass(frozen=True, slots=True)
class Ends:
    """What the search alone saw of each of n rows: open gains' largest, least and sum (n,); first and last open column (n,)."""

    top: Floats
    least: Floats
    sum: Floats
    first: Ints
    last: Ints


def contending(
    rows: Ints, best: Ints, ends: Ends, family: Ints, cross: Floats, gain: Floats, opened: Flags, ladder: Ladder
) -> Iterator[tuple[Families, Ints]]:
    """(families, (N, W) ladder column of each of their columns): families of like width at a time, the columns that contend alone.

    rows  members of families;  best  (n,) best column alone;  the other arguments speak of all n items
    """
    number = np.unique(family[rows], return_inverse=True)[1]
    kept, first, span = _kept(rows, number, best, ends, cross, gain, opened, ladder)
    widest = np.zeros(int(number.max(initial=-1)) + 1, dtype=np.int64)
    np.maximum.at(widest, number, span)
    group = np.searchsorted(WIDTHS, widest)[number]
    for chosen in np.unique(group):
        some = np.flatnonzero(group == chosen)
        yield _narrow(rows[some], number[some], first[some], int(span[some].max()), kept[some], ends, cross, gain, ladder)


def _kept(
    rows: Ints, number: Ints, best: Ints, ends: Ends, cross: Floats, gain: Floats, opened: Flags, ladder: Ladder
) -> tuple[Flags, Ints, Ints]:
    """(N, K) columns that contend, the first of them, and how far the last lies behind (N,)."""
    price = ladder.prices[rows, best[rows]].astype(np.float64)
    rise, fall = _allowances(rows, number, ends, cross, ladder)
    kept = np.empty((rows.size, gain.shape[1]), dtype=bool)
    first, span = np.empty(rows.size, dtype=np.int64), np.empty(rows.size, dtype=np.int64)
    for part in pieces(kept.shape):
        here, own = rows[part], price[part, None]
        prices = ladder.prices[here]
        room = rise[part, None] * np.maximum(prices / own - 1.0, 0.0) + fall[part, None] * np.maximum(own / prices - 1.0, 0.0)
        top = ends.top[here]
        kept[part] = opened[here] & (gain[here] >= (top - SURE * np.abs(top))[:, None] - room)
        first[part] = kept[part].argmax(axis=1)
        span[part] = kept.shape[1] - kept[part, ::-1].argmax(axis=1) - first[part]
    return kept, first, span


def _allowances(rows: Ints, number: Ints, ends: Ends, cross: Floats, ladder: Ladder) -> tuple[Floats, Floats]:
    """(N,) rise and fall; beyond all gains in families that may lose money at some open price."""

    def others(amount: Floats) -> Floats:
        return np.bincount(number, amount)[number] - amount

    members = np.bincount(number)[number]
    rate = cross[rows] / np.maximum(members - 1, 1)
    own = ladder.prices[rows, ladder.current[rows]]
    low, high = (others(np.log(ladder.prices[rows, column[rows]] / own)) for column in (ends.first, ends.last))
    most = ends.top[rows] * np.exp(np.maximum(rate * low, rate * high))
    least = np.exp(np.minimum(rate * low, rate * high))
    sound = np.bincount(number, ends.least[rows] < 0.0)[number] == 0
    rise, fall = others(most * np.maximum(rate, 0.0)), others(most * np.maximum(-rate, 0.0))
    slack = (1.0 + SURE) / least
    return np.where(sound, slack * np.maximum(rise, 0.0), _ALL), np.where(sound, slack * np.maximum(fall, 0.0), _ALL)


def _narrow(
    rows: Ints, number: Ints, first: Ints, width: int, kept: Flags, ends: Ends, cross: Floats, gain: Floats, ladder: Ladder
) -> tuple[Families, Ints]:
    """Families over `width` columns from `first` on; the current price, which breaks ties, stands behind them where it lies outside."""
    own = ladder.current[rows]
    column = np.minimum(first[:, None] + np.arange(width + 1), gain.shape[1] - 1)
    column[:, width] = own
    each = np.arange(rows.size)[:, None]
    opened = kept[each, column]
    opened[:, :width] &= first[:, None] + np.arange(width) < gain.shape[1]
    opened[:, width] = False
    prices = ladder.prices[rows[:, None], column]
    inside = (own >= first) & (own < first + width)
    current = np.where(inside, own - first, width)
    logs = np.log(np.maximum(prices, 1) / np.maximum(prices[:, width], 1)[:, None])
    group = families(
        np.arange(rows.size), number, gain[rows[:, None], column], np.zeros(column.shape), opened, logs, cross[rows], prices, current,
        ends.sum[rows],
    )  # fmt: skip
    place = column[group.items]
    group = group.renamed(rows[group.items])
    return group, place
