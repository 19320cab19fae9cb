"""Families: values by hand, ascent that never falls, and proofs that hold."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from pricesmith.optimization.ascent import ascend, sweep
from pricesmith.optimization.family import Families, expand, families, family_values, linked
from pricesmith.optimization.family_bound import prove


def group(seed: int, members: int = 3, width: int = 4, count: int = 5, alike: bool = False) -> Families:
    draw = np.random.default_rng(seed)
    rows = members * count
    logs = np.sort(draw.uniform(-0.3, 0.3, (rows, width)), axis=1)
    family = np.repeat(np.arange(count), members)
    cross = np.full(rows, 0.7) if alike else draw.uniform(-1.5, 1.5, rows)
    prices = np.round(1000 * np.exp(logs)).astype(np.int64)
    gain, extra = draw.uniform(-1, 10, (rows, width)), draw.uniform(-1, 1, (rows, width))
    opened = np.ones((rows, width), dtype=bool)
    return families(np.arange(rows), family, gain, extra, opened, logs, cross, prices, np.full(rows, 1))


def best(part: Families) -> np.ndarray:
    members = int(part.sizes[0])
    plans = list(itertools.product(range(part.logs.shape[1]), repeat=members))
    return np.max([family_values(part, np.tile(plan, part.sizes.size)) for plan in plans], axis=0)


def test_the_value_of_a_family_by_hand() -> None:
    logs = np.log(np.array([[1.0, 1.1], [1.0, 1.2]]))
    gain, extra = np.array([[10.0, 9.0], [20.0, 18.0]]), np.array([[0.0, 1.0], [0.0, 2.0]])
    prices = np.array([[100, 110], [200, 240]])
    part = families(
        np.arange(2), np.zeros(2, int), gain, extra, np.ones((2, 2), bool), logs, np.array([1.0, 0.5]), prices, np.zeros(2, int)
    )
    assert part.items.tolist() == [0, 1]
    assert family_values(part, np.array([1, 1])) == pytest.approx([9.0 * 1.2 + 1.0 + 18.0 * 1.1**0.5 + 2.0])


@pytest.mark.parametrize("alike", [False, True])
def test_turns_never_lower_the_value(alike: bool) -> None:
    for seed in range(20):
        part = group(seed, alike=alike)
        plan = np.random.default_rng(seed).integers(0, 4, part.of.size)
        after = sweep(part, plan)
        assert (family_values(part, after) >= family_values(part, plan) - 1e-12).all()
        last, _ = ascend(part, plan)
        assert (family_values(part, last) >= family_values(part, after) - 1e-12).all()
        assert (sweep(part, last) == last).all()


@pytest.mark.parametrize("rounds", [1, 2, 12])
def test_proofs_hold_however_early_they_stop(rounds: int) -> None:
    for seed in range(20):
        part = group(seed, alike=seed % 2 == 0)
        proof = prove(part, np.ones(part.of.size, dtype=np.int64), rounds=rounds)
        top = best(part)
        assert proof.value == pytest.approx(family_values(part, proof.columns))
        assert (proof.value <= top + 1e-9).all()
        assert (proof.bound >= top - 1e-9).all()


def test_proofs_are_close_on_fine_ladders() -> None:
    draw = np.random.default_rng(9)
    rows, width = 40, 25
    logs = np.tile(np.linspace(-0.3, 0.3, width), (rows, 1))
    elasticity = -draw.uniform(1.5, 4.0, rows)
    gain = (np.exp(logs) - draw.uniform(0.3, 0.7, (rows, 1))) * np.exp(elasticity[:, None] * logs)
    family = np.repeat(np.arange(10), 4)
    cross = draw.uniform(0.1, 1.0, rows)
    prices = np.round(1000 * np.exp(logs)).astype(np.int64)
    shape = np.ones((rows, width), dtype=bool)
    part = families(np.arange(rows), family, gain, np.zeros(gain.shape), shape, logs, cross, prices, np.full(rows, 12))
    proof = prove(part, np.full(rows, 12))
    assert 1 - proof.value.sum() / proof.bound.sum() < 3e-4


def test_who_is_linked() -> None:
    family = np.array([0, 0, 1, -1, 2, 2])
    cross = np.array([0.5, 0.0, 0.5, 0.0, 0.0, 0.0])
    assert linked(family, cross).tolist() == [True, True, False, False, False, False]
    assert not linked(np.full(3, -1), np.ones(3)).any()


def test_runs_are_expanded() -> None:
    assert expand(np.array([5, 0]), np.array([3, 2])).tolist() == [5, 6, 7, 0, 1]
    assert expand(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)).tolist() == []
