"""The nearest prices with an allowed ending, also where only one in several of them is a candidate."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.apps.cli.story_text import ruled
from pricesmith.apps.report.words import Words
from pricesmith.contracts.rule import Context
from pricesmith.flows.desk.product.out_of_reach import Endings, out_of_reach
from pricesmith.rules.price_endings import PriceEndings
from tests.desk.place import place

pytestmark = pytest.mark.real  # long

ROW = pl.DataFrame({"sku": ["A"]})
CONTEXT = Context(dt.date(2026, 6, 1), "EUR", "gross")
FREE = float("inf")
FITS = [one for one in range(1, 152_000) if one % 100 == 99 or one % 1000 == 490]


def known(*rules: tuple[float, ...]) -> Endings:
    found = [PriceEndings(endings=endings) for endings in rules]
    return Endings(ROW, found, tuple(sorted({value for endings in rules for value in endings})), CONTEXT)


@given(price=st.integers(1, 150_000), stop=st.integers(1, 150_000))
def test_it_is_the_first_of_all_such_prices(price: int, stop: int) -> None:
    after = next((one for one in FITS if price < one < stop), None)
    before = next((one for one in reversed(FITS) if stop < one < price), None)
    both = known((0.99, 4.90))
    assert (both.after(float(price), float(stop)), both.before(float(price), float(stop))) == (after, before)


def test_none_is_skipped_at_high_prices() -> None:
    assert known((0.99,)).after(25_250.0, FREE) == 25_299, "no candidate, and nevertheless the nearest"
    assert known((0.99,)).before(25_250.0, -FREE) == 25_199


def test_every_rule_must_admit_it_and_nothing_lies_beyond_no_limit() -> None:
    assert known((0.99, 0.49), (9.99,)).after(1_000.0, FREE) == 1_999
    assert known((0.99,), (0.49,)).after(1_000.0, FREE) is None and known((0.99,)).after(FREE, FREE) is None
    assert known().after(1_000.0, FREE) is None and known((0.99,)).before(50.0, -FREE) is None


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "one in 5 prices with an allowed ending is a candidate"), ("zh", "每 5 个符合尾数的价格中只有一个作为候选")],
)
def test_the_story_says_how_many_are_candidates(language: str, said: str) -> None:
    told = {"reason": "profit_up", "rules": [], "crossed": None, "out_of_reach": [], "currency": "EUR", "one_in": 5}
    assert said in ruled(told, Words(language))[-1] and said not in "".join(ruled({**told, "one_in": 1}, Words(language)))


LEAST = """
[[rule]]
kind = "min_change"
step = 0.06
"""


def test_the_nearest_forbidden_ending_is_told_with_the_rule_that_forbids_it(tmp_path: Path) -> None:
    found = place(tmp_path / "shop", LEAST)
    again = found.desk.reading.replayed(found.run)
    bounds, told = again.decided.shop.bounds, set()
    for row in found.desk.reading.run(found.run).decided.iter_rows(named=True):
        item, now, price = row["item"], row["current_price"], row["price"]
        near = out_of_reach(again.decided, again.snapshot, again.policy, item, price)
        low, high = bounds.low[:, item].max(), bounds.high[:, item].min()

        def free(one: int, now: int = now, low: float = low, high: float = high) -> bool:
            return low <= one <= high and (one == now or abs(one - now) >= 0.06 * now)

        forbidden = [one for one in range(1, 20_000) if one % 100 in (49, 99) and one != price and not free(one)]
        for side, nearest in (
            ("above", min(one for one in forbidden if one > price)),
            ("below", max((one for one in forbidden if one < price), default=None)),
        ):
            assert {one.price for one in near if one.side == side} <= {nearest}, (row["sku"], side)
            for one in near:
                if one.side == side:
                    told.add(one.bound)
                    assert (one.rule == "min_change") == (low <= one.price <= high), row["sku"]
    assert {"least_up", "least_down", "highest"} <= told


def test_the_page_shows_what_the_least_change_leaves_and_names_it_beside_the_price_that_it_forbids(tmp_path: Path) -> None:
    found = place(tmp_path / "shop", LEAST)
    client, shown = found.client("viewer"), 0
    for row in found.desk.reading.run(found.run).decided.iter_rows(named=True):
        page = client.get(f"/products/{row['sku']}", headers={"Accept": "text/html", "Accept-Language": "en"}).text
        twin = client.get(f"/products/{row['sku']}?format=json").json()
        (least,) = [one for one in twin["limits"] if one["name"] == "min_change"]
        step = math.ceil(0.06 * row["current_price"] - 1e-9)
        assert least["apart"] == [row["current_price"] - step, row["current_price"] + step]
        assert "where it falls at most" in page and f'<data value="{least["apart"][0]}">' in page
        shown += "too near to today" in page
    assert shown
