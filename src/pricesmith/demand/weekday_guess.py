"""Where the weekdays' effects start: at what each day of the week sells of a category, and not at 0.

A count regression lowers a mean of 0 sales by about 1 in the log a turn, so a shop that is closed on Saturdays would still be on its way
down after twenty turns, and fits that are compared would be told apart by how long they had.
"""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Floats, Ints

from .design import WEEKDAYS
from .effects import BELIEFS
from .fit_data import Data

TURNS = 40
"""Of a search that comes down from above by at least 1 in the log a turn, so that it ends well before."""


def weekday_guess(data: Data, level: Floats, category: Ints, count: int) -> Floats:
    """(C, p) shared effects: of the weekdays against Monday, at the items' mean rates; 0 elsewhere and without weekdays.

    level (n,) log of the items' mean rate;  category (n,);  count  C
    """
    guess = np.zeros((count, len(data.shared_names)))
    places = [data.shared_names.index(name) for name in WEEKDAYS if name in data.shared_names]
    if not places:
        return guess
    marked = data.shared[:, places] > 0.5
    weekday = np.where(marked.any(axis=1), 1 + marked.argmax(axis=1), 0)
    cell, size = category[data.item] * 7 + weekday, 7 * count
    sold = np.bincount(cell, data.units, size).astype(np.float64).reshape(count, 7)
    expected = np.bincount(cell, data.exposure * np.exp(level[data.item]), size).astype(np.float64).reshape(count, 7)
    logs = _most_likely(sold, expected, BELIEFS["shared"].variance)
    guess[:, places] = logs[:, 1:] - logs[:, :1]
    return guess


def _most_likely(sold: Floats, expected: Floats, variance: float) -> Floats:
    """Mode of r where sold ~ Poisson(expected e^r), r ~ N(0, variance): Newton's steps from above, where they never overshoot."""
    log = np.log((sold + 1.0) / np.maximum(expected, 1e-9)).clip(0.0, None)
    for _ in range(TURNS):
        mean = expected * np.exp(log)
        log = log - (mean - sold + log / variance) / (mean + 1.0 / variance)
    return np.asarray(log)
