"""The average over draws by moments is the average over draws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.demand.estimators.average_exponential import average_exponential


@given(st.integers(1, 30), st.integers(1, 20), st.integers(1, 64), st.floats(0.0, 3.0), st.floats(0.0, 1.5), st.integers(0, 2**32 - 1))
def test_equals_the_direct_average(items: int, points: int, count: int, spread: float, width: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    draws = random.uniform(-5.0, -0.2, (items, 1)) + spread * random.standard_normal((items, count))
    at = random.uniform(-width, width, (items, points))
    direct = np.exp(at[:, :, None] * draws[:, None, :]).mean(axis=2)
    assert average_exponential(at, draws) == pytest.approx(direct, rel=1e-11)


def test_many_blocks_and_wild_draws() -> None:
    random = np.random.default_rng(1)
    draws, at = -2.0 + 0.3 * random.standard_normal((2500, 64)), random.uniform(-0.3, 0.3, (2500, 9))
    draws[1500] *= 30.0
    at[1500] *= 5.0
    direct = np.exp(at[:, :, None] * draws[:, None, :]).mean(axis=2)
    assert average_exponential(at, draws) == pytest.approx(direct, rel=1e-11)


def test_same_draw_everywhere_is_one_exponential() -> None:
    at = np.linspace(-1.0, 1.0, 7)[None]
    assert average_exponential(at, np.full((1, 5), -2.5)) == pytest.approx(np.exp(-2.5 * at), rel=1e-14)


def test_an_item_alone_is_the_item_among_others() -> None:
    random = np.random.default_rng(2)
    draws, at = -2.0 + random.uniform(0.1, 3.0, (50, 1)) * random.standard_normal((50, 64)), random.uniform(-1.0, 1.0, (50, 9))
    together = average_exponential(at, draws)
    apart = np.concatenate([average_exponential(at[i : i + 1], draws[i : i + 1]) for i in range(50)])
    assert (together == apart).all()
