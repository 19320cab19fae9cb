"""The price index by hand."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from pricesmith.contracts.tables import CELLS
from pricesmith.monitoring.price_index import INDEX, price_index


def cells(*rows: tuple[int, str, float, float, float | None]) -> pl.DataFrame:
    """item, date, price, units, competitor's price."""
    table = pl.DataFrame(rows, schema=["item", "date", "price", "units", "competitor_price"], orient="row")
    table = table.with_columns(
        pl.col("date").str.to_date(), promo=0, promo_kind=None, days=1.0, available=1.0, list_price="price", cost=None, views=None
    )
    return table.select(CELLS.schema.names()).cast(CELLS.schema)


def test_units_are_valued_at_both_prices() -> None:
    found = price_index(
        cells(
            (0, "2026-03-02", 10.0, 3.0, 8.0), (1, "2026-03-04", 5.0, 2.0, 10.0), (2, "2026-03-05", 4.0, 5.0, None),
            (0, "2026-03-09", 9.0, 0.0, 9.0), (0, "2026-03-16", 9.0, 1.0, 10.0),
        ),
        "day",
    )  # fmt: skip
    assert found.schema == INDEX
    assert found["date"].to_list() == [dt.date(2026, 3, 2), dt.date(2026, 3, 16)]
    assert found["index"].to_list() == pytest.approx([40.0 / 44.0, 0.9])
    assert found["share"].to_list() == pytest.approx([40.0 / 60.0, 1.0])
    assert found["products"].to_list() == [2, 1]


def test_without_competitors_there_is_none() -> None:
    assert price_index(cells((0, "2026-03-02", 10.0, 3.0, None)), "week").is_empty()
