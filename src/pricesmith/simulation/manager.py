"""How list prices come about: chance, costs, and the manager's reactions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Flags, Floats, Ints

from .lawful import snap
from .world import World

LARGEST_MOVE = 0.4


@dataclass(frozen=True, slots=True)
class Manager:
    """Reviews each product's list price now and then.

    world      the manager's habits
    reference  (n,) reference price
    weekday    (n,) day of the block of seven on which a new price takes effect
    """

    world: World
    reference: Floats
    weekday: Ints

    def due(self, cost_moved: Flags, rng: np.random.Generator) -> Flags:
        """(n,) products reviewed this week: at random, and where the cost moved as far as costs are passed through."""
        world = self.world
        at_random = rng.random(len(cost_moved)) < 1.0 / world.review_weeks
        return np.asarray(at_random | (cost_moved & (rng.random(len(cost_moved)) < world.pass_through)))

    def price(self, cost: Floats, season: Floats, sales: Floats, shock: Floats, rng: np.random.Generator) -> Floats:
        """(n,) the list price set in a review.

        cost    (n,) log cost relative to the start;  season (n,) log season now
        sales   (n,) log of recent sales against usual;  shock (n,) log demand shock, which no table shows
        """
        world = self.world
        wish = (
            world.pass_through * cost
            + world.react_season * season
            + world.react_sales * sales
            + world.react_shock * shock
            + rng.normal(0.0, world.move_sd, len(cost))
        )
        return snap(self.reference * np.exp(np.clip(wish, -LARGEST_MOVE, LARGEST_MOVE)), world.currency, world.endings)
