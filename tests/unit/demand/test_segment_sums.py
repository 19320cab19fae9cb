"""Sums over stretches of rows against numpy's own."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.demand.segment_sums import segment_sums


@given(st.lists(st.integers(1, 9), min_size=1, max_size=40), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_sums_are_those_of_reduceat(lengths: list[int], columns: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=(sum(lengths), columns))
    starts = np.cumsum([0, *lengths[:-1]])
    np.testing.assert_allclose(segment_sums(values, starts), np.add.reduceat(values, starts, axis=0), rtol=1e-12, atol=1e-12)
