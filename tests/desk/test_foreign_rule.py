"""A kind of rule of another package on the pages: it has no words of ours and is told in its own."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from starlette.testclient import TestClient

from pricesmith.apps.cli import main
from pricesmith.apps.web.words import LANGUAGES
from pricesmith.flows import example
from tests.desk.place import SHOP, Place, post, priced
from tests.foreign_rule import plugged_in

pytestmark = pytest.mark.real  # long

ENDINGS = 'kind = "price_endings"\nendings = [0.99, 0.49]\n'
SAYS, SETTING = "A price is a whole multiple of `step` major units.", "multiple in major units: 5 allows 5, 10, 15"


def written(folder: Path, rules: str) -> Path:
    """The example shop with other rules in place of its endings."""
    example.write(folder / "shop")
    path = folder / "shop" / "shop.toml"
    text = path.read_text(encoding="utf-8")
    assert text.count(ENDINGS) == 1
    path.write_text(text.replace(ENDINGS, rules) + SHOP, encoding="utf-8")
    return folder / "shop"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The example shop with round prices."""
    folder = tmp_path_factory.mktemp("foreign")
    with plugged_in(folder):
        yield priced(written(folder, 'kind = "round_prices"\nstep = 1\n'))


def addresses(desk: Place) -> dict[str, str]:
    """Pages on which rules stand."""
    row = desk.desk.reading.run(desk.run).decided.filter(pl.col("action") == "change").row(0, named=True)
    return {
        "today": "/",
        "rules": "/rules",
        "what if": "/what-if",
        "another value": "/what-if?changes=rule_value%3Frule%3Dround_prices%26setting%3Dstep%26value%3D2",
        "prices": "/prices",
        "product": f"/products/{row['sku']}?run={desk.run}",
        "run": f"/runs/{desk.run}",
        "approvals": "/approvals",
        "models": "/models",
    }


def shown(client: TestClient, address: str, language: str) -> str:
    """A page as it is read, on one line and without its tags."""
    found = client.get(address, headers={"Accept": "text/html", "Accept-Language": language})
    assert found.status_code == 200, address
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", found.text)).split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_shows_a_rule_without_words_in_its_own(desk: Place, language: str) -> None:
    client = desk.client("admin", "eve")
    told = {name: shown(client, address, language) for name, address in addresses(desk).items()}
    assert "round prices" in told["rules"] and SAYS in told["rules"] and SETTING in told["rules"]
    assert "round prices" in told["what if"] and SETTING in told["what if"]
    assert "step: 2" in told["another value"]


def test_its_form_is_filled_in_and_its_effect_is_shown(desk: Place) -> None:
    eve = desk.client("admin", "eve")
    assert post(eve, "/rules/rule", kind="round_prices", field_step="-1").headers["location"].endswith("#typed")
    done = post(eve, "/rules/rule", kind="round_prices", number="2", field_step="5")
    assert done.status_code == 303
    told = shown(eve, f"{done.headers['location'].partition('#')[0]}&dry=1", "en")
    assert "round prices · step rule.round_prices.step – 5" in told, "one rule changed, and it is named"


def test_what_it_refuses_is_told_of_a_product(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whole prices end as asked, and of them only those in fives are its own: the next one is refused by it and by no limit."""
    with plugged_in(tmp_path):
        found = priced(written(tmp_path, 'kind = "price_endings"\nendings = [0]\n\n[[rule]]\nkind = "round_prices"\nstep = 5\n'))
        rows = found.desk.reading.run(found.run).decided.filter(pl.col("action") == "change", pl.col("price") > 2000)
        row = rows.filter((pl.col("price") / pl.col("current_price") - 1).abs() < 0.1).row(0, named=True)
        sku, price = row["sku"], row["price"]
        client = found.client("viewer")
        twin = client.get(f"/products/{sku}?run={found.run}&format=json").json()["seen"]["beyond"]
        near = [(one["side"], one["price"], one["bound"], one["rule"], one["limit"]) for one in twin]
        assert near == [("above", price + 100, "refused", "round_prices", None), ("below", price - 100, "refused", "round_prices", None)]
        told = (
            f"The nearest price above with an allowed ending that the rules forbid, {price / 100 + 1:.2f}, is not one that the rule allows"
        )
        assert told in shown(client, f"/products/{sku}?run={found.run}", "en")
        with pytest.raises(SystemExit):
            main.main(["explain", str(found.folder), sku])
        assert f"{told} (round prices)." in capsys.readouterr().out


def test_a_limit_that_leaves_no_price_of_its_form_is_blamed_with_it(tmp_path: Path) -> None:
    with plugged_in(tmp_path):
        found = priced(written(tmp_path, 'kind = "round_prices"\nstep = 100\n'))
        held = found.desk.reading.run(found.run).decided.filter(pl.col("reason") == "no_feasible_price")
        assert held.height > 10
        assert held["binding_rules"].unique().to_list() == ["max_change;round_prices"]
