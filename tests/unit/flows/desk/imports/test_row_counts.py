"""Rows of files are counted as they will be read: a cell may hold several lines, and files are written in many ways."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.flows.desk.imports.row_counts import rows_of

ROWS = [["sku", "name"], ["a", "two\nlines"], ["b", 'a "quoted" word'], ["c", "é"], ["d", ""]]


def text(rows: list[list[str]], delimiter: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16", "gb18030", "cp1250"])
@pytest.mark.parametrize("whole", [True, False])
def test_a_cell_of_two_lines_is_one_row(tmp_path: Path, delimiter: str, encoding: str, whole: bool) -> None:
    file = tmp_path / "sent.data"
    file.write_bytes(text(ROWS, delimiter).removesuffix("" if whole else "\n").encode(encoding))
    assert rows_of([file], delimiter, encoding) == 4


def test_a_folder_of_files_adds_up(tmp_path: Path) -> None:
    one, two = tmp_path / "a.csv", tmp_path / "b.parquet"
    one.write_text("sku,price\na,1\n", encoding="utf-8")
    pl.DataFrame({"sku": ["b", "c"], "price": [1.0, 2.0]}).write_parquet(two)
    assert (rows_of([one, two]), rows_of([one]), rows_of([])) == (3, 1, 0)


@given(st.lists(st.lists(st.text('ab,"\n ;', min_size=1, max_size=5), min_size=2, max_size=2), max_size=8))
def test_it_is_what_a_reader_of_csv_counts(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    file = tmp_path_factory.mktemp("rows") / "sent.csv"
    file.write_text(text([["x", "y"], *rows], ","), encoding="utf-8", newline="")
    assert rows_of([file]) == len(rows)
