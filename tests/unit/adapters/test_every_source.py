"""A source of another package: its tables are read like the folder's own, and no table comes from two."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import polars as pl
import pytest

from pricesmith.adapters.sources import SOURCES
from pricesmith.contracts import registry
from pricesmith.contracts.errors import DataError
from pricesmith.contracts.tables import INPUT
from pricesmith.flows import batch, example, wiring
from tests.house.test_templates import template


@pytest.fixture
def json_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The source of CONTRIBUTING.md is installed."""
    (tmp_path / "module").mkdir()
    module = template("A source", tmp_path / "module")
    points = EntryPoints([EntryPoint("json_lines", f"{module.__name__}:SOURCE", SOURCES.package)])
    monkeypatch.setattr(registry, "entry_points", lambda group: points.select(group=group))
    monkeypatch.setattr(SOURCES, "_members", None)
    yield
    sys.modules.pop(module.__name__, None)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    example.write(tmp_path / "shop")
    return tmp_path / "shop"


def moved(shop: Path, *, leave: bool = False) -> Path:
    """The sales of the shop as JSON lines."""
    old, new = shop / "data" / "sales.csv", shop / "data" / "sales.jsonl"
    pl.read_csv(old).write_ndjson(new)
    if not leave:
        old.unlink()
    return new


def test_tables_come_from_where_they_are(shop: Path, json_lines: None) -> None:
    before = batch.load(shop).prepared.tables["sales"]
    file = moved(shop)
    after = batch.load(shop).prepared
    assert after.tables["sales"].drop("_file", "_line", strict=False).equals(before.drop("_file", "_line", strict=False))
    assert after.tables["products"].height > 10
    assert "data/sales.jsonl" in wiring.files_of(shop) and wiring.source_of(shop).files(INPUT["sales"]) == [file]


def test_a_table_that_two_sources_have_is_refused(shop: Path, json_lines: None) -> None:
    moved(shop, leave=True)
    with pytest.raises(DataError, match="the table sales comes from several sources: folder, json_lines") as caught:
        batch.load(shop)
    assert caught.value.hint == "keep it in one of them"


def test_the_folder_is_a_source_by_itself(shop: Path) -> None:
    assert list(SOURCES) == ["folder"] and wiring.source_of(shop).read(INPUT["events"]) is None
