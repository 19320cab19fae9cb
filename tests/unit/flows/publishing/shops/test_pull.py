"""Products that are pulled from a shop carry the price that it asks now."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import msgspec
import polars as pl
import pytest

from pricesmith.contracts.money import format_minor
from pricesmith.contracts.tables import Table
from pricesmith.flows.publishing.desk import Desk
from pricesmith.flows.publishing.shops.pull import pull
from pricesmith.testing.fake_shop import FakeShop
from tests.publishing.desk import place


@dataclasses.dataclass
class Rows:
    frame: pl.DataFrame


class Catalogue(FakeShop):
    """A made shop with a list of its products, one of them without a price."""

    def pull(self, table: Table, since: dt.datetime | None = None) -> Rows | None:
        del since
        skus = [*dict.fromkeys(key.sku for key in self.truth), "unpriced"]
        return Rows(pl.DataFrame({"sku": skus, "name": skus})) if table.name == "products" else None


@pytest.fixture
def desk() -> tuple[Desk, Catalogue]:
    found = place()
    old = found.shop
    shop = Catalogue(old.truth, old.rng, old.clock, currency=old.currency, capability=old.capability)
    policy = msgspec.structs.replace(found.desk.policy, tax="gross", currency=old.currency)
    settings = msgspec.structs.replace(found.desk.settings, tax="gross", currency=old.currency)
    return dataclasses.replace(found.desk, shop=shop, policy=policy, settings=settings), shop


def written(desk: Desk, folder: Path) -> pl.DataFrame:
    assert list(pull(folder, desk, ["products"], lambda _text: None)) == ["products"]
    return pl.read_csv(folder / "data" / "products" / f"{desk.target}.csv", infer_schema=False)


def test_products_are_pulled_with_their_prices(desk: tuple[Desk, Catalogue], tmp_path: Path) -> None:
    rows = written(desk[0], tmp_path)
    asked = {key.sku: format_minor(price, desk[1].currency) for key, price in desk[1].truth.items()}
    assert dict(rows.select("sku", "price").iter_rows()) == asked | {"unpriced": None}
    assert dict(rows.select("sku", "price_from").iter_rows()) == dict.fromkeys(asked, str(desk[0].now().date())) | {"unpriced": None}
    assert rows["name"].to_list() == rows["sku"].to_list()


@pytest.mark.parametrize("other", [{"tax": "net"}, {"currency": "CHF"}])
def test_prices_in_other_money_are_no_prices_of_ours(desk: tuple[Desk, Catalogue], tmp_path: Path, other: dict[str, str]) -> None:
    settings = msgspec.structs.replace(desk[0].settings, **other)
    assert "price" not in written(dataclasses.replace(desk[0], settings=settings), tmp_path).columns
