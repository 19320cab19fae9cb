"""What the page of one product says, against the run that it is about."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.curves import response
from pricesmith.contracts.errors import UnknownChoice
from pricesmith.flows import batch
from pricesmith.flows.desk.product import past, why
from pricesmith.flows.desk.product.curves import family_lift
from pricesmith.flows.desk.product.kin import related
from pricesmith.flows.desk.product.page import Asked, Product, placed, product
from pricesmith.flows.desk.reading import ledger as reading
from pricesmith.flows.desk.reading.ledger import KEY, Reading
from pricesmith.flows.desk.today.silence import sold_till
from pricesmith.flows.publishing.office import record_run
from tests.desk.place import Place, place

pytestmark = pytest.mark.real  # long


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return place(tmp_path_factory.mktemp("product") / "shop")


def of(desk: Place, sku: str) -> Product:
    return product(desk.desk.reading, sku, Asked(), desk.desk.reading.now())


def changes(desk: Place) -> list[str]:
    decided = desk.desk.reading.run(desk.run).decided
    return decided.filter(pl.col("action") == "change")["sku"].to_list()


@pytest.mark.parametrize(("places", "meant"), [(["app", "default", "web"], "default"), (["web", "app"], "web")])
def test_a_place_that_is_not_said_is_the_one_without_a_name_else_the_first(desk: Place, places: list[str], meant: str) -> None:
    run = desk.desk.reading.run(desk.run)
    decided = pl.concat([run.decided.head(1).with_columns(channel=pl.lit(name), region=pl.lit("default")) for name in places])
    key, found = placed(dataclasses.replace(run, decided=decided), decided["sku"][0], Asked())
    assert key.channel == meant and [one.channel for one in found] == sorted(places)
    assert placed(dataclasses.replace(run, decided=decided), decided["sku"][0], Asked(channel="app"))[0].channel == "app"


def test_drivers_add_up_for_every_change(desk: Place) -> None:
    skus = changes(desk)
    assert skus
    for sku in skus:
        told = of(desk, sku)
        assert [one.name for one in told.drivers] == list(why.DRIVERS)
        assert sum(one.effect for one in told.drivers) == pytest.approx(told.decided["profit_change"], abs=1e-9)


def test_related_products_tell_the_units_that_move_and_whether_each_of_them_loses(desk: Place) -> None:
    decided = desk.desk.reading.replayed(desk.run).decided
    item = next(item for item in np.flatnonzero(decided.shop.demand.family >= 0) if decided.column[item] >= 0)
    row = decided.decisions.join(decided.items[item : item + 1].select(KEY), on=KEY).row(0, named=True)
    price = int(row["current_price"] * 1.25)
    chosen = dataclasses.replace(decided.expected, profit=-np.abs(decided.expected.profit))
    for now, loses in ((decided, False), (dataclasses.replace(decided, expected=chosen), True)):
        found = related(now, int(item), price, "EUR")
        assert found and all(one.loses is loses and one.sold * one.units > 0 for one in found)
        for one in found:
            units = now.expected.units[now.items["sku"].to_list().index(one.sku)]
            assert one.sold / (units - one.sold) == pytest.approx(one.units)


def test_one_unit_adds_up(desk: Place) -> None:
    for sku in changes(desk)[:10]:
        steps = {step.name: step for step in of(desk, sku).unit}
        for side in ("now", "new"):
            parts = [getattr(steps[name], side) for name in ("price", "tax", "fees", "landed_cost", "returns")]
            assert sum(parts) == pytest.approx(getattr(steps["profit"], side))


def test_a_unit_without_cost_earns_what_is_not_known() -> None:
    facts = {"tax_rate": 0.25, "fee_rate": 0.1, "payment_rate": 0.0, "return_rate": 0.0, "landed_cost": None}
    steps = {step.name: step.new for step in why.unit(facts, None, 1250)}
    assert steps["tax"] == pytest.approx(-250.0) and steps["fees"] == pytest.approx(-100.0)
    assert steps["landed_cost"] is None and steps["profit"] is None


def test_the_curve_holds_the_proposed_price(desk: Place) -> None:
    for sku in changes(desk)[:10]:
        told = of(desk, sku)
        assert told.seen is not None
        found = [one for one in told.seen.curve.candidates if one.price == told.decided["price"]]
        assert len(found) == 1 and found[0].allowed
        assert found[0].units == pytest.approx(told.decided["expected_units"])
        assert found[0].profit == pytest.approx(told.decided["expected_profit"])
        assert found[0].lo <= found[0].units <= found[0].hi
        assert told.decided["price"] not in told.seen.near and len(told.seen.near) > 2


def test_the_band_of_the_profit_is_what_the_posterior_draws_say(desk: Place) -> None:
    """Draw by draw: units of each draw, each worth what one earns, and what the family is expected to gain or lose."""
    again = desk.desk.reading.replayed(desk.run)
    for sku in changes(desk)[:5]:
        told = of(desk, sku)
        assert told.seen is not None
        item = int(again.decided.items.filter(pl.col("sku") == sku)["item"][0])
        block = again.decided.opened(np.array([item]))
        curves, now = block.curves, told.decided["current_price"]
        lift = family_lift(again.decided, item)
        for one in told.seen.curve.candidates:
            ratio = np.log(np.array([[one.price / now]]))
            drawn = response(ratio, curves.draws[0][None, :], curves.form[0], curves.saturation[0]) + curves.level[0][None, :]
            profit = curves.base[0] * lift * np.exp(drawn[0]) * (one.profit / one.units) + one.family  # type: ignore[operator]
            low, high = np.quantile(profit, (0.05, 0.95))
            assert one.together_lo == pytest.approx(min(low, one.together), abs=1e-9)
            assert one.together_hi == pytest.approx(max(high, one.together), abs=1e-9)
            assert one.together_lo < one.together < one.together_hi  # type: ignore[operator]


def test_units_before_and_after_related_products_change_are_told_apart(desk: Place) -> None:
    reading = desk.desk.reading
    decided = reading.run(desk.run).decided
    family, changed = reading.replayed(desk.run).decided.items.select("sku", "family"), decided.filter(pl.col("action") == "change")
    moving = changed.select("sku").join(family, on="sku")
    for row in decided.join(family, on="sku").iter_rows(named=True):
        told = of(desk, row["sku"])
        others = moving.filter((pl.col("family") == row["family"]) & (pl.col("sku") != row["sku"]))
        assert told.seen is not None and told.outlook is not None
        beside = told.seen.beside
        assert (beside is None) == others.is_empty()
        if row["action"] == "keep":
            assert told.outlook.expected == pytest.approx(row["expected_units"] if beside is None else beside.units)
        if beside is not None:
            assert beside.changes == others.height and abs(beside.units - row["expected_units"]) > 1e-6
            there = next(one for one in told.seen.curve.candidates if one.price == row["price"])
            assert there.units == pytest.approx(row["expected_units"])


def test_a_history_ends_where_its_data_do(desk: Place) -> None:
    again = desk.desk.reading.replayed(desk.run)
    cells = past.cells_of(again.snapshot, 0)
    assert past.until(again.snapshot, past.weeks(again.snapshot, cells), cells) == again.snapshot.as_of
    cut = cells.filter(pl.col("date") < dt.date(2026, 7, 30))
    weeks = past.weeks(again.snapshot, cut)
    assert (weeks[-1].start, past.until(again.snapshot, weeks, cut)) == (dt.date(2026, 7, 27), dt.date(2026, 7, 30))
    weekly = dataclasses.replace(again.snapshot, period="week")
    assert past.until(weekly, weeks, cut) == dt.date(2026, 8, 3), "a row of a week tells of all of it"
    assert past.until(again.snapshot, [], cut.clear()) is None


def test_the_page_says_that_the_last_week_has_only_begun(tmp_path: Path) -> None:
    desk = place(tmp_path / "shop")
    told = of(desk, changes(desk)[0])
    assert told.seen is not None and (told.seen.until, told.seen.begun) == (told.as_of, False)
    loaded = batch.load(desk.folder)
    run = record_run(desk.folder, batch.price(loaded, dt.date(2026, 7, 30)), loaded.prepared.tables["competitor_prices"], "pricesmith").run
    said = {"en": "The last week has only begun", "zh": "最后一周尚未结束"}
    for language, words in said.items():
        for name, there in ((run, True), (desk.run, False)):
            asked = f"/products/{told.sku}?run={name}"
            desk.desk.reading.replayed(name)
            text = desk.client().get(asked, headers={"Accept": "text/html", "Accept-Language": language}).text
            assert (words in text) is there
    seen = product(desk.desk.reading, told.sku, Asked(run=run), desk.desk.reading.now()).seen
    assert seen is not None and (seen.until, seen.begun) == (dt.date(2026, 7, 30), True)


def test_a_proposed_price_keeps_to_every_limit(desk: Place) -> None:
    for sku in changes(desk):
        told = of(desk, sku)
        for limit in told.limits:
            assert limit.low is None or told.decided["price"] >= limit.low - 1e-6
            assert limit.high is None or told.decided["price"] <= limit.high + 1e-6
        assert {one.name for one in told.limits if one.binding} == {name for name in told.decided["binding_rules"].split(";") if name}


def test_effects_on_the_family_add_up_to_their_driver(desk: Place) -> None:
    seen = 0
    for sku in changes(desk):
        told = of(desk, sku)
        assert told.seen is not None
        if told.seen.related:
            seen += 1
            family = next(one.effect for one in told.drivers if one.name == "family")
            assert sum(one.profit or 0.0 for one in told.seen.related) == pytest.approx(family, abs=1e-9)
    assert seen


def test_history_has_every_unit_sold(desk: Place) -> None:
    sku = changes(desk)[0]
    told, again = of(desk, sku), desk.desk.reading.replayed(desk.run)
    assert told.seen is not None
    item = again.decided.items.filter(pl.col("sku") == sku)["item"][0]
    cells = past.cells_of(again.snapshot, item)
    assert cells.equals(again.snapshot.cells.filter(pl.col("item") == item))
    weeks = cells.group_by(pl.col("date").dt.truncate("1w")).agg(pl.col("days").sum()).sort("date")
    assert sum(week.units * days for week, days in zip(told.seen.weeks, weeks["days"], strict=True)) == pytest.approx(cells["units"].sum())
    assert [week.start for week in told.seen.weeks] == weeks["date"].to_list()


def test_advice_fits_what_is_missing() -> None:
    calm = past.Support(weeks=50, prices=8, promo_weeks=0, out_weeks=0)
    assert past.advice("experiment", calm, cost_assumed=False, cost_moved=True) == []
    poor = past.Support(weeks=50, prices=1, promo_weeks=30, out_weeks=20)
    assert past.advice("prior", poor, cost_assumed=True, cost_moved=False) == ["trial", "vary", "calm", "stock", "costs"]
    assert past.advice("adjusted", poor, cost_assumed=False, cost_moved=True) == ["trial", "vary_own", "calm_own", "stock"]
    assert "cost_history" in past.advice("pooled", calm, cost_assumed=False, cost_moved=False)


def test_a_cost_that_never_changed_is_said_to_be_none_that_helps(desk: Place) -> None:
    rows = [line.split(",") for line in (desk.folder / "data" / "costs.csv").read_text(encoding="utf-8").splitlines()]
    assert "valid_from" in rows[0]
    sku = next(sku for sku in changes(desk) if sum(row[0] == sku for row in rows) == 1)
    told = of(desk, sku)
    assert told.seen is not None and told.seen.advice[-1] == "cost_history"
    page = desk.client("viewer").get(f"/products/{sku}", headers={"Accept": "text/html", "Accept-Language": "en"}).text
    assert "No change of its cost is known in the time of its sales" in page and "Where the cost did change" in page
    cells = pl.DataFrame({"cost": [None, 3.0, 3.0, 4.0]})
    assert past.cost_moved(cells) and not past.cost_moved(cells.head(3)) and not past.cost_moved(cells.head(1))


def test_regular_prices_are_counted_as_the_chart_shows_them(desk: Place) -> None:
    for sku in changes(desk)[:5]:
        told = of(desk, sku)
        assert told.seen is not None and told.decided["evidence"] == ("adjusted" if told.seen.own_share > 0.5 else "pooled")
        cells = desk.desk.reading.replayed(desk.run).snapshot.cells
        own = cells.filter(pl.col("item") == desk.desk.reading.run(desk.run).decided.filter(pl.col("sku") == sku)["item"][0])
        assert told.seen.support.prices == own["list_price"].n_unique()
        page = desk.client("viewer").get(f"/products/{sku}", headers={"Accept": "text/html", "Accept-Language": "en"}).text
        assert f'<data value="{told.seen.own_share}">' in page and f"makes the grade {told.decided['evidence']}" in page


def test_what_is_not_there_is_refused_with_what_is(desk: Place) -> None:
    sku = changes(desk)[0]
    with pytest.raises(UnknownChoice):
        of(desk, "no such product")
    for asked in (Asked(channel="nowhere"), Asked(region="nowhere"), Asked(run="20000101-00000000")):
        with pytest.raises(UnknownChoice):
            product(desk.desk.reading, sku, asked, desk.desk.reading.now())


def test_a_large_run_is_laid_out_beside_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first answer comes without curves; the ledger's part is there, and the rest follows."""
    monkeypatch.setattr(reading, "QUICK", 0)
    desk = place(tmp_path / "shop")
    fresh = Reading(desk.desk.reading.place)
    told = product(fresh, changes(desk)[0], Asked(), fresh.now())
    assert told.seen is None and told.drivers and told.limits and told.events
    for _ in range(600):
        told = product(fresh, told.sku, Asked(), fresh.now())
        if told.seen is not None:
            break
        time.sleep(0.05)
    assert told.seen is not None and told.seen.curve.candidates


def test_a_product_that_has_not_sold_says_for_how_many_days(desk: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    sku = changes(desk)[0]
    told = of(desk, sku)
    assert told.last_sale is not None and told.sale_days == (told.as_of - told.last_sale).days
    assert told.last_sale_end == told.last_sale, "a day's row tells of one day"
    page = "pricesmith.apps.web.pages.product.product"
    decided = {**told.decided, "action": "hold", "reason": "stale_data"}
    held = msgspec.structs.replace(told, decided=decided, sale_days=8, stale_after_days=7, name=None)
    monkeypatch.setattr(page, lambda *_given: held)
    shown = desk.client("viewer").get(f"/products/{sku}", headers={"Accept": "text/html", "Accept-Language": "en"}).text
    assert 'days before the day of the run: <data value="8">8</data>' in shown
    assert 'days that the settings allow: <data value="7">7</data>' in shown
    assert "a long time" not in shown
    assert "No price of your own can be set while this product is held: its last sale is longer ago" in shown
    assert 'action="/products/' not in shown.partition('class="acts')[2].partition("</section>")[0]
    chinese = desk.client("viewer").get(f"/products/{sku}", headers={"Accept": "text/html", "Accept-Language": "zh"}).text
    assert "期间不能自定价格：最后一笔销售距今超过设置的天数。" in chinese


def test_a_week_that_began_long_ago_may_have_sold_on_its_last_day(desk: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    told = of(desk, changes(desk)[0])
    run, day = desk.desk.reading.run(desk.run), told.as_of - dt.timedelta(days=9)
    week = dataclasses.replace(run, policy=msgspec.structs.replace(run.policy, period="week"))
    assert sold_till(week, day) == day + dt.timedelta(days=6)
    assert sold_till(week, told.as_of - dt.timedelta(days=1)) == told.as_of - dt.timedelta(days=1), "not later than the run saw"
    assert sold_till(week, None) is None
    decided = {**told.decided, "action": "hold", "reason": "stale_data"}
    held = msgspec.structs.replace(told, decided=decided, last_sale=day, last_sale_end=day + dt.timedelta(days=6), stale_after_days=2)
    monkeypatch.setattr("pricesmith.apps.web.pages.product.product", lambda *_given: held)
    shown = desk.client("viewer").get(f"/products/{told.sku}", headers={"Accept": "text/html"}).text
    assert f'<time datetime="{day}">{day}</time> … <time datetime="{held.last_sale_end}">' in shown


@pytest.mark.parametrize(
    ("reason", "expected"), [("floor", why.Outside("b", 479.0)), ("ceiling", why.Outside("c", 700.0)), ("profit_up", None)]
)
def test_the_limit_that_forces_a_price_is_the_tightest_of_its_side(reason: str, expected: why.Outside | None) -> None:
    rules = {"a": (4.5, 9.0), "b": (4.79, None), "c": (None, 7.0)}
    assert why.outside(rules, reason, 100.0) == expected
    assert why.outside({"a": (None, None)}, reason) is None


@pytest.mark.parametrize(
    ("stopped", "price", "expected"),
    [
        ("step", 11.4, "up"),
        ("step", 8.7, "down"),
        ("most", 8.0, "up"),
        ("least;step", 8.7, "down"),
        ("least;most", 8.7, ""),
        ("sum", 8.7, ""),
        ("", 8.7, ""),
    ],
)
def test_the_side_on_which_a_better_price_lies_is_that_of_the_limits_that_stop_it(stopped: str, price: float, expected: str) -> None:
    rules = {"step": (8.5, 11.5), "most": (None, 12.0), "least": (8.0, None), "sum": (None, None)}
    assert why.toward(rules, stopped, price) == expected


@pytest.mark.parametrize("language", ["en", "zh"])
def test_similar_products_stand_beside_its_elasticity(desk: Place, language: str) -> None:
    sku = changes(desk)[0]
    told = of(desk, sku)
    assert told.seen is not None and told.seen.alike is not None and told.seen.alike.products >= 3
    page = desk.client("viewer").get(f"/products/{sku}", headers={"Accept": "text/html", "Accept-Language": language}).text
    line = page.partition('<p id="alike">')[2].partition("</p>")[0]
    assert f'<data value="{told.seen.alike.elasticity}"' in line and f'<data value="{told.seen.alike.products}"' in line
    twin = desk.client("viewer").get(f"/products/{sku}?format=json").json()
    assert twin["seen"]["alike"]["products"] == told.seen.alike.products
