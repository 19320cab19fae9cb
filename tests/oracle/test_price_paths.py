"""The path of a list price against all paths that there are, each weighed by itself."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from pricesmith.preparation.price_paths import AT, BIN, CLASSES, KEPT, NEAR, Lines, path

Group = tuple[int, int, float, float]
"""Day, small or not, price paid, how many lines."""


def weigh(stood: tuple[int, ...], points: list[float], dates: list[int], groups: list[Group], shares: np.ndarray) -> float:
    """Log probability of a path and what was paid on it."""
    total = 0.0
    for step, now in enumerate(stood):
        if step:
            before = stood[step - 1]
            changed = min(1.0 - math.exp(-(dates[step] - dates[step - 1]) / KEPT), 0.98)
            if now == before:
                total += math.log(1.0 - changed)
            else:
                chances = [math.exp(-abs(math.log(point / points[before])) / NEAR) for point in points]
                others = sum(chance for place, chance in enumerate(chances) if place != before)
                total += math.log(changed * chances[now] / others)
        for day, small, paid, count in groups:
            if day == step:
                over = round(math.log(paid / points[now]) / BIN)
                total += count * math.log(shares[small, max(min(over, AT), -AT) + AT])
    return total


@pytest.mark.parametrize("seed", range(40))
def test_no_path_is_likelier(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = sorted(set(np.round(rng.uniform(2, 9, rng.integers(2, 5)), 2).tolist()))
    dates = np.cumsum(rng.integers(1, 40, rng.integers(2, 6))).tolist()
    groups = [
        (day, int(rng.integers(0, 2)), float(rng.choice([*points, round(points[0] * 0.9, 2)])), float(rng.integers(1, 4)))
        for day in range(len(dates))
        for _ in range(rng.integers(1, 3))
    ]
    shares = rng.dirichlet(np.full(CLASSES, 0.05), 2) * 0.9 + 0.1 / CLASSES
    lines = Lines(
        points=np.log(np.array(points))[:, None],
        date=np.array(dates),
        starts=np.arange(len(dates) + 1),
        day=np.array([group[0] for group in groups]),
        owner=np.zeros(len(groups), dtype=np.int64),
        small=np.array([group[1] for group in groups]),
        count=np.array([group[3] for group in groups]),
        paid=np.log([group[2] for group in groups]),
    )
    found = tuple(path(lines, shares).tolist())
    every = itertools.product(range(len(points)), repeat=len(dates))
    best = max(weigh(one, points, dates, groups, shares) for one in every)
    assert weigh(found, points, dates, groups, shares) == pytest.approx(best, abs=1e-6)


def test_products_beside_one_another_are_walked_alone() -> None:
    """Two products of other lengths and other numbers of prices, together and each by itself."""
    shares = np.full((2, CLASSES), 1.0 / CLASSES)
    shares[:, AT] = 0.5
    long = Lines(
        np.log(np.array([[4.0], [5.0], [6.0]])), np.array([0, 5, 9]), np.arange(4), np.arange(3), np.zeros(3, np.int64),
        np.ones(3, np.int64), np.full(3, 4.0), np.log([4.0, 6.0, 6.0]),
    )  # fmt: skip
    short = Lines(
        np.log(np.array([[1.0], [2.0]])), np.array([3, 4]), np.arange(3), np.arange(2), np.zeros(2, np.int64), np.zeros(2, np.int64),
        np.full(2, 4.0), np.log([2.0, 1.0]),
    )  # fmt: skip
    both = Lines(
        np.array([[math.log(4), 0.0], [math.log(5), math.log(2)], [math.log(6), np.nan]]),
        np.array([0, 3, 5, 4, 9]),
        np.array([0, 2, 4, 5]),
        np.arange(5),
        np.array([0, 1, 0, 1, 0]),
        np.array([1, 0, 1, 0, 1]),
        np.full(5, 4.0),
        np.log([4.0, 2.0, 6.0, 1.0, 6.0]),
    )
    assert path(long, shares).tolist() == [0, 2, 2]
    assert path(short, shares).tolist() == [1, 0]
    assert path(both, shares).tolist() == [0, 1, 2, 0, 2]
