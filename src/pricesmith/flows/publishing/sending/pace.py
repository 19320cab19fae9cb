"""Not too much at once: of approved prices only so many leave now as the price level may move within an hour and a day.

The breaker (G5) stops a channel whose level moves too fast; an approved run must not run into it by itself. What is left waits its turn.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Flags
from pricesmith.contracts.guard import State
from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.guards.batch_breaker import weights

ROOM = 0.9
"""Share of what the breaker allows that is used up by plan."""
PACED = "paced"
"""Code of a price that waits for the price level."""


def in_turn(changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Flags:
    """(n,) True where the price may be judged now, False where it waits; changes are taken by their rank, and what goes back always goes.

    changes  rows of table CHANGES; those beyond the wave take up no room
    """
    figures = (changes[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in ("price", "current_price", "rank"))
    price, now, rank = (np.asarray(values, dtype=np.float64) for values in figures)
    weight, total = weights(changes, state)
    with np.errstate(divide="ignore", invalid="ignore"):
        move = np.nan_to_num(weight * (price / now - 1.0) / max(total, 1e-300), posinf=0.0, neginf=0.0)
    back = changes["undo"].fill_null(0).to_numpy() > 0
    asking = ~back & (rank < state.wave)
    turn = np.ones(changes.height, dtype=bool)
    hour, day = state.index_hour, state.index_day
    for row in np.flatnonzero(asking)[np.argsort(rank[asking], kind="stable")].tolist():
        fits = _fits(hour, move[row], limits.index_hour) and _fits(day, move[row], limits.index_day)
        turn[row] = fits
        hour, day = (hour + move[row], day + move[row]) if fits else (hour, day)
    return turn


def _fits(level: float, move: float, limit: float) -> bool:
    """Whether a move keeps the level inside its room, or brings it back."""
    return abs(level + move) <= ROOM * limit or abs(level + move) <= abs(level)
