"""P02: no net price below the floor after coupons and bundles, in any basket that a shopper can put together."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from pricesmith.guards.discounts import Discount, most_off, share
from tests.unit.guards.cases import LIMITS, ask, many

NAN = float("nan")


@pytest.mark.parametrize(
    ("discount", "expected"),
    [
        (Discount("percent", 0.2), 0.2),
        (Discount("percent", 1.5), 1.0),
        (Discount("percent", -0.1), 1.0),
        (Discount("percent", NAN), 1.0),
        (Discount("percent", 0.0), 0.0),
        (Discount("amount", 500), 0.5),
        (Discount("amount", 500, least=2500), 0.2),
        (Discount("amount", 500, least=100), 0.5),
        (Discount("amount", 5000), 1.0),
        (Discount("bundle", size=3, free=1), 1 / 3),
        (Discount("bundle", size=3, free=3), 1.0),
        (Discount("bundle", size=3, free=0), 0.0),
        (Discount("bundle", size=0, free=0), 1.0),
        (Discount("bundle", size=3, free=4), 1.0),
        (Discount("bundle", size=3, free=-1), 1.0),
        (Discount("bundle", size=1, free=0), 0.0),
        (Discount("bundle", size=3), 0.0),
        (Discount("bundle"), 1.0),
        (Discount("percent"), 0.0),
    ],
)
def test_one_discount(discount: Discount, expected: float) -> None:
    assert share(discount, 1000.0) == pytest.approx(expected)


def test_an_amount_off_a_price_of_nothing_takes_all() -> None:
    assert share(Discount("amount", 5), 0.0) == 1.0
    assert share(Discount("amount", 0.5), 1.0) == 0.5
    assert share(Discount("amount", 0.25), 0.5) == 0.5


def test_together() -> None:
    stack = [Discount("percent", 0.1, stacks=True), Discount("percent", 0.2, stacks=True)]
    assert most_off(stack, 1000) == pytest.approx(0.28)
    assert most_off([*stack, Discount("percent", 0.25)], 1000) == pytest.approx(0.28)
    assert most_off([*stack, Discount("percent", 0.5)], 1000) == pytest.approx(0.5)
    assert most_off([], 1000) == 0.0
    amount, large = Discount("amount", 400, stacks=True), Discount("amount", 300, least=2000, stacks=True)
    assert most_off([amount, *stack], 1000) == pytest.approx(1 - (0.72 - 0.4))
    assert most_off([large, amount], 1000) == pytest.approx(max(1 - 0.6 * 0.85, 1 - (0.85 - 0.4)))
    assert most_off([Discount("amount", 1, stacks=True)] * 5, 1000) == pytest.approx(0.005)
    assert most_off([Discount("amount", 1, stacks=True)] * 6, 1000) == 1.0


def draw(rng: np.random.Generator) -> list[Discount]:
    kinds = [
        lambda: Discount("percent", float(rng.uniform(0.0, 0.3)), stacks=bool(rng.integers(2))),
        lambda: Discount("amount", float(rng.integers(0, 800)), least=float(rng.integers(0, 4000)), stacks=bool(rng.integers(2))),
        lambda: Discount("bundle", size=int(rng.integers(2, 5)), free=1, stacks=bool(rng.integers(2))),
    ]
    return [kinds[rng.integers(3)]() for _ in range(rng.integers(0, 4))]


def checkout(pieces: list[float], used: tuple[Discount, ...]) -> list[float]:
    """What each piece costs in the end: discounts one after the other, each shared by price."""
    for discount in used:
        total = sum(pieces)
        if discount.kind == "percent":
            off = discount.value * total
        elif discount.kind == "amount":
            off = min(discount.value, total) if total >= discount.least else 0.0
        else:
            group = sorted(pieces, reverse=True)
            off = sum(min(group[start : start + discount.size]) for start in range(0, len(group) - discount.size + 1, discount.size))
        pieces = [piece * (1.0 - off / total) if total > 0 else piece for piece in pieces]
    return pieces


def baskets(count: int, seed: int) -> tuple[int, int]:
    """(baskets whose price leaves, of these the ones with a piece that brings less than its cost)."""
    rng = np.random.default_rng(seed)
    offers = [draw(rng) for _ in range(count)]
    prices = rng.integers(300, 3000, count)
    costs = prices * rng.uniform(0.1, 0.6, count)
    off = [most_off(discounts, float(price)) for discounts, price in zip(offers, prices, strict=True)]
    rows = many(count, price=prices.tolist(), current_price=prices.tolist(), landed_cost=costs.tolist(), discount_share=off)
    leaves = ask("hard_floor", rows, LIMITS).held == ""
    below = 0
    for row in np.flatnonzero(leaves):
        sets = [tuple(discount for discount in offers[row] if discount.stacks)] + [(one,) for one in offers[row] if not one.stacks]
        for used, size in itertools.product(sets, (1, 2, int(rng.integers(3, 7)))):
            for order in itertools.islice(itertools.permutations(used), 6):
                piece = checkout([float(prices[row])] * size, order)[0]
                below += piece / 1.25 * 0.8 < costs[row] * (1 - 1e-9)
    return int(leaves.sum()), below


def test_no_basket_goes_below_the_floor() -> None:
    leaves, below = baskets(500, 1)
    assert leaves > 100
    assert below == 0


@pytest.mark.real
def test_no_basket_of_a_hundred_thousand_goes_below_the_floor() -> None:
    leaves, below = baskets(100_000, 2)
    assert leaves > 10_000
    assert below == 0
