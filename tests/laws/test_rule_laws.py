"""Laws of rules: accepted means lawful, tighter never allows more, clashes are minimal, order does not matter."""

from __future__ import annotations

import dataclasses
import itertools
import sys
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.contracts.curves import Flags, Ladder
from pricesmith.contracts.errors import PolicyError
from pricesmith.contracts.money import EXPONENTS, MAX_MINOR, format_minor, to_minor
from pricesmith.contracts.policy import Policy, policy_from
from pricesmith.contracts.rule import Rule, changed
from pricesmith.rules import RULES
from pricesmith.rules.apply import Allowed, Bounds, admit, check, limit, names_of, settle
from pricesmith.rules.holds import holds
from pricesmith.testing.items import hard_items, hard_ladder
from tests.examples import examples
from tests.laws.rule_cases import DAY, GROUPS, LOCAL, context, loose_rule, loose_rules, read, tighter

seeds = st.integers(0, 2**32 - 1)
few = examples(20)


def accepted_cases(seed: int, wanted: int) -> tuple[int, int]:
    """Draw policies and items until `wanted` (policy, item) cases are judged; returns cases and accepted new prices.

    Every accepted price is recomputed in major units from what the files say, as someone outside would.
    """
    rng = np.random.default_rng(seed)
    cases = accepted = 0
    for currency in itertools.cycle(("EUR", "JPY", "KWD")):
        if cases == wanted:
            return cases, accepted
        plain = loose_rules(rng, currency=currency)
        policy = policy_from({"currency": currency, "rule": plain}, RULES)
        items = hard_items(rng, min(1000, wanted - cases), currency)
        ladder = hard_ladder(rng, items)
        bounds = limit(policy.rules, items, context(currency))
        first = holds(items, policy, DAY)
        bounds = dataclasses.replace(bounds, hold=np.where(first != "", first, bounds.hold))
        allowed = admit(policy.rules, items, ladder, bounds, context(currency))
        accepted += judge(plain, policy, items, ladder, bounds, allowed)
        cases += items.height
    raise AssertionError


def judge(plain: list[dict[str, Any]], policy: Policy, items: pl.DataFrame, ladder: Ladder, bounds: Bounds, allowed: Allowed) -> int:
    """Number of accepted new prices, none of which may break a rule, stand without a cost, or be no amount of money."""
    rows, columns = np.nonzero(allowed.valid & (ladder.prices != items["current_price"].fill_null(0).to_numpy()[:, None]))
    chosen, about = ladder.prices[rows, columns], items[rows]
    assert chosen.dtype == np.int64 and ((chosen > 0) & (chosen < MAX_MINOR)).all()
    written = [format_minor(int(price), policy.currency) for price in chosen[:50]]
    assert [to_minor(float(text), policy.currency) for text in written] == chosen[:50].tolist()
    assert not (bounds.hold[rows] != "").any(), "a held item has no new price"
    assert about["landed_cost"].is_not_null().all() and about["current_price"].is_not_null().all()
    assert ((about["landed_cost"] > 0) | (about["min_price"].fill_null(0) > 0)).all(), "a floor"
    for number, rule in enumerate(plain):
        strict = np.ones(rows.size, dtype=bool) if policy.rules[number].hard else ~allowed.dropped[number, rows]
        broken = policy.rules[number].selects(items)[rows] & strict & ~outside(rule, about, chosen, policy.currency)
        assert not broken.any(), (rule, about[int(np.flatnonzero(broken)[0])].to_dicts(), chosen[broken][0])
    lost = np.flatnonzero(~allowed.valid.any(axis=1) & (bounds.hold == "") & ladder.valid.any(axis=1))
    assert all(allowed.clash[row] for row in lost), "an item without a price says why"
    return int(chosen.size)


def outside(rule: dict[str, Any], items: pl.DataFrame, price: np.ndarray, currency: str) -> Flags:
    """Whether prices keep to a rule, computed in major units from plain columns; what is not known does not."""
    scale = 10.0 ** EXPONENTS[currency]
    column = {
        name: items[name].cast(pl.Float64).fill_null(np.nan).to_numpy() / scale
        for name in (
            "current_price",
            "landed_cost",
            "competitor_price",
            "competitor_cheapest",
            "competitor_second",
            "competitor_average",
            "min_price",
            "max_price",
            "map_price",
            "rrp",
        )
    }
    tax, fee, pay = (items[name].to_numpy() for name in ("tax_rate", "fee_rate", "payment_rate"))
    p, kind = price / scale, rule["kind"]
    if kind == "margin_floor":
        kept = p / (1 + tax) * (1 - fee - pay)
        if "of_price" in rule:
            return kept - column["landed_cost"] >= rule["of_price"] * kept - 1e-9
        return kept >= column["landed_cost"] * (1 + rule["min_margin"]) - 1e-9
    if kind == "max_change":
        return np.abs(p / column["current_price"] - 1) <= rule["step"] + 1e-9
    if kind == "min_change":
        return np.abs(p / column["current_price"] - 1) >= rule["step"] - 1e-9
    if kind == "price_endings":
        size = [10.0 ** len(str(int(e))) if e >= 1 or currency == "JPY" else 1.0 for e in rule["endings"]]
        return np.any([np.abs(np.round(p % s, 3) - e) < 1e-9 for s, e in zip(size, rule["endings"], strict=True)], axis=0)
    if kind == "competitor_band":
        said = rule.get("reference", "median")
        ratio = p / column["competitor_price" if said == "median" else f"competitor_{said}"]
        return np.isnan(ratio) | ((ratio >= rule["low"] - 1e-9) & (ratio <= rule["high"] + 1e-9))
    if kind == "price_bounds":
        low, high = np.fmax(column["min_price"], column["map_price"]), np.fmin(column["max_price"], column["rrp"])
        return ~(p < low - 1e-9) & ~(p > high + 1e-9)
    return np.full(p.size, kind == "freeze" and rule["from"] != "2026-12-20")


def test_no_accepted_price_breaks_a_rule(capsys: pytest.CaptureFixture[str]) -> None:
    cases, prices = accepted_cases(1, 20_000)
    with capsys.disabled():
        sys.stdout.write(f"[{cases:,} cases, {prices:,} accepted prices, 0 broken rules] ")
    assert cases == 20_000 and prices > 15_000


@pytest.mark.real
def test_no_accepted_price_breaks_a_rule_in_a_million_cases(capsys: pytest.CaptureFixture[str]) -> None:
    cases, prices = accepted_cases(2, 1_000_000)
    with capsys.disabled():
        sys.stdout.write(f"[{cases:,} cases, {prices:,} accepted prices, 0 broken rules] ")
    assert cases == 1_000_000 and prices > 750_000


@few
@given(seeds)
def test_accepted_prices_pass_the_verdict(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rules, items = read(loose_rules(rng)), hard_items(rng, 60)
    ladder = hard_ladder(rng, items)
    allowed = admit(rules, items, ladder, limit(rules, items, context()), context())
    for column in range(int(rng.integers(3)), ladder.prices.shape[1], 3):
        broken = check(rules, items, ladder.prices[:, column], context()) & ~allowed.dropped
        assert not (broken & allowed.valid[:, column]).any()


@few
@given(seeds)
def test_what_is_not_valid_breaks_a_rule_or_was_never_there(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rules, items = read(loose_rules(rng)), hard_items(rng, 60)
    ladder = hard_ladder(rng, items)
    allowed = admit(rules, items, ladder, limit(rules, items, context()), context())
    for column in range(int(rng.integers(3)), ladder.prices.shape[1], 3):
        refused = ladder.valid[:, column] & ~allowed.valid[:, column] & changed(items, ladder.prices[:, column])
        assert (check(rules, items, ladder.prices[:, column], context()).any(axis=0) | ~refused).all()


@few
@given(seeds, st.sampled_from(LOCAL))
def test_a_tighter_rule_never_allows_more(seed: int, kind: str) -> None:
    """One that leaves no price room to change is refused before any price is judged."""
    rng = np.random.default_rng(seed)
    loose = [*loose_rules(rng, most=2, soft=0.0), loose_rule(rng, kind)]
    tight = [*loose[:-1], tighter(rng, loose[-1])]
    items = hard_items(rng, 100)
    ladder = hard_ladder(rng, items)
    many_rules = _new_prices(read(loose), items, ladder)
    try:
        few_rules = _new_prices(read(tight), items, ladder)
    except PolicyError as refused:
        assert "is above the largest change" in str(refused)
        return
    assert not (few_rules & ~many_rules).any()
    assert not (_new_prices(read(tight + loose[:1]), items, ladder) & ~few_rules).any(), "one rule more"


def _new_prices(rules: tuple[Rule, ...], items: pl.DataFrame, ladder: Ladder) -> Flags:
    allowed = admit(rules, items, ladder, limit(rules, items, context()), context())
    return allowed.valid & (ladder.prices != items["current_price"].fill_null(0).to_numpy()[:, None])


@few
@given(seeds)
def test_a_clash_is_minimal(seed: int) -> None:
    """The named rules leave no whole amount; without any one of them some is left. Where all leave one beside the ladder: of its prices."""
    rng = np.random.default_rng(seed)
    rules, items = read(loose_rules(rng, most=6, soft=0.2)), hard_items(rng, 25)
    ladder = hard_ladder(rng, items, 8)
    bounds = limit(rules, items, context())
    allowed = admit(rules, items, ladder, bounds, context())
    position = {name: number for number, name in enumerate(names_of(rules))}
    hard = [number for number, rule in enumerate(rules) if rule.hard]
    for row in range(items.height):
        places = [position[name] for name in allowed.clash[row]]
        assert all(rules[place].hard for place in places)
        if not places:
            assert allowed.valid[row].any() or bounds.hold[row] or not ladder.valid[row].any()
            continue
        assert not allowed.valid[row].any()
        prices = ladder.prices[row][ladder.valid[row]]
        ends = np.concatenate([bounds.low[hard, row], bounds.high[hard, row]])
        farthest = int(max(prices.max(), ends[np.isfinite(ends)].max(initial=0.0))) + 2000
        if farthest > 10**6:
            continue
        wide = np.arange(1, farthest)
        universe = prices if _passes(rules, hard, items, row, wide, bounds) else wide
        assert not _passes(rules, places, items, row, universe, bounds)
        for fewer in itertools.combinations(places, len(places) - 1):
            assert _passes(rules, list(fewer), items, row, universe, bounds)


def _passes(rules: tuple[Rule, ...], places: list[int], items: pl.DataFrame, row: int, prices: np.ndarray, bounds: Bounds) -> bool:
    """Whether one of the prices is let through by all the rules at these places."""
    one = items[int(row)]
    fine = np.ones(prices.size, dtype=bool)
    for place in places:
        fine &= (prices >= bounds.low[place, row]) & (prices <= bounds.high[place, row])
        fine &= rules[place].admits(one, prices[None, :], context())[0]
    return bool(fine.any())


@few
@given(seeds)
def test_soft_rules_give_way_the_lowest_first(seed: int) -> None:
    """No kept soft rule is in the way, no dropped one could have been kept beside the hard ones and the kept ones above it."""
    rng = np.random.default_rng(seed)
    rules, items = read(loose_rules(rng, most=5, soft=0.7)), hard_items(rng, 25)
    ladder = hard_ladder(rng, items, 8)
    bounds = limit(rules, items, context())
    allowed = admit(rules, items, ladder, bounds, context())
    hard = [number for number, rule in enumerate(rules) if rule.hard]
    soft = sorted((number for number, rule in enumerate(rules) if not rule.hard), key=lambda n: (-rules[n].priority, n))
    for row in np.flatnonzero(bounds.hold == ""):
        prices, kept = ladder.prices[row][ladder.valid[row]], list(hard)
        for number in soft:
            if _passes(rules, [*kept, number], items, row, prices, bounds):
                kept.append(number)
        assert set(np.flatnonzero(allowed.dropped[:, row])) == set(range(len(rules))) - set(kept)


@few
@given(seeds)
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rules, items = read(loose_rules(rng)), hard_items(rng, 60)
    ladder, order = hard_ladder(rng, items), rng.permutation(60)
    shuffled = Ladder(ladder.prices[order], ladder.valid[order], ladder.current[order])
    one = admit(rules, items, ladder, limit(rules, items, context()), context())
    other = admit(rules, items[order], shuffled, limit(rules, items[order], context()), context())
    assert (one.valid[order] == other.valid).all() and (one.dropped[:, order] == other.dropped).all()
    assert [one.clash[row] for row in order] == other.clash


@few
@given(seeds)
def test_one_item_alone_is_judged_as_in_a_block(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rules, items = read(loose_rules(rng)), hard_items(rng, 12)
    ladder = hard_ladder(rng, items)
    block = admit(rules, items, ladder, limit(rules, items, context()), context())
    for row in range(12):
        part = slice(row, row + 1)
        alone = Ladder(ladder.prices[part], ladder.valid[part], ladder.current[part])
        judged = admit(rules, items[part], alone, limit(rules, items[part], context()), context())
        assert (judged.valid[0] == block.valid[row]).all() and judged.clash[0] == block.clash[row]


@few
@given(seeds)
def test_settled_prices_break_nothing(seed: int) -> None:
    """Whatever is asked for, what is left after the last word breaks no hard rule, and nothing lawful is put back without need."""
    rng = np.random.default_rng(seed)
    drawn = [GROUPS[number] for number in rng.choice(len(GROUPS), 2, replace=False)]
    rules, items = read([*loose_rules(rng, most=2), *drawn]), hard_items(rng, 80)
    current = items["current_price"].fill_null(0).to_numpy()
    asked = hard_ladder(rng, items, 4).prices[:, 2]
    prices, undone = settle(rules, items, asked, context(), current)
    hard = [rule for rule in rules if rule.hard]
    assert not check(hard, items, prices, context()).any()
    assert (prices[undone] == current[undone]).all() and (prices[~undone] == asked[~undone]).all()
    if not check(hard, items, asked, context()).any():
        assert not undone.any()
