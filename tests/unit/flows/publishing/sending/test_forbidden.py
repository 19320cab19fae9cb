"""A price of a run made under looser rules does not reach a shop once a rule in force forbids it."""

from __future__ import annotations

import polars as pl
import pytest

from pricesmith.contracts.errors import PolicyError
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.shop import Key
from pricesmith.flows.publishing.answers import answering
from pricesmith.flows.publishing.history import contents
from pricesmith.flows.publishing.sending import send
from pricesmith.flows.publishing.sending.forbidden import KEY, forbidden
from tests.publishing.desk import Place, place, policy

CALM = {"canary": [], "dwell_minutes": 0.001, "index_hour": 0.9, "index_day": 0.9, "shadow_days": 0.0}
FLOOR = {"kind": "margin_floor", "min_margin": 0.05}


def under(*rules: dict[str, object]) -> Policy:
    return policy(guards=CALM, rule=[FLOOR, *rules])


def step(most: float) -> dict[str, object]:
    return {"kind": "max_change", "step": most}


@pytest.fixture
def shop() -> Place:
    """A run made where prices may move by 8 %, accepted as a whole."""
    found = place(under(step(0.08)))
    for name in ("anna", "ben"):
        answering.answer(found.book, found.run, "accept", by=name, at=found.clock(), policy=found.desk.policy)
    return found


def changes(shop: Place) -> pl.DataFrame:
    return shop.book.read("decided", {"run": [shop.run]}).filter(pl.col("action") == "change").with_columns(pl.col("price").cast(pl.Int64))


def tightened(shop: Place, settings: Policy) -> None:
    """The same desk under other settings, which the same people attested."""
    shop.desk.memory.runs.clear()
    object.__setattr__(shop.desk, "policy", settings)


def test_what_a_tighter_rule_forbids_is_held_and_the_rest_leaves(shop: Place) -> None:
    table = changes(shop)
    one, rest = table["sku"][0], table["sku"][1:].to_list()
    tightened(shop, under(step(0.08), {**step(0.04), "where": {"sku": one}}))
    send.publish(shop.desk, shop.run)
    last = shop.book.read("intents").join(shop.book.read("receipts").select("intent", "fate", "code"), on="intent")
    fates = {(row["sku"], row["fate"], row["code"]) for row in last.iter_rows(named=True)}
    assert fates == {(one, "held", "G17:other_rules"), *((sku, "applied", "") for sku in rest)}
    (key,) = (Key(*row) for row in table.select(KEY).head(1).iter_rows())
    assert shop.shop.prices([key])[key].price == table["current_price"][0]


def test_looser_rules_and_wishes_forbid_nothing_and_a_frozen_product_has_no_other_price(shop: Place) -> None:
    table = changes(shop)
    assert forbidden(shop.book, shop.run, table, shop.desk.policy).sum() == 0, "the rules that it was made under"
    for rules in ([step(0.5)], [], [{**step(0.001), "hard": False}]):
        assert forbidden(shop.book, shop.run, table, under(*rules)).sum() == 0
    one = table["sku"][0]
    frozen = under(step(0.08), {"kind": "exclude", "where": {"sku": one}})
    assert table.filter(forbidden(shop.book, shop.run, table, frozen) == 1)["sku"].to_list() == [one]


def test_each_price_of_a_product_is_asked_and_one_that_the_run_does_not_know_is_unknown(shop: Place) -> None:
    key, now = changes(shop).select(KEY).head(1), changes(shop)["current_price"][0]
    asked = key.join(pl.DataFrame({"price": [now, round(now * 1.01), round(now * 1.07)]}), how="cross")
    assert forbidden(shop.book, shop.run, asked, under(step(0.04))).to_list() == [0, 0, 1]
    assert forbidden(shop.book, shop.run, asked.with_columns(sku=pl.lit("nobody")), under(step(0.04))).to_list() == [None] * 3


def test_settings_that_this_version_cannot_read_are_others(shop: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(*_given: object) -> Policy:
        raise PolicyError("a kind of rule that is gone")

    monkeypatch.setattr("pricesmith.flows.publishing.sending.forbidden.settings_of", unreadable)
    table = changes(shop)
    assert (
        forbidden(shop.book, shop.run, table, under(step(0.08))).sum() == 0 < forbidden(shop.book, shop.run, table, under(step(0.01))).sum()
    )


def test_columns_that_an_older_version_did_not_record_are_empty(shop: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = contents.to_tables
    monkeypatch.setattr(contents, "to_tables", lambda *given: {name: one.drop("role") for name, one in whole(*given).items()})
    one = under({**step(0.001), "where": {"role": "traffic"}})
    assert forbidden(shop.book, shop.run, changes(shop), one).sum() == 0
