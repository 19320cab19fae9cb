"""Groups of items that share values of columns, and the pairs within them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Flags, Ints
from pricesmith.contracts.errors import PolicyError
from pricesmith.contracts.rule import numbers

Pairs = tuple[Ints, Ints]

MAX_PAIRS = 20_000_000
"""More pairs than this are a mistake in the policy, and would not fit into memory."""


def priced(items: pl.DataFrame) -> Flags:
    """(n,) True for items that are to be priced and have a current price: only they can stand beside another."""
    active = items["active"].fill_null(1).to_numpy() != 0
    known: Flags = active & ~np.isnan(numbers(items, "current_price"))
    return known


def groups(items: pl.DataFrame, columns: Sequence[str], member: Flags) -> Ints:
    """(n,) group number, equal where all columns are equal; -1 where not a member or where a value is null or empty text."""
    member, code = member.copy(), np.zeros(items.height, dtype=np.int64)
    for column in columns:
        rank = items[column].replace("", None).rank("dense").fill_null(0).to_numpy().astype(np.int64)
        member &= rank > 0
        _, code = np.unique(code * (int(rank.max(initial=0)) + 1) + rank, return_inverse=True)
    return np.where(member, code, -1).astype(np.int64)


def level_of(items: pl.DataFrame, level: int) -> pl.DataFrame:
    """Items with `category` cut to its first `level` steps ("a/b/c", 2 -> "a/b"); level 0 is one group named `all`."""
    if level == 0:
        return items.with_columns(category=pl.lit("all"))
    return items.with_columns(pl.col("category").str.split("/").list.head(level).list.join("/"))


def chain(group: Ints) -> Pairs:
    """Pairs of neighbours in each group, in row order: what holds for them with ratio 1 holds for the whole group."""
    order = _in_groups(group)
    next_to = group[order][1:] == group[order][:-1]
    return order[:-1][next_to], order[1:][next_to]


def all_pairs(group: Ints) -> Pairs:
    """Every pair of items of the same group, each once, the lower row first."""
    order = _in_groups(group)
    largest = int(np.bincount(group[order]).max(initial=0)) if order.size else 0
    first, second = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for apart in range(1, largest):
        same = group[order][apart:] == group[order][:-apart]
        first.append(order[:-apart][same])
        second.append(order[apart:][same])
    return np.concatenate(first), np.concatenate(second)


def join(one: Ints, other: Ints) -> Pairs:
    """Every pair of rows (a, b) with one[a] == other[b] >= 0, by a, then b.

    Raises PolicyError where there are more than MAX_PAIRS of them.
    """
    left, right = np.flatnonzero(one >= 0), _in_groups(other)
    start = np.searchsorted(other[right], one[left], side="left")
    count = np.searchsorted(other[right], one[left], side="right") - start
    total = int(count.sum())
    if total > MAX_PAIRS:
        raise PolicyError(f"a relation compares {total} pairs of products", hint=f"at most {MAX_PAIRS}; use smaller groups, such as family")
    return np.repeat(left, count), right[np.repeat(start - (np.cumsum(count) - count), count) + np.arange(total)]


def _in_groups(group: Ints) -> Ints:
    members = np.flatnonzero(group >= 0)
    return members[np.argsort(group[members], kind="stable")]
