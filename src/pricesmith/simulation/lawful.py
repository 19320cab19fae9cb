"""Which prices the rules of a made shop allow, worked out on its own: the exam judges the price rules by this."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Flags, Floats, Ints
from pricesmith.contracts.money import exponent

_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Law:
    """The rules of a made shop, as numbers.

    currency    ISO 4217 code
    endings     fractions of a major unit that a price may end in; empty: any
    max_change  largest relative move
    min_margin  kept price >= landed * (1 + min_margin)
    low, high   (n,) bounds in minor units, -inf and inf where free
    """

    currency: str
    endings: tuple[float, ...]
    max_change: float
    min_margin: float
    low: Floats
    high: Floats

    def keeps(self, price: Ints, current: Ints, kept_rate: Floats, landed: Floats) -> Flags:
        """Where a price (minor units) is no change, or one that `allows` lets be. Arguments broadcast."""
        return np.asarray(self.allows(price, current, kept_rate, landed) | (price == current))

    def allows(self, price: Ints, current: Ints, kept_rate: Floats, landed: Floats) -> Flags:
        """Where a price (minor units) may stand; the current price is asked like any other. Arguments broadcast.

        kept_rate  kept price over gross price;  landed  landed cost in minor units
        """
        moved = np.abs(price / current - 1.0) <= self.max_change + _SLACK
        floor = price * kept_rate >= landed * (1.0 + self.min_margin) * (1.0 - _SLACK)
        low, high = (self.low[:, None], self.high[:, None]) if price.ndim == 2 else (self.low, self.high)
        return np.asarray(moved & floor & (price >= low) & (price <= high) & self._ends(price))

    def _ends(self, price: Ints) -> Flags:
        if not self.endings:
            return np.ones(price.shape, dtype=bool)
        unit = 10 ** exponent(self.currency)
        return np.isin(price % unit, [round(ending * unit) for ending in self.endings])

    def candidates(self, current: Ints, kept_rate: Floats, landed: Floats, limit: int = 160) -> Ints:
        """(n, K) allowed prices in minor units, padded with the highest; the current one alone where none is within reach.

        Of more than `limit` allowed prices an even selection is kept (only where every minor unit is a price).
        """
        rows = []
        unit = 10 ** exponent(self.currency)
        ends = np.array([round(ending * unit) for ending in self.endings] or range(unit))
        for row in range(len(current)):
            low, high = np.floor(current[row] * (1 - self.max_change)), np.ceil(current[row] * (1 + self.max_change))
            prices = (np.arange(int(low) // unit, int(high) // unit + 1)[:, None] * unit + ends).ravel()
            prices = prices[(prices >= low) & (prices <= high) & (prices > 0)]
            mine = Law(self.currency, self.endings, self.max_change, self.min_margin, self.low[row : row + 1], self.high[row : row + 1])
            prices = prices[mine.allows(prices, current[row], kept_rate[row], landed[row])]
            if len(prices) > limit:
                prices = prices[np.unique(np.linspace(0, len(prices) - 1, limit).round().astype(int))]
            rows.append(np.unique(prices) if len(prices) else current[row : row + 1])
        width = max(len(row) for row in rows)
        return np.stack([np.concatenate([row, np.full(width - len(row), row[-1])]) for row in rows])


def snap(price: Floats, currency: str, endings: tuple[float, ...]) -> Floats:
    """The nearest price in major units with one of the endings (any minor unit where there are none), above zero."""
    unit = 10.0 ** exponent(currency)
    if not endings:
        return np.maximum(np.round(price * unit), 1.0) / unit
    ends = np.asarray(endings)
    whole = np.floor(price)[..., None] + np.array([-1.0, 0.0, 1.0])
    options = (whole[..., None] + ends).reshape(*price.shape, -1)
    options = np.where(options > 0, options, np.inf)
    nearest = np.take_along_axis(options, np.abs(options - price[..., None]).argmin(-1)[..., None], -1)[..., 0]
    return np.round(nearest * unit) / unit
