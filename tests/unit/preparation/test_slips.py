"""A name is suggested for another where that may be a slip of it, not where it merely shares letters with it."""

from __future__ import annotations

import pytest

from pricesmith.contracts.tables import SALES
from pricesmith.preparation.slips import meant, slips


@pytest.mark.parametrize(
    ("name", "near"),
    [
        *(("unitz", "units"), ("Units", "units"), ("untis", "units"), ("dte", "date"), ("channnel", "channel"), ("chanel", "channel")),
        *(("price_list", "list_price"), ("list price", "list_price"), ("List-Price", "list_price"), ("listprice", "list_price")),
        *(("freight_price", None), ("lag_price", None), ("total_price", None), ("state", None), ("prices_", None), ("rebate", None)),
    ],
)
def test_a_slip_or_the_same_words_and_nothing_further(name: str, near: str | None) -> None:
    assert meant(name, SALES.by_name) == near


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [("", "", 0), ("", "ab", 2), ("abc", "abc", 0), ("abc", "acb", 1), ("abc", "ab", 1), ("abc", "axc", 1), ("ca", "abc", 3)],
)
def test_slips_are_counted_alike_from_either_side(one: str, other: str, count: int) -> None:
    assert slips(one, other) == slips(other, one) == count
