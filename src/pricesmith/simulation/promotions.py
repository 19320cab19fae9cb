"""When products are on promotion, and how deep."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Floats

from .world import World


def promotion_plan(world: World, days: int, count: int, rng: np.random.Generator) -> Floats:
    """(T, n) price cut as a share of the list price, 0 on regular days."""
    plan = np.zeros((days, count))
    for product in range(count):
        for _ in range(int(rng.poisson(world.promotions_a_year * days / 365.25))):
            start, length = int(rng.integers(0, days)), int(rng.integers(4, 11))
            depth = np.clip(rng.normal(world.promotion_depth, 0.05), 0.05, 0.4)
            plan[start : start + length, product] = round(float(depth) / 0.05) * 0.05
    return plan
