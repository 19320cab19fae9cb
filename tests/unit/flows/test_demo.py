"""The bundled shops: whole, small, credited, never written over somebody else's folder."""

from __future__ import annotations

import datetime as dt
import time
import tomllib
import webbrowser
from pathlib import Path

import polars as pl
import pytest

from pricesmith.apps.cli import demo as demo_command
from pricesmith.apps.cli import main
from pricesmith.apps.cli import serve as serve_command
from pricesmith.contracts.errors import DataError, UnknownChoice
from pricesmith.contracts.policy import Policy
from pricesmith.flows import batch, demo
from pricesmith.flows.desk.data.page import state
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.publishing.office import office
from tests.house.source import PACKAGE
from tests.unit.apps.made_content import content

BUNDLED = 3_000_000


@pytest.fixture(scope="module", params=demo.SHOPS)
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo.build(request.param, tmp_path_factory.mktemp("demo") / request.param)


def test_it_loads_without_a_bad_row(shop: Path) -> None:
    loaded = batch.load(shop)
    assert not loaded.prepared.blocked
    assert loaded.prepared.quarantine.is_empty()
    assert [entry for entry in loaded.prepared.warnings if entry["code"] == "unknown_column"] == []
    assert loaded.policy.data.cost_assumed
    assert {rule.kind for rule in loaded.policy.rules} >= {"margin_floor", "max_change", "price_endings"}


def test_it_is_a_shop_of_300_products_over_a_year(shop: Path) -> None:
    products = pl.read_parquet(shop / "data" / "products.parquet")
    assert products.height >= 300
    assert products["unit_cost"].min() > 0  # type: ignore[operator]
    assert products["name"].null_count() == 0
    dates = pl.read_parquet(next(file for name in ("sales", "orders") if (file := shop / "data" / f"{name}.parquet").exists()))
    column = dates["date"] if "date" in dates.columns else dates["at"].dt.date()
    assert column.max() - column.min() > dt.timedelta(days=280)  # type: ignore[operator]


def test_source_and_licence_and_assumed_costs_are_said(shop: Path) -> None:
    note = (shop / "README.md").read_text(encoding="utf-8")
    assert "**Source.**" in note
    assert "CC0" in note or "CC BY 4.0" in note
    assert "Costs are assumed" in note
    assert "assumed" in (shop / "shop.toml").read_text(encoding="utf-8")


def test_promotions_are_there() -> None:
    folder = PACKAGE / "data" / "grocery"
    sales = pl.read_parquet(folder / "sales.parquet")
    assert 0.1 < (sales["promo"] == 1).mean() < 0.6  # type: ignore[operator]
    assert (sales["price"] <= sales["list_price"]).all()
    assert pl.read_parquet(folder / "promotions.parquet")["kind"].unique().sort().to_list() == ["display", "mailer"]


def test_the_bundle_stays_small() -> None:
    assert sum(file.stat().st_size for file in (PACKAGE / "data").rglob("*") if file.is_file()) < BUNDLED


def test_building_again_keeps_the_own_policy(tmp_path: Path) -> None:
    folder = demo.build("grocery", tmp_path / "shop")
    policy = folder / "shop.toml"
    policy.write_text(policy.read_text(encoding="utf-8").replace("0.10", "0.05"), encoding="utf-8")
    (folder / "data" / "sales.parquet").unlink()
    demo.build("grocery", folder)
    assert (folder / "data" / "sales.parquet").exists()
    assert "step = 0.05" in policy.read_text(encoding="utf-8")


def test_another_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(DataError, match="something else"):
        demo.build("grocery", tmp_path)
    demo.build("gifts", tmp_path / "gifts")
    with pytest.raises(DataError, match="something else"):
        demo.build("grocery", tmp_path / "gifts")
    file = tmp_path / "note.txt"
    with pytest.raises(DataError, match="not a folder"):
        demo.build("grocery", file)


def test_unknown_shop_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownChoice, match="grocery"):
        demo.build("groceries", tmp_path / "x")


def test_policies_parse_as_written() -> None:
    for shop in demo.SHOPS:
        document = tomllib.loads((PACKAGE / "data" / shop / "shop.toml").read_text(encoding="utf-8"))
        assert set(document) - {"rule"} <= set(Policy.__struct_fields__)


@pytest.mark.real
@pytest.mark.parametrize("shop", demo.SHOPS)
def test_the_command_prices_a_demo_shop(shop: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    started = time.process_time()
    with pytest.raises(SystemExit) as ended:
        main.main(["demo", str(tmp_path / "shop"), "--shop", shop, "--no-serve"])
    assert ended.value.code == 0
    assert time.process_time() - started < 30
    prices = pl.read_csv(tmp_path / "shop" / "prices.csv")
    assert prices["sku"].n_unique() >= 300
    assert (prices["action"] == "change").sum() > 50
    page = (tmp_path / "shop" / "report.html").read_text(encoding="utf-8")
    told = capsys.readouterr().out
    assert page.count("assumed") > 3
    assert "Costs are assumed" in told
    assert told.rstrip().endswith("report.html")
    checked = state(Reading(office(tmp_path / "shop")))
    assert checked.checked is not None and not checked.changed, "the page Data shows the check of the demo itself"


def test_the_report_is_opened_where_there_is_a_browser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(demo_command, "screen", lambda: True)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(webbrowser, "open", lambda address: not opened.append(address))
    demo_command.show(tmp_path / "report.html")
    assert opened == [(tmp_path / "report.html").as_uri()]
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(webbrowser, "open", lambda _address: False)
    demo_command.show(tmp_path / "report.html")
    assert "open the report yourself" in capsys.readouterr().err


def test_the_next_steps_can_be_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "shop"
    monkeypatch.setattr(demo_command.shutil, "which", lambda _name: None)
    monkeypatch.setattr("sys.argv", [".venv/bin/pricesmith"])
    lines = demo_command.next_steps(place, content()).splitlines()
    assert any(line.endswith(f".venv/bin/pricesmith explain {place} A1") for line in lines)
    assert sum("pricesmith " in line for line in lines) == 6
    monkeypatch.setattr(demo_command.shutil, "which", lambda name: f"/usr/bin/{name}")
    quiet = demo_command.next_steps(place, content(changed=False)).splitlines()
    assert not any("explain" in line for line in quiet)
    assert any(line.endswith("  pricesmith init myshop") for line in quiet)


def test_the_desk_is_served_where_its_packages_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    served: list[tuple[object, ...]] = []
    monkeypatch.setattr(serve_command, "served", lambda *place, **how: served.append((*place, how)))
    demo_command.desk(tmp_path, tmp_path / "report.html", None)
    assert served == [(tmp_path, "localhost", 8600, {"elsewhere": True, "browser": True})]
    for named in (8700, serve_command.PORT, 0):
        demo_command.desk(tmp_path, tmp_path / "report.html", named)
        kept = (tmp_path, "localhost", named, {"elsewhere": False, "browser": True})
        assert served[-1] == kept, "a port that was named is taken as it is"
    monkeypatch.setattr(serve_command, "lacking", lambda: ["uvicorn"])
    monkeypatch.setattr(demo_command, "show", lambda report: served.append((report,)))
    demo_command.desk(tmp_path, tmp_path / "report.html", None)
    assert served[-1] == (tmp_path / "report.html",)
    assert "pip install '.[web]'" in capsys.readouterr().out
