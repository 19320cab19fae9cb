"""The exam: folders, marks, repeatability."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pricesmith.flows import batch
from pricesmith.flows.exam import Listed, answer, examine, make_shop, means, policy_text, price_folder, run_exam, write_folder
from pricesmith.simulation.optimum import optimum
from pricesmith.simulation.score import promised


@pytest.mark.parametrize("kind", ["plain", "stockouts", "jpy", "cny"])
def test_a_written_folder_is_a_clean_shop(kind: str, tmp_path: Path) -> None:
    shop = make_shop(kind, 1, products=20, days=90)
    loaded = batch.load(write_folder(shop, tmp_path / "shop"))
    prepared = loaded.prepared
    assert not prepared.blocked
    assert prepared.quarantine.is_empty()
    assert {name: count.rows for name, count in prepared.counts.items() if count.rows} == {
        name: frame.height for name, frame in shop.tables.items() if frame.height
    }
    assert loaded.policy.currency == shop.world.currency
    assert [rule.kind for rule in loaded.policy.rules].count("price_endings") == (kind != "jpy")


@pytest.mark.parametrize("kind", ["plain", "jpy", "hidden"])
def test_the_snapshot_knows_what_the_truth_knows(kind: str, tmp_path: Path) -> None:
    """Current price, landed cost and rates of the snapshot are those of the truth."""
    shop = make_shop(kind, 2, products=30, days=120)
    items = batch.take(batch.load(write_folder(shop, tmp_path)), shop.as_of).items.sort("sku")
    truth = shop.truth
    assert items["sku"].to_list() == list(truth.sku)
    assert items["current_price"].to_list() == truth.current.tolist()
    assert items["landed_cost"].to_numpy() == pytest.approx(truth.landed_minor, rel=1e-9)
    kept = (1 - items["fee_rate"].to_numpy() - items["payment_rate"].to_numpy()) / (1 + items["tax_rate"].to_numpy())
    assert kept == pytest.approx(truth.kept_rate, rel=1e-12)
    assert items["return_rate"].to_numpy() == pytest.approx(truth.returned, rel=1e-12)


def keep_all(folder: Path, as_of: dt.date) -> Listed:
    """A pricer that says nothing."""
    figures = ("elasticity", "elasticity_lo", "elasticity_hi", "expected_units")
    nothing = {"sku": pl.String, "price": pl.Int64, **dict.fromkeys(figures, pl.Float64)}
    assert (folder / "shop.toml").exists()
    return Listed(pl.DataFrame(schema=nothing))


def test_a_silent_pricer_captures_nothing() -> None:
    marks = examine(make_shop("plain", 0, products=30, days=90), keep_all)
    assert marks["captured"] == 0.0
    assert marks["coverage90"] is None and marks["units"] is None and marks["promised"] is None and marks["promise_held"] is None
    assert marks["rule_violations"] == 0
    assert isinstance(marks["possible"], float) and marks["possible"] > 0


def test_broken_rules_and_wrong_signs_are_seen() -> None:
    shop = make_shop("plain", 0, products=30, days=90)

    def careless(folder: Path, as_of: dt.date) -> Listed:
        prices = shop.truth.current.copy()
        prices[:4] *= 2
        one = pl.lit(1.0)
        frame = pl.DataFrame({"sku": list(shop.truth.sku), "price": prices})
        half = pl.Series(shop.truth.units(prices) / 2)
        return Listed(frame.with_columns(elasticity=one, elasticity_lo=-one, elasticity_hi=2 * one, expected_units=half), (9.0, -1.0, 99.0))

    marks = examine(shop, careless)
    assert marks["rule_violations"] == 4
    assert marks["wrong_sign"] == 30
    assert marks["units"] == pytest.approx(0.5)
    doubled = shop.truth.current * np.where(np.arange(30) < 4, 2, 1)
    true = float(shop.truth.profit(doubled).sum() - shop.truth.profit(shop.truth.current).sum())
    assert marks["promise_held"] == float(-1.0 <= true <= 99.0)


@pytest.mark.parametrize(("low", "high", "held"), [(-1e9, 1e9, 1.0), (0.0, 0.5, 0.0)])
def test_a_promise_is_marked_by_what_the_prices_truly_bring(low: float, high: float, held: float) -> None:
    shop = make_shop("plain", 0, products=30, days=90)
    best = optimum(shop.truth, np.random.default_rng(0))
    gain = float(shop.truth.profit(best).sum() - shop.truth.profit(shop.truth.current).sum())
    assert gain > 0.5
    assert promised(shop.truth, best, (1.2 * gain, low, high)) == pytest.approx({"promised": 1.2, "promise_held": held})
    assert promised(shop.truth, shop.truth.current, (5.0, -1.0, 6.0)) == {"promised": None, "promise_held": 1.0}


def test_answers_are_put_in_the_order_of_the_truth() -> None:
    shop = make_shop("plain", 0, products=5, days=60)
    number = pl.Series([-1.0, -2.0])
    rows = pl.DataFrame({"sku": [shop.truth.sku[3], shop.truth.sku[1]], "price": [7, 9]})
    given = answer(shop, rows.with_columns(elasticity=number, elasticity_lo=number - 1, elasticity_hi=number + 1))
    assert given.prices.tolist() == [shop.truth.current[0], 9, shop.truth.current[2], 7, shop.truth.current[4]]
    assert given.elasticity[[3, 1]].tolist() == [-1.0, -2.0]


def test_entries_have_the_public_fields_and_repeat() -> None:
    told: list[str] = []
    first = run_exam(("plain", "young"), (0, 1), products=20, days=70, progress=told.append, pricer=keep_all)
    again = run_exam(("plain", "young"), (0, 1), products=20, days=70, pricer=keep_all)
    assert told == ["plain 0", "plain 1", "young 0", "young 1"]
    for entry, other in zip(first, again, strict=True):
        assert {"kind", "captured", "coverage90", "rule_violations", "wrong_sign", "seconds"} <= set(entry)
        assert {**entry, "seconds": 0} == {**other, "seconds": 0}
    rows = means(first)
    assert [row["kind"] for row in rows] == ["plain", "young"]
    assert rows[0]["ceiling"] == pytest.approx((first[0]["ceiling"] + first[1]["ceiling"]) / 2)  # type: ignore[operator]


def test_policy_names_every_rule_of_the_law() -> None:
    text = policy_text(make_shop("cny", 0, products=5, days=60))
    for word in ('currency = "CNY"', "margin_floor", "max_change", "price_endings", "price_bounds"):
        assert word in text


@pytest.mark.real  # long
def test_shops_can_be_priced_end_to_end() -> None:
    """Small shops through the whole system: lawful prices, no wrong sign."""
    for entry in run_exam(("plain", "stockouts", "jpy"), (3,), products=24, days=120, pricer=price_folder):
        assert entry["rule_violations"] == 0, entry
        assert entry["wrong_sign"] == 0, entry
