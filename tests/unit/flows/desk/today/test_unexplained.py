"""Products whose sales fell away lately are told before their prices are accepted; what luck brings is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.shop import Key
from pricesmith.flows import example
from pricesmith.flows.desk.today import unexplained as room
from pricesmith.flows.desk.today.unexplained import Unexplained, sold_lately, unexplained
from tests.desk.place import Place, place, priced

HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def fallen(tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, list[str]]:
    """The example shop, in which the eight products that sold most sold hardly anything in the last four weeks."""
    folder = tmp_path_factory.mktemp("fallen") / "shop"
    example.write(folder)
    file = folder / "data" / "sales.csv"
    sales = pl.read_csv(file, try_parse_dates=True)
    most = sales.group_by("sku").agg(pl.col("units").sum()).sort("units", "sku", descending=True)["sku"].head(8).to_list()
    last = sales["date"].max()
    late = (pl.col("date") > last - pl.duration(days=28)) & pl.col("sku").is_in(most)
    sales.with_columns(units=pl.when(late).then((pl.col("units") * 0.05).floor()).otherwise("units")).write_csv(file)
    return priced(folder), most


def test_what_fell_away_is_told_with_what_was_expected(fallen: tuple[Place, list[str]]) -> None:
    desk, most = fallen
    found = unexplained(desk.desk.reading, desk.run)
    assert isinstance(found, Unexplained) and found.count >= 4 > found.luck
    assert len(found.worst) == 3 and {one.sku for one in found.worst} <= set(most)
    assert all(one.sold < 0.5 * one.expected for one in found.worst)
    missing = [(one.expected - one.sold) for one in found.worst]
    assert min(missing) > 0 and found.rising <= found.count <= found.of
    page = desk.client().get("/", headers=HTML).text
    line = page.partition('id="lately"')[2].partition("</p>")[0]
    assert "than the model can explain" in line and f'value="{found.count}"' in line and found.worst[0].sku in line
    assert "模型所能解释" in desk.client().get("/", headers={**HTML, "Accept-Language": "zh"}).text


def test_the_page_of_a_product_says_it_with_the_interval(fallen: tuple[Place, list[str]]) -> None:
    desk, most = fallen
    found = unexplained(desk.desk.reading, desk.run)
    assert found is not None
    one = found.worst[0]
    told = sold_lately(desk.desk.reading, desk.run, Key(one.sku, one.channel, one.region))
    assert told is not None and told.sold == one.sold < told.low < told.expected < told.high
    text = desk.client().get(f"/products/{one.sku}", params={"channel": one.channel, "region": one.region}, headers=HTML).text
    assert "The model cannot explain what it sold since" in text
    rest = [row for row in desk.desk.reading.run(desk.run).decided.to_dicts() if row["sku"] not in most]
    quiet = [sold_lately(desk.desk.reading, desk.run, Key(row["sku"], row["channel"], row["region"])) for row in rest]
    assert sum(one is not None for one in quiet) <= 0.25 * len(rest)
    assert sold_lately(desk.desk.reading, desk.run, Key("unknown", "", "")) is None


def test_what_luck_brings_is_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = place(tmp_path / "shop")
    assert unexplained(desk.desk.reading, desk.run) is None
    told = room._told_of(desk.desk.reading, desk.run)
    assert told is not None and np.mean(told.sold[told.seen] < told.low[told.seen]) < 0.15
    monkeypatch.setattr(room, "_told_of", lambda *_: None)
    assert unexplained(desk.desk.reading, desk.run) is None and sold_lately(desk.desk.reading, desk.run, Key("a", "", "")) is None
