"""Laws of preparation: loading twice, row order, the future, splitting, and garbage change nothing or are refused in one line."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Sequence
from pathlib import Path

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.contracts.errors import DataError
from pricesmith.contracts.policy import DataPolicy, Policy
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.preparation import snapshot
from tests.examples import examples
from tests.shop_folders import load, write

POLICY = Policy(currency="EUR", data=DataPolicy(max_bad_share=1.0))
START = dt.date(2025, 1, 1)
AS_OF = START + dt.timedelta(days=12)
SALES_HEAD = "date,sku,units,price,channel,promo,list_price\n"
HEADS = {
    "sales": SALES_HEAD,
    "stock": "date,sku,on_hand,out_of_stock\n",
    "competitor_prices": "observed_at,sku,competitor,price\n",
    "costs": "sku,valid_from,unit_cost\n",
}


def day(low: int = 0, high: int = 20) -> st.SearchStrategy[str]:
    return st.integers(low, high).map(lambda offset: (START + dt.timedelta(days=offset)).isoformat())


sku = st.sampled_from(["a", "b", "c", "nosuch"])
number = st.sampled_from(["0", "1", "2.5", "9.99", "10", "100", "-1", "nan", "", "x"])
price = st.sampled_from(["9.99", "10", "10.5", "11", "8", "100", "0.1", "0", "nan"])
sale = st.tuples(day(), sku, number, price, st.sampled_from(["", "web"]), st.sampled_from(["", "0", "1"]), st.sampled_from(["", "12"]))
stock = st.tuples(day(), sku, st.sampled_from(["0", "5"]), st.sampled_from(["", "0", "1"]))
offer = st.tuples(day(), sku, st.sampled_from(["x", "y", "z"]), price)
cost = st.tuples(sku, day(), number)
rows = st.fixed_dictionaries(
    {
        "sales": st.lists(sale, min_size=1, max_size=40),
        "stock": st.lists(stock, max_size=8),
        "competitor_prices": st.lists(offer, max_size=12),
        "costs": st.lists(cost, max_size=5),
    }
)
FEW = examples(20)
Rows = dict[str, Sequence[tuple[str, ...]]]


def text(name: str, lines: Sequence[tuple[str, ...]]) -> str:
    return HEADS[name] + "".join(",".join(line) + "\n" for line in lines)


def shop(tables: Rows, *, folder: Path) -> Snapshot:
    write(folder, products="sku,launched\na,\nb,2025-01-03\nc,\n", **{name: text(name, lines) for name, lines in tables.items()})
    return snapshot(load(folder, POLICY), POLICY, AS_OF)


def equal(first: Snapshot, second: Snapshot) -> bool:
    return all(getattr(first, name).equals(getattr(second, name)) for name in ("items", "cells", "reviews"))


@FEW
@given(rows)
def test_loading_twice_changes_nothing(tables: Rows) -> None:
    with tempfile.TemporaryDirectory() as place:
        once = shop(tables, folder=Path(place, "once"))
        twice = shop({name: [*lines, *lines] for name, lines in tables.items()}, folder=Path(place, "twice"))
    assert equal(once, twice)


@FEW
@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(tables: Rows, random: st.randoms) -> None:
    with tempfile.TemporaryDirectory() as place:
        once = shop(tables, folder=Path(place, "once"))
        mixed = shop({name: random.sample(list(lines), len(lines)) for name, lines in tables.items()}, folder=Path(place, "mixed"))
    assert equal(once, mixed)


@FEW
@given(rows, st.lists(st.tuples(day(12, 40), sku, number, price, st.just(""), st.just("0"), st.just("")), max_size=10))
def test_nothing_from_the_day_of_the_run_on_changes_the_snapshot(tables: Rows, later: list[tuple[str, ...]]) -> None:
    """Rows dated on or after the run; costs that start on its day do hold, so only later ones are left out here."""
    past = {
        "sales": [row for row in tables["sales"] if row[0] < AS_OF.isoformat()],
        "stock": [row for row in tables["stock"] if row[0] < AS_OF.isoformat()],
        "competitor_prices": [row for row in tables["competitor_prices"] if row[0] < AS_OF.isoformat()],
        "costs": [row for row in tables["costs"] if row[1] <= AS_OF.isoformat()],
    }
    with tempfile.TemporaryDirectory() as place:
        known = shop(past, folder=Path(place, "known"))
        whole = shop({**tables, "sales": [*tables["sales"], *later]}, folder=Path(place, "whole"))
    assert equal(known, whole)


@FEW
@given(rows, st.integers(1, 4))
def test_a_table_split_over_files_is_the_same_table(tables: Rows, parts: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        once = shop(tables, folder=Path(place, "once"))
        folder = Path(place, "split")
        write(folder, products="sku,launched\na,\nb,2025-01-03\nc,\n", sales="", **{n: text(n, tables[n]) for n in tables if n != "sales"})
        (folder / "data/sales").mkdir()
        for part in range(parts):
            (folder / f"data/sales/{part}.csv").write_text(text("sales", tables["sales"][part::parts]))
        split = snapshot(load(folder, POLICY), POLICY, AS_OF)
    assert equal(once, split)


@FEW
@given(rows)
def test_every_row_is_accepted_or_in_quarantine(tables: Rows) -> None:
    with tempfile.TemporaryDirectory() as place:
        write(Path(place), products="sku\na\nb\nc\n", **{name: text(name, lines) for name, lines in tables.items()})
        outcome = load(Path(place), POLICY)
    for name, lines in tables.items():
        counts = outcome.counts[name]
        assert counts.rows == len(lines) == counts.accepted + counts.quarantined
        entries = outcome.quarantine.filter(pl.col("table") == name)
        assert entries.height == counts.quarantined == entries["line"].n_unique()


@FEW
@given(rows)
def test_cells_are_finite_and_never_on_or_after_the_day_of_the_run(tables: Rows) -> None:
    with tempfile.TemporaryDirectory() as place:
        cells = shop(tables, folder=Path(place)).cells
    assert cells.filter(pl.col("date") >= AS_OF).height == 0
    assert cells.select("item", "date").is_unique().all()
    assert (
        cells.filter(~pl.col("price").is_finite() | (pl.col("price") <= 0) | (pl.col("list_price") <= 0) | (pl.col("units") < 0)).height
        == 0
    )
    assert cells["available"].is_between(0, 1).all()


CHARACTERS = st.text(alphabet='0123456789.,-"\n\r;aé\x00 ', max_size=80)


@examples(200)
@given(st.one_of(st.binary(max_size=80), CHARACTERS.map(str.encode), CHARACTERS.map(lambda tail: (SALES_HEAD + tail).encode())))
def test_garbage_is_refused_in_one_line_or_quarantined(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = write(Path(place), sales=data)
        try:
            outcome = load(folder, POLICY)
        except DataError as error:
            assert "data/sales.csv" in error.line
            assert error.line.isprintable()
            return
        counts = outcome.counts["sales"]
        assert counts.rows == counts.accepted + counts.quarantined
        snapshot(outcome, POLICY, AS_OF)
