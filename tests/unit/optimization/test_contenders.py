"""Candidates that are struck out: no best plan of a family holds one, and few are left."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from pricesmith.contracts.curves import Flags, Floats, Ints, Ladder
from pricesmith.optimization import contenders
from pricesmith.optimization.contenders import Ends, contending
from pricesmith.optimization.family import Families, families, family_values

Case = tuple[Ladder, Floats, Flags, Floats, Ints]


def made(seed: int, lowest: float, members: int = 3, width: int = 6, count: int = 4) -> Case:
    """(ladder, gain, opened, cross, family) of families whose gains lie between `lowest` and 10, most of them near the top."""
    draw = np.random.default_rng(seed)
    rows = members * count
    prices = np.sort(draw.choice(np.arange(700, 1300), (rows, width), replace=False), axis=1)
    gain = 10.0 - draw.exponential(draw.choice([0.2, 3.0]), (rows, width))
    gain = np.maximum(gain, lowest)
    opened = draw.random((rows, width)) < 0.8
    opened[:, 2] = True
    cross = draw.uniform(-0.5, 0.9, rows)
    return Ladder(prices, np.ones(prices.shape, bool), np.full(rows, 2)), gain, opened, cross, np.arange(rows) % count


def left(case: Case) -> list[tuple[Families, Ints]]:
    ladder, gain, opened, cross, family = case
    rows = np.arange(gain.shape[0])
    best = np.where(opened, gain, -np.inf).argmax(axis=1)
    last = gain.shape[1] - 1 - opened[:, ::-1].argmax(axis=1)
    ends = Ends((opened & (gain < 0)).any(axis=1), np.where(opened, gain, 0.0).sum(axis=1), opened.argmax(axis=1), last)
    return list(contending(rows, best, ends, family, cross, gain, opened, ladder))


def whole(case: Case) -> Families:
    ladder, gain, opened, cross, family = case
    own = ladder.prices[:, 2]
    logs = np.log(ladder.prices / own[:, None])
    return families(np.arange(own.size), family, gain, np.zeros(gain.shape), opened, logs, cross, ladder.prices, ladder.current)


def best(group: Families) -> dict[int, float]:
    """The largest value of each family over all its plans, by the family's first item in ascending order."""
    found = {}
    for number in range(group.sizes.size):
        one = group.take(np.array([number]))
        plans = itertools.product(*(np.flatnonzero(row) for row in one.open))
        found[int(one.items.min())] = max(float(family_values(one, np.array(plan))[0]) for plan in plans)
    return found


@pytest.mark.parametrize("lowest", [0.0, -5.0])
def test_no_best_plan_is_lost(lowest: float) -> None:
    struck = 0
    for seed in range(25):
        case = made(seed, lowest)
        groups = [group for group, _ in left(case)]
        found = {item: value for group in groups for item, value in best(group).items()}
        assert found == pytest.approx(best(whole(case)), rel=1e-12)
        struck += int(case[2].sum() - sum(group.open.sum() for group in groups))
    assert struck > 100


def test_without_room_for_the_others_best_plans_would_be_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = lambda rows, *_: (np.zeros(rows.size), np.zeros(rows.size))  # noqa: E731
    monkeypatch.setattr(contenders, "_allowances", nothing)
    lost = 0
    for seed in range(25):
        case = made(seed, 0.0)
        found = {item: value for group, _ in left(case) for item, value in best(group).items()}
        lost += sum(found[item] < value * (1 - 1e-9) for item, value in best(whole(case)).items())
    assert lost > 5


def test_columns_keep_their_prices_and_gains() -> None:
    case = made(3, 0.0)
    ladder, gain, _, cross, family = case
    seen = 0
    for group, place in left(case):
        each = group.items[:, None]
        assert (group.prices == ladder.prices[each, place]).all()
        assert (group.gain == np.where(group.open, gain[each, place], 0.0)).all()
        assert (place[np.arange(place.shape[0]), group.current] == 2).all()
        assert (group.cross == cross[group.items]).all()
        assert (np.diff(family[group.items][group.starts]) > 0).all()
        seen += group.items.size
    assert seen == family.size
