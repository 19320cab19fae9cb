"""Rules against their definitions recomputed in exact arithmetic."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.money import EXPONENTS
from pricesmith.contracts.rule import Context, changed
from pricesmith.rules.apply import admit, check, limit
from pricesmith.testing.items import hard_items, hard_ladder
from tests.laws.rule_cases import DAY, LOCAL, context, loose_rule, loose_rules, read
from tests.oracle.rule_oracle import exact, legal


@pytest.mark.parametrize("kind", LOCAL)
@pytest.mark.parametrize("currency", ["EUR", "KWD"])
def test_verdict_is_the_definition(kind: str, currency: str) -> None:
    rng = np.random.default_rng([LOCAL.index(kind), EXPONENTS[currency]])
    for _ in range(4):
        rule = loose_rule(rng, kind)
        rules = read([rule], currency)
        items = hard_items(rng, 150, currency)
        prices = hard_ladder(rng, items, 8).prices
        rows = items.to_dicts()
        for column in range(8):
            verdict = check(rules, items, prices[:, column], context(currency))[0]
            moved = changed(items, prices[:, column])
            for number, row in enumerate(rows):
                fair = legal(rule, row, int(prices[number, column]), EXPONENTS[currency], DAY)
                assert verdict[number] == (moved[number] and not fair), (rule, row, prices[number, column])


def test_the_next_minor_unit_decides() -> None:
    """A limit is exact: it is legal, and one minor unit beyond it is not."""
    rng = np.random.default_rng(7)
    seen = 0
    for kind in ("margin_floor", "max_change", "competitor_band", "price_bounds"):
        for _ in range(5):
            rule = {name: value for name, value in loose_rule(rng, kind).items() if name != "where"}
            items = hard_items(rng, 200)
            bounds = limit(read([rule]), items, context())
            for number, row in enumerate(items.to_dicts()):
                low, high = bounds.low[0, number], bounds.high[0, number]
                if bounds.hold[number] or low > high:
                    continue
                for limit_at, beyond in ((low, low - 1), (high, high + 1)):
                    if np.isfinite(limit_at):
                        assert legal(rule, row, int(limit_at), 2, DAY) and not legal(rule, row, int(beyond), 2, DAY), (rule, row)
                        seen += 1
    assert seen > 3000


def test_admit_is_all_rules_together() -> None:
    rng = np.random.default_rng(11)
    for _ in range(12):
        plain = loose_rules(rng, soft=0.0)
        rules, items = read(plain), hard_items(rng, 80)
        ladder = hard_ladder(rng, items, 10)
        bounds = limit(rules, items, context())
        allowed = admit(rules, items, ladder, bounds, context())
        for number, row in enumerate(items.to_dicts()):
            fair = [all(legal(rule, row, int(price), 2, DAY) for rule in plain) for price in ladder.prices[number]]
            if not bounds.hold[number]:
                assert list(allowed.valid[number]) == list(np.array(fair) & ladder.valid[number])


def _groups(items: pl.DataFrame, columns: list[str]) -> list[list[dict[str, Any]]]:
    rows = [row for row in items.with_row_index("row").to_dicts() if row["active"] == 1 and row["current_price"] is not None]
    rows = [row for row in rows if all(row[column] not in (None, "") for column in columns)]
    key = lambda row: tuple(row[column] for column in columns)  # noqa: E731
    return [list(group) for _, group in itertools.groupby(sorted(rows, key=key), key)]


def _flagged(items: pl.DataFrame, prices: np.ndarray, pairs: list[tuple[int, int]]) -> np.ndarray:
    wrong = np.zeros(items.height, dtype=bool)
    for one, other in pairs:
        wrong[[one, other]] = True
    return wrong & changed(items, prices)


def _some_prices(rng: np.random.Generator, items: pl.DataFrame) -> np.ndarray:
    """Prices of which many are equal or unchanged."""
    current = items["current_price"].fill_null(0).to_numpy()
    return np.where(rng.random(items.height) < 0.4, current, rng.choice([990, 1000, 1090, 1980, 2000, 6000], items.height)).astype(np.int64)


@pytest.mark.parametrize("seed", range(5))
def test_zone_parity(seed: int) -> None:
    rng = np.random.default_rng(seed)
    items = hard_items(rng, 150)
    prices = _some_prices(rng, items)
    for across, columns in (("both", ["sku"]), ("region", ["sku", "channel"]), ("channel", ["sku", "region"])):
        pairs = [
            (a["row"], b["row"])
            for group in _groups(items, columns)
            for a, b in itertools.combinations(group, 2)
            if max(prices[a["row"]], prices[b["row"]]) > Fraction(11, 10) * int(min(prices[a["row"]], prices[b["row"]]))
        ]
        verdict = check(read([{"kind": "zone_parity", "tolerance": 0.1, "across": across}]), items, prices, context())[0]
        assert (verdict == _flagged(items, prices, pairs)).all()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("everywhere", [True, False])
def test_same_price(seed: int, everywhere: bool) -> None:
    rng = np.random.default_rng(seed)
    items = hard_items(rng, 150)
    prices = _some_prices(rng, items)
    columns = ["family"] if everywhere else ["family", "channel", "region"]
    wrong = np.zeros(items.height, dtype=bool)
    for group in _groups(items, columns):
        numbers = [row["row"] for row in group]
        wrong[numbers] = len({int(price) for price in prices[numbers]}) > 1
    verdict = check(read([{"kind": "same_price", "by": "family", "everywhere": everywhere}]), items, prices, context())[0]
    assert (verdict == (wrong & changed(items, prices))).all()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("per_unit", [True, False])
def test_brand_gap(seed: int, per_unit: bool) -> None:
    rng = np.random.default_rng(seed)
    items = hard_items(rng, 150)
    prices = _some_prices(rng, items)
    rule = {"kind": "relation", "gap": "brand", "of": {"brand": "own*"}, "to": {"brand": "national"}, "min_ratio": 0.5, "max_ratio": 0.9}
    pairs = []
    for group in _groups(items, ["family", "channel", "region"]):
        for own, other in itertools.product(group, group):
            if not str(own["brand"]).startswith("own") or other["brand"] != "national":
                continue
            if per_unit and not (own["pack_size"] and other["pack_size"]):
                continue
            size = exact(other["pack_size"]) / exact(own["pack_size"]) if per_unit else Fraction(1)
            ratio = Fraction(int(prices[own["row"]]), int(prices[other["row"]])) * size
            if not Fraction(1, 2) <= ratio <= Fraction(9, 10):
                pairs.append((own["row"], other["row"]))
    assert pairs
    verdict = check(read([{**rule, "per_unit": per_unit}]), items, prices, context())[0]
    assert (verdict == _flagged(items, prices, pairs)).all()


def _steps(group: list[dict[str, Any]], value: dict[str, float]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Every item with every item of the next step that occurs in the group; `value` maps rows to steps."""
    steps = sorted(set(value.values()))
    following = dict(itertools.pairwise(steps))
    members = [row for row in group if row["row"] in value]
    return [(a, b) for a in members for b in members if following.get(value[a["row"]]) == value[b["row"]]]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("gap", ["size", "line"])
def test_steps(seed: int, gap: str) -> None:
    rng = np.random.default_rng(seed)
    items = hard_items(rng, 200)
    prices = _some_prices(rng, items)
    line = ["good", "better", "best"]
    rule = {"kind": "relation", "gap": "size"} if gap == "size" else {"kind": "relation", "gap": "line", "order": line, "min_ratio": 1.1}
    pairs = []
    for group in _groups(items, ["family", "channel", "region"]):
        value = (
            {row["row"]: row["pack_size"] for row in group if row["pack_size"]}
            if gap == "size"
            else {row["row"]: line.index(row["role"]) for row in group if row["role"] in line}
        )
        for lower, upper in _steps(group, value):
            ratio = Fraction(int(prices[upper["row"]]), int(prices[lower["row"]]))
            unit = ratio * exact(lower["pack_size"]) / exact(upper["pack_size"]) if gap == "size" else ratio
            if (gap == "size" and unit > 1) or (gap == "line" and unit < Fraction(11, 10)):
                pairs.append((lower["row"], upper["row"]))
    assert pairs
    verdict = check(read([rule]), items, prices, context())[0]
    assert (verdict == _flagged(items, prices, pairs)).all()


@pytest.mark.parametrize("seed", range(8))
def test_sums(seed: int) -> None:
    """change_budget, index_limit and category_floor, added up row by row."""
    rng = np.random.default_rng(seed)
    items = hard_items(rng, 60)
    current = items["current_price"].fill_null(0).to_numpy()
    prices = np.where(rng.random(60) < 0.8, current, np.round(current * rng.uniform(0.9, 1.1, 60))).astype(np.int64)
    now, then = rng.integers(0, 9, 60).astype(float), rng.integers(0, 9, 60).astype(float)
    judged = Context(DAY, "EUR", "gross", now, then)
    moved = changed(items, prices)
    rows = [row for row in items.with_row_index("row").to_dicts() if row["active"] == 1 and row["current_price"] is not None]
    members = np.zeros(60, dtype=bool)
    members[[row["row"] for row in rows]] = True

    count = int((moved & members).sum())
    for most in (count - 1, count):
        verdict = check(read([{"kind": "change_budget", "max_changes": most}]), items, prices, judged)[0]
        assert (verdict == (moved & members & (count > most))).all()

    for weights in ("equal", "revenue"):
        part = {row["row"]: Fraction(1) if weights == "equal" else exact(now[row["row"]]) * row["current_price"] for row in rows}
        move = sum(part[r["row"]] * (Fraction(int(prices[r["row"]]), r["current_price"]) - 1) for r in rows) / sum(part.values())
        for most in (float(abs(move)) * 0.999, float(abs(move)) * 1.001):
            verdict = check(read([{"kind": "index_limit", "max_move": most, "weights": weights}]), items, prices, judged)[0]
            assert (verdict == (moved & members & (abs(move) > exact(most)))).all()

    for quantity in ("revenue", "margin"):
        wrong = np.zeros(60, dtype=bool)
        for category in {row["category"].split("/")[0] for row in rows} - {""}:
            part = [r for r in rows if r["category"].split("/")[0] == category and (quantity == "revenue" or r["landed_cost"] is not None)]
            today = sum(exact(now[r["row"]]) * _unit(r, r["current_price"], quantity) for r in part)
            after = sum(exact(then[r["row"]]) * _unit(r, int(prices[r["row"]]), quantity) for r in part)
            wrong[[r["row"] for r in part]] = after < today - Fraction(1, 10) * abs(today)
        verdict = check(read([{"kind": "category_floor", "quantity": quantity, "share": 0.9}]), items, prices, judged)[0]
        assert (verdict == (moved & wrong)).all()


def _unit(row: dict[str, Any], price: int, quantity: str) -> Fraction:
    net = Fraction(price) / (1 + exact(row["tax_rate"]))
    kept = net * (1 - exact(row["fee_rate"]) - exact(row["payment_rate"]))
    return (1 - exact(row["return_rate"])) * (net if quantity == "revenue" else kept - exact(row["landed_cost"]))


@pytest.mark.parametrize("scale", [1, 100, 1000])
def test_limits_hold_outside_whatever_the_decimals(scale: int) -> None:
    """Costs, rates and margins with all the digits a float has: the limit passes in major units, one minor unit beyond it does not."""
    rng = np.random.default_rng(scale)
    currency = {1: "JPY", 100: "EUR", 1000: "KWD"}[scale]
    count, seen = 4000, 0
    for _ in range(10):
        current = np.exp(rng.uniform(0, np.log(1e6 * scale), count)).astype(np.int64) + 1
        landed, tax, fee, pay = current * rng.uniform(0, 1.5, count), *(rng.uniform(0, top, count) for top in (0.3, 0.4, 0.1))
        margin, step = float(rng.uniform(0, 1)), float(rng.uniform(0, 0.9))
        items = hard_items(rng, count, currency).with_columns(
            current_price=current, landed_cost=landed, tax_rate=tax, fee_rate=fee, payment_rate=pay
        )
        bounds = limit(
            read([{"kind": "margin_floor", "min_margin": margin}, {"kind": "max_change", "step": step}], currency), items, context(currency)
        )
        need, now = landed / scale * (1 + margin), current / scale
        kept = [(bounds.low[0] - less) / scale / (1 + tax) * (1 - fee - pay) for less in (0, 1)]
        assert (kept[0] >= need - 1e-9).all() and (kept[1] < need + 1e-9).all()
        for edge, beyond in ((bounds.low[1], bounds.low[1] - 1), (bounds.high[1], bounds.high[1] + 1)):
            assert (np.abs(edge / scale / now - 1) <= step + 1e-9).all() and (np.abs(beyond / scale / now - 1) > step - 1e-9).all()
        seen += count
    assert seen == 40_000
