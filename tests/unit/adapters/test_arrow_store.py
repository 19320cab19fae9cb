"""The Arrow store: what goes in comes out, a torn or forged file is refused."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pricesmith.adapters.stores import arrow
from pricesmith.adapters.stores.arrow import ArrowStore
from pricesmith.contracts.errors import DataError

TABLES = {
    "items": pl.DataFrame({"item": [0, 1], "sku": ["甲", "b"], "price": [1.5, None], "day": [dt.date(2025, 1, 1), None]}),
    "empty": pl.DataFrame(schema={"a": pl.Int8, "b": pl.Datetime("us", "UTC")}),
}


def test_tables_come_back_as_they_were(tmp_path: Path) -> None:
    ArrowStore().save(tmp_path / "model", TABLES)
    loaded = ArrowStore().load(tmp_path / "model")
    assert set(loaded) == set(TABLES)
    for name, table in TABLES.items():
        assert_frame_equal(loaded[name], table)


def test_a_second_save_replaces_the_first(tmp_path: Path) -> None:
    ArrowStore().save(tmp_path, TABLES)
    ArrowStore().save(tmp_path, {"items": TABLES["items"].head(1)})
    assert list(ArrowStore().load(tmp_path)) == ["items"]
    assert ArrowStore().load(tmp_path)["items"].height == 1
    assert len(list(tmp_path.glob("*.arrow"))) == 1


def test_equal_tables_give_equal_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        ArrowStore().save(tmp_path / name, TABLES)
    contents = [{file.name: file.read_bytes() for file in (tmp_path / name).iterdir()} for name in ("a", "b")]
    assert contents[0] == contents[1]


def test_a_save_cut_short_leaves_the_old_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ArrowStore().save(tmp_path, {"items": TABLES["items"]})
    write = arrow._write

    def fails_at_the_manifest(path: Path, data: bytes) -> None:
        if path.name == arrow.MANIFEST:
            raise OSError(28, "No space left on device")
        write(path, data)

    monkeypatch.setattr(arrow, "_write", fails_at_the_manifest)
    with pytest.raises(DataError, match="No space left"):
        ArrowStore().save(tmp_path, {"items": TABLES["items"].head(1)})
    assert_frame_equal(ArrowStore().load(tmp_path)["items"], TABLES["items"])


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    ArrowStore().save(tmp_path, TABLES)
    file = next(tmp_path.glob("items-*.arrow"))
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(bytes(data))
    with pytest.raises(DataError, match="not as it was written"):
        ArrowStore().load(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    ArrowStore().save(tmp_path, TABLES)
    next(tmp_path.glob("items-*.arrow")).unlink()
    with pytest.raises(DataError, match="items"):
        ArrowStore().load(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}', '{"format": 9, "tables": {}}', '{"format": 1, "tables": {"a": 3}}'])
def test_a_broken_manifest_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(DataError, match="manifest"):
        ArrowStore().load(tmp_path)


def test_a_manifest_cannot_point_outside(tmp_path: Path) -> None:
    entry = {"file": "../secret-0123456789abcdef.arrow", "sha256": "0", "rows": 1}
    (tmp_path / "manifest.json").write_text(json.dumps({"format": 1, "tables": {"a": entry}}))
    with pytest.raises(DataError, match="manifest"):
        ArrowStore().load(tmp_path)


def test_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nothing is stored here"):
        ArrowStore().load(tmp_path / "none")


def test_a_table_name_must_be_a_file_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot name a table"):
        ArrowStore().save(tmp_path, {"../x": TABLES["items"]})
