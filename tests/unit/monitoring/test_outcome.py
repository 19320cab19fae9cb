"""Promised against realised: sums, intervals that hold what they say, drift that is no gain."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom

from pricesmith.contracts.curves import Floats
from pricesmith.monitoring.drift import BETWEEN, UNKNOWN
from pricesmith.monitoring.outcome import Outcome, Promise, interval, outcome

COUNT, DAYS = 80, 28.0
CATEGORY = pl.Series([f"c{number % 4}" for number in range(COUNT)])
KEYS = pl.DataFrame({"sku": [f"p{number}" for number in range(COUNT)]})


def promise(seed: int = 0, share: float = 0.6, days: float = DAYS) -> Promise:
    """Products of which a share moved their price by up to 10 %; sold is still to be said."""
    rng = np.random.default_rng(seed)
    changed = rng.random(COUNT) < share
    move = np.where(changed, rng.uniform(-0.1, 0.1, COUNT), 0.0)
    base = rng.uniform(0.5, 10.0, COUNT)
    before = rng.uniform(500.0, 3000.0, COUNT)
    return Promise(
        base=base,
        expected=base * np.exp(-2.5 * move),
        own=np.full(COUNT, 0.02),
        response=np.where(changed, 0.3 * move, 0.0),
        linked=np.zeros(COUNT),
        net=before * np.exp(move),
        margin=before * (np.exp(move) - 0.6),
        margin_before=before * 0.4,
        sold=np.zeros(COUNT),
        days=np.full(COUNT, days),
        noise=0.2,
        changed=changed,
        touched=changed,
    )


def judged(told: Promise) -> Outcome:
    return outcome(KEYS, told, CATEGORY)


def lived(told: Promise, rng: np.random.Generator) -> tuple[Promise, Floats]:
    """The promise with sales drawn as the reckoning takes them to be, and the true effect a day."""
    codes = np.arange(COUNT) % 4
    luck = np.exp(rng.normal(0.0, UNKNOWN) + rng.normal(0.0, BETWEEN, 4)[codes] + rng.normal(0.0, np.sqrt(told.own)))
    answer = np.exp(rng.normal(0.0, np.sqrt(0.5)) * told.response + rng.normal(0.0, np.sqrt(0.5), COUNT) * told.response)
    answer *= np.exp(rng.normal(0.0, np.sqrt(0.5)) * told.linked + rng.normal(0.0, np.sqrt(0.5), COUNT) * told.linked)
    mean = told.expected * answer * luck * told.days
    spread = told.noise / told.days
    sold = rng.poisson(mean * rng.gamma(1.0 / spread, spread)).astype(float)
    effect = np.where(told.changed, told.margin * mean / told.days - told.margin_before * told.base * luck, 0.0)
    return dataclasses.replace(told, sold=sold), effect


@pytest.mark.parametrize("linked", [0.0, 0.3])
@pytest.mark.parametrize("share", [0.5, 0.95])
def test_intervals_hold_the_truth_in_nine_of_ten_lives(share: float, linked: float) -> None:
    rng, hits = np.random.default_rng(3), []
    for seed in range(300):
        plan = promise(seed, share)
        told, effect = lived(dataclasses.replace(plan, linked=linked * np.where(plan.changed, 1.0, 0.1)), rng)
        found = judged(told)
        rows = found.products
        on = told.changed
        own = (rows["effect_lo"].to_numpy() <= effect) & (effect <= rows["effect_hi"].to_numpy())
        whole = found.effect.low <= effect.sum() <= found.effect.high
        sums = [total.low <= found.realised[name] <= total.high for name, total in found.promised.items()]
        hits.append([found.coverage, own[on].mean(), whole, *sums])
    coverage = np.mean(hits, axis=0)
    assert ((coverage > 0.85) & (coverage < 0.95)).all(), coverage


def test_sums_are_those_of_the_rows() -> None:
    told, _ = lived(promise(), np.random.default_rng(0))
    found = judged(told)
    on = found.products.filter("changed")
    for name in ("units", "revenue", "profit"):
        assert found.realised[name] == pytest.approx(on[name].sum())
        assert found.promised[name].value == pytest.approx(on[f"{name}_promised"].sum())
    assert found.effect.value == pytest.approx(found.products["effect"].sum())
    assert found.effect_promised == pytest.approx(found.products["effect_promised"].sum())
    assert found.coverage == pytest.approx(on["inside"].mean())
    assert found.products.filter(~pl.col("changed")).select(pl.col("effect", "effect_lo", "effect_hi").abs().max()).row(0) == (
        0.0,
        0.0,
        0.0,
    )


def test_what_all_products_do_is_drift_and_no_gain() -> None:
    told = promise()
    as_said, more = (judged(dataclasses.replace(told, sold=told.expected * DAYS * factor)) for factor in (1.0, 1.5))
    assert as_said.bias == pytest.approx(0.0, abs=0.01)
    assert np.exp(more.drift.mean) == pytest.approx(1.5, rel=0.1)
    assert more.bias == pytest.approx(0.0, abs=0.05)
    assert more.effect.low < 1.5 * as_said.effect_promised < more.effect.high


def test_units_that_a_sibling_lost_count() -> None:
    """A product that kept its price and lost half of its sales to its sibling takes that loss off the gain."""
    told = promise(share=0.5)
    still = int(np.flatnonzero(~told.changed)[0])
    touched = told.touched.copy()
    touched[still] = True
    expected = told.expected.copy()
    expected[still] *= 0.5
    told = dataclasses.replace(told, touched=touched, expected=expected, sold=expected * DAYS)
    row = judged(told).products.row(still, named=True)
    assert row["effect"] == pytest.approx(-0.5 * told.margin_before[still] * told.base[still], rel=0.01)
    assert row["effect_lo"] < row["effect"] < row["effect_hi"]


def test_a_product_without_a_day_is_left_out() -> None:
    told, _ = lived(promise(), np.random.default_rng(0))
    first = int(np.flatnonzero(told.changed)[0])
    days, sold = told.days.copy(), told.sold.copy()
    days[first] = sold[first] = 0.0
    whole, less = judged(told), judged(dataclasses.replace(told, days=days, sold=sold))
    gone = whole.products.row(first, named=True)
    assert less.realised["units"] == pytest.approx(whole.realised["units"] - gone["units"])
    assert less.products["effect"][first] == 0.0


def test_nothing_changed_means_nothing_to_say() -> None:
    told = promise(share=0.0)
    found = judged(dataclasses.replace(told, sold=told.expected * DAYS))
    assert np.isnan(found.coverage) and np.isnan(found.bias)
    assert (found.effect.value, found.effect.low, found.effect.high) == (0.0, 0.0, 0.0)


@given(st.integers(0, 30), st.floats(0.1, 10.0), st.floats(0.1, 1.0))
def test_the_unit_of_money_does_not_matter(seed: int, unit: float, share: float) -> None:
    told, _ = lived(promise(seed, share), np.random.default_rng(seed))
    dear = dataclasses.replace(told, net=unit * told.net, margin=unit * told.margin, margin_before=unit * told.margin_before)
    one, other = judged(told), judged(dear)
    assert [other.effect.low, other.effect.high] == pytest.approx([unit * one.effect.low, unit * one.effect.high])
    assert other.promised["profit"].high == pytest.approx(unit * one.promised["profit"].high)
    assert other.coverage == pytest.approx(one.coverage, nan_ok=True)


@given(st.floats(0.0, 300.0), st.floats(0.0, 1.0))
def test_intervals_of_counts_hold_their_mean_and_about_nine_of_ten(mean: float, spread: float) -> None:
    low, high = (float(side[0]) for side in interval(np.array([mean]), np.array([spread])))
    assert 0.0 <= low <= high
    if mean > 3.0:
        wide = max(spread, 1e-9)
        size = 1.0 / wide
        chance = size / (size + mean)
        held = nbinom.cdf(np.floor(high), size, chance) - nbinom.cdf(np.ceil(low) - 1.0, size, chance)
        assert 0.78 < held < 0.985
        assert low <= mean <= high


def test_longer_looks_are_surer() -> None:
    widths = []
    for days in (7.0, 28.0):
        told = promise(days=days)
        found = judged(dataclasses.replace(told, sold=told.expected * days))
        widths.append(found.effect.high - found.effect.low)
    assert widths[1] < widths[0]
