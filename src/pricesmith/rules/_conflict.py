"""Rules that cannot be met together: which soft ones give way, and which hard ones are to blame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pricesmith.contracts.curves import Flags


def giving_way(fits: Flags, ladder: Flags, hard: Flags, rank: Sequence[int]) -> tuple[Flags, Flags]:
    """Prices left when soft rules give way, the lowest priority first.

    fits    (R, n, K) True where a rule by itself lets a price through
    ladder  (n, K) True where there is a price
    hard    (R,) True for hard rules;  rank  soft rules, the highest priority first
    Returns (n, K) the prices left and (R, n) True where a soft rule gave way. A soft rule stays wherever it leaves a price
    beside the hard rules and the soft rules above it, so a lower one never pushes a higher one aside.
    """
    left = ladder & fits[hard].all(axis=0)
    dropped = np.zeros(fits.shape[:2], dtype=bool)
    for number in rank:
        narrower = left & fits[number]
        dropped[number] = ~narrower.any(axis=1)
        left = np.where(dropped[number][:, None], left, narrower)
    return left, dropped


def smallest_clash(fits: Flags, real: Flags, ladder: int) -> Flags:
    """(R, n) True for the rules of a minimal conflicting set: together they leave no price, and without any one of them some price is left.

    fits    (R, n, M) True where a rule by itself lets a price through
    real    (n, M) True where there is a price: the ladder in the first `ladder` columns, then prices at the bounds of the rules, so that
            a rule that shaped the ladder (endings) is blamed where it is to blame
    Items that a price beyond the ladder could save are judged by the ladder alone.
    Deletion filter (Chinneck and Dravnieks 1991), the last rule tried first, for all items at once.
    """
    saved = (real & fits.all(axis=0)).any(axis=1)
    prices = real.copy()
    prices[saved, ladder:] = False
    clash = np.ones(fits.shape[:2], dtype=bool)
    for number in reversed(range(fits.shape[0])):
        rest = clash.copy()
        rest[number] = False
        without = prices & (fits | ~rest[:, :, None]).all(axis=0)
        clash[number] = without.any(axis=1)
    return clash
