"""What commands keep for the desk."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pricesmith.flows.desk.reading.drawer import ROOM, put, take


def test_a_thing_comes_back_as_it_was(tmp_path: Path) -> None:
    table = pl.DataFrame({"sku": ["a"], "units": [1.5]})
    put(tmp_path, "outcome", "run", {"value": 2.5, "unknown": float("nan")}, {"products": table})
    found = take(tmp_path, "outcome", "run")
    assert found is not None
    assert found.document == {"value": 2.5, "unknown": None}
    assert found.tables["products"].equals(table)


def test_the_newest_counts(tmp_path: Path) -> None:
    for number in range(3):
        put(tmp_path, "dry", "run shop", {"number": number}, {})
        found = take(tmp_path, "dry", "run shop")
        assert found is not None
        assert found.document == {"number": number}
    assert [path.suffix for path in (tmp_path / ROOM).iterdir()] == [".zip"]


def test_no_name_leads_astray(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    put(tmp_path / "shop", "dry", "../../../outside", {}, {})
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]
    assert take(tmp_path / "shop", "dry", "../../../outside") is not None


def test_what_is_not_there_or_broken_is_none(tmp_path: Path) -> None:
    assert take(tmp_path, "dry", "run") is None
    put(tmp_path, "dry", "run", {}, {})
    (file,) = (tmp_path / ROOM).iterdir()
    file.write_bytes(b"half a file")
    assert take(tmp_path, "dry", "run") is None
