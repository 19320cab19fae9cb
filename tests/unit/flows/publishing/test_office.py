"""What a recorded run says of single competitors, and which shop a name means."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import SimpleNamespace

import msgspec
import polars as pl
import pytest

from pricesmith.contracts.errors import PolicyError, UnknownChoice
from pricesmith.contracts.policy import DataPolicy, Policy
from pricesmith.contracts.tables import COMPETITOR_PRICES
from pricesmith.flows.publishing.office import influences, settings_of
from pricesmith.rules import RULES
from tests.publishing.desk import place, policy

DAY = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def offers(*rows: tuple[str, str, float, dt.datetime]) -> pl.DataFrame:
    table = pl.DataFrame(rows, schema=["sku", "competitor", "price", "observed_at"], orient="row")
    return pl.concat([COMPETITOR_PRICES.empty(), table.cast({"observed_at": pl.Datetime("us", "UTC")})], how="diagonal_relaxed")


def test_one_of_three_sellers_moves_the_median_by_what_it_moves() -> None:
    shop = place()
    priced = SimpleNamespace(snapshot=shop.made.snapshot, policy=shop.made.policy)
    sku, price = shop.made.snapshot.items.select("sku", "current_price").row(0)
    own = price / 100
    found = influences(priced, offers((sku, "a", own, DAY), (sku, "b", own * 1.1, DAY), (sku, "c", own * 1.2, DAY)))  # type: ignore[arg-type]
    assert found[sku] == pytest.approx(1.15 / 1.1 - 1.0, abs=0.01)


def test_where_a_rule_follows_the_cheapest_what_one_seller_moves_is_the_cheapest() -> None:
    shop = place()
    sku, price = shop.made.snapshot.items.select("sku", "current_price").row(0)
    own = price / 100
    told = offers((sku, "a", own * 0.95, DAY), (sku, "b", own, DAY), (sku, "c", own, DAY), (sku, "d", own, DAY))
    for rules, most in (((), 0.0), ((RULES["competitor_band"](reference="cheapest", high=1.0),), 0.053)):  # type: ignore[call-arg]
        asked = msgspec.structs.replace(shop.made.policy, rules=rules)
        found = influences(SimpleNamespace(snapshot=shop.made.snapshot, policy=asked), told)  # type: ignore[arg-type]
        assert found[sku] == pytest.approx(most, abs=0.01)
    named = msgspec.structs.replace(shop.made.policy, data=DataPolicy(competitors=("b",)))
    assert influences(SimpleNamespace(snapshot=shop.made.snapshot, policy=named), told) == {}, "of one seller alone none can be told"  # type: ignore[arg-type]


def test_old_and_later_offers_do_not_count() -> None:
    shop = place()
    priced = SimpleNamespace(snapshot=shop.made.snapshot, policy=shop.made.policy)
    sku, price = shop.made.snapshot.items.select("sku", "current_price").row(0)
    far = [(sku, name, price / 100, DAY - dt.timedelta(days=60)) for name in ("a", "b", "c")]
    late = [(sku, name, price / 100, DAY + dt.timedelta(days=9)) for name in ("a", "b", "c")]
    assert influences(priced, offers(*far, *late)) == {}  # type: ignore[arg-type]


def test_a_shop_that_is_not_there_lists_those_that_are() -> None:
    with pytest.raises(UnknownChoice, match="main"):
        settings_of(policy(), "mian")
    with pytest.raises(PolicyError, match="names no shop"):
        settings_of(Policy(currency="EUR"), "main")


def test_currency_and_tax_are_the_shops_own_where_left_out() -> None:
    found = settings_of(policy(), "main")
    assert (found.currency, found.tax) == ("EUR", "gross")


def test_there_is_a_folder(tmp_path: Path) -> None:
    from pricesmith.flows.publishing.office import office

    with pytest.raises(PolicyError, match=r"shop\.toml"):
        office(tmp_path)
