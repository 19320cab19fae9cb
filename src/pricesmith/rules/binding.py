"""Which rules stopped a better price, or caution beside them."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Flags, Floats, Ints, Ladder, pieces
from pricesmith.contracts.rule import Context, Rule

from ._sums import kept_to
from .apply import Allowed, Bounds, Rules, fits_alone
from .caution import WEAK_EVIDENCE, Caution


def binding(
    rules: Rules,
    items: pl.DataFrame,
    ladder: Ladder,
    bounds: Bounds,
    allowed: Allowed,
    value: Floats,
    column: Ints,
    context: Context,
    caution: Caution,
    units: Floats | None = None,
) -> list[str]:
    """Names of the rules that stopped a better price, joined by `;`, for each of n items; "" where none did.

    value   (n, K) what each ladder price is worth, the other items' prices unchanged; NaN and -inf count for nothing
    column  (n,) chosen column of the ladder, -1 where none
    caution  how far weak evidence lets a price move: its name WEAK_EVIDENCE stands after those of the rules
    units   (n, K) expected units per day, for rules on expected sums; context.units_now goes with it
    The better price is the most valuable one of the ladder. A rule stopped it if the item could not have moved there alone: the rule
    refuses that price, or a sum would leave its bounds. A tie to another item is asked about the best price that all other rules let the
    item have: where that is what it has, the tie stopped nothing. Nor did a soft rule that gave way.
    What stopped the better price of a held item are the rules that hold it.
    """
    rows, chosen = np.arange(items.height), np.maximum(column, 0)
    best, gain = _best(ladder, value, chosen)
    better = gain & (column >= 0)
    paid, wished = ladder.prices[rows, chosen], ladder.prices[rows, best]
    stopped = ~fits_alone(rules, items, wished[:, None], bounds.low, bounds.high, context)[:, :, 0]
    then = _at(context, units, rows, chosen), _at(context, units, rows, best)
    alone = ladder.prices[rows, _best_allowed(ladder, allowed, value, chosen)] if _tied(rules) else paid
    for number, rule in enumerate(rules):
        tied = rule.ties(items, context)
        if tied is not None:
            for side, at in ((tied.first, (alone, paid)), (tied.second, (paid, alone))):
                parted = ~tied.met_by(at[0][tied.first], at[1][tied.second]) & (alone[side] != paid[side])
                stopped[number, side[parted]] = True
        coupling = rule.couplings(items, context)
        if coupling is not None:
            stopped[number] |= ~kept_to(coupling, items, paid, then[0], (wished, then[1]))
    stopped = np.where(bounds.hold != "", bounds.holding, stopped & ~allowed.dropped)
    cautious = ~caution.lets(wished[:, None])[:, 0] & (bounds.hold == "")
    return _joined(np.vstack([stopped, cautious]) & better, (*bounds.names, WEAK_EVIDENCE))


def _tied(rules: Rules) -> bool:
    return any(type(rule).ties is not Rule.ties for rule in rules)


def _best_allowed(ladder: Ladder, allowed: Allowed, value: Floats, chosen: Ints) -> Ints:
    """(n,) column of the best price that the rules on each item alone let it have; the chosen one where none is worth more."""
    best, gain = _best(ladder, np.where(allowed.valid, value, -np.inf), chosen)
    return np.where(gain, best, chosen)


def _best(ladder: Ladder, value: Floats, chosen: Ints) -> tuple[Ints, Flags]:
    """(n,) column of the most valuable price, and whether it is worth more than the chosen one."""
    best, gain = np.zeros(chosen.size, dtype=np.int64), np.zeros(chosen.size, dtype=bool)
    for part in pieces(*value.shape):
        worth = np.where(ladder.valid[part] & ~np.isnan(value[part]), value[part], -np.inf)
        rows = np.arange(worth.shape[0])
        best[part] = worth.argmax(axis=1)
        here, there = worth[rows, chosen[part]], worth[rows, best[part]]
        with np.errstate(invalid="ignore"):
            gain[part] = there > here + 1e-9 * np.abs(here)
    return best, gain


def _at(context: Context, units: Floats | None, rows: Ints, column: Ints) -> Context:
    return context if units is None else dataclasses.replace(context, units_then=units[rows, column])


def _joined(flags: Flags, names: tuple[str, ...]) -> list[str]:
    """(n,) texts of the names flagged in each column of (R, n)."""
    packed = np.packbits(flags, axis=0)
    kinds, kind = np.unique(packed, axis=1, return_inverse=True)
    texts = [";".join(name for name, on in zip(names, bits, strict=False) if on) for bits in np.unpackbits(kinds, axis=0).T.astype(bool)]
    return [texts[number] for number in kind.reshape(-1)]
