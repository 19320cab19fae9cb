"""Which price took the place of another: the same as one by one."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from pricesmith.flows.publishing.history.next_price import PLACE, next_price


def seen(skus: list[str], prices: list[int]) -> pl.DataFrame:
    return pl.DataFrame({"sku": skus, "price": prices}).with_columns(
        target=pl.lit("web"), channel=pl.lit("default"), region=pl.lit("default")
    )


@pytest.mark.parametrize("seed", range(20))
def test_it_is_the_first_other_price_at_the_place(seed: int) -> None:
    random = np.random.default_rng(seed)
    count = int(random.integers(0, 60))
    table = seen([f"p{one}" for one in random.integers(0, 6, count)], random.integers(1, 4, count).tolist())
    asked = seen([f"p{one}" for one in random.integers(0, 8, 40)], random.integers(1, 5, 40).tolist())
    asked = asked.with_columns(start=pl.Series(random.integers(0, count + 1, 40)))
    rows = list(enumerate(table.select(*PLACE, "price").rows()))
    expected = [
        next((row for row, other in rows[start:] if other[:-1] == tuple(place) and other[-1] != price), None)
        for *place, price, start in asked.select(*PLACE, "price", "start").iter_rows()
    ]
    assert next_price(asked, table).to_list() == expected
