"""How good a price list is when the truth is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Floats, Ints

from .truth import Truth


@dataclass(frozen=True, slots=True)
class Answer:
    """What a pricing method says about n products, in the order of `Truth.sku`.

    prices      (n,) minor units
    elasticity  (n,) at the current price, NaN where it gives none;  low, high (n,) its 90 % interval, NaN where it gives none
    """

    prices: Ints
    elasticity: Floats
    low: Floats
    high: Floats

    @staticmethod
    def of(prices: Ints, elasticity: Floats) -> Answer:
        """An answer without intervals."""
        unknown = np.full(len(prices), np.nan)
        return Answer(prices, elasticity, unknown, unknown)


def captured(truth: Truth, prices: Ints, best: Ints) -> float:
    """Share of the possible profit: 0 for the current prices, 1 for the optimum `best`; NaN where nothing is possible."""
    keep, reached, most = (float(truth.profit(plan).sum()) for plan in (truth.current, prices, best))
    return (reached - keep) / (most - keep) if most > keep else float("nan")


def violations(truth: Truth, prices: Ints) -> int:
    """Number of changed prices that a rule forbids."""
    return int((~truth.law.keeps(prices, truth.current, truth.kept_rate, truth.landed_minor)).sum())


def coverage(truth: Truth, answer: Answer) -> float:
    """Share of the intervals that hold the true elasticity; NaN without intervals."""
    given = np.isfinite(answer.low) & np.isfinite(answer.high)
    true = truth.elasticity(truth.current)
    inside = (answer.low <= true) & (true <= answer.high)
    return float(inside[given].mean()) if given.any() else float("nan")


def units(truth: Truth, prices: Ints, expected: Floats) -> float:
    """Units a day that a price list expects of its prices, over the true ones of the same products; NaN where it says nothing.

    prices, expected  (n,) minor units, and units a day, NaN where none are given
    """
    known = np.isfinite(expected)
    true = float(truth.units(prices)[known].sum())
    return float(expected[known].sum()) / true if true > 0.0 else float("nan")


def promised(truth: Truth, prices: Ints, promise: tuple[float, float, float] | None) -> dict[str, float | None]:
    """How a promised change of profit compares with the true one: their ratio, and 1 where its 90 % interval holds the truth, else 0.

    promise  a day, in major units, and the ends of its interval; None where nothing was promised. No ratio where the truth is no gain
    """
    if promise is None:
        return {"promised": None, "promise_held": None}
    change, low, high = promise
    true = float(truth.profit(prices).sum() - truth.profit(truth.current).sum())
    return {"promised": change / true if true > 0.0 else None, "promise_held": float(low <= true <= high)}


def score(truth: Truth, answer: Answer, best: Ints) -> dict[str, float]:
    """The marks of one answer.

    captured         share of the possible profit
    coverage90       share of true elasticities inside their intervals
    wrong_sign       products whose elasticity is not below zero
    rule_violations  changed prices that a rule forbids
    rmse, bias       of the elasticity;  width: mean width of the intervals
    """
    error = answer.elasticity - truth.elasticity(truth.current)
    known = np.isfinite(error)
    return {
        "captured": captured(truth, answer.prices, best),
        "coverage90": coverage(truth, answer),
        "wrong_sign": int((answer.elasticity >= 0).sum()),
        "rule_violations": violations(truth, answer.prices),
        "rmse": float(np.sqrt(np.mean(error[known] ** 2))) if known.any() else float("nan"),
        "bias": float(error[known].mean()) if known.any() else float("nan"),
        "width": float(np.nanmean(answer.high - answer.low)) if np.isfinite(answer.high - answer.low).any() else float("nan"),
    }
