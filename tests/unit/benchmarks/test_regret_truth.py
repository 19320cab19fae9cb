"""The regret ledger beside the truth of made shops: who is said to be right is, and the bounds hold what a proposal brings."""

from __future__ import annotations

import polars as pl
import pytest

from benchmarks.regret import answered, figures


@pytest.mark.real
@pytest.mark.parametrize("kind", ["plain", "stockouts"])
def test_who_is_said_to_be_right_is(kind: str) -> None:
    found = answered(kind, 1, products=60, days=300)
    assert set(found["answer"]) == {"accepted", "rejected"}
    told = figures(found)
    assert told["said"] > 0.2
    assert told["right"] >= 0.9
    assert told["inside"] >= 0.8
    turned = figures(found.with_columns(true=-pl.col("true")))
    assert turned["right"] <= 0.1, "the truth the other way round is noticed"
    assert turned["inside"] < 0.7
