"""A flyer and a tag on the shelf: kinds of promotion that lift demand differently are told apart, and prices do not pay for it."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.policy import ModelPolicy
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.demand.promotion_kinds import LEAST_ROWS, MOST, Kinds, kinds_in
from pricesmith.demand.response import ResponseModel
from pricesmith.demand.state import from_tables, to_tables
from pricesmith.testing.fakes import made_snapshot

PRODUCTS, WEEKS, MEMBERS = 72, 104, 4
FLYER, TAG = np.log(3.0), np.log(1.1)
"""What the kinds sell beside their price."""


def promoted(seed: int = 0) -> tuple[Snapshot, np.ndarray]:
    """A shop in which flyers take 30 % off all products of a family at once, and tags 10 % off single ones; and the true elasticities.

    Families do not act on one another.
    """
    rng = np.random.default_rng(seed)
    shape, family = (PRODUCTS, WEEKS), np.arange(PRODUCTS) // MEMBERS
    elasticity = rng.normal(-2.0, 0.3, PRODUCTS)
    list_price = np.repeat(rng.normal(0.0, 0.08, (PRODUCTS, WEEKS // 13)), 13, axis=1)
    flyer = (rng.random((PRODUCTS // MEMBERS, WEEKS)) < 0.08)[family]
    tag = ~flyer & (rng.random(shape) < 0.1)
    price = list_price + np.log(0.7) * flyer + np.log(0.9) * tag
    level = rng.uniform(2.5, 4.0, (PRODUCTS, 1)) + rng.normal(0.0, 0.15, shape)
    units = rng.poisson(np.exp(level + elasticity[:, None] * price + FLYER * flyer + TAG * tag))
    base = made_snapshot(1, products=PRODUCTS, days=WEEKS, period="week")
    days = [base.as_of - dt.timedelta(weeks=WEEKS - number) for number in range(WEEKS)]
    cells = pl.DataFrame(
        {
            "item": np.repeat(np.arange(PRODUCTS, dtype=np.int32), WEEKS),
            "date": days * PRODUCTS,
            "price": 10.0 * np.exp(price).ravel(),
            "list_price": 10.0 * np.exp(list_price).ravel(),
            "promo": (flyer | tag).ravel().astype(np.int8),
            "promo_kind": np.where(flyer, "flyer", np.where(tag, "tag", "")).ravel(),
            "units": units.ravel().astype(float),
        }
    ).with_columns(pl.col("promo_kind").replace("", None), days=1.0, available=1.0)
    cells = cells.with_columns(**{name: pl.lit(None, pl.Float64) for name in ("competitor_price", "cost", "views")})
    items = base.items.with_columns(
        family=pl.Series([f"f{number}" for number in family]),
        category=pl.Series([f"c{number // 6}" for number in family]),
        current_price=pl.lit(1000, pl.Int64),
        competitor_price=pl.lit(None, pl.Int64),
    )
    none = {name: getattr(base, name).clear() for name in ("calendar", "promotions", "reviews")}
    return dataclasses.replace(base, items=items, cells=cells.select(base.cells.columns), **none), elasticity


def without_kinds(snapshot: Snapshot) -> Snapshot:
    return dataclasses.replace(snapshot, cells=snapshot.cells.with_columns(promo_kind=pl.lit(None, pl.String)))


def learned(snapshot: Snapshot) -> ResponseModel:
    return ResponseModel.fit(snapshot, ModelPolicy(draws=16, boosting="never"))


def held(model: ResponseModel, snapshot: Snapshot, elasticity: np.ndarray) -> float:
    told = model.elasticities(snapshot).sort("item")
    return float(((told["elasticity_lo"].to_numpy() <= elasticity) & (elasticity <= told["elasticity_hi"].to_numpy())).mean())


def test_what_kinds_sell_is_told_apart_and_elasticities_stay_true() -> None:
    snapshot, elasticity = promoted()
    apart, together = learned(snapshot), learned(without_kinds(snapshot))
    facts = {one["kind"]: one for one in apart.report(snapshot)["promotions"]}
    assert set(facts) == {"flyer", "tag"} and together.report(snapshot)["promotions"][0]["kind"] == ""
    assert np.log1p(facts["flyer"]["lift"]) == pytest.approx(FLYER, abs=0.1) and np.log1p(facts["tag"]["lift"]) == pytest.approx(
        TAG, abs=0.05
    )
    usual, other = sorted(facts.values(), key=lambda one: one["rows"], reverse=True)
    assert usual["against_usual"] == 0.0 and other["lo"] < other["against_usual"] < other["hi"]
    error = [abs(float(model.state.items["price"].mean()) - elasticity.mean()) for model in (apart, together)]
    assert error[0] < 0.1 < 0.4 < error[1]
    assert held(apart, snapshot, elasticity) > 0.85 > 0.3 > held(together, snapshot, elasticity)
    cross = [abs(float(model.state.items["cross"].mean())) for model in (apart, together)]
    assert cross[0] < 0.1 < cross[1]


def test_a_forecast_knows_the_kind_and_takes_an_unknown_one_for_the_usual() -> None:
    snapshot, _ = promoted()
    model = learned(snapshot)
    again = ResponseModel(from_tables(to_tables(model.state)))
    assert again.state.kinds == model.state.kinds == Kinds(("tag", "flyer"))
    row = {"item": 0, "date": snapshot.as_of, "price": 9.0}
    asked = [(0, None), (1, "flyer"), (1, "tag"), (1, None), (1, "radio"), (0, "flyer")]
    scenario = pl.DataFrame([row | {"promo": promo, "promo_kind": kind} for promo, kind in asked], schema_overrides={"promo": pl.Int8})
    none, flyer, *tags, off = again.expect(snapshot, scenario)
    assert flyer / none == pytest.approx(3.0, rel=0.15) and off == none
    assert tags == pytest.approx([none * 1.1] * 3, rel=0.1) and len(set(tags)) == 1
    assert again.expect(snapshot, scenario.drop("promo_kind"))[1] == tags[0], "a scenario need not name kinds"


def test_kinds_with_few_rows_count_as_the_usual_one() -> None:
    names = ["shelf"] * 200 + ["flyer"] * LEAST_ROWS + ["radio"] * (LEAST_ROWS - 1) + [None] * LEAST_ROWS
    cells = pl.DataFrame({"promo": [1] * len(names), "promo_kind": names})
    kinds = kinds_in(cells)
    assert kinds.names == ("shelf", "", "flyer") and kinds.columns == ("promotion:", "promotion:flyer")
    codes = kinds.codes(cells)
    assert dict(zip(names, codes.tolist(), strict=True)) == {"shelf": 0, "flyer": 2, "radio": 0, None: 1}
    assert kinds.design(np.array([0, 1, 2])).tolist() == [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
    assert not kinds.codes(cells.with_columns(promo=pl.lit(0, pl.Int8))).any(), "off promotion there is no kind"
    many = pl.concat([pl.DataFrame({"promo": [1] * 40, "promo_kind": [f"k{number:02d}"] * 40}) for number in range(MOST + 5)])
    assert len(kinds_in(many).names) == MOST
    assert kinds_in(cells.filter(pl.col("promo_kind") == "radio")) == Kinds(("radio",)), "the usual kind needs no more than a row"
    assert kinds_in(cells.clear()) == Kinds(()) and Kinds(()).design(np.zeros(3, np.int64)).shape == (3, 0)


def test_a_kind_that_ran_only_while_nothing_could_be_bought_is_none() -> None:
    snapshot, _ = promoted()
    gone = pl.when(pl.col("promo_kind") == "flyer").then(0.0).otherwise("available").alias("available")
    told = learned(dataclasses.replace(snapshot, cells=snapshot.cells.with_columns(gone))).report(snapshot)["promotions"]
    assert [one["kind"] for one in told] == ["tag"]
