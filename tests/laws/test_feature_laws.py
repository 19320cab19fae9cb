"""Laws of features, over made shops and drawn days."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.contracts.snapshot import Snapshot
from pricesmith.features import FEATURES
from pricesmith.features.build import ROW, build
from pricesmith.testing.check_feature import forgetful, spoiled
from pricesmith.testing.fakes import made_snapshot
from tests.examples import examples

SHOPS = [made_snapshot(seed, products=5, days=110, period=period) for seed, period in enumerate(("day", "day", "week"))]
OWN = tuple(name for name in FEATURES if name != "demand_lags")
"""Families that look at nothing but the item itself; `demand_lags` also pools the category."""

shops = st.sampled_from(SHOPS)
cell_numbers = st.integers(0, SHOPS[0].cells.height - 1)


def days_around(snapshot: Snapshot, number: int) -> dt.date:
    return snapshot.cells["date"][number]


@examples(25)
@given(shops, cell_numbers)
def test_what_happens_on_its_day_or_later_never_enters_a_row(snapshot: Snapshot, number: int) -> None:
    row = snapshot.cells[number].select(ROW)
    expected = build(snapshot, row)
    assert build(snapshot)[number].equals(expected)
    day = days_around(snapshot, number)
    assert build(forgetful(snapshot, day), row).equals(expected)
    assert build(spoiled(snapshot, day), row).equals(expected)


@examples(20)
@given(shops, st.integers(0, 60))
def test_nothing_at_or_after_as_of_enters(snapshot: Snapshot, ahead: int) -> None:
    rows = snapshot.cells.group_by("item", maintain_order=True).last().select(ROW)
    future = rows.with_columns(pl.lit(snapshot.as_of + dt.timedelta(days=ahead)).alias("date"))
    late = spoiled(snapshot, snapshot.as_of)
    assert late.cells.height > snapshot.cells.height
    assert build(late, future).equals(build(snapshot, future))
    assert build(late, snapshot.cells).equals(build(snapshot))


@given(shops, cell_numbers, st.integers(0, 40))
def test_with_a_lead_nothing_of_the_lead_enters(snapshot: Snapshot, number: int, lead: int) -> None:
    row = snapshot.cells[number].select(ROW)
    start = days_around(snapshot, number) - dt.timedelta(days=lead)
    assert build(spoiled(snapshot, start), row, lead_days=lead).equals(build(snapshot, row, lead_days=lead))


@given(shops, st.integers(0, 4))
def test_one_product_alone_has_the_features_it_has_in_a_block(snapshot: Snapshot, item: int) -> None:
    alone = replace(
        snapshot,
        items=snapshot.items.filter(item=item).with_columns(pl.lit(0, pl.Int32).alias("item")),
        cells=snapshot.cells.filter(item=item).with_columns(pl.lit(0, pl.Int32).alias("item")),
        reviews=snapshot.reviews.filter(item=item).with_columns(pl.lit(0, pl.Int32).alias("item")),
    )
    block = build(snapshot, families=OWN).filter(snapshot.cells["item"] == item)
    assert build(alone, families=OWN).equals(block)


@examples(10)
@given(shops, st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(snapshot: Snapshot, random: object) -> None:
    order = list(range(snapshot.cells.height))
    random.shuffle(order)  # type: ignore[attr-defined]
    assert build(snapshot, snapshot.cells[order]).equals(build(snapshot)[order])


@examples(20)
@given(shops, st.lists(cell_numbers, min_size=1, max_size=40, unique=True))
def test_cells_add(snapshot: Snapshot, numbers: list[int]) -> None:
    """A cell split in two halves says the same: the same past for every other row."""
    split = pl.Series(range(snapshot.cells.height)).is_in(numbers)
    halved = snapshot.cells.filter(split).with_columns((pl.col(name) / 2).alias(name) for name in ("units", "days", "views"))
    cells = pl.concat([snapshot.cells.filter(~split), halved, halved]).sort("item", "date", "price", "promo")
    assert build(replace(snapshot, cells=cells), snapshot.cells).equals(build(snapshot))
