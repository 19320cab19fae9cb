"""What similar products say of an elasticity is told at the product's own price, on its own curve, and averaged as its own is."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.policy import ModelPolicy
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.demand.alike import elsewhere, others
from pricesmith.demand.response import ResponseModel
from pricesmith.demand.state import recall
from pricesmith.testing.check_demand import check_curves
from pricesmith.testing.fakes import made_snapshot


@functools.cache
def shop() -> Snapshot:
    return made_snapshot(3, products=16, days=220)


def with_form(model: ResponseModel, saturation: float, middle: int | None = None, above: float = 1.2) -> ResponseModel:
    """On another form of curve, its reference prices at another level; the effect of item `middle` is the median of the others."""
    items = model.state.items.with_columns(pl.col("reference") * above)
    if middle is not None:
        rest = items["price"].gather([row for row in range(items.height) if row != middle]).median()
        items = items.with_columns(price=pl.when(pl.int_range(pl.len()) == middle).then(rest).otherwise("price"))
    return ResponseModel(dataclasses.replace(model.state, items=items, facts={**model.state.facts, "saturation": saturation}))


@functools.cache
def fitted() -> ResponseModel:
    return ResponseModel.fit(shop(), ModelPolicy(draws=32))


@pytest.mark.parametrize("saturation", [-1.0, 0.0, 0.2, 0.4])
def test_a_product_that_is_as_the_middle_one_says_what_that_says(saturation: float) -> None:
    """Whatever the form: the two figures that stand beside one another differ only as far as the product differs from the others."""
    one = dataclasses.replace(shop(), items=shop().items.with_columns(category=pl.lit("all")))
    for item in (0, 5):
        model = with_form(fitted(), saturation, item)
        own = model.elasticities(one)["elasticity"][item]
        told = model.demand(one, 28).alike(item)
        assert told is not None and told.category and told.products == one.items.height - 1
        assert told.elasticity == pytest.approx(own, abs=1e-9)


@pytest.mark.parametrize("saturation", [-1.0, 0.0, 0.4])
def test_a_product_more_elastic_than_the_others_stands_below_them(saturation: float) -> None:
    model = with_form(fitted(), saturation, above=0.8)
    effects = recall(model.state, shop().items, np.ones(shop().items.height))["price"]
    demand, own = model.demand(shop(), 28), model.elasticities(shop())["elasticity"]
    for item in (int(effects.argmin()), int(effects.argmax())):
        told = demand.alike(item)
        assert told is not None and np.sign(told.elasticity - own[item]) == np.sign(np.median(np.delete(effects, item)) - effects[item])


def test_products_are_counted_once_however_many_stores_have_them() -> None:
    items = shop().items.with_columns(category=pl.lit("all"))
    pairs = items.with_columns(sku=pl.format("P{}", pl.int_range(pl.len()) // 2), region=pl.format("R{}", pl.int_range(pl.len()) % 2))
    demand = fitted().demand(dataclasses.replace(shop(), items=items), 28)
    told = dataclasses.replace(demand, snapshot=dataclasses.replace(shop(), items=pairs)).alike(0)
    assert told is not None and (told.products, told.places) == (items.height // 2 - 1, items.height - 2)
    told = demand.alike(0)
    assert told is not None and told.products == told.places == items.height - 1


@pytest.mark.parametrize("saturation", [-1.0, 0.2])
def test_the_same_product_elsewhere_is_told_apart_from_similar_ones(saturation: float) -> None:
    items = shop().items.with_columns(category=pl.lit("all"), sku=pl.format("P{}", pl.int_range(pl.len()) // 4))
    items = items.with_columns(region=pl.format("R{}", pl.int_range(pl.len()) % 4))
    model = with_form(fitted(), saturation)
    demand = model.demand(shop(), 28)
    stores = dataclasses.replace(demand, snapshot=dataclasses.replace(shop(), items=items))
    effects = demand.known["price"]
    same, others_ = stores.elsewhere(1), stores.alike(1)
    assert same is not None and others_ is not None and (same.places, others_.products) == (3, items.height // 4 - 1)
    middle, apart = np.median(effects[[0, 2, 3]]), np.median(effects[4:])
    assert np.sign(same.elasticity - others_.elasticity) == np.sign(middle - apart) != 0
    assert demand.elsewhere(1) is None


def test_a_category_of_few_asks_the_whole_shop_and_a_lone_product_nobody() -> None:
    category = pl.Series(["a", "a", "a", "a", "b", "b", None, ""])
    sold, sku = np.array([9.0, 9, 9, 9, 9, 9, 9, 0]), pl.Series([*"ABCDEFGH"])
    assert [*others(sku, category, sold, 0)[0]] == [1, 2, 3] and others(sku, category, sold, 0)[1]
    assert [*others(sku, category, sold, 4)[0]] == [0, 1, 2, 3, 5, 6] and not others(sku, category, sold, 4)[1]
    assert not others(sku, category, sold, 6)[1] and not others(sku, category, sold, 7)[1]
    assert [*elsewhere(pl.Series([*"AABBAA"]), np.array([9.0, 9, 9, 9, 0, 9]), 1)] == [0, 5]
    alone = made_snapshot(3, products=1, days=120)
    assert ResponseModel.fit(alone, ModelPolicy(draws=16)).demand(alone, 28).alike(0) is None


@pytest.mark.parametrize("saturation", [-1.0, 0.0, 0.4])
def test_the_less_a_product_says_itself_the_more_its_elasticity_leans_on_the_others(saturation: float) -> None:
    model = with_form(fitted(), saturation)
    told = model.elasticities(shop())
    assert (told["sensitivity"] > 0).all() and told["sensitivity"].is_finite().all()
    sure = dataclasses.replace(model.state, items=model.state.items.with_columns(own_share=pl.lit(1.0)))
    assert ResponseModel(sure).elasticities(shop())["sensitivity"].to_list() == [0.0] * shop().items.height
    alone = dataclasses.replace(model.state, items=model.state.items.with_columns(own_share=pl.lit(0.0)))
    assert (ResponseModel(alone).elasticities(shop())["sensitivity"] >= told["sensitivity"]).all()
    assert model.demand(shop(), 28).sensitivity.tolist() == told["sensitivity"].to_list()


def test_with_constant_elasticity_and_prices_that_surely_count_it_is_the_part_that_others_decide() -> None:
    items = fitted().state.items.with_columns(
        price=pl.lit(-4.0), price_variance=pl.lit(1e-4), price_prior_variance=pl.lit(0.25), own_share=pl.lit(0.6)
    )
    model = with_form(ResponseModel(dataclasses.replace(fitted().state, items=items)), -1.0)
    assert model.elasticities(shop())["sensitivity"].to_numpy() == pytest.approx(0.4 * 0.5, rel=1e-3)


@pytest.mark.parametrize("factor", [0.4, 0.56, 1.0, 1.6])
@pytest.mark.parametrize("saturation", [-1.0, 0.0, 0.2, 0.4])
def test_an_interval_holds_its_elasticity_however_far_the_price_has_moved(saturation: float, factor: float) -> None:
    """Near the ceiling of a logit the steeper product is locally the less elastic one: what is sorted at the usual price is not here."""
    moved = pl.col("current_price") * factor
    snapshot = dataclasses.replace(shop(), items=shop().items.with_columns(moved.round().cast(pl.Int64)))
    model = with_form(fitted(), saturation)
    told = model.elasticities(snapshot)
    assert (told["elasticity_lo"] <= told["elasticity"]).all() and (told["elasticity"] <= told["elasticity_hi"]).all()
    drawn = check_curves(model, snapshot).draws
    low, high = np.quantile(drawn, (0.05, 0.95), axis=1)
    assert (low <= drawn.mean(axis=1)).all() and (drawn.mean(axis=1) <= high).all()


def test_stores_that_know_nothing_of_their_own_do_not_vouch_for_one_another() -> None:
    sku, share = pl.Series(["A", "A", "A", "B"]), np.array([0.0, 0.0, 0.3, 0.9])
    assert [*elsewhere(sku, share, 0)] == [2] and [*elsewhere(sku, share, 2)] == []
