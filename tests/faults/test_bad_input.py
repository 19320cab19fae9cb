"""Input that no shop should have: refused in one line that names the file, or set aside row by row. Nothing is guessed, nothing crashes."""

from __future__ import annotations

import datetime as dt
import decimal
from pathlib import Path

import polars as pl
import pytest

from pricesmith.contracts.errors import DataError
from pricesmith.contracts.policy import DataPolicy, Policy
from pricesmith.contracts.tables import INPUT
from pricesmith.preparation import snapshot
from tests.shop_folders import PRODUCTS, SALES, load, prepared, write

LOOSE = Policy(currency="EUR", data=DataPolicy(max_bad_share=1.0))
D = dt.date


@pytest.mark.parametrize("table", sorted(INPUT))
@pytest.mark.parametrize("text", ["\x00\x01\x02", "a\n", "\ufeff", '"', "sku;date\n", "," * 50 + "\n"])
def test_every_table_refuses_a_file_that_is_not_its_own(tmp_path: Path, table: str, text: str) -> None:
    with pytest.raises(DataError) as caught:
        prepared(tmp_path, **{table: text})
    assert f"data/{table}.csv" in caught.value.line
    assert caught.value.hint


@pytest.mark.parametrize("table", sorted(INPUT))
def test_every_table_takes_rows_of_nonsense_apart(tmp_path: Path, table: str) -> None:
    columns = INPUT[table].schema.names()
    nonsense = ["💥" * 3, "-", "1e999", "NULL", "2025-13-45", "'; drop table sales; --", "=1+1", " "]
    rows = [",".join([value] * len(columns)) for value in nonsense]
    text = "\n".join([",".join(columns), *rows, *rows]) + "\n"
    outcome = prepared(tmp_path, LOOSE, **{table: text})
    counts = outcome.counts[table]
    assert counts.rows == 2 * len(nonsense)
    assert counts.quarantined == outcome.quarantine.filter(pl.col("table") == table).height
    if table not in ("products", "calendar"):
        assert counts.accepted == 0


def test_one_bad_file_of_many_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path, sales="")
    (folder / "data/sales").mkdir()
    for part in range(3):
        (folder / f"data/sales/{part}.csv").write_text(SALES if part != 1 else "date,sku,unit,price\n")
    with pytest.raises(DataError, match=r"data/sales/1\.csv.*'units'"):
        load(folder)


def test_a_line_is_counted_in_its_own_file(tmp_path: Path) -> None:
    folder = write(tmp_path, sales="")
    (folder / "data/sales").mkdir()
    (folder / "data/sales/a.csv").write_text(SALES)
    (folder / "data/sales/b.csv").write_text('date,sku,units,price\n2025-01-03,"a",1,5\n2025-01-04,a,nan,5\n')
    outcome = load(folder, LOOSE)
    assert outcome.quarantine.select("file", "line").rows() == [("data/sales/b.csv", 3)]


def test_the_same_row_in_two_files_with_other_values(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "data/sales").mkdir()
    (folder / "data/sales/late.csv").write_text("date,sku,units,price\n2025-01-02,a,2,5.5\n")
    outcome = load(folder, LOOSE)
    assert outcome.quarantine.select("file", "line", "reason").rows() == [
        ("data/sales.csv", 3, "duplicate_key"),
        ("data/sales/late.csv", 2, "duplicate_key"),
    ]


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("price", [decimal.Decimal("5.10"), decimal.Decimal("5.20")], None),
        ("price", ["5.10", "x"], "not_a_number"),
        ("price", [[1.0], [2.0]], "not_a_number"),
        ("price", [{"amount": 1}, {"amount": 2}], "not_a_number"),
        ("price", [dt.date(2025, 1, 1), dt.date(2025, 1, 2)], "not_a_number"),
        ("units", [2**62, 1], "out_of_range"),
        ("date", [20250101, 20250102], "bad_date"),
        ("date", [dt.datetime(2025, 1, 1), dt.datetime(2025, 1, 2)], None),
        ("date", [b"2025-01-01", b"2025-01-02"], "bad_date"),
        ("sku", [1, 2], "unknown_sku"),
        ("sku", [1.5, float("nan")], "not_text"),
        ("sku", [["a"], ["b"]], "not_text"),
        ("sku", [{"id": "a"}, {"id": "b"}], "not_text"),
        ("sku", [b"a", b"\xff"], "not_text"),
        ("promo", ["yes", "no"], "not_a_choice"),
        ("promo", [2.0, float("nan")], "not_a_choice"),
    ],
)
def test_parquet_columns_of_any_type(tmp_path: Path, name: str, values: list[object], reason: str | None) -> None:
    folder = write(tmp_path, sales="")
    columns = {"date": [D(2025, 1, 1), D(2025, 1, 2)], "sku": ["a", "b"], "units": [1, 2], "price": [5.0, 6.0], "promo": [0, 1]}
    pl.DataFrame({**columns, name: values}).write_parquet(folder / "data/sales.parquet")
    outcome = load(folder, LOOSE)
    found = set(outcome.quarantine["reason"])
    assert found == ({reason} if reason else set()) or (reason and reason in found)
    assert outcome.counts["sales"].rows == 2
    if outcome.tables["sales"].height:
        snapshot(outcome, LOOSE, D(2025, 1, 5))


def test_a_folder_where_a_file_should_be(tmp_path: Path) -> None:
    folder = write(tmp_path, sales="")
    (folder / "data/sales.csv").mkdir()
    with pytest.raises(DataError, match="neither `sales` nor `orders`"):
        load(folder)


def test_values_of_the_quarantine_are_shown_as_they_stand(tmp_path: Path) -> None:
    outcome = prepared(tmp_path, LOOSE, products=PRODUCTS, sales=SALES + '2025-01-05,a,1,"1,\n5"\n2025-01-06,a,1,five\n')
    assert outcome.quarantine.select("line", "value").rows() == [(6, "1,\n5"), (8, "five")]
