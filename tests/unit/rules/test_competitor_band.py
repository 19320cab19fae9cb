"""Whether any rule of a shop follows competitors, and what those of a product follow of them."""

from __future__ import annotations

import polars as pl

from pricesmith.rules.competitor_band import CompetitorBand, compared, followed, follows
from pricesmith.rules.max_change import MaxChange


def test_a_band_follows_competitors_and_nothing_else_does() -> None:
    assert follows([MaxChange(step=0.1), CompetitorBand(high=1.2)])
    assert not follows([MaxChange(step=0.1)]) and not follows([])


def test_a_product_follows_what_the_bands_that_select_it_do() -> None:
    items = pl.DataFrame({"sku": ["a", "b", "c"], "brand": ["x", "y", "y"]})
    rules = [
        MaxChange(step=0.1),
        CompetitorBand(high=1.2, reference="second", where={"brand": "x"}),
        CompetitorBand(low=0.8, reference="cheapest", where={"sku": "[ab]"}),
        CompetitorBand(high=1.1, reference="cheapest", where={"sku": "b"}),
        CompetitorBand(high=1.1, where={"role": "hero"}),
    ]
    assert followed(rules, items) == [["cheapest", "second"], ["cheapest"], []], "nobody knows a role"
    assert followed([], items) == [[], [], []]


def test_a_price_is_compared_with_the_one_that_is_followed_where_it_is_known() -> None:
    known = {"competitor_price": 13.0, "competitor_cheapest": 10.0, "competitor_second": None}
    told = [compared(known, names) for names in (["cheapest"], ["second"], ["average"], ["cheapest", "second"], [])]
    assert told == ["cheapest", *["median"] * 4]
