"""How far prices of one product lie apart over stores, and for how many no common price is within reach of one run."""

from __future__ import annotations

import polars as pl

from pricesmith.flows.desk.guide.places_apart import PlacesApart, apart


def prices(*told: tuple[str, str, int]) -> pl.DataFrame:
    return pl.DataFrame(
        [(sku, store, "default", price) for sku, store, price in told], schema=["sku", "channel", "region", "price"], orient="row"
    )


def test_the_highest_over_the_lowest_of_each_product() -> None:
    table = prices(
        ("A", "1", 100), ("A", "2", 110), ("B", "1", 200), ("B", "2", 300), ("B", "3", 250), ("C", "1", 500), ("D", "1", 90), ("D", "3", 90)
    )
    found = apart(table, 0.1)
    assert found is not None and (found.places, found.products, found.beyond, found.step) == (3, 3, 1, 0.1)
    assert round(found.median, 9) == 0.1
    assert apart(table, 0.3) == PlacesApart(3, 3, found.median, 0, 0.3), "130 meets 200 x 1.3 and 300 x 0.7"


def test_what_two_moves_just_meet_is_within_reach() -> None:
    assert apart(prices(("A", "1", 90), ("A", "2", 110)), 0.1) == PlacesApart(2, 1, 110 / 90 - 1.0, 0, 0.1)
    assert apart(prices(("A", "1", 90), ("A", "2", 111)), 0.1).beyond == 1  # type: ignore[union-attr]
    assert apart(prices(("A", "1", 90), ("A", "2", 900)), 1.0).beyond == 0  # type: ignore[union-attr]


def test_one_store_has_nothing_to_compare() -> None:
    assert apart(prices(("A", "1", 100), ("B", "1", 110)), 0.1) is None
    assert apart(prices(), 0.1) is None
