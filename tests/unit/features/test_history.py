"""Windows over the past: sums of plain loops."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from pricesmith.features.history import History


@pytest.fixture
def history() -> History:
    daily = pl.DataFrame({"g": [1, 0, 0, 1, 1], "day": [5, 2, 9, 4, 7], "x": [3.0, 10.0, None, 1.0, 7.0]})
    return History.of(daily, "g", ("x",), ("x",))


@pytest.mark.parametrize(
    ("group", "start", "end", "total"), [(0, 0, 3, 10.0), (0, 3, 20, 0.0), (1, 0, 8, 11.0), (1, 5, 7, 3.0), (2, 0, 9, 0.0)]
)
def test_total(history: History, group: int, start: int, end: int, total: float) -> None:
    groups = np.array([group])
    first = history.first(groups)
    found = history.total("x", history.before(groups, np.array([start])), history.before(groups, np.array([end])), first)
    assert found[0] == total


@pytest.mark.parametrize(
    ("group", "day", "last"), [(0, 2, np.nan), (0, 3, 10.0), (0, 10, np.nan), (1, 7, 3.0), (1, 8, 7.0), (2, 9, np.nan)]
)
def test_last(history: History, group: int, day: int, last: float) -> None:
    groups = np.array([group])
    found = history.last("x", history.before(groups, np.array([day])), history.first(groups))
    np.testing.assert_equal(found[0], last)


def test_empty() -> None:
    empty = History.of(pl.DataFrame(schema={"g": pl.Int64, "day": pl.Int64, "x": pl.Float64}), "g", ("x",), ("x",))
    groups, none = np.array([0, 1]), np.zeros(2, np.int64)
    assert empty.total("x", none, none, none).tolist() == [0.0, 0.0]
    assert np.isnan(empty.last("x", empty.before(groups, groups), none)).all()
