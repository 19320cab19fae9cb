"""What the run before foretold, against what was sold since: on Today for the shop, on the page of a product for the product."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest

from pricesmith.flows import example
from pricesmith.flows.desk.outcome import hindsight
from tests.desk.place import SHOP, Place, priced, priced_anew

pytestmark = pytest.mark.real  # long

JSON = {"Accept": "application/json"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Priced, and priced again once four weeks more are known."""
    folder = tmp_path_factory.mktemp("hindsight") / "shop"
    example.write(folder)
    path = folder / "shop.toml"
    path.write_text(path.read_text(encoding="utf-8") + SHOP, encoding="utf-8")
    sales = folder / "data" / "sales.csv"
    whole = pl.read_csv(sales, infer_schema=False)
    cut = str(dt.date.fromisoformat(whole["date"].max()) - dt.timedelta(days=27))  # type: ignore[arg-type]
    whole.filter(pl.col("date") < cut).write_csv(sales)
    first = priced(folder)
    assert first.desk.reading.rows("runs").height == 1
    whole.write_csv(sales)
    return priced(folder)


def told(desk: Place) -> dict[str, Any]:
    found = desk.client().get("/", headers=JSON).json()["hindsight"]
    assert isinstance(found, dict)
    return found


def products(desk: Place) -> list[dict[str, Any]]:
    keys = desk.desk.reading.run(desk.run).decided.select("sku", "channel", "region").rows()
    asked = ({"channel": channel, "region": region} for _, channel, region in keys)
    pages = (desk.client().get(f"/products/{key[0]}", params=ask, headers=JSON).json() for key, ask in zip(keys, asked, strict=True))
    return [one["hindsight"] for one in pages if one["hindsight"] is not None]


def test_what_was_sold_since_is_what_the_sales_table_says(desk: Place) -> None:
    found, sales = told(desk), pl.read_csv(desk.folder / "data" / "sales.csv", try_parse_dates=True)
    since, until = (dt.date.fromisoformat(found[name]) for name in ("since", "until"))
    assert (until - since).days == 27 and until == sales["date"].max()
    assert found["sold"] == pytest.approx(sales.filter(pl.col("date") >= since)["units"].sum())
    assert found["low"] < found["expected"] < found["high"] and found["run"] != desk.run


def test_the_products_add_up_to_the_shop(desk: Place) -> None:
    found, parts = told(desk), products(desk)
    assert len(parts) == found["products"]
    for name in ("sold", "expected"):
        assert sum(one[name] for one in parts) == pytest.approx(found[name])
    inside = [one["low"] <= one["sold"] <= one["high"] for one in parts]
    assert found["inside"] == pytest.approx(float(np.mean(inside))) and found["inside"] > 0.7
    missed = sum(abs(one["sold"] - one["expected"]) for one in parts)
    assert found["miss"] == pytest.approx(missed / found["sold"])
    assert len(found["furthest"]) == min(inside.count(False), hindsight.SHOWN)
    assert all(not one["low"] <= one["sold"] <= one["high"] for one in found["furthest"])


def rows(**columns: list[float]) -> pl.DataFrame:
    count = len(columns["sold"])
    keys = {"sku": [f"s{number}" for number in range(count)], "channel": "web", "region": "DE", "name": None, "worth": 100.0}
    return pl.DataFrame({**keys, "low": 0.0, "high": 1e9, "alone": 1.0, "price": 1.0, "together": 0.0, **columns})


def test_a_forecast_that_missed_by_more_than_going_on_as_before_is_worse() -> None:
    def found(**columns: list[float]) -> hindsight.Hindsight:
        return hindsight.summed(hindsight.Seen("run", dt.date(2026, 1, 1), dt.date(2026, 1, 28), rows(**columns)))

    right = found(sold=[10.0, 0.0], expected=[8.0, 1.0], before=[5.0, 2.0])
    assert (right.miss, right.as_before, right.worse, right.before) == (0.3, 0.7, False, 7.0)
    assert found(sold=[10.0, 0.0], expected=[5.0, 2.0], before=[8.0, 1.0]).worse
    nothing = found(sold=[0.0, 0.0], expected=[5.0, 2.0], before=[8.0, 1.0])
    assert (nothing.miss, nothing.as_before, nothing.worse) == (None, None, False)


@pytest.mark.parametrize(("language", "words"), [("en", "Looking back, units sold from"), ("zh", "回顾：")])
def test_the_pages_say_it(desk: Place, language: str, words: str) -> None:
    client, found = desk.client(), told(desk)
    asked = {"Accept": "text/html", "Accept-Language": language}
    text = client.get("/", headers=asked).text
    line = text[text.index('id="hindsight"') :].partition("</p>")[0]
    assert words in line and f"/runs/{found['run']}" in line
    assert all(f'<data value="{found[name]}">' in line for name in ("sold", "expected", "low", "high"))
    row = desk.desk.reading.run(desk.run).decided.row(0, named=True)
    page = client.get(f"/products/{row['sku']}", params={"channel": row["channel"], "region": row["region"]}, headers=asked).text
    assert words in page


def test_the_first_run_has_nothing_to_look_back_on(desk: Place) -> None:
    first = told(desk)["run"]
    reading = desk.desk.reading
    assert hindsight.looked_back(reading, first) is None and hindsight.hindsight(reading, first) is None
    row = reading.run(first).decided.row(0, named=True)
    asked = {"channel": row["channel"], "region": row["region"], "run": first}
    assert desk.client().get(f"/products/{row['sku']}", params=asked, headers=JSON).json()["hindsight"] is None


def test_a_run_of_the_same_data_is_not_looked_back_on(desk: Place) -> None:
    """Rules that change make a new run; the forecasts of the old one have met nothing new."""
    first = told(desk)["run"]
    more = '\n[[rule]]\nkind = "max_change"\nstep = 0.03\n'
    newer = priced_anew(desk, more)
    assert newer not in (desk.run, first) and hindsight.looked_back(desk.desk.reading, newer) == first


def test_the_last_run_whose_days_ahead_are_over_is_chosen() -> None:
    """Else the oldest; of runs of another currency, of single prices and of the same data none."""

    def chosen(*earlier: tuple[str, str, str]) -> str | None:
        rows = [(*one, dt.date.fromisoformat(day), at) for at, (*one, day) in enumerate([*(("price", *one) for one in earlier), NOW])]
        made = pl.DataFrame(rows, schema=["kind", "run", "currency", "as_of", "seq"], orient="row")
        run = SimpleNamespace(as_of=dt.date(2026, 8, 3), currency="EUR", policy=SimpleNamespace(horizon_days=28))
        return hindsight.looked_back(SimpleNamespace(made=lambda: made, run=lambda _: run), "now")  # type: ignore[arg-type]

    assert chosen(("a", "EUR", "2026-05-04"), ("b", "EUR", "2026-07-06"), ("c", "EUR", "2026-07-20")) == "b"
    assert chosen(("b", "EUR", "2026-07-20"), ("c", "EUR", "2026-07-27")) == "b"
    assert chosen(("b", "EUR", "2026-08-03"), ("c", "USD", "2026-07-06")) is None
    assert chosen() is None


NOW = ("price", "now", "EUR", "2026-08-03")
