"""What hard rules bind over several items at once, and what other prices of a few of them would do to it: `check`, in the time of a few."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Flags, Floats, Ints
from pricesmith.contracts.rule import Context, Coupling, Rule, Ties, changed, numbers

from ._sums import bounds, index_weights, inside, parts
from ._ties import apart, connected
from .apply import Rules, context_of, names_of


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule over several items that other prices would break.

    quantity      of the sum, see `Coupling`; "" where the rule ties items to one another
    group         name of the group that is added up
    now, then     the sum at the prices of the run and at the other ones;  lower, upper  its bounds, infinite where free
                  A share of the price for "index", a number of prices for "changed", else a share of today's sum; NaN where not known.
    """

    rule: str
    quantity: str = ""
    group: str = ""
    now: float = np.nan
    then: float = np.nan
    lower: float = -np.inf
    upper: float = np.inf


@dataclass(frozen=True, slots=True)
class _Sum:
    """total, size, today  (G,) of each group: the sum at the run's prices, that of the parts without their signs, the sum at today's.

    changes  (G,) prices of the group that are not today's
    """

    rule: str
    coupling: Coupling
    total: Floats
    size: Floats
    today: Floats
    changes: Floats


@dataclass(frozen=True, slots=True)
class _Tied:
    """label  (n,) number of what the pairs connect."""

    rule: str
    ties: Ties
    label: Ints


@dataclass(frozen=True, slots=True)
class Together:
    """The prices (n,) of a run, minor units, and what hard rules bind over several of them. moved: (n,) those that are not today's."""

    prices: Ints
    moved: Flags
    context: Context
    sums: tuple[_Sum, ...]
    ties: tuple[_Tied, ...]


@dataclass(frozen=True, slots=True)
class _Few:
    """Some items (m,) of a shop. plans: their other prices (minor units) and expected units a day, each (m,)."""

    items: pl.DataFrame
    rows: Ints
    plans: list[tuple[Ints, Floats]]


def together(rules: Rules, items: pl.DataFrame, prices: Ints, context: Context) -> Together:
    """What hard rules bind at these prices (n,); the context holds the expected units."""
    sums, tied = [], []
    for name, rule in zip(names_of(rules), rules, strict=True):
        coupling, ties = (rule.couplings(items, context), rule.ties(items, context)) if rule.hard else (None, None)
        if coupling is not None:
            sums.append(_added(name, coupling, items, prices, context))
        if ties is not None and ties.first.size:
            tied.append(_Tied(name, ties, connected(ties.first, ties.second, prices.size)))
    return Together(prices, changed(items, prices), context, tuple(sums), tuple(tied))


def binds(rules: Rules) -> bool:
    """Whether some hard rule may bind several items."""
    return any(rule.hard and (type(rule).couplings is not Rule.couplings or type(rule).ties is not Rule.ties) for rule in rules)


def breaking(known: Together, items: pl.DataFrame, rows: Ints, prices: Ints, units: Floats) -> list[list[Broken]]:
    """What breaks where the items `rows` (m,) have other prices (p, m), minor units, and other expected units (p, m) a day: p plans.

    items  of the whole shop
    The same verdict as that of `check`, where the prices of the run break nothing and the new ones keep to the rules on single items. What
    the prices of the run break already counts where the new ones break it further: people may have taken a part of the run only.
    """
    few = _Few(items[rows], rows, list(zip(prices, units, strict=True)))
    found: list[list[Broken]] = [[] for _ in few.plans]
    for added in known.sums:
        for plan, out in zip(found, _out(known, added, few), strict=True):
            plan += out
    for tied in known.ties:
        for plan, torn in zip(found, _torn(known, tied, few), strict=True):
            plan += [Broken(tied.rule)] if torn else []
    return found


@dataclass(frozen=True, slots=True)
class Untied:
    """Pairs of a rule that do not keep to their ratios.

    groups  the rule wants one price; of each group the lowest price and the highest stand for all, in this order
    """

    rule: str
    groups: bool
    pairs: Ties


def untied(rules: Rules, items: pl.DataFrame, prices: Ints, context: Context) -> list[Untied]:
    """What hard rules tie to one another and these prices (n,) keep apart; 0 where a price is not known, which no pair has."""
    found = []
    for name, rule in zip(names_of(rules), rules, strict=True):
        ties = rule.ties(items, context) if rule.hard else None
        if ties is None:
            continue
        wrong, equal = np.flatnonzero(~ties.met(prices)), bool(((ties.low == 1.0) & (ties.high == 1.0)).all())
        if wrong.size:
            several = Ties(ties.first[wrong], ties.second[wrong], ties.low[wrong], ties.high[wrong])
            found.append(Untied(name, equal, _furthest(ties, wrong, prices) if equal else several))
    return found


def _furthest(ties: Ties, wrong: Ints, prices: Ints) -> Ties:
    """A pair for each group that `wrong` pairs divide, in the order of these: its lowest price and its highest, the first of each."""
    label = connected(ties.first, ties.second, prices.size)
    groups, begins = np.unique(label[ties.first[wrong]], return_index=True)
    tied = np.unique(np.concatenate([ties.first, ties.second]))
    tied = tied[np.isin(label[tied], groups)]
    up, down = (tied[np.lexsort((tied, sign * prices[tied], label[tied]))] for sign in (1, -1))
    starts = np.unique(label[up], return_index=True)[1]
    order, one = starts[np.argsort(begins)], np.ones(groups.size)
    return Ties(up[order], down[order], one, one)


def at_one_price(known: Together, item: int) -> Ints:
    """(m,) numbers of the items that hard rules bind to one price with an item, itself among them, ascending."""
    label = _alike([one.ties for one in known.ties], known.prices.size)
    return np.flatnonzero(label == label[item]).astype(np.int64)


def one_price(rules: Rules, items: pl.DataFrame, context: Context) -> Ints:
    """(n,) number of one item of the group that hard rules bind to one price with each item, alike for all of it; -1 for an item alone."""
    tied = [ties for rule in rules if rule.hard and (ties := rule.ties(items, context)) is not None]
    label = _alike(tied, items.height)
    first = np.unique(label, return_index=True)[1][label]
    return np.where(np.bincount(label)[label] > 1, first, -1).astype(np.int64)


def _alike(tied: Sequence[Ties], count: int) -> Ints:
    """(count,) number of the group of each item, groups being what chains of equal prices connect."""
    same = [(ties.low == 1.0) & (ties.high == 1.0) for ties in tied]
    if not any(part.any() for part in same):
        return np.arange(count)
    first, second = (
        np.concatenate([getattr(ties, side)[part] for ties, part in zip(tied, same, strict=True)]) for side in ("first", "second")
    )
    return connected(first, second, count)


def _added(name: str, coupling: Coupling, items: pl.DataFrame, prices: Ints, context: Context) -> _Sum:
    if coupling.quantity == "index" and coupling.weights is None and context.units_now is not None:
        coupling = replace(coupling, weights=index_weights(coupling, context.units_now * numbers(items, "current_price")))
    member = coupling.group >= 0
    then, now = parts(coupling, items, prices, context)
    each = (then, np.abs(then), now, changed(items, prices))
    return _Sum(name, coupling, *(np.bincount(coupling.group[member], one[member], len(coupling.names)).astype(float) for one in each))


def _out(known: Together, added: _Sum, few: _Few) -> Iterator[list[Broken]]:
    """The groups of a sum that leave their bounds under each plan; one of which every price is today's breaks nothing."""
    whole, context = added.coupling, context_of(known.context, few.rows)
    part = replace(whole, group=whole.group[few.rows], weights=None if whole.weights is None else whole.weights[few.rows])
    member = part.group >= 0
    groups, of = np.unique(part.group[member], return_inverse=True)
    lower, upper = bounds(whole, groups, added.today[groups])
    before, _ = parts(part, few.items, known.prices[few.rows], context)
    for prices, units in few.plans:
        after, _ = parts(part, few.items, prices, replace(context, units_then=units))
        other = (after - before, np.abs(after) - np.abs(before), changed(few.items, prices) * 1.0 - known.moved[few.rows])
        more = (np.bincount(of, one[member], groups.size) for one in other)
        total, size, changes = (at[groups] + one for at, one in zip((added.total, added.size, added.changes), more, strict=True))
        wrong = ~inside(lower, upper, total, size, added.today[groups]) & (changes > 0.5)
        wrong &= ~(_outside(lower, upper, total) <= np.where(added.changes[groups] > 0.5, _outside(lower, upper, added.total[groups]), 0.0))
        yield [_told(added, int(groups[place]), total[place], lower[place], upper[place]) for place in np.flatnonzero(wrong)]


def _outside(lower: Floats, upper: Floats, total: Floats) -> Floats:
    """(g,) how far sums lie beyond their bounds; NaN where that is not known."""
    return np.maximum(np.maximum(lower - total, total - upper), 0.0)


def _told(added: _Sum, group: int, then: float, lower: float, upper: float) -> Broken:
    quantity, today = added.coupling.quantity, float(added.today[group])
    scale = (1.0 / today if today > 0.0 else np.nan) if quantity in ("revenue", "margin") else 1.0
    figures = (float(one) * scale for one in (added.total[group], then, lower, upper))
    return Broken(added.rule, quantity, added.coupling.names[group], *figures)


def _torn(known: Together, tied: _Tied, few: _Few) -> list[bool]:
    """Whether some moved item would stand apart from one that it is tied to, under each plan, and did not before."""
    linked, ties = np.isin(tied.label, tied.label[few.rows]), tied.ties
    near, pairs = np.flatnonzero(linked), linked[ties.first]
    own = np.searchsorted(near, few.rows)
    first, second = (np.searchsorted(near, side[pairs]) for side in (ties.first, ties.second))
    some = Ties(first, second, ties.low[pairs], ties.high[pairs])
    before = apart(some, known.prices[near]) & known.moved[near]
    found = []
    for plan, _ in few.plans:
        prices, moved = known.prices[near].copy(), known.moved[near].copy()
        prices[own], moved[own] = plan, changed(few.items, plan)
        found.append(bool((apart(some, prices) & moved & ~before).any()))
    return found
