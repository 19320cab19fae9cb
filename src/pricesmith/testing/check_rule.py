"""What every kind of rule must keep to, ours and those of other packages.

    check_rule(MyRule, EXAMPLE)

raises AssertionError with the law that is broken.
"""

from __future__ import annotations

import datetime as dt
import re
import typing

import msgspec
import numpy as np
import polars as pl

from pricesmith.contracts.curves import Flags, Ints
from pricesmith.contracts.money import MAX_MINOR
from pricesmith.contracts.policy import parse_policy, policy_from
from pricesmith.contracts.rule import Context, Rule, changed, numbers, plain
from pricesmith.rules.apply import check, limit

from .items import hard_items, hard_ladder

CODE = re.compile(r"[a-z][a-z0-9_]*")
NEVER_PERMIT = ("landed_cost", "current_price", "tax_rate", "fee_rate", "payment_rate", "return_rate")
"""Columns in which an empty cell may take permission away, but never give it."""


def check_rule(kind: type[Rule], example: str, *, currency: str = "EUR", seeds: int = 3, count: int = 200) -> None:
    """Hold a kind of rule against every law.

    example  text of a shop.toml with one or more [[rule]] of this kind (the policy's other fields are added)
    """
    check_documented(kind)
    rules = check_example(kind, example, currency)
    for rule in rules:
        for seed in range(seeds):
            rng = np.random.default_rng(seed)
            items = hard_items(rng, count, currency)
            prices = hard_ladder(rng, items).prices
            context = Context(dt.date(2026, 12, 24), currency, "gross", rng.uniform(0, 5, count), rng.uniform(0, 5, count))
            check_agreement(rule, items, prices, context)
            check_nulls(rule, items, prices, context)
            check_order(rule, items, prices, context, rng.permutation(count))
            check_where(rule, items, prices, context)
            check_beside(rule, items, prices, context)
            check_together(rule, items, context)


def check_documented(kind: type[Rule]) -> None:
    """A rule reference can be written from the class alone."""
    first = (kind.__doc__ or "").strip().split("\n")[0]
    assert re.match(r"^[A-Z].{10,}[.:]", first), f"{kind.__name__}: the docstring starts with one sentence"
    assert CODE.fullmatch(str(kind.__struct_config__.tag)), f"{kind.__name__}: the kind (tag) is a lower-case name"
    for name, hint in typing.get_type_hints(kind, include_extras=True).items():
        texts = [note.description for note in getattr(hint, "__metadata__", ()) if isinstance(note, msgspec.Meta)]
        assert any(texts), f"{kind.__name__}.{name}: needs Meta(description=...)"


def check_example(kind: type[Rule], example: str, currency: str) -> tuple[Rule, ...]:
    """The example reads, and what is read can be written and read again."""
    kinds = {str(kind.__struct_config__.tag): kind}
    rules = parse_policy(f'currency = "{currency}"\n{example}', kinds).rules
    assert rules, f"{kind.__name__}: the example holds no rule"
    again = policy_from({"currency": currency, "rule": [plain(rule) for rule in rules]}, kinds).rules
    assert rules == again, f"{kind.__name__}: a rule must survive writing and reading"
    return rules


def permitted(rule: Rule, items: pl.DataFrame, prices: Ints, context: Context) -> Flags:
    """(n, K) True where limit and admits let a price through."""
    limits = rule.limit(items, context)
    inside = (prices >= limits.low[:, None]) & (prices <= limits.high[:, None]) & (limits.hold == "")[:, None]
    fine: Flags = inside & rule.admits(items, prices, context)
    return fine


def check_agreement(rule: Rule, items: pl.DataFrame, prices: Ints, context: Context) -> None:
    """Limits before and the verdict after say the same about every price, twice the same, and never judge a price that did not change."""
    limits = rule.limit(items, context)
    assert limits.low.shape == limits.high.shape == limits.hold.shape == (items.height,), f"{rule.kind}: limits have one value an item"
    assert all(code == "" or CODE.fullmatch(code) for code in limits.hold), f"{rule.kind}: hold is a reason code"
    fine = permitted(rule, items, prices, context)
    assert fine.shape == prices.shape and fine.dtype == bool, f"{rule.kind}: admits has one flag a price"
    assert (fine == permitted(rule, items, prices, context)).all(), f"{rule.kind}: twice the same question, twice the same answer"
    for column in range(prices.shape[1]):
        verdict = rule.broken(items, prices[:, column], context)
        moved = changed(items, prices[:, column])
        assert (verdict == (moved & ~fine[:, column])).all(), f"{rule.kind}: broken differs from limit and admits"
    bounds = limit([rule], items, context)
    assert not np.isnan(bounds.low).any() and not np.isnan(bounds.high).any(), f"{rule.kind}: a limit is never NaN"


def check_nulls(rule: Rule, items: pl.DataFrame, prices: Ints, context: Context) -> None:
    """An empty cell never lets a price through that was refused before."""
    before = permitted(rule, items, prices, context)
    for column in NEVER_PERMIT:
        for nothing in (pl.lit(None), pl.lit(float("nan"))) if items.schema[column].is_float() else (pl.lit(None),):
            emptied = items.with_columns(nothing.cast(items.schema[column]).alias(column))
            gained = permitted(rule, emptied, prices, context) & ~before
            assert not gained.any(), f"{rule.kind}: an empty {column} permits a price"


def check_order(rule: Rule, items: pl.DataFrame, prices: Ints, context: Context, order: Ints) -> None:
    """The order of the rows changes nothing."""
    now, then = context.units_now, context.units_then
    moved = Context(
        context.as_of, context.currency, context.tax, None if now is None else now[order], None if then is None else then[order]
    )
    shuffled = items[order]
    same = permitted(rule, items, prices, context)[order] == permitted(rule, shuffled, prices[order], moved)
    assert same.all(), f"{rule.kind}: the verdict depends on the order of the rows"
    for column in range(0, prices.shape[1], 5):
        whole = check([rule], items, prices[:, column], context)[:, order]
        other = check([rule], shuffled, prices[order, column], moved)
        assert (whole.any() == other.any()) and (whole == other).all(), f"{rule.kind}: ties or sums depend on the order of the rows"


def check_where(rule: Rule, items: pl.DataFrame, prices: Ints, context: Context) -> None:
    """Items that `where` does not name are none of the rule's business."""
    only = msgspec.structs.replace(rule, where={"sku": "A*"})
    other = ~items["sku"].str.starts_with("A").to_numpy()
    assert permitted(only, items, prices, context)[other].all(), f"{rule.kind}: binds items that where leaves out"
    for column in range(0, prices.shape[1], 5):
        verdict = check([only], items, prices[:, column], context)[0]
        assert not verdict[other].any(), f"{rule.kind}: judges items that where leaves out"


def check_beside(rule: Rule, items: pl.DataFrame, prices: Ints, context: Context) -> None:
    """What stands beside a price is the nearest on that side of the form that the rule asks for, the price itself where it has it.

    A rule with `admits` therefore needs `beside`: without it a clash with a limit would be laid to the rule alone.
    """
    fits = rule.admits(items, prices, context)
    for up, sign in ((True, 1), (False, -1)):
        found = rule.beside(items, prices, context, up)
        moved = found != prices
        assert found.shape == prices.shape and ((found - prices) * sign >= 0).all(), f"{rule.kind}: beside goes the wrong way"
        assert not (moved & fits).any(), f"{rule.kind}: beside moves a price that the rule lets through"
        assert rule.admits(items, found, context)[moved].all(), f"{rule.kind}: beside finds a price that the rule refuses"
        before = np.where(moved, found - sign, prices)
        assert not rule.admits(items, before, context)[moved].any(), f"{rule.kind}: beside leaves out a nearer price"
        furthest = sign * np.where(fits, sign * prices, -MAX_MINOR).max(axis=1, keepdims=True)
        stuck = ~moved & ~fits & ((furthest - prices) * sign > 0)
        assert not stuck.any(), f"{rule.kind}: beside stays at a price that admits refuses, though it lets one through further on"


def check_together(rule: Rule, items: pl.DataFrame, context: Context) -> None:
    """Ties and sums are well formed, and keeping every price breaks nothing."""
    tied, coupling = rule.ties(items, context), rule.couplings(items, context)
    if tied is not None:
        assert (tied.first != tied.second).all() and (tied.low <= tied.high).all(), f"{rule.kind}: ties bind two items by low <= high"
    if coupling is not None:
        assert (coupling.lower <= coupling.upper).all(), f"{rule.kind}: lower <= upper"
        assert coupling.group.max(initial=-1) < len(coupling.names) == coupling.lower.size, (
            f"{rule.kind}: every group has a name and bounds"
        )
    current = np.nan_to_num(numbers(items, "current_price"), nan=0).astype(np.int64)
    still = Context(context.as_of, context.currency, context.tax, context.units_now, context.units_now)
    assert not check([rule], items, current, still).any(), f"{rule.kind}: keeping every price must break nothing"
