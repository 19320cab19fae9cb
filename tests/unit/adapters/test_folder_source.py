"""The shop folder as a source: lines, quotes, encodings, Parquet, folders of files."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from pricesmith.adapters.sources.folder import FolderSource
from pricesmith.contracts.errors import DataError
from pricesmith.contracts.tables import INPUT
from tests.shop_folders import write

SALES = INPUT["sales"]
HEAD = "date,sku,units,price\n"


def rows(folder: Path) -> pl.DataFrame:
    read = FolderSource(folder).read(SALES)
    assert read is not None
    return read.frame


def test_values_stay_text_and_lines_count_from_the_header(tmp_path: Path) -> None:
    frame = rows(write(tmp_path, sales=HEAD + "2025-01-01,a,1,5.00\n2025-01-02,007,x, 5\n"))
    assert frame["sku"].to_list() == ["a", "007"]
    assert frame["price"].to_list() == ["5.00", " 5"]
    assert frame["_line"].to_list() == [2, 3]
    assert frame["_file"].unique().to_list() == ["data/sales.csv"]


def test_a_newline_in_quotes_moves_the_lines_after_it_only(tmp_path: Path) -> None:
    text = 'date,sku,units,price\n2025-01-01,"a\nb",1,5\n2025-01-02,"say ""x"", y",1,5\n\n2025-01-03,c,1,5\n'
    frame = rows(write(tmp_path, sales=text))
    assert frame["sku"].to_list() == ["a\nb", 'say "x", y', "c"]
    assert frame["_line"].to_list() == [2, 4, 6]


def test_a_quote_inside_a_plain_field_is_text(tmp_path: Path) -> None:
    frame = rows(write(tmp_path, sales=HEAD + '2025-01-01,pan 5",1,5\n2025-01-02,pan 6" x,1,5\n2025-01-03,c,1,5\n'))
    assert frame["sku"].to_list() == ['pan 5"', 'pan 6" x', "c"]
    assert frame["_line"].to_list() == [2, 3, 4]


def test_rows_with_too_many_or_too_few_fields_are_kept_apart(tmp_path: Path) -> None:
    frame = rows(write(tmp_path, sales=HEAD + "2025-01-01,a,1,5\n2025-01-02,a\n2025-01-03,a,1,5,6\n2025-01-04,a,1,5\n"))
    assert frame["_ragged"].to_list() == [None, "2025-01-02,a", "2025-01-03,a,1,5,6", None]
    assert frame["_line"].to_list() == [2, 3, 4, 5]


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\n"])
def test_every_kind_of_newline(tmp_path: Path, newline: str) -> None:
    frame = rows(write(tmp_path, sales=(HEAD + "2025-01-01,a,1,5\n2025-01-02,b,1,5").replace("\n", newline)))
    assert frame["price"].to_list() == ["5", "5"]
    assert frame["_line"].to_list() == [2, 3]


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    assert rows(write(tmp_path, sales=b"\xef\xbb\xbf" + (HEAD + "2025-01-01,a,1,5\n").encode())).height == 1


def test_a_header_alone_is_an_empty_table(tmp_path: Path) -> None:
    assert rows(write(tmp_path, sales=HEAD)).height == 0


def test_names_that_could_hide_the_place_are_put_in_brackets(tmp_path: Path) -> None:
    frame = rows(write(tmp_path, sales="date,sku,units,price,_line,_row,_ragged,\n2025-01-01,a,1,5,9,9,9,9\n"))
    assert frame["_line"].to_list() == [2]
    assert {"(_line)", "(_row)", "(_ragged)", "(column 8)"} <= set(frame.columns)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", ("data/sales.csv", "empty")),
        (b"\n\n", ("data/sales.csv", "empty")),
        ("date,sku,units,price\n2025-01-01,ä,1,5\n".encode("latin-1"), ("data/sales.csv:2", "UTF-8")),
        (HEAD.encode("utf-16"), ("data/sales.csv:1", "UTF-16")),
        (b'date,sku,units,price\n2025-01-01,a,1,5\n2025-01-01,"a,1,5\n', ("data/sales.csv:3", "quote")),
        (b"date,sku,amount,price\n", ("data/sales.csv", "'units'", "amount")),
        (b"date,sku,unit,price\n", ("data/sales.csv", "'units'", "is it 'unit'?", "`pricesmith serve`")),
        (",".join(f"Column {n}" for n in range(40)).encode() + b"\n", ("Column 11, and 28 more;", "`pricesmith serve`")),
        (b"date;sku;units;price\n", ("data/sales.csv", "'date'", "separated by commas")),
        (b"date,sku,sku,units,price\n", ("data/sales.csv:1", "'sku'", "twice")),
        (b",,,\n", ("data/sales.csv:1", "header")),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(tmp_path: Path, data: bytes, words: tuple[str, ...]) -> None:
    with pytest.raises(DataError) as caught:
        rows(write(tmp_path, sales=data))
    assert all(word in caught.value.line for word in words), caught.value.line


def test_a_folder_of_csv_and_parquet_files_is_one_table(tmp_path: Path) -> None:
    folder = write(tmp_path, sales=HEAD + "2025-01-01,a,1,5\n")
    (folder / "data/sales").mkdir()
    typed = pl.DataFrame({"date": [dt.date(2025, 1, 2)], "sku": ["b"], "units": [2.5], "price": [7.0]})
    typed.write_parquet(folder / "data/sales/part1.parquet")
    frame = rows(folder).sort("_file")
    assert frame["_file"].to_list() == ["data/sales.csv", "data/sales/part1.parquet"]
    assert frame["units"].to_list() == ["1", "2.5"]
    assert frame["date"].to_list() == ["2025-01-01", "2025-01-02"]


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    folder = write(tmp_path, sales="")
    typed = pl.DataFrame({"date": [dt.date(2025, 1, 2)], "sku": ["b"], "units": [2], "price": [7.0]})
    typed.write_parquet(folder / "data/sales.parquet")
    assert rows(folder).schema["units"] == pl.Int64


def test_a_file_that_is_no_parquet(tmp_path: Path) -> None:
    folder = write(tmp_path, sales="")
    (folder / "data/sales.parquet").write_bytes(b"PAR1 nothing")
    with pytest.raises(DataError, match=r"data/sales\.parquet.*Parquet"):
        rows(folder)


def test_a_table_without_a_file_is_none(tmp_path: Path) -> None:
    assert FolderSource(write(tmp_path)).read(INPUT["stock"]) is None


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        FolderSource(tmp_path / "none")
