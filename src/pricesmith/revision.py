"""A run with what people make of it: prices that they set in place of those decided, and proposals that they turn down."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Flags, Ints
from pricesmith.contracts.errors import Contradiction
from pricesmith.contracts.rule import Rule
from pricesmith.contracts.tables import DECISIONS
from pricesmith.engine import Block, Decided, price_list
from pricesmith.optimization.expectations import expect, units_at
from pricesmith.optimization.problem import values
from pricesmith.rules.apply import check, names_of
from pricesmith.rules.binding import binding

BY_PEOPLE = ("override", "own_price", "rejected")
"""Reasons of prices that people set, or kept as they were; see `revise` and `suppose`."""


def revise(decided: Decided, wanted: Mapping[int, int]) -> Decided:
    """The same run with prices that a person sets, under the same rules; their reason is `override`.

    wanted  number of an item -> its price, minor units
    Raises Contradiction where a price is out of reach, the product is held, or a hard rule would be broken that was not broken before.
    """
    decided, block, column = _with(decided, wanted)
    hard = [rule for rule in decided.shop.policy.rules if rule.hard]
    broken = _breaks(hard, block, column) & ~_breaks(hard, block, decided.column)
    if broken.any():
        names = [name for name, on in zip(names_of(hard), broken, strict=True) if on]
        raise Contradiction("price", f"would break {', '.join(names)}", "`explain` shows the limits of every rule")
    return _by_people(decided, block, column, dict.fromkeys(wanted, "override"))


def suppose(decided: Decided, taken: Mapping[int, int | None], reason: str = "own_price") -> Decided:
    """The same run with prices that people set already, and with today's where they turned its proposal down, which says `rejected` then.

    taken  number of an item -> its price, minor units; None for today's
    Rules are not asked: a part of a lawful plan may break one over several products. Raises Contradiction where a price is out of reach.
    """
    set_ = {row: price for row, price in taken.items() if price is not None}
    kept = np.array([row for row, price in taken.items() if price is None], dtype=np.int64)
    decided, block, column = _with(decided, set_)
    column[kept] = block.ladder.current[kept]
    return _by_people(decided, block, column, dict.fromkeys(set_, reason) | dict.fromkeys(kept.tolist(), "rejected"))


def _with(decided: Decided, wanted: Mapping[int, int]) -> tuple[Decided, Block, Ints]:
    """The run asked about these prices, all of it laid out, and the columns (n,) with them."""
    decided = decided.meaning(np.array(list(wanted), dtype=np.int64), np.array(list(wanted.values()), dtype=np.int64))
    block, column = decided.opened(), decided.column.copy()
    for row, price in wanted.items():
        column[row] = _column_of(block, row, price)
    return decided, block, column


def _breaks(hard: Sequence[Rule], block: Block, column: Ints) -> Flags:
    """(R,) the hard rules that the prices of all items break."""
    then = dataclasses.replace(block.context, units_then=units_at(block.curves, block.ladder, column))
    prices = np.where(column >= 0, block.ladder.prices[np.arange(column.size), np.maximum(column, 0)], 0)
    return np.asarray(check(hard, block.items, prices, then).any(axis=1))


def _by_people(decided: Decided, block: Block, column: Ints, reasons: Mapping[int, str]) -> Decided:
    """The run with these columns (n,). reasons: codes of what people did to an item, by its number; those of before stay."""
    rules, policy = decided.shop.policy.rules, decided.shop.policy
    expected = expect(block.items, block.curves, block.ladder, column)
    then = dataclasses.replace(block.context, units_then=units_at(block.curves, block.ladder, column))
    value, limits, units = values(block.problem), block.caution, block.curves.units
    stopped = binding(rules, block.items, block.ladder, block.bounds, block.allowed, value, column, then, limits, units)
    listed = price_list(block, column, expected, stopped, policy)
    fresh = block.items[list(reasons)].select(DECISIONS.key).with_columns(people=pl.Series(list(reasons.values()), dtype=pl.String))
    before = decided.decisions.filter(pl.col("reason").is_in(BY_PEOPLE)).select(*DECISIONS.key, people="reason")
    known = pl.concat([before.join(fresh, on=DECISIONS.key, how="anti"), fresh])
    marked = listed.join(known, on=DECISIONS.key, how="left", maintain_order="left")
    decisions = marked.with_columns(reason=pl.coalesce("people", "reason")).drop("people")
    return dataclasses.replace(decided, decisions=decisions.sort(DECISIONS.key), column=column, expected=expected)


def _column_of(block: Block, row: int, price: int) -> int:
    """The column of a price on an item's ladder; see `revise`."""
    if block.bounds.hold[row]:
        raise Contradiction("price", f"no price may be set: {block.bounds.hold[row]}", "mend that first")
    ladder = block.ladder
    on = np.flatnonzero((ladder.prices[row] == price) & ladder.valid[row])
    if on.size:
        return int(on[0])
    open_ = ladder.prices[row][block.allowed.valid[row]]
    near = sorted(open_[np.argsort(np.abs(open_ - price), kind="stable")[:4]].tolist())
    raise Contradiction(
        "price", f"{price} minor units cannot be published", f"near it: {', '.join(map(str, near)) or 'no price is allowed'}"
    )
