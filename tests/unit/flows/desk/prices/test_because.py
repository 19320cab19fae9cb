"""What sets one price apart: true to the stored drivers, and not the same on every row."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pricesmith.contracts.rule import Context
from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.prices.because import SMALL, because
from pricesmith.flows.desk.prices.table import table_of
from pricesmith.flows.desk.reading.ledger import KEY
from pricesmith.rules.margin_floor import MarginFloor
from tests.desk.place import Place, place


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return place(tmp_path_factory.mktemp("because") / "shop")


def test_it_tells_every_stored_driver_and_they_add_up(desk: Place) -> None:
    reading = desk.desk.reading
    rows = table_of(reading, reading.run(desk.run), reading.now())
    found = because(reading, desk.run, rows)
    better = rows.filter((pl.col("action") == "change") & (pl.col("reason") == "profit_up") & (pl.col("profit_change") >= 0))
    assert set(found) == {Key(*row) for row in better.select(KEY).iter_rows()} != set()
    kept = reading.book.read("decided", {"run": [desk.run]}).select(*KEY, "explanation", "elasticity", "price", "profit_change")
    for row in kept.iter_rows(named=True):
        one = found.get(Key(*(row[name] for name in KEY)))
        if one is None:
            continue
        effects = {name: effect for name, effect in json.loads(row["explanation"])["drivers"].items() if abs(effect) >= SMALL}
        largest = sorted(effects, key=lambda name: -abs(effects[name]))
        assert [(part.name, part.effect) for part in one.parts] == [(name, effects[name]) for name in largest]
        assert sum(part.effect for part in one.parts) == pytest.approx(row["profit_change"], abs=3 * SMALL)
        assert one.elasticity == row["elasticity"]
        assert one.reacts == ("weakly" if abs(row["elasticity"]) < 1 else "strongly" if abs(row["elasticity"]) >= 2 else "fairly")


def test_it_knows_a_price_below_cost_and_no_competitors_where_no_rule_follows_them(desk: Place) -> None:
    reading = desk.desk.reading
    rows = table_of(reading, reading.run(desk.run), reading.now()).filter(pl.col("reason") == "profit_up").head(1)
    key = Key(*rows.select(KEY).row(0))
    price = rows["price"][0]
    rates = {"tax_rate": 0.19, "fee_rate": 0.12, "payment_rate": 0.02}
    set_ = rows.with_columns(
        profit_change=pl.lit(1.0), competitor_price=pl.lit(price / 1.25), landed_cost=pl.lit(861.0), current_price=pl.lit(1190),
        **{name: pl.lit(rate) for name, rate in rates.items()},
    )  # fmt: skip
    one = because(reading, desk.run, set_)[key]
    assert one.rival is None and one.below_cost
    for landed, below in ((860.0, False), (1000.0, True), (1189.0, True)):
        then = because(reading, desk.run, set_.with_columns(landed_cost=pl.lit(landed)))[key]
        assert then.below_cost is below, "of 11.90 with 19 % tax, 14 % of fees leave 8.60"
    assert not because(reading, desk.run, set_.with_columns(tax_rate=pl.lit(None, pl.Float64)))[key].below_cost, "not known"
    bare = set_.with_columns(competitor_price=pl.lit(None, pl.Float64), landed_cost=pl.lit(None, pl.Float64))
    assert not because(reading, desk.run, bare)[key].below_cost
    assert because(reading, desk.run, set_.with_columns(profit_change=pl.lit(-1.0))) == {}, "that makes room for others"


def test_competitors_stand_among_the_reasons_of_a_price_whose_rules_follow_them_as_on_its_page(desk: Place, tmp_path: Path) -> None:
    sku = next(one["sku"] for one in known(desk) if one["because"])
    followed = place(
        tmp_path / "shop", f'\n[[rule]]\nkind = "competitor_band"\nhigh = 9\nreference = "cheapest"\nwhere = {{ sku = "{sku}" }}\n'
    )
    rows = known(followed)
    assert len([one for one in rows if one["because"]]) > 1
    for one in rows:
        told = followed.client("viewer").get(f"/products/{one['sku']}?format=json").json()["rivals"]
        assert told["followed"] == (["cheapest"] if one["sku"] == sku else [])
        if one["because"]:
            assert one["because"]["rival"] == (told["new"] if one["sku"] == sku else None)


def known(desk: Place) -> list[dict[str, Any]]:
    """Changes on the page Prices of products of which competitors' prices are known."""
    rows = desk.client("viewer").get("/prices?action=change&columns=reason&columns=competitor_price&format=json").json()["rows"]
    return [one for one in rows if one["competitor_price"]]


def test_a_rise_where_demand_reacts_strongly_is_laid_to_a_thin_margin(desk: Place) -> None:
    """Of a price of 10.00 a cost of 9.00 leaves 10 %: less than the third that an elasticity of -3 asks for, more than the 1/12 of -12."""
    reading = desk.desk.reading
    rows = table_of(reading, reading.run(desk.run), reading.now()).filter(pl.col("reason") == "profit_up").head(1)
    key = Key(*rows.select(KEY).row(0))
    set_ = rows.with_columns(
        profit_change=pl.lit(1.0), current_price=pl.lit(1000), price=pl.lit(1050), landed_cost=pl.lit(900.0), elasticity=pl.lit(-3.0),
        **{name: pl.lit(0.0) for name in ("tax_rate", "fee_rate", "payment_rate")},
    )  # fmt: skip
    assert because(reading, desk.run, set_)[key].margin == pytest.approx(0.1)
    for other in (
        {"elasticity": -12.0},
        {"elasticity": -1.5},
        {"price": 950},
        {"landed_cost": None},
        {"landed_cost": 600.0},
        {"landed_cost": 1100.0},
    ):
        changed = set_.with_columns(**{name: pl.lit(value, rows.schema[name]) for name, value in other.items()})
        assert because(reading, desk.run, changed)[key].margin is None, other


@pytest.mark.parametrize(
    ("language", "said"), [("en", "so far little of what is kept is margin: 24 %"), ("zh", "扣除税费后的所得中毛利很少：24%")]
)
def test_the_margin_is_the_share_that_a_margin_floor_asks_for(
    desk: Place, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    """Of 12.00 with 20 % tax and 15 % of fees 8.50 are kept; a cost of 6.46 leaves 24 % of that, and 17 % of the price."""
    reading = desk.desk.reading
    run = reading.run(desk.run)
    sku = run.decided.filter(pl.col("reason") == "profit_up").sort("profit_change", descending=True)["sku"][0]
    facts = {
        "current_price": 1200,
        "price": 1300,
        "landed_cost": 646.0,
        "elasticity": -2.5,
        "profit_change": 1.0,
        "tax_rate": 0.2,
        "fee_rate": 0.12,
        "payment_rate": 0.03,
    }
    own = pl.col("sku") == sku
    told = [pl.when(own).then(pl.lit(value)).otherwise(name).cast(run.decided.schema[name]).alias(name) for name, value in facts.items()]
    set_ = run.decided.with_columns(told)
    found = because(reading, desk.run, set_.filter(own))
    (one,) = found.values()
    assert one.margin == pytest.approx(0.24)
    for share, met in ((0.2399, True), (0.2401, False)):
        limit = MarginFloor(of_price=share).limit(set_.filter(own), Context(run.as_of, run.currency, run.policy.tax))
        assert (limit.low[0] <= 1200) == met
    monkeypatch.setattr("pricesmith.flows.desk.today.page.because", lambda *_: found)
    text = desk.client("viewer").get("/", headers={"Accept": "text/html", "Accept-Language": language}).text
    assert said in re.sub(r"<[^>]*>", "", text).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(("language", "reacts"), [("en", "demand reacts"), ("zh", "需求反应")])
@pytest.mark.parametrize("address", ["/", "/prices?action=change&columns=reason"])
def test_rows_are_told_apart(desk: Place, address: str, language: str, reacts: str) -> None:
    page = desk.client("viewer").get(address, headers={"Accept": "text/html", "Accept-Language": language}).text
    told = [line for line in re.sub(r"<[^>]*>", "", page.replace("<td", "\n<td")).splitlines() if reacts in line]
    assert len(told) >= 8 and len(set(told)) == len(told)


def test_a_price_that_makes_room_names_the_rule_under_which_it_does(tmp_path: Path) -> None:
    desk = place(tmp_path / "shop", '\n[[rule]]\nkind = "index_limit"\nmax_move = 0.004\n')
    client, reading = desk.client("viewer"), desk.desk.reading
    losing = reading.run(desk.run).decided.filter((pl.col("action") == "change") & (pl.col("profit_change") < 0))
    assert losing.height and client.get("/prices", headers={"Accept": "application/json"}).json()["shared"] == ["index_limit"]
    for language, told, page_told in (
        ("en", "share: average move", "The limit: average move."),
        ("zh", "让出空间：平均变动", "该限制为：平均变动。"),
    ):
        headers = {"Accept": "text/html", "Accept-Language": language}
        listed = client.get("/prices?reason=makes_room&columns=reason", headers=headers).text
        assert listed.count(told) == losing.height
        assert page_told in client.get(f"/products/{losing['sku'][0]}", headers=headers).text
