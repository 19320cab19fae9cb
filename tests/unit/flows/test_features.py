"""From a shop folder to judged features, and the command that shows them."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from pricesmith.apps.cli.main import main
from pricesmith.features import FEATURES
from pricesmith.flows.batch import load
from pricesmith.flows.features import judge


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("features") / "shop"
    assert run("init", folder) == 0
    return folder


def run(*words: object) -> object:
    with pytest.raises(SystemExit) as done:
        main([str(word) for word in words])
    return done.value.code


def test_judge(shop: Path) -> None:
    judged = judge(load(shop))
    assert judged.table.height == judged.snapshot.cells.height
    assert {"log_price", "promo", "units_28"} <= set(judged.selection.kept)
    assert set(judged.selection.report["feature"]) == {column for family in FEATURES.values() for column in family.columns}
    assert set(judged.table.columns) >= set(judged.selection.kept)


def test_command_prints_and_writes(shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "features.parquet"
    assert run("features", shop, "--json", "--out", out, "--as-of", "2026-06-01") == 0
    document = json.loads(capsys.readouterr().out)
    table = pl.read_parquet(out)
    assert document["rows"] == table.height
    assert {row["feature"] for row in document["features"]} <= set(table.columns)
    assert str(table["date"].max()) < document["as_of"] == "2026-06-01"


def test_command_tells_people_why(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("features", shop, "--lead", "28") == 0
    told = capsys.readouterr().out
    assert "features kept" in told
    assert "repeats another: promo" in told


def test_wrong_ending_is_refused_before_any_work(shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("features", shop, "--out", tmp_path / "x.xlsx") == 2
    assert "xlsx" in capsys.readouterr().err
