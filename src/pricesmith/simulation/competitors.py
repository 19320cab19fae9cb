"""Competitors' prices and what of them is observed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Flags, Floats, Ints

from .world import World


@dataclass(frozen=True, slots=True)
class Competition:
    """C offers followed over T days.

    product   (C,) product number;  competitor (C,) competitor number
    log_price (T, C) log of the offer relative to the product's reference price: random walks drawn back to a level
    seen      (T, C) True on days with an observation
    observed  (T, C) log of the observed price relative to the reference price: the offer, now and then a slip of the decimal point
    """

    product: Ints
    competitor: Ints
    log_price: Floats
    seen: Flags
    observed: Floats

    def pressure(self, count: int) -> Floats:
        """(T, n) mean log offer of each product, 0 where no one competes."""
        total, offers = np.zeros((len(self.log_price), count)), np.zeros(count)
        for number, product in enumerate(self.product):
            total[:, product] += self.log_price[:, number]
            offers[product] += 1
        return total / np.maximum(offers, 1.0)


def compete(world: World, days: int, count: int, rng: np.random.Generator) -> Competition:
    """Draw the offers of up to three competitors."""
    rivals = 3
    pairs = np.argwhere(rng.random((count, rivals)) < world.competitor_share * np.array([1.0, 0.6, 0.3]))
    offers = len(pairs)
    moves = rng.normal(0.0, 0.03, (days, offers)) * (rng.random((days, offers)) < 0.15)
    level = rng.normal(0.0, 0.08, offers)
    path, state = np.empty((days, offers)), level.copy()
    for day in range(days):
        state = state + 0.02 * (level - state) + moves[day]
        path[day] = state
    seen = rng.random((days, offers)) < rng.choice([0.9, 0.3], offers)
    slips = np.where(rng.random((days, offers)) < 0.004, rng.choice(np.log([0.1, 10.0, 0.5]), (days, offers)), 0.0)
    return Competition(pairs[:, 0], pairs[:, 1], path, seen, path + slips)
