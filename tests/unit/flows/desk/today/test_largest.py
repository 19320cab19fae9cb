"""How few of the changes bring most of what all bring."""

from __future__ import annotations

import polars as pl
import pytest

from pricesmith.flows.desk.today.largest import Largest, largest


def decided(*gains: float | None, action: str = "change") -> pl.DataFrame:
    return pl.DataFrame(
        {"action": [action] * len(gains), "profit_change": gains}, schema={"action": pl.String, "profit_change": pl.Float64}
    )


@pytest.mark.parametrize(
    ("gains", "count"),
    [
        ([1.0, *[50.0] * 9, *[1.0] * 29], 9),  # 450 of 480 are more than nine tenths, 400 are not
        ([90.0, *[0.5] * 20], 1),  # just nine tenths
        ([89.0, *[0.55] * 20], 3),
        ([60.0, 60.0, *[0.0] * 30, -20.0], 2),  # one that makes room for the others loses
        ([60.0, 31.0, None, *[0.5] * 20], 2),
    ],
)
def test_the_fewest_are_counted(gains: list[float | None], count: int) -> None:
    known = sum(gain is not None for gain in gains)
    assert largest(decided(*gains)) == Largest(count, known)


@pytest.mark.parametrize("gains", [[1.0] * 19, [100.0, *[0.1] * 18], [1.0] * 40, [-1.0] * 40, [0.0] * 40, []])
def test_nothing_is_said_of_a_short_list_or_of_one_that_needs_all_its_changes(gains: list[float]) -> None:
    assert largest(decided(*gains)) is None


def test_prices_that_stay_are_none() -> None:
    stay = decided(*[500.0] * 30, action="keep")
    assert largest(pl.concat([stay, decided(*[50.0] * 9, *[1.0] * 30)])) == Largest(9, 39)
