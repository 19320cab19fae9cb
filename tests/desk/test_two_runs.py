"""Two runs side by side: for which products another price is proposed, and what else is other with them."""

from __future__ import annotations

import math
import re
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from tests.conformance.test_routes import leaves

from .place import Place, overridden, place, priced_anew

HTML, JSON = {"Accept": "text/html"}, {"Accept": "application/json"}
KEY = ("sku", "channel", "region")


def twin(desk: Place, run: str, **asked: str) -> dict:  # type: ignore[type-arg]
    answer = desk.client("viewer").get(f"/runs/{run}/compare", params=asked, headers=JSON)
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, str]:
    """A run, and one after costs, a price in the shop and the products changed, under a tighter rule."""
    desk = place(tmp_path_factory.mktemp("desk") / "shop")
    data = desk.folder / "data"
    changes = desk.desk.reading.run(desk.run).changes.sort("sku")
    dearer, gone = changes["sku"][0], changes["sku"][1]
    costs = pl.read_csv(data / "costs.csv", infer_schema=False)
    more = (pl.col("unit_cost").cast(pl.Float64) * 1.05).round(2).cast(pl.String)
    costs.with_columns(unit_cost=pl.when(pl.col("sku") == dearer).then(more).otherwise("unit_cost")).write_csv(data / "costs.csv")
    for path in data.glob("*.csv"):
        table = pl.read_csv(path, infer_schema=False)
        (table.filter(pl.col("sku") != gone) if "sku" in table.columns else table).write_csv(path)
    return desk, priced_anew(desk, '\n[[rule]]\nkind = "max_change"\nstep = 0.03\n')


def recount(desk: Place, before: str, after: str) -> Counter[str]:
    """Kinds by plain loops over what the ledger holds."""
    sides = [{tuple(row[name] for name in KEY): row for row in desk.desk.reading.run(run).decided.to_dicts()} for run in (before, after)]
    found: Counter[str] = Counter()
    for key in sides[0].keys() | sides[1].keys():
        then, now = (side.get(key) for side in sides)
        if then is None or now is None:
            found["new" if then is None else "gone"] += 1
            continue
        held = [row["action"] == "hold" for row in (then, now)]
        prices = [row["price"] if row["price"] is not None else row["current_price"] for row in (then, now)]
        if held[0] != held[1]:
            found["held" if held[1] else "freed"] += 1
        elif all(held) or None in prices or prices[0] == prices[1]:
            found["same"] += 1
        else:
            found["higher" if prices[1] > prices[0] else "lower"] += 1
    return found


def test_kinds_are_those_of_a_plain_recount(two: tuple[Place, str]) -> None:
    desk, newer = two
    told = twin(desk, newer)
    assert told["other"] == desk.run and told["runs"] == [desk.run]
    assert told["kinds"] == dict(recount(desk, desk.run, newer))
    assert {"gone", "lower"} <= told["kinds"].keys() and "new" not in told["kinds"]
    assert told["found"] == sum(count for kind, count in told["kinds"].items() if kind != "same")
    turned = twin(desk, desk.run, other=newer)
    assert turned["kinds"] == dict(recount(desk, newer, desk.run)) and turned["kinds"]["new"] == told["kinds"]["gone"]
    assert twin(desk, desk.run)["other"] is None, "nothing was before the first run"


def test_what_else_is_other_is_named_with_both_figures(two: tuple[Place, str]) -> None:
    desk, newer = two
    changes = desk.desk.reading.run(desk.run).changes.sort("sku")
    dearer = changes["sku"][0]
    (row,) = [one for one in twin(desk, newer, what="cost")["rows"] if one["sku"] == dearer]
    assert "cost" in row["others"]
    assert row["after"]["landed_cost"] > row["before"]["landed_cost"]
    for one in twin(desk, newer, kind="same")["rows"] + twin(desk, newer)["rows"]:
        then, now = one["before"], one["after"]
        if then is None or now is None:
            assert one["others"] == []
            continue
        assert ("cost" in one["others"]) == (then["landed_cost"] != now["landed_cost"])
        assert ("shop_price" in one["others"]) == (then["current_price"] != now["current_price"])
        assert ("sales" in one["others"]) == (abs(now["sold"] - then["sold"]) > 0.2 * then["sold"])
        assert ("response" in one["others"]) == (abs(now["elasticity"] - then["elasticity"]) > 0.05 * abs(then["elasticity"]))
        assert math.isclose(one["change"], now["price"] / then["price"] - 1.0) if then["price"] and now["price"] else True


def test_settings_that_decide_prices_are_named_where_they_differ(two: tuple[Place, str]) -> None:
    desk, newer = two
    told = twin(desk, newer)["settings"]
    assert any(one["place"].endswith(".step") and one["new"] == "0.03" for one in told), told
    assert not [one for one in told if one["place"].startswith(("shop.", "guards."))]


def test_filters_and_search_find_what_they_say(two: tuple[Place, str]) -> None:
    desk, newer = two
    for kind, count in twin(desk, newer)["kinds"].items():
        assert twin(desk, newer, kind=kind)["found"] == count
    for what, count in twin(desk, newer)["others"].items():
        rows = twin(desk, newer, what=what)["rows"]
        assert len([row for row in rows if row["before"] and row["after"]]) == count or count > 50
    sku = twin(desk, newer)["rows"][0]["sku"]
    assert {row["sku"] for row in twin(desk, newer, search=sku)["rows"]} == {sku}


@pytest.mark.parametrize(("language", "title"), [("en", "says otherwise"), ("zh", "与先前批次的差异")])
def test_every_figure_of_the_page_is_in_its_twin(language: str, title: str, two: tuple[Place, str]) -> None:
    desk, newer = two
    page = desk.client("viewer").get(f"/runs/{newer}/compare", headers={**HTML, "Accept-Language": language}).text
    shown = set(re.findall(r'<data value="([^"]*)"', page))
    assert title in page and len(shown) > 5
    assert shown <= {text for value in leaves(twin(desk, newer)) for text in (str(value), str(float(value)))}
    run = desk.client("viewer").get(f"/runs/{newer}", headers=HTML).text
    assert f"/runs/{newer}/compare" in run
    assert f"/runs/{newer}/compare" in desk.client("viewer").get("/", headers=HTML).text


def test_a_first_run_offers_no_comparison_on_today(tmp_path: Path) -> None:
    assert "/compare" not in place(tmp_path / "shop").client("viewer").get("/", headers=HTML).text


def test_a_run_of_own_prices_is_compared_in_its_own_products_alone(two: tuple[Place, str]) -> None:
    desk, _ = two
    own = overridden(desk, "ana")
    told = twin(desk, own, other=desk.run)
    assert told["kinds"].get("lower") == 1
    assert "gone" not in told["kinds"]


def test_an_unknown_run_is_an_error_that_lists_runs(two: tuple[Place, str]) -> None:
    desk, newer = two
    answer = desk.client("viewer").get(f"/runs/{newer}/compare", params={"other": "none-such"}, headers=JSON)
    assert answer.status_code == 404 and desk.run in answer.text
