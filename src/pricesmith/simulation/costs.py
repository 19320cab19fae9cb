"""Cost changes over time."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Floats

from .world import World


def cost_path(world: World, days: int, count: int, rng: np.random.Generator) -> Floats:
    """(T, n) log of the landed cost relative to the first day: steps at random days, drawn back towards 0."""
    path = np.zeros((days, count))
    changes = rng.random((days, count)) < 1.0 / (7.0 * world.cost_weeks)
    changes[0] = False
    targets = rng.normal(0.0, world.cost_sd * 1.2, (days, count))
    state = np.zeros(count)
    for day in range(days):
        state = np.where(changes[day], np.clip(0.5 * state + targets[day], -0.35, 0.35), state)
        path[day] = state
    return path
