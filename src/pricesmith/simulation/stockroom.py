"""Deliveries and what is left of them: stock-outs that follow from demand, lost sales, days that sell out before they end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Flags, Floats, Ints

from .world import World


@dataclass(slots=True)
class Stockroom:
    """Stock of n products, day by day.

    cover  mean of the delivered stock over the demand expected until the next delivery; 0: stock never runs out
    every  (n,) days between deliveries;  usual (n,) units a day that the buyer counts on;  on_hand (n,) units now
    """

    cover: float
    every: Ints
    usual: Floats
    on_hand: Floats

    @staticmethod
    def open(world: World, usual: Floats, rng: np.random.Generator) -> Stockroom:
        every = rng.integers(7, 29, len(usual))
        return Stockroom(world.stock_cover, every, usual, np.ceil(usual * every * 1.5))

    def sell(self, day: int, season: Floats, wanted: Floats, rng: np.random.Generator) -> tuple[Floats, Flags]:
        """Sell one day's demand.

        season  (n,) factor on the usual units;  wanted (n,) units that customers want
        returns (n,) units sold, (n,) True where nothing was left from the morning on
        """
        if self.cover <= 0:
            return wanted, np.zeros(len(wanted), dtype=bool)
        arrives = (day + np.arange(len(wanted))) % self.every == 0
        amount = np.ceil(self.usual * season * self.every * self.cover * np.exp(rng.normal(0.0, 0.3, len(wanted))))
        amount = np.where(rng.random(len(wanted)) < 0.04, 0.0, amount)
        self.on_hand = np.where(arrives, np.maximum(self.on_hand, amount), self.on_hand)
        empty = self.on_hand <= 0
        sold = np.minimum(wanted, self.on_hand)
        self.on_hand = self.on_hand - sold
        return sold, empty
