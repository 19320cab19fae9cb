"""A place that usually sells and has no row at all in a period was not observed."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from pricesmith.preparation.closed import quiet, unobserved

FIRST = dt.date(2022, 1, 3)


def rows_of(gone: set[tuple[int, int]], weeks: int = 12, items: int = 6) -> pl.DataFrame:
    """A row of every item and week but those in `gone`."""
    kept = [(k, FIRST + dt.timedelta(weeks=w)) for k in range(items) for w in range(weeks) if (k, w) not in gone]
    return pl.DataFrame(kept, schema={"item": pl.Int32, "date": pl.Date}, orient="row")


KEYS = pl.DataFrame(
    {"item": list(range(6)), "channel": ["default"] * 6, "region": ["a"] * 3 + ["b"] * 3}, schema_overrides={"item": pl.Int32}
)


def test_a_closed_store_was_not_observed():
    found = unobserved(rows_of({(3, 4), (4, 4), (5, 4)}), KEYS)
    assert found.rows() == [(k, FIRST + dt.timedelta(weeks=4)) for k in (3, 4, 5)]


def test_one_silent_item_is_a_week_without_a_sale():
    assert unobserved(rows_of({(3, 4), (4, 4)}), KEYS).is_empty()


def silent(last: int, first: int = 0) -> set[tuple[int, int]]:
    """No row of place b in the first and last weeks of twelve."""
    return {(k, w) for k in (3, 4, 5) for w in (*range(first), *range(12 - last, 12))}


def test_nothing_is_said_of_weeks_before_the_first_row():
    assert unobserved(rows_of(silent(0, first=2)), KEYS).is_empty()


@pytest.mark.parametrize("weeks", [1, 4])
def test_a_place_whose_last_rows_are_not_there_yet_was_not_observed(weeks: int):
    found = unobserved(rows_of(silent(weeks)), KEYS)
    assert found["date"].unique().sort().to_list() == [FIRST + dt.timedelta(weeks=w) for w in range(12 - weeks, 12)]
    assert quiet(rows_of(silent(weeks)), KEYS, "week").rows() == [("default", "b", FIRST + dt.timedelta(weeks=11 - weeks))]


def test_a_place_that_has_been_silent_for_longer_sells_nothing():
    assert unobserved(rows_of(silent(5)), KEYS).is_empty() and quiet(rows_of(silent(5)), KEYS, "week").is_empty()
    assert quiet(rows_of({(4, 11), (5, 11)}), KEYS, "week").is_empty(), "one of its items sells"


@pytest.mark.parametrize(("days", "told"), [(6, False), (9, True)])
def test_a_place_of_days_is_silent_after_a_week_and_more_than_its_usual_gaps(days: int, told: bool):
    rows = rows_of(silent(0)).with_columns(date=pl.lit(FIRST) + pl.duration(days=(pl.col("date") - pl.lit(FIRST)).dt.total_days() // 7))
    more = pl.concat([rows, rows.with_columns(pl.col("date") + pl.duration(days=12))])
    last = FIRST + dt.timedelta(days=23 - days)
    kept = more.filter((pl.col("item") < 3) | (pl.col("date") <= last))
    assert quiet(kept, KEYS, "day").rows() == ([("default", "b", last)] if told else [])
    rare = kept.filter((pl.col("item") < 3) | (pl.col("date") == FIRST) | (pl.col("date") == last))
    assert quiet(rare, KEYS, "day").is_empty(), "it sells every other week"


def test_a_place_that_sells_now_and_then_is_silent_without_being_closed():
    rare = {(k, w) for k in (3, 4, 5) for w in range(1, 11) if w % 4}
    assert unobserved(rows_of(rare), KEYS).is_empty()


def test_small_places_may_be_silent():
    keys = KEYS.with_columns(region=pl.Series(["a"] * 4 + ["b"] * 2))
    assert unobserved(rows_of({(4, 4), (5, 4)}), keys).is_empty()
