"""The drill on the example shop, the demo shops, and on shops that have something wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from pricesmith.apps.cli import drill as command
from pricesmith.apps.cli import main
from pricesmith.contracts.errors import DataError
from pricesmith.flows import batch, demo, drill, example
from pricesmith.guards.drill import CONTROL, GLITCHES, Outcome


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drill") / "shop"
    example.write(folder)
    return folder


def run(*words: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main.main([str(word) for word in words])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_the_example_shop_stops_every_glitch(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("drill", shop) == 0
    text = capsys.readouterr().out
    assert "24 of 24 products take part; nothing is sent." in text
    assert text.endswith("Every glitch would have been stopped.\n")
    assert [glitch.title for glitch in GLITCHES.values() if glitch.title not in text] == []


def test_as_json(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("drill", shop, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["passed"]
    assert told["products"] == 24
    by_name = {entry["name"]: entry for entry in told["glitches"]}
    assert set(by_name) == set(GLITCHES)
    assert by_name[CONTROL]["left"] == by_name[CONTROL]["tried"] == 24
    assert all(entry["left"] == 0 and entry["guards"] for name, entry in by_name.items() if name != CONTROL)
    seen = {name: set(entry["guards"]) for name, entry in by_name.items()}
    assert set(WANTED) == set(GLITCHES) - {CONTROL}
    assert [name for name, number in WANTED.items() if number not in seen[name]] == []


WANTED = {
    "blank_minimum": "G1",
    "cost_missing": "G1",
    "cost_zero": "G1",
    "units_for_cents": "G7",
    "cents_for_units": "G7",
    "exchange_rate": "G7",
    "exchange_rate_near": "G7",
    "same_price": "G6",
    "half_price": "G3",
    "stale_costs": "G13",
    "stale_rivals": "G13",
    "poisoned_rival": "G14",
    "competitor_loop": "G15",
    "double_send": "G4",
    "order_rush": "G16",
    "switch_unreadable": "G8",
    "wrong_code": "G17",
}


@pytest.mark.parametrize("name", ["grocery", pytest.param("gifts", marks=pytest.mark.real)])
def test_the_demo_shops_stop_every_glitch(name: str, tmp_path: Path) -> None:
    drilled = drill.run(batch.load(demo.build(name, tmp_path / name)))
    assert [outcome.name for outcome in drilled.outcomes if not command.passed(outcome)] == []
    assert drilled.products > 300
    assert sum(drilled.held.values()) < 0.1 * drilled.products


def test_what_is_held_as_it_stands_takes_no_part(shop: Path) -> None:
    loaded = batch.load(shop)
    drilled = drill.run(loaded)
    bare = drill.Drilled(drilled.products, {"cost_unknown": 2}, drilled.outcomes)
    assert "22 of 24 products take part" in command.report(bare)
    assert "Held as they stand: 2 cost_unknown" in command.report(bare)


def test_where_no_orders_are_seen_is_told(shop: Path, tmp_path: Path) -> None:
    shutil.copytree(shop, tmp_path / "shop")
    settings = tmp_path / "shop" / "shop.toml"
    sections = '[shop.feed]\nplatform = "csv_feed"\nurl = "feed.csv"\n[shop.web]\nplatform = "medusa"\nurl = "https://shop.example"\n'
    settings.write_text(settings.read_text() + sections)
    drilled = drill.run(batch.load(tmp_path / "shop"))
    assert drilled.blind == ("feed",)
    assert "No orders are seen at feed: a cut there needs a person behind it (G16)" in command.report(drilled)
    assert command.document(drilled)["orders_unseen"] == ["feed"]
    assert "No orders" not in command.report(drill.run(batch.load(shop)))


def test_a_glitch_that_gets_through_is_told(shop: Path) -> None:
    bad = Outcome("half_price", "an operator halves every price", 24, 3, "", (), ())
    text = command.report(drill.Drilled(24, {}, (bad,)))
    assert "GOT THROUGH" in text
    assert text.endswith("1 of 1 did not go as they should.")
    assert not command.document(drill.Drilled(24, {}, (bad,)))["passed"]
    assert not command.passed(Outcome(CONTROL, "", 24, 23, "", (), ()))


def test_a_shop_without_costs_cannot_drill(shop: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bare"
    example.write(folder)
    for file in (folder / "data").glob("*"):
        if file.stem not in {"products", "sales"}:
            file.unlink()
    products = pl.read_csv(folder / "data" / "products.csv", infer_schema=False)
    products.drop("unit_cost", strict=False).write_csv(folder / "data" / "products.csv")
    with pytest.raises(DataError, match="cost_unknown"):
        drill.run(batch.load(folder))
