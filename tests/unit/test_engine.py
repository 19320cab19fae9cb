"""The engine on made shops: one decision an item, reasons, holds, the last word of the rules."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pricesmith import engine
from pricesmith.contracts.curves import Flags, Ints
from pricesmith.contracts.errors import Contradiction, UnknownChoice
from pricesmith.contracts.policy import Policy, policy_from
from pricesmith.contracts.protocols import DemandModel
from pricesmith.contracts.rule import Context, Rule, Ties
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.contracts.tables import DECISIONS
from pricesmith.engine import decide, learn, replay
from pricesmith.optimization import closed_blocks
from pricesmith.revision import revise
from pricesmith.rules import RULES
from pricesmith.testing.fakes import made_snapshot

FLOOR = {"kind": "margin_floor", "min_margin": 0.05}
STEP = {"kind": "max_change", "step": 0.15}


def policy(*rules: dict[str, object], **more: object) -> Policy:
    return policy_from({"currency": "EUR", "model": {"draws": 16}, "rule": list(rules)} | more, RULES)


@pytest.fixture(scope="module")
def shop() -> Snapshot:
    return made_snapshot(2, products=10, days=150)


@pytest.fixture(scope="module")
def model(shop: Snapshot) -> DemandModel:
    return learn(shop, policy())


def listed(snapshot: Snapshot, model: DemandModel, /, *rules: dict[str, object], **more: object) -> pl.DataFrame:
    return decide(snapshot, model, policy(*rules, **more)).decisions


def with_items(snapshot: Snapshot, **columns: pl.Expr) -> Snapshot:
    return replace(snapshot, items=snapshot.items.with_columns(**columns))


def test_the_price_list_is_as_its_table_says(shop: Snapshot, model: DemandModel) -> None:
    decisions = listed(shop, model, FLOOR, STEP)
    assert decisions.schema.names() == DECISIONS.schema.names()
    assert decisions.select(DECISIONS.required).null_count().sum_horizontal().item() == 0
    assert decisions.select(DECISIONS.key).rows() == sorted(shop.items.select(DECISIONS.key).rows())
    assert set(decisions["action"]) <= {"change", "keep", "hold"}
    kept = decisions.filter(pl.col("action") != "change")
    assert kept["price"].equals(kept["current_price"], check_names=False)
    assert (decisions["elasticity_lo"] < decisions["elasticity"]).all()
    assert (decisions["elasticity"] < decisions["elasticity_hi"]).all()


def test_a_change_pays_and_says_so(shop: Snapshot, model: DemandModel) -> None:
    decided = decide(shop, model, policy(FLOOR, STEP))
    changed = decided.decisions.filter(action="change")
    assert changed.height
    assert set(changed["reason"]) == {"profit_up"}
    assert decided.decisions["profit_change"].sum() > 0
    assert ((changed["price"] / changed["current_price"] - 1).abs() <= 0.15 + 1e-9).all()


@pytest.mark.parametrize("more", [(), ({"kind": "same_price", "by": "family"},), ({"kind": "change_budget", "max_changes": 4},)])
def test_blocks_change_nothing(shop: Snapshot, model: DemandModel, monkeypatch: pytest.MonkeyPatch, more: tuple[dict[str, object]]) -> None:
    rules = policy(FLOOR, STEP, *more)
    whole = decide(shop, model, rules)
    seen: list[int] = []

    def small(length: Ints, family: Ints, tied: Ties | None) -> list[Ints]:
        found = closed_blocks(length, family, tied, most=1)
        seen.append(len(found))
        return found

    monkeypatch.setattr(engine, "closed_blocks", small)
    parted = decide(shop, model, rules)
    assert_frame_equal(parted.decisions, whole.decisions, rel_tol=1e-12)
    assert parted.choice.value == pytest.approx(whole.choice.value)
    assert parted.choice.bound == pytest.approx(whole.choice.bound, rel=1e-4)
    np.testing.assert_allclose(parted.expected.total, whole.expected.total)
    assert np.array_equal(parted.column, whole.column)
    assert not seen if more and more[0]["kind"] == "change_budget" else seen[0] > 2


def test_replay_from_tables_gives_the_same_list(shop: Snapshot, model: DemandModel) -> None:
    again = replay(shop, model.to_tables(), policy(FLOOR, STEP)).decisions
    assert again.equals(listed(shop, model, FLOOR, STEP))


def test_inactive_items_are_not_listed(shop: Snapshot, model: DemandModel) -> None:
    quiet = with_items(shop, active=(pl.col("item") != 3).cast(pl.Int8))
    decided = decide(quiet, model, policy(FLOOR, STEP))
    assert set(shop.items["sku"]) - set(decided.decisions["sku"]) == {"A003"}
    assert decided.column[3] == decided.shop.shelf.current[3]
    assert decide(shop, model, policy(FLOOR, STEP)).column[3] != decided.column[3]


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("landed_cost", None, "missing_cost"),
        ("current_price", None, "missing_price"),
        ("currency", "USD", "currency_mismatch"),
    ],
)
def test_what_is_missing_means_hold(shop: Snapshot, model: DemandModel, column: str, value: object, reason: str) -> None:
    spoiled = {column: pl.when(pl.col("item") == 2).then(pl.lit(value)).otherwise(pl.col(column))}
    if column == "landed_cost":
        spoiled["unit_cost"] = pl.when(pl.col("item") == 2).then(None).otherwise(pl.col("unit_cost"))
    row = listed(with_items(shop, **spoiled), model, FLOOR, STEP).row(by_predicate=pl.col("sku") == "A002", named=True)
    assert (row["action"], row["reason"]) == ("hold", reason)
    assert row["price"] == row["current_price"]


def test_rules_that_cannot_be_met_hold_and_are_named(shop: Snapshot, model: DemandModel) -> None:
    narrow = [{"kind": "competitor_band", "low": 5.0, "high": 6.0}, STEP]
    held = listed(shop, model, *narrow).filter(reason="no_feasible_price")
    assert held.height
    assert set(held["binding_rules"]) == {"competitor_band;max_change"}


def test_endings_that_lie_farther_apart_than_a_step_are_named_with_it(shop: Snapshot, model: DemandModel) -> None:
    """Between the largest change and the endings no new price is left; neither rule is to blame alone."""
    near = {"kind": "max_change", "step": 0.001}
    held = listed(shop, model, near, {"kind": "price_endings", "endings": [0.99]}).filter(reason="no_feasible_price")
    assert held.height
    assert set(held["binding_rules"]) == {"max_change;price_endings"}


def test_a_price_that_stays_says_whether_a_rule_stopped_a_better_one(shop: Snapshot, model: DemandModel) -> None:
    """Where the endings leave nothing better within a step, the step is named: beyond it a better price stands on the ladder."""
    rules = {"kind": "max_change", "step": 0.04}, {"kind": "price_endings", "endings": [0.99]}
    kept = pl.concat([listed(shop, model, *rules), listed(shop, model, FLOOR, STEP, {"kind": "change_budget", "max_changes": 3})])
    kept = kept.filter(action="keep")
    assert set(kept["reason"]) >= {"best_allowed"}
    assert (kept["reason"] == "best_allowed").equals(kept["binding_rules"] != "", check_names=False)
    assert set(kept["binding_rules"]) >= {"max_change", "max_change;change_budget"}


def test_a_price_that_a_tie_leaves_outside_its_limits_says_so(shop: Snapshot, model: DemandModel) -> None:
    """The floor lies 2 % above one price of a group whose others are twice as high: it could move alone, together they cannot."""
    first = shop.items["sku"][0]
    alone = pl.col("sku") == first
    now = pl.when(alone).then(1000).otherwise(2000).cast(pl.Int64)
    near = with_items(
        shop, family=pl.lit("one"), current_price=now, landed_cost=pl.lit(500.0), min_price=pl.when(alone).then(1020.0), max_price=None
    )
    bounds, tie = {"kind": "price_bounds"}, {"kind": "same_price", "by": "family"}
    moved = listed(near, model, bounds, STEP).filter(sku=first)
    assert set(moved["action"]) == {"change"} and (moved["price"] >= 1020).all()
    kept = listed(near, model, bounds, STEP, tie)
    assert set(kept.filter(sku=first)["reason"]) == {"stays_below"} and set(kept.filter(sku=first)["action"]) == {"keep"}
    assert not set(kept.filter(pl.col("sku") != first)["reason"]) & {"stays_below", "stays_above"}
    above = with_items(near, min_price=None, max_price=pl.when(alone).then(980.0))
    assert set(listed(above, model, bounds, STEP, tie).filter(sku=first)["reason"]) == {"stays_above"}
    soft = {**bounds, "hard": False}
    assert not set(listed(near, model, soft, STEP, tie)["reason"]) & {"stays_below", "stays_above"}, "a soft limit may give way"


def test_weak_evidence_may_not_move_a_price_far(shop: Snapshot, model: DemandModel) -> None:
    grades = ("experiment", "instrument", "adjusted", "pooled", "prior")
    bold = listed(shop, model, FLOOR)
    shy = listed(shop, model, FLOOR, model={"draws": 16, "max_move": dict.fromkeys(grades, 0.03)})
    assert ((bold["price"] / bold["current_price"] - 1).abs() > 0.03).any()
    assert ((shy["price"] / shy["current_price"] - 1).abs() <= 0.03 + 1e-9).all()
    moved = shy.filter(action="change").with_columns(named=pl.col("binding_rules").str.split(";").list.contains("weak_evidence"))
    full = (pl.col("price") / pl.col("current_price") - 1).abs() > 0.029
    assert moved["named"].any() and moved.filter(full & ~pl.col("named")).is_empty()


def test_the_limits_of_a_price_are_those_of_the_rules_and_of_weak_evidence(shop: Snapshot, model: DemandModel) -> None:
    grades = ("experiment", "instrument", "adjusted", "pooled", "prior")
    decided = decide(shop, model, policy(FLOOR, STEP, model={"draws": 16, "max_move": dict.fromkeys(grades, 0.03)}))
    told, now = decided.opened(np.array([2])).limits()[0], float(shop.items["current_price"][2])
    assert list(told) == ["margin_floor", "max_change", "weak_evidence"]
    assert told["weak_evidence"] == (np.ceil(now * 0.97 - 1e-9), np.floor(now * 1.03 + 1e-9))
    assert list(decide(shop, model, policy(FLOOR, STEP)).opened(np.array([2])).limits()[0]) == ["margin_floor", "max_change"]


def test_a_price_below_its_floor_that_caution_keeps_there_is_held(shop: Snapshot, model: DemandModel) -> None:
    grades = ("experiment", "instrument", "adjusted", "pooled", "prior")
    cheap = with_items(shop, min_price=(pl.col("current_price") * 1.1).cast(pl.Int64))
    held = listed(cheap, model, {"kind": "price_bounds"}, model={"draws": 16, "max_move": dict.fromkeys(grades, 0.03)})
    assert set(held["action"]) == {"hold"} and set(held["reason"]) == {"no_feasible_price"}
    assert set(held["binding_rules"]) == {"weak_evidence;price_bounds"}


def test_prices_end_as_the_rule_says(shop: Snapshot, model: DemandModel) -> None:
    changed = listed(shop, model, FLOOR, {"kind": "price_endings", "endings": [0.99]}).filter(action="change")
    assert changed.height
    assert (changed["price"] % 100 == 99).all()


@pytest.mark.parametrize(("objective", "reason"), [("units", "units_up"), ({"profit": 0.5, "revenue": 0.5}, "objective_up")])
def test_the_reason_names_the_objective(shop: Snapshot, model: DemandModel, objective: object, reason: str) -> None:
    assert set(listed(shop, model, FLOOR, STEP, objective=objective).filter(action="change")["reason"]) == {reason}


def test_a_current_price_outside_its_limits_moves_because_of_them(shop: Snapshot, model: DemandModel) -> None:
    dear = with_items(shop, max_price=(pl.col("current_price") * 0.9).cast(pl.Int64), min_price=pl.lit(1, pl.Int64))
    decisions = listed(dear, model, {"kind": "price_bounds"})
    assert set(decisions["reason"]) == {"ceiling"}
    cheap = with_items(shop, min_price=(pl.col("current_price") * 1.1).cast(pl.Int64))
    assert set(listed(cheap, model, {"kind": "price_bounds"})["reason"]) == {"floor"}


class OnlyAfterwards(Rule, frozen=True, kw_only=True, tag="only_afterwards"):
    """Judges finished prices alone: nothing may become dearer."""

    def broken(self, items: pl.DataFrame, prices: Ints, context: Context) -> Flags:
        dearer: Flags = prices > items["current_price"].to_numpy()
        return dearer


def test_the_rules_have_the_last_word(shop: Snapshot, model: DemandModel) -> None:
    free = policy(FLOOR, STEP)
    strict = replace_rules(free, OnlyAfterwards())
    before, after = decide(shop, model, free).decisions, decide(shop, model, strict).decisions
    assert (before["price"] > before["current_price"]).any()
    assert (after["price"] <= after["current_price"]).all()
    assert np.array_equal(after.filter(before["price"] < before["current_price"])["action"].unique(), ["change"])


def replace_rules(policy: Policy, *rules: Rule) -> Policy:
    fields = {name: getattr(policy, name) for name in policy.__struct_fields__}
    return Policy(**{**fields, "rules": (*policy.rules, *rules)})


def test_an_unknown_model_lists_the_valid_ones(shop: Snapshot) -> None:
    with pytest.raises(UnknownChoice, match="response"):
        learn(shop, policy(model={"name": "oracle"}))


def test_a_shop_without_items(model: DemandModel) -> None:
    empty = made_snapshot(0, products=0, days=0)
    assert decide(empty, model, policy(FLOOR)).decisions.height == 0


def test_a_person_sets_a_price_under_the_same_rules(shop: Snapshot, model: DemandModel) -> None:
    decided = decide(shop, model, policy(FLOOR, STEP))
    block = decided.opened(np.arange(1))
    open_ = block.ladder.prices[0][block.allowed.valid[0]]
    price = int(open_[open_ != decided.decisions["price"][0]][0])
    revised = revise(decided, {0: price})
    row = revised.decisions.row(0, named=True)
    assert (row["price"], row["reason"]) == (price, "override")
    assert revised.decisions.filter(pl.col("reason") == "override").height == 1
    again = revise(revised, {1: int(revised.decisions["current_price"][1])})
    assert again.decisions["reason"].to_list()[:2] == ["override", "override"]


def test_a_person_may_set_a_price_between_the_steps_and_nothing_else_moves(shop: Snapshot, model: DemandModel) -> None:
    decided = decide(shop, model, policy(FLOOR, STEP))
    block = decided.opened(np.arange(1))
    steps = block.ladder.prices[0][block.allowed.valid[0]].tolist()
    price = next(one for one in range(steps[0] + 1, steps[-1]) if one not in steps)
    revised = revise(decided, {0: price})
    assert revised.decisions["price"][0] == price
    beside = [max(one for one in steps if one < price), min(one for one in steps if one > price)]
    sold = [revise(decided, {0: one}).decisions["expected_units"][0] for one in beside]
    assert sold[0] > revised.decisions["expected_units"][0] > sold[1]
    assert revised.decisions[1:]["price"].to_list() == decided.decisions[1:]["price"].to_list()
    assert revise(revised, {0: beside[0]}).decisions.equals(revise(decided, {0: beside[0]}).decisions)


def test_a_price_that_breaks_a_rule_is_refused_by_its_name(shop: Snapshot, model: DemandModel) -> None:
    decided = decide(shop, model, policy(FLOOR, STEP))
    block = decided.opened(np.arange(1))
    beyond = block.ladder.prices[0][block.ladder.valid[0] & ~block.allowed.valid[0]]
    with pytest.raises(Contradiction, match="max_change"):
        revise(decided, {0: int(beyond[-1])})


def test_a_price_that_no_ladder_has_names_those_near_it(shop: Snapshot, model: DemandModel) -> None:
    decided = decide(shop, model, policy(FLOOR, STEP))
    with pytest.raises(Contradiction, match="cannot be published") as refused:
        revise(decided, {0: 10**9})
    assert str(decided.opened(np.arange(1)).ladder.prices[0][decided.opened(np.arange(1)).allowed.valid[0]][-1]) in refused.value.hint


def test_a_held_product_gets_no_price_of_a_person_either(shop: Snapshot, model: DemandModel) -> None:
    unknown = with_items(shop, landed_cost=pl.when(pl.col("item") == 0).then(None).otherwise("landed_cost"))
    decided = decide(unknown, model, policy(FLOOR, STEP))
    with pytest.raises(Contradiction, match="missing_cost"):
        revise(decided, {0: int(decided.decisions["current_price"][0])})
