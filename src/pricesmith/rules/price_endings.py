"""Price endings: the last digits that a published price may have."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import polars as pl
from msgspec import Meta

from pricesmith.contracts.curves import Flags, Ints
from pricesmith.contracts.errors import Contradiction
from pricesmith.contracts.money import ending, endings_of
from pricesmith.contracts.rule import Context, NonNegative, Rule


class PriceEndings(Rule, frozen=True, kw_only=True, tag="price_endings"):
    """A new price ends in one of the given endings.

    An ending below 1 is what follows the decimal point (0.99 allows 4.99 and 12.99); from 1 on it is the last digits of the price in
    major units (9.99 allows 9.99 and 129.99; in yen, 80 allows 180 and 1280). In a currency without decimals 0 is the last digit. Beside
    endings from 1 on it has, in any currency, as many digits as the shortest of them: 9, 5 and 0 allow 79, 75 and 80; 80 and 0 allow 180
    and 200, not 210.
    The rule allows each such price. Candidates are thinned at high prices, so that neighbours lie 0.5 to 1 % apart: with 0.99 every
    second from 200 on (201.99, 203.99), every fifth from 500 (504.99), every tenth from 1000 (1009.99), and so on.
    """

    endings: Annotated[
        tuple[NonNegative, ...],
        Meta(min_length=1, max_length=1000, description="endings in major units of the currency, such as 0.99 and 0.49"),
    ]

    def __post_init__(self) -> None:
        if len(set(self.endings)) < len(self.endings):
            raise Contradiction("endings", "an ending stands there twice", "name each ending once")

    def fits(self, currency: str) -> None:
        for number, value in enumerate(self.endings):
            try:
                ending(value, currency)
            except ValueError as error:
                raise Contradiction(
                    f"endings[{number}]", str(error), "an ending is a number such as 0.99, or 90 without decimals"
                ) from None

    def admits(self, items: pl.DataFrame, prices: Ints, context: Context) -> Flags:
        fits = np.broadcast_to(~self.selects(items)[:, None], prices.shape).copy()
        for modulus, remainders in self._remainders(context.currency).items():
            left = prices % modulus
            for remainder in remainders:
                fits |= left == remainder
        return fits

    def beside(self, items: pl.DataFrame, prices: Ints, context: Context, up: bool) -> Ints:
        found = prices.copy()
        chosen = self.selects(items)
        asked, sign = prices[chosen], 1 if up else -1
        steps = [(sign * (remainder - asked)) % modulus for remainder, modulus in endings_of(self.endings, context.currency)]
        found[chosen] = asked + sign * np.min(steps, axis=0)
        return found

    def _remainders(self, currency: str) -> dict[int, list[int]]:
        by_modulus: dict[int, list[int]] = {}
        for remainder, modulus in endings_of(self.endings, currency):
            by_modulus.setdefault(modulus, []).append(remainder)
        return by_modulus


RULE = PriceEndings

EXAMPLE = """
[[rule]]
kind = "price_endings"
endings = [0.99, 0.49]
"""
