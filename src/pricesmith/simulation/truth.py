"""What is true of a made shop: exact expected units, elasticities and profit at any prices over the horizon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Floats, Ints
from pricesmith.contracts.money import exponent

from .lawful import Law
from .response import Response


@dataclass(frozen=True, slots=True)
class Truth:
    """The demand and the costs of n products after the as-of date, in the order of `sku`.

    current    (n,) price on sale as the tables show it, minor units
    reference  (n,) reference price, major units
    base       (n,) expected units a day at the reference prices, mean over the horizon
    kept_rate  (n,) kept price over gross price;  landed (n,) landed cost, major units;  returned (n,) return rate
    prior      (n,) mean own elasticity of the category
    precision  (n, 2, 2) precision of efficient estimates of own and cross elasticity from the history, all else known
    spread     variance parameters that no table shows, by name of `World`
    """

    sku: tuple[str, ...]
    current: Ints
    reference: Floats
    base: Floats
    response: Response
    kept_rate: Floats
    landed: Floats
    returned: Floats
    law: Law
    prior: Floats
    precision: Floats
    spread: dict[str, float]

    @property
    def unit(self) -> float:
        """Minor units of one major unit."""
        return float(10 ** exponent(self.law.currency))

    @property
    def landed_minor(self) -> Floats:
        return self.landed * self.unit

    def log_price(self, prices: Ints | Floats) -> Floats:
        """(..., n) prices in minor units -> log of them over the reference."""
        return np.log(np.asarray(prices, dtype=np.float64) / self.unit / self.reference)

    def units(self, prices: Ints | Floats) -> Floats:
        """(..., n) prices of all products in minor units -> (..., n) expected units a day."""
        response = self.response
        return self.base * np.exp(response.gather(response.log_ratio(response.spread(self.log_price(prices)))))

    def elasticity(self, prices: Ints | Floats) -> Floats:
        """(..., n) own price elasticity at these prices, the others held."""
        return self.response.gather(self.response.elasticity(self.response.spread(self.log_price(prices))))

    def cross_elasticity(self, prices: Ints | Floats) -> Floats:
        """(n,) derivative of log units in the mean log price of the rest of the family at the given prices (n,)."""
        return self.response.gather(self.response.cross_elasticity(self.response.spread(self.log_price(prices))))

    def margin(self, prices: Ints | Floats) -> Floats:
        """(..., n) profit of one unit, major units: what comes back brings neither price nor cost."""
        return (1.0 - self.returned) * (np.asarray(prices, dtype=np.float64) / self.unit * self.kept_rate - self.landed)

    def profit(self, prices: Ints | Floats) -> Floats:
        """(..., n) expected profit a day, major units."""
        return self.units(prices) * self.margin(prices)

    def candidates(self) -> Ints:
        """(n, K) prices that the rules allow, minor units, padded with the current one."""
        return self.law.candidates(self.current, self.kept_rate, self.landed_minor)
