"""The most likely path of a price that nobody wrote down, from what was paid: a hidden Markov chain over the prices of a product.

A product keeps its list price from day to day, or changes it to another price that was paid for it, a near one rather than a far one.
What a line pays is a multiple of the list price of its day; how often small and large lines pay which multiple is one table for all
products. The path is found by dynamic programming (Viterbi 1967), the best change by running maxima over the sorted prices (Felzenszwalb
and Huttenlocher 2012, the distance transform of absolute differences): a day costs as many steps as a product has prices, not their square.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BIN, SPAN = 0.005, 1.6
"""Width of a class of multiples, and the farthest one, in logs."""
CLASSES = 2 * round(SPAN / BIN) + 1
AT = CLASSES // 2
"""Number of classes, and the class of a line that pays the list price itself."""
KEPT = 60.0
"""Days after which a price that stood has changed with probability 1 - 1/e; of little influence between 30 and 240."""
NEAR = 0.12
"""Scale, in logs, by which far changes are rarer than near ones: their probability falls by 1/e for each such distance."""
_SURE, _TIE = 0.98, 1e-9
"""Most that is believed in a change over however many days; and of two equal paths the one that changes later is taken."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Order lines of k products; products are sorted by their number of days with a line, the most first.

    points  (n, k) logs of the prices that were paid for each product, ascending, NaN behind its last one
    date    (d,) days with a line, as whole days: the first day of every product, then the second, ... (rows of one step by product)
    starts  (s + 1,) where the rows of each step begin in `date`; the step of d rows is that of the first d products
    day     (m,) row in `date` of each group of like lines, ascending
    owner   (m,) their product;  small: (m,) 1 for small lines, else 0;  count: (m,) how many they are
    paid    (m,) log of what they paid
    """

    points: Floats
    date: Ints
    starts: Ints
    day: Ints
    owner: Ints
    small: Ints
    count: Floats
    paid: Floats

    def classes(self) -> Ints:
        """(n, m) class of the multiple that each group pays, were its list price each of the product's prices; AT where there is none."""
        over = (self.paid[None, :] - self.points[:, self.owner]) / BIN
        return np.where(np.isnan(over), AT, np.clip(np.rint(np.nan_to_num(over)), -AT, AT) + AT).astype(np.int64)


def path(lines: Lines, shares: Floats) -> Ints:
    """(d,) which price of its product stood on each day, as row of `points`.

    shares  (2, CLASSES) share of large and of small lines that pay each multiple of the list price, all above 0
    """
    known, told = ~np.isnan(lines.points), _told(lines, shares)
    place = np.nan_to_num(lines.points / NEAR)
    score, back = np.where(known, 0.0, -np.inf), []
    leaving = _log_of_others(place, known)
    last = np.zeros(lines.points.shape[1])
    for step in range(lines.starts.size - 1):
        rows = slice(lines.starts[step], lines.starts[step + 1])
        size = lines.starts[step + 1] - lines.starts[step]
        if step:
            changed = np.minimum(-np.expm1(-(lines.date[rows] - last[:size]) / KEPT), _SURE)
            moved, origin = _nearest(score[:, :size] - leaving[:, :size] + np.log(changed), place[:, :size])
            kept = score[:, :size] + np.log1p(-changed)
            jump = moved >= kept - _TIE
            back.append(np.where(jump, origin, np.arange(len(score))[:, None]).astype(np.int16))
            score[:, :size] = np.where(known[:, :size], np.where(jump, moved, kept), -np.inf)
        score[:, :size] += told[:, rows]
        last[:size] = lines.date[rows]
    return _followed(lines, score.argmax(axis=0), back)


def _told(lines: Lines, shares: Floats) -> Floats:
    """(n, d) log likelihood of what was paid on each day, were each price the list price."""
    each = np.log(shares)[lines.small, lines.classes()] * lines.count
    firsts = np.flatnonzero(np.r_[True, lines.day[1:] != lines.day[:-1]])
    return np.asarray(np.add.reduceat(each, firsts, axis=1))


def _log_of_others(place: Floats, known: NDArray[np.bool_]) -> Floats:
    """(n, k) log of the sum over all other prices of exp(-distance): what makes the chances of a change add up to one."""
    below, above = (np.where(known, sign * place, -np.inf) for sign in (1.0, -1.0))
    left = np.logaddexp.accumulate(below, axis=0)[:-1] - place[1:]
    right = np.logaddexp.accumulate(above[::-1], axis=0)[-2::-1] + place[:-1]
    nothing = np.full((1, place.shape[1]), -np.inf)
    return np.asarray(np.maximum(np.logaddexp(np.concatenate([nothing, left]), np.concatenate([right, nothing])), -700.0))


def _nearest(score: Floats, place: Floats) -> tuple[Floats, Ints]:
    """(n, k) best of score less distance over all other prices, and which price that is: running maxima from below and from above.

    place  (n, k) prices in units of distance, ascending
    """
    nothing, rows = np.full((1, score.shape[1]), -np.inf), np.arange(len(score))[:, None]
    found = []
    for upward in (True, False):
        reach = score + place if upward else (score - place)[::-1]
        best = np.maximum.accumulate(reach, axis=0)
        source = np.maximum.accumulate(np.where(reach >= best, rows, 0), axis=0)
        best, source = np.concatenate([nothing, best[:-1]]), np.concatenate([rows[:1] + 0 * source[:1], source[:-1]])
        found.append((best - place, source) if upward else (best[::-1] + place, len(score) - 1 - source[::-1]))
    (low, below), (high, above) = found
    return np.maximum(low, high), np.asarray(np.where(low >= high, below, above), dtype=np.int64)


def _followed(lines: Lines, end: Ints, back: list[NDArray[np.int16]]) -> Ints:
    """(d,) the path back from the best price of each product's last day."""
    found, now = np.empty(lines.date.size, dtype=np.int64), end.copy()
    for step in range(lines.starts.size - 2, -1, -1):
        size = lines.starts[step + 1] - lines.starts[step]
        found[lines.starts[step] : lines.starts[step + 1]] = now[:size]
        if step:
            now[:size] = back[step - 1][now[:size], np.arange(size)]
    return found
