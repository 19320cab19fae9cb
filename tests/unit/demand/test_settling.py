"""The turns of a fit end where they would end anyway: columns are derivatives, and more turns change nothing."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from examples.build import build
from pricesmith.demand import training
from pricesmith.demand.columns import fill_season, mean_of_rows, swing
from pricesmith.demand.common import common_shocks, week_cells
from pricesmith.demand.effects import BELIEFS
from pricesmith.demand.fit import learn_effects
from pricesmith.demand.fit_data import Data
from pricesmith.demand.groups import Groups, group
from pricesmith.demand.hierarchy import pool
from pricesmith.demand.parts import make_parts
from pricesmith.demand.priors import without_prior
from pricesmith.flows import batch
from tests.shared_data import dataset

WEEKS = 60
EFFECTS = ("level", "price", "promo", "cross", "trend", "season")


def chain(seed: int, products: int = 6, stores: int = 20) -> tuple[Data, Groups, int]:
    """A little more than a year of a chain whose stores ask the same prices; categories of three products share each week's luck."""
    rng = np.random.default_rng(seed)
    count = products * stores
    item, week = np.repeat(np.arange(count), WEEKS), np.tile(np.arange(WEEKS), count)
    promo = rng.random((products, WEEKS)) < 0.25
    regular = np.cumsum(rng.normal(0, 0.03, (products, WEEKS)) * (rng.random((products, WEEKS)) < 0.15), axis=1)
    price = regular - promo * rng.uniform(0.15, 0.4, (products, WEEKS))
    others = (price.sum(axis=0) - price) / (products - 1)
    luck = np.repeat(rng.normal(0, 0.3, (products // 3, WEEKS)), 3, axis=0)
    product = item // stores
    own = rng.normal(-2.6, 0.6, count)[item] * price[product, week]
    angle = 2 * np.pi * week / 52.18
    log_mean = rng.normal(3.5, 0.8, count)[item] + own + 0.5 * promo[product, week] + 0.8 * others[product, week] + luck[product, week]
    units = rng.poisson(np.exp(log_mean + 0.3 * np.sin(angle)) * rng.gamma(2.5, 0.4, item.size)).astype(float)
    columns = [np.ones(item.size), price[product, week], promo[product, week], others[product, week], (week - WEEKS) / 52.0, 0.0 * week]
    data = Data(
        item=item,
        day=week * 7,
        units=units,
        exposure=np.ones(item.size),
        columns=np.stack(columns, axis=1).astype(float),
        shared=np.stack([np.sin(angle), np.cos(angle)], axis=1),
        effects=EFFECTS,
        shared_names=("sin_1", "cos_1"),
        lengths=(28, 112),
        chained=False,
        sold_out=np.zeros(0, np.int64),
    )
    of_item = np.arange(count) // stores
    items = pl.DataFrame(
        {
            "sku": [f"p{number}" for number in of_item],
            "category": [f"c{number // 3}" for number in of_item],
            "family": ["drinks"] * count,
            "channel": ["shop"] * count,
            "region": [f"r{number}" for number in np.arange(count) % stores],
        }
    )
    return data, group(items), count


@pytest.mark.parametrize("seed", [0, 1])
def test_more_turns_change_nothing(seed: int) -> None:
    data, groups, count = chain(seed)
    short, long = (learn_effects(data, groups, count, rounds) for rounds in (16, 32))
    price = EFFECTS.index("price")
    spread = 1.0 / np.sqrt(long.information[:, price] + 1.0 / long.hyper.prior_variance[:, price])
    assert np.abs(long.item[:, price] - short.item[:, price]).max() < 0.1 * spread.min()


def alike(seed: int, categories: int = 12, products: int = 8) -> tuple[Data, Groups, int]:
    """Two years of slow products whose categories differ in nothing but chance; promotions cut prices, so their lift leans on the price."""
    rng, count, weeks = np.random.default_rng(seed), categories * products, 104
    promo = rng.random((count, weeks)) < 0.2
    price = np.cumsum(rng.normal(0, 0.05, (count, weeks)) * (rng.random((count, weeks)) < 0.1), axis=1) - 0.25 * promo
    log_mean = rng.normal(0.5, 0.5, (count, 1)) + rng.normal(-2.5, 0.3, (count, 1)) * price + 0.2 * promo
    units = rng.poisson(np.exp(log_mean) * rng.gamma(3.0, 1 / 3.0, log_mean.shape)).astype(float)
    item = np.repeat(np.arange(count), weeks)
    data = Data(
        item=item,
        day=np.tile(np.arange(weeks) * 7, count),
        units=units.ravel(),
        exposure=np.ones(item.size),
        columns=np.stack([np.ones(item.size), price.ravel(), promo.ravel()], axis=1).astype(float),
        shared=np.zeros((item.size, 0)),
        effects=("level", "price", "promo"),
        shared_names=(),
        lengths=(28, 112),
        chained=False,
        sold_out=np.zeros(0, np.int64),
    )
    names = {"sku": np.arange(count), "category": np.arange(count) // products}
    items = pl.DataFrame({name: [f"{name}{one:03d}" for one in of] for name, of in names.items()})
    return data, group(items.with_columns(family=pl.lit(None, pl.String), channel=pl.lit("shop"), region=pl.lit("r"))), count


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_categories_end_where_pooling_draws_them(seed: int) -> None:
    """The common shift of a category hastens the turns; it must not take back what the shop's other categories say of it."""
    data, groups, count = alike(seed)
    found = learn_effects(data, groups, count, 30)
    price, hyper = 1, found.hyper
    estimate = without_prior(found.item[:, price], found.information[:, price], hyper.prior_mean[:, price], hyper.prior_variance[:, price])
    belief = BELIEFS["price"]
    nested = (groups.product, groups.family, groups.category)
    drawn = pool(
        estimate, found.information[:, price], nested,
        top_mean=belief.mean, top_variance=belief.variance, guess=belief.spread, cap=belief.cap,
    )  # fmt: skip
    np.testing.assert_allclose(hyper.prior_mean[:, price], drawn.mean, atol=0.02)


def year(seed: int, products: int = 24, stores: int = 4) -> tuple[Data, Groups, int]:
    """Twelve months of a chain: families of six products, elasticity -1.5 and .6 across, levels that grow or fall by e a year."""
    rng, months, count = np.random.default_rng(seed), 12, products * stores
    product, store = np.arange(count) // stores, np.arange(count) % stores
    family = product // 6
    price = np.cumsum(rng.normal(0, 0.08, (count, months)) * (rng.random((count, months)) < 0.35), axis=1)
    price += rng.normal(0, 0.06, (products // 6, stores, months))[family, store]
    price -= price.mean(axis=1, keepdims=True)
    kin = (family[:, None] == family) & (store[:, None] == store)
    others = (kin @ price - price) / (kin.sum(axis=1, keepdims=True) - 1)
    time = (np.arange(months) - months) / 12
    log_mean = rng.normal(3, 1, (count, 1)) - 1.5 * price + 0.6 * others + rng.normal(0, 0.25, (products // 12, months))[product // 12]
    units = rng.poisson(np.exp(log_mean + rng.normal(0, 1, (count, 1)) * time) * rng.gamma(5, 0.2, (count, months))).astype(float)
    item, angle = np.repeat(np.arange(count), months), 2 * np.pi * np.tile(time, count)
    zero, promo = np.zeros(item.size), rng.random(item.size) < 0.1
    data = Data(
        item=item,
        day=np.tile(np.arange(months) * 30, count),
        units=units.ravel(),
        exposure=zero + 1,
        columns=np.stack([zero + 1, price.ravel(), promo, others.ravel(), np.tile(time, count), zero], axis=1),
        shared=np.stack([np.sin(angle), np.cos(angle), np.sin(2 * angle), np.cos(2 * angle)], axis=1),
        effects=EFFECTS,
        shared_names=("sin_1", "cos_1", "sin_2", "cos_2"),
        lengths=(31, 186),
        chained=False,
        sold_out=np.zeros(0, np.int64),
    )
    names = {"sku": product, "category": product // 12, "family": family, "region": store}
    items = pl.DataFrame({name: [f"{name}{one}" for one in of] for name, of in names.items()} | {"channel": ["shop"] * count})
    return data, group(items), count


@pytest.mark.parametrize("seed", [2, 5])
def test_a_start_that_foretells_badly_is_not_taken(seed: int) -> None:
    """So began a year of a grocer's months, from a fit that had seen nine of them: family effects of -1 where .8 is true."""
    data, groups, count = year(seed)
    anew, rng = learn_effects(data, groups, count, training.COLD_ROUNDS), np.random.default_rng(8)
    item = anew.item.copy()
    item[:, EFFECTS.index("level")] += rng.normal(0, 1, count)
    item[:, EFFECTS.index("trend")] += rng.normal(0, 2, count)
    bad, cross = dataclasses.replace(anew, item=item), EFFECTS.index("cross")
    from_there = learn_effects(data, groups, count, training.MAIN_ROUNDS, bad)
    assert from_there.farthest > training.STRAYED and abs(float(np.mean(from_there.item[:, cross] - anew.item[:, cross]))) > 0.2
    assert abs(float(np.mean(anew.item[:, cross])) - 0.6) < 0.25
    np.testing.assert_array_equal(training.fitted(data, groups, count, bad).item, anew.item)


def test_a_start_near_the_end_is_taken_and_left_alone() -> None:
    data, groups, count = chain(4, products=3, stores=6)
    start = learn_effects(data, groups, count, 12)
    before = start.hyper.prior_variance.copy()
    from_there = learn_effects(data, groups, count, training.MAIN_ROUNDS, start)
    np.testing.assert_array_equal(training.fitted(data, groups, count, start).item, from_there.item)
    np.testing.assert_array_equal(start.hyper.prior_variance, before)
    assert 0.0 < from_there.farthest < 0.5


def test_a_category_has_the_season_of_its_items_in_the_mean() -> None:
    data, groups, count = chain(2)
    found = learn_effects(data, groups, count, 8)
    season = EFFECTS.index("season")
    for category in range(2):
        mine = groups.category == category
        assert np.average(found.item[mine, season], weights=found.information[mine, season]) == pytest.approx(0.0, abs=1e-9)


def test_season_columns_are_derivatives() -> None:
    data, groups, count = chain(3, products=3, stores=4)
    rng = np.random.default_rng(1)
    parts = make_parts(data, groups.category)
    item = rng.normal(0, 0.3, (count, len(EFFECTS)))
    shared, common = rng.normal(0, 0.3, (1, 2)), rng.normal(0, 0.2, WEEKS)[data.day // 7]

    def log_mean(item: np.ndarray, shared: np.ndarray) -> tuple[np.ndarray, Data]:
        work = dataclasses.replace(data, columns=data.columns.copy(), shared=data.shared.copy())
        rest = fill_season(data, work, parts, item, shared, common)
        out = np.zeros(data.item.size)
        mean_of_rows(work, parts, item, shared, common + rest, out)
        return np.log(out), work

    here, work = log_mean(item, shared)
    waves = data.shared @ shared[0]
    plain = np.einsum("ij,ij->i", data.columns, item[data.item])
    np.testing.assert_allclose(here, plain + swing(data, item) * (waves + common), atol=1e-12)
    step = 1e-6
    for place in range(2):
        moved = shared.copy()
        moved[0, place] += step
        np.testing.assert_allclose((log_mean(item, moved)[0] - here) / step, work.shared[:, place], atol=1e-7)
    moved = item.copy()
    moved[:, EFFECTS.index("season")] += step
    np.testing.assert_allclose((log_mean(moved, shared)[0] - here) / step, work.columns[:, EFFECTS.index("season")], atol=1e-7)


def test_a_shock_is_found_through_products_that_follow_it_more_or_less() -> None:
    data, groups, count = chain(5)
    rng = np.random.default_rng(2)
    factor = rng.choice([0.3, 2.0], count)[data.item]
    truth = rng.normal(0, 0.25, (2, WEEKS))[groups.category[data.item], data.day // 7]
    mean = np.full(data.item.size, 400.0)
    units = rng.poisson(mean * np.exp(factor * truth)).astype(float)
    weeks, found = week_cells(data, groups.category), np.zeros(data.item.size)
    for _ in range(3):
        found, variance = common_shocks(weeks, units, mean * np.exp(factor * found), found, 0.0, factor)
    assert np.abs(found - truth).max() < 0.025
    assert variance == pytest.approx(truth.var(), rel=0.2)


@pytest.mark.real
def test_a_year_of_orange_juice_does_not_run_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Priors taken whole from one turn into the next swung here: single elasticities moved by four in a turn."""
    dataset("oj")
    build("oj").write(tmp_path)
    loaded = batch.load(tmp_path)
    snapshot = batch.take(loaded, dt.date(1991, 12, 5))
    found = []
    for rounds in (20, 40):
        monkeypatch.setattr(training, "MAIN_ROUNDS", rounds)
        learned = training.train(snapshot, loaded.policy.model)
        found.append(np.quantile(learned.effects.item[:, learned.names.index("price")], [0.01, 0.5, 0.99]))
    np.testing.assert_allclose(found[1], found[0], atol=0.4)
