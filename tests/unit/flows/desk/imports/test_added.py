"""Rows of a file that is added to a table: whose place they take, what stays, and that nothing is lost or counted twice."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pricesmith.adapters.sources.folder import FolderSource
from pricesmith.contracts.errors import DataError
from pricesmith.contracts.tables import INPUT
from pricesmith.flows import wiring
from pricesmith.flows.demo import build
from pricesmith.flows.desk.imports.added import Added, add, key_of
from pricesmith.preparation.validate import validate


def place(folder: Path, table: str, text: str) -> Path:
    path = folder / "data" / f"{table}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def added(folder: Path, table: str, before: str, after: str) -> tuple[Added, list[list[str]]]:
    place(folder / "shop", table, before)
    new = place(folder / "new", table, after)
    told = add(folder / "shop", new, table)
    with new.open(encoding="utf-8", newline="") as file:
        return told, list(csv.reader(file))


@pytest.mark.parametrize(
    ("table", "before", "after", "told", "wanted"),
    [
        (
            "sales",
            "date,sku,units,price\n2026-01-05,A,1,9.5\n2026-01-06,A,2,9.5\n",
            "date,sku,units,price\n2026-01-06,A,5,8.5\n2026-01-07,A,3,8.5\n",
            (1, 1),
            ["date,sku,units,price", "2026-01-05,A,1,9.5", "2026-01-06,A,5,8.5", "2026-01-07,A,3,8.5"],
        ),
        (  # a place that is not named reads as `default`; what the file does not tell stays with the row
            "sales",
            "date,sku,units,price,channel,views\n2026-01-06 , A ,2,9.5,,40\n2026-01-06,A,2,9.5,shop,50\n",
            "date,sku,units,price\n2026-01-06,A,5,8.5\n",
            (1, 1),
            ["date,sku,units,price,channel,views", "2026-01-06,A,2,9.5,shop,50", "2026-01-06,A,5,8.5,,40"],
        ),
        (  # all lines of an order give way to those that the file has of it
            "orders",
            "order_id,sku,at,price,units,note\n1,A,2026-01-05T10:00,9,1,x\n1,B,2026-01-05T10:00,5,1,y\n2,A,2026-01-05T11:00,9,1,z\n",
            "order_id,sku,at,price,units\n1,A,2026-01-05T10:00,9,2\n",
            (1, 2),
            ["order_id,sku,at,price,units,note", "2,A,2026-01-05T11:00,9,1,z", "1,A,2026-01-05T10:00,9,2,"],
        ),
        (  # the day from which an old price was asked is none of the new one
            "products",
            "sku,name,price,price_from\nA,a,9,2026-01-01\nB,b,8,2026-01-01\n",
            "sku,price\nA,7\nC,6\n",
            (1, 1),
            ["sku,name,price,price_from", "B,b,8,2026-01-01", "A,a,7,", "C,,6,"],
        ),
        (
            "products",
            "sku,name,price,price_from\nA,a,9,2026-01-01\n",
            "sku,unit_cost\nA,4\n",
            (0, 1),
            ["sku,name,price,price_from,unit_cost", "A,a,9,2026-01-01,4"],
        ),
        (
            "competitor_prices",
            "observed_at,sku,competitor,price\n2026-01-05 10:00:00Z,A,c,9\n",
            "observed_at,sku,competitor,price\n2026-01-05T10:00:00,A,c,8\n",
            (0, 1),
            ["observed_at,sku,competitor,price", "2026-01-05T10:00:00,A,c,8"],
        ),
    ],
)  # fmt: skip
def test_a_row_takes_the_place_of_the_one_with_its_key(tmp_path: Path, table: str, before: str, after: str, told: tuple[int, int],
                                                       wanted: list[str]) -> None:  # fmt: skip
    found, rows = added(tmp_path, table, before, after)
    assert (found.stay, found.gave_way) == told
    assert [[cell.strip() for cell in row] for row in rows] == [line.split(",") for line in wanted]


def test_rows_that_no_reader_can_split_stay_so(tmp_path: Path) -> None:
    _, rows = added(tmp_path, "products", "sku,name\nA,a\nB\n", "sku,unit_cost\nC,4\nD,4,5\n")
    assert rows[1:] == [["A", "a", ""], ["C", "", "4"], ["B"], ["D,4,5"]]
    _, rows = added(tmp_path, "products", "sku\nA\n", "sku\nB\nC,4\n")
    assert rows[1:] == [["A"], ["B"], ["C,4", ""]]


def accepted(folder: Path, table: str) -> pl.DataFrame:
    raw = FolderSource(folder).read(INPUT[table])
    assert raw is not None
    found = validate(INPUT[table], raw, "UTC")
    assert found.quarantine.is_empty()
    return found.accepted.drop("_file", "_line", strict=False)


@pytest.mark.real  # long
@pytest.mark.parametrize("table", ["orders", "products", "calendar", "sales"])
def test_the_tables_of_the_bundled_shops_read_the_same_when_nothing_new_is_added(tmp_path: Path, table: str) -> None:
    """They are typed Parquet files; what is written is CSV."""
    shop = "gifts" if table == "orders" else "grocery"
    build(shop, tmp_path / "shop")
    source = tmp_path / "shop" / "data" / f"{table}.parquet"
    typed = pl.read_parquet(source)
    new = place(tmp_path / "new", table, "")
    typed.join(typed.head(1), on=key_of(INPUT[table])[0], how="semi").write_csv(new)
    told = add(tmp_path / "shop", new, table)
    assert told.stay + told.gave_way == typed.height and told.gave_way >= 1
    want = accepted(tmp_path / "shop", table)
    source.unlink()
    new.rename(tmp_path / "shop" / "data" / f"{table}.csv")
    assert_frame_equal(accepted(tmp_path / "shop", table), want, check_row_order=False)


@pytest.mark.parametrize(
    ("table", "before", "after", "kept"),
    [
        ("products", "sku,name,category,brand\nA,a,x,\nB,b,y,z\n", "sku,unit_cost\nA,4\nC,6\n", ["name", "category"]),
        ("products", "sku,name\nA,a\n", "sku,name,unit_cost\nA,,4\n", []),
        ("products", "sku,name\nA,a\n", "sku,unit_cost\nC,4\n", []),
        ("sales", "date,sku,units,price,channel\n2026-01-06,A,2,9.5,default\n", "date,sku,units,price\n2026-01-06,A,5,8.5\n", []),
        (
            "orders",
            "order_id,sku,at,price,units,note\n1,A,2026-01-05T10:00,9,1,x\n",
            "order_id,sku,at,price,units\n1,A,2026-01-05T10:00,9,2\n",
            [],
        ),
    ],
)
def test_what_keeps_standing_in_a_row_that_is_there_is_told(tmp_path: Path, table: str, before: str, after: str, kept: list[str]) -> None:
    told, rows = added(tmp_path, table, before, after)
    assert told.kept == kept
    if table == "products" and kept:
        assert rows == [
            ["sku", "name", "category", "brand", "unit_cost"],
            ["B", "b", "y", "z", ""],
            ["A", "a", "x", "", "4"],
            ["C", "", "", "", "6"],
        ]


def test_a_table_that_is_read_in_parts_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shop" / "data").mkdir(parents=True)
    pl.DataFrame({"date": [dt.date(2026, 1, 6)], "sku": "A", "units": 1, "price": 2.5}).write_parquet(tmp_path / "shop/data/sales.parquet")
    new = place(tmp_path / "new", "sales", "date,sku,units,price\n2026-01-06,A,5,8.5\n")
    monkeypatch.setattr(wiring, "source_of", lambda folder: FolderSource(folder, large_rows=1))
    with pytest.raises(DataError, match="too large"):
        add(tmp_path / "shop", new, "sales")
    assert new.read_text(encoding="utf-8").count("\n") == 2


ROWS = st.dictionaries(st.tuples(st.integers(1, 9), st.sampled_from("ABC")), st.integers(0, 99), max_size=12)


def text(rows: dict[tuple[int, str], int]) -> str:
    return "date,sku,units,price\n" + "".join(f"2026-01-0{day},{sku},{units},1\n" for (day, sku), units in rows.items())


@given(ROWS, ROWS)
def test_together_they_are_what_one_dictionary_would_be(old: dict[tuple[int, str], int], new: dict[tuple[int, str], int]) -> None:
    """And adding the same file again changes nothing."""
    with tempfile.TemporaryDirectory() as room:
        told, rows = added(Path(room), "sales", text(old), text(new))
        assert {(int(row[0][-1]), row[1]): int(row[2]) for row in rows[1:]} == old | new
        assert len(rows) - 1 == len(old | new) == told.stay + len(new) and told.gave_way == len(old.keys() & new.keys())
        _, again = added(Path(room), "sales", "\n".join(map(",".join, rows)) + "\n", text(new))
        assert sorted(again) == sorted(rows)


def test_numbers_that_come_again_on_other_days_are_none_of_orders(tmp_path: Path) -> None:
    """Those of customers: a second month would take away what they bought in the first."""
    head = "order_id,sku,at,price,units\n"
    before, after = (head + "".join(f"{n},A,2026-0{month}-05T10:00,9,1\n" for n in range(40)) for month in (1, 2))
    with pytest.raises(DataError, match="40 of 40 orders of the file stand in the table on another day"):
        added(tmp_path, "orders", before, after)
    assert added(tmp_path / "again", "orders", before, before)[0] == Added(0, 40)
    some = head + "".join(f"{n},A,2026-0{1 + (n < 19)}-05T10:00,9,1\n" for n in range(40))
    assert added(tmp_path / "some", "orders", before, some)[0] == Added(0, 40), "orders that were changed later"


@pytest.mark.parametrize(
    ("table", "day", "gap"),
    [
        ("sales", "2010-01-06", ("2001-01-06", "2010-01-06")),
        ("sales", "1991-01-06", ("1991-01-06", "2001-01-05")),
        ("sales", "2001-02-20", ()),
        ("sales", "2001-01-05", ()),
        ("orders", "2010-01-06", ("2001-01-06", "2010-01-06")),
        ("costs", "2010-01-06", ()),
    ],
)
def test_a_year_without_a_row_before_what_is_added_is_told(tmp_path: Path, table: str, day: str, gap: tuple[str, ...]) -> None:
    head, row = {
        "sales": ("date,sku,units,price", "{},A,1,9"),
        "orders": ("order_id,sku,at,price,units", "{0},A,{0}T10:00,9,1"),
        "costs": ("sku,valid_from,unit_cost", "A,{},4"),
    }[table]
    before = "\n".join([head, row.format("2001-01-05"), row.format("2001-01-06"), ""])
    assert added(tmp_path, table, before, f"{head}\n{row.format(day)}\n")[0].gap == gap
