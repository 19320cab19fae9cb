"""Groups by look-up are the groups that a dictionary finds."""

from __future__ import annotations

import numpy as np
import pytest

from pricesmith.preparation.grouping import combined, grouped, positions, separate


@pytest.mark.parametrize("high", [3, 1000, 10**12])
@pytest.mark.parametrize("count", [0, 1, 500])
def test_positions_are_ranks_among_distinct_codes(high: int, count: int) -> None:
    code = np.random.default_rng(0).integers(0, high, count)
    distinct, position = positions(code)
    assert distinct.tolist() == sorted(set(code.tolist()))
    assert distinct[position].tolist() == code.tolist()


def test_combined_codes_come_apart() -> None:
    rng = np.random.default_rng(1)
    codes = [rng.integers(0, size, 200) for size in (7, 1, 30)]
    whole, sizes = combined(codes)
    assert len(set(whole.tolist())) == len(set(zip(*codes, strict=True)))
    assert all((back == code).all() for back, code in zip(separate(whole, sizes), codes, strict=True))


def test_codes_that_would_overflow_are_refused() -> None:
    with pytest.raises(OverflowError, match="63 bits"):
        combined([np.array([2**40]), np.array([2**30])])


@pytest.mark.parametrize("values", [1, 2, 50])
def test_groups_have_one_slot_and_one_value(values: int) -> None:
    rng = np.random.default_rng(2)
    slot, value, amount = rng.integers(0, 40, 600), rng.integers(0, values, 600) / 7, rng.integers(0, 10**15, 600)
    _, slot = positions(slot)
    groups = grouped(slot, int(slot.max()) + 1, value)
    expected: dict[tuple[int, float], int] = {}
    for key, number in zip(zip(slot.tolist(), value.tolist(), strict=True), amount.tolist(), strict=True):
        expected[key] = expected.get(key, 0) + number
    found = zip(groups.slot.tolist(), groups.value.tolist(), groups.total(amount).tolist(), strict=True)
    assert sorted((place, price, total) for place, price, total in found) == sorted((*key, total) for key, total in expected.items())
    assert len(groups.slot) == len(expected)


def test_largest_skips_what_is_no_number() -> None:
    groups = grouped(np.array([0, 0, 1, 1]), 2, np.ones(4))
    assert np.array_equal(groups.largest(np.array([2.0, np.nan, np.nan, np.nan])), [2.0, np.nan], equal_nan=True)
