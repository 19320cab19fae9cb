"""Files are written whole or not at all; JSON holds only what JSON can hold."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pricesmith.apps.cli import output
from pricesmith.contracts.errors import UsageError


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_text("old", encoding="utf-8")

    def half(target: Path) -> None:
        target.write_text("ha", encoding="utf-8")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        output.whole(file, half)
    assert file.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_write_makes_folders_and_replaces(tmp_path: Path) -> None:
    file = tmp_path / "new" / "note.txt"
    output.write_text(file, "one")
    output.write_text(file, "two")
    assert file.read_text(encoding="utf-8") == "two"
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("name", ["t.csv", "t.parquet", "T.CSV"])
def test_tables_by_ending(tmp_path: Path, name: str) -> None:
    table = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
    output.check_ending(tmp_path / name)
    output.write_table(tmp_path / name, table)
    read = pl.read_parquet(tmp_path / name) if name.endswith("parquet") else pl.read_csv(tmp_path / name)
    assert read.equals(table)


@pytest.mark.parametrize("name", ["t.xlsx", "t", "t.csv.gz"])
def test_other_endings_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"csv or \.parquet"):
        output.check_ending(tmp_path / name)


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    place = tmp_path / "x.csv"
    place.mkdir()
    with pytest.raises(UsageError, match="folder"):
        output.check_ending(place)


def test_json_holds_what_json_can_hold(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_json({"a": [np.float64(1.5), float("nan"), np.int64(2), np.inf], "day": dt.date(2026, 1, 2), 3: (None, True, "ü")})
    told = capsys.readouterr().out
    assert json.loads(told) == {"a": [1.5, None, 2, None], "day": "2026-01-02", "3": [None, True, "ü"]}
    assert "ü" in told


@pytest.mark.parametrize("name", ["shop.toml", "data/sales.csv", "data/sales/part.csv", "data/../data/new.csv"])
def test_the_data_of_the_shop_is_never_written_over(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="belongs to the data"):
        output.spare(tmp_path, tmp_path / name)


def test_beside_the_data_may_be_written(tmp_path: Path) -> None:
    output.spare(tmp_path, tmp_path / "prices.csv", tmp_path.parent / "prices.csv", None)
