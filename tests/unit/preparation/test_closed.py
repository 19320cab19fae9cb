"""A place that usually sells and has no row at all in a period was not observed."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.preparation.closed import unobserved

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


def test_nothing_is_said_of_weeks_before_the_first_and_after_the_last_row():
    ends = {(k, w) for k in (3, 4, 5) for w in (0, 1, 11)}
    assert unobserved(rows_of(ends), KEYS).is_empty()


def test_a_place_that_sells_now_and_then_is_silent_without_being_closed():
    rare = {(k, w) for k in (3, 4, 5) for w in range(1, 11) if w % 4}
    assert unobserved(rows_of(rare), KEYS).is_empty()


def test_small_places_may_be_silent():
    keys = KEYS.with_columns(region=pl.Series(["a"] * 4 + ["b"] * 2))
    assert unobserved(rows_of({(4, 4), (5, 4)}), keys).is_empty()
