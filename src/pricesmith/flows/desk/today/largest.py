"""How few of the changes bring most of what all of them bring: a list of hundreds is easier to agree to once that is known."""

from __future__ import annotations

import msgspec
import numpy as np
import polars as pl

SHARE = 0.9
"""Of what all changes bring together, which the largest alone are to bring."""
FEW = 2 / 3
"""Share of the changes up to which the largest are told: of more, all are needed."""
LEAST = 20
"""Changes from which a list is long."""


class Largest(msgspec.Struct, frozen=True):
    """count: the fewest of the `of` changes that together bring `share` of what all bring."""

    count: int
    of: int
    share: float = SHARE


def largest(decided: pl.DataFrame) -> Largest | None:
    """None where the list is short, brings nothing, or needs nearly all of its changes.

    decided  of a run: columns action, profit_change (major units a day)
    """
    gains = np.sort(decided.filter(pl.col("action") == "change")["profit_change"].drop_nulls().to_numpy())[::-1]
    total = float(gains.sum())
    if gains.size < LEAST or total <= 0.0:
        return None
    count = int(np.searchsorted(np.maximum.accumulate(gains.cumsum()), SHARE * total)) + 1
    return Largest(count, gains.size) if count <= FEW * gains.size else None
