"""Outcomes as JSON documents: what `pricesmith outcome --json` prints and the price desk shows. Money in major units a day."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import polars as pl

from pricesmith.contracts.money import exponent
from pricesmith.experiments.readout import Readout
from pricesmith.monitoring.outcome import Total
from pricesmith.monitoring.regret import summary

from .review import History, Review


def document(review: Review) -> dict[str, Any]:
    """The reckoning of a run as a JSON document; money in major units a day."""
    found, result = review.found, review.found.result
    major = 10.0 ** exponent(found.currency)
    scale = {"units": 1.0, "revenue": major, "profit": major}
    money = ("revenue_promised", "revenue", "profit_promised", "profit", "effect_promised", "effect", "effect_lo", "effect_hi")
    judged = result.products.filter("changed", days=0.0).height < result.products.filter("changed").height
    held = found.holdout
    return {
        "run": found.run,
        "since": found.since,
        "until": found.until,
        "currency": found.currency,
        "promised": {name: _total(total, scale[name]) for name, total in result.promised.items()},
        "realised": {name: value / scale[name] for name, value in result.realised.items()},
        "effect": _total(result.effect, major),
        "effect_promised": result.effect_promised / major,
        "coverage90": result.coverage if judged else None,
        "bias": result.bias if judged else None,
        "drift": {"products_that_stayed": result.drift.kept, "spread_over_model": result.drift.scale},
        "holdout": None if held is None else {"clusters": _readout(held.clusters), "items": _readout(held.items), "split": held.split},
        "regret": regret(review.regrets, found.currency),
        "products": result.products.with_columns(result.products[name] / major for name in money).to_dicts(),
        "elsewhere": found.elsewhere,
        "recorded": review.recorded,
    }


def history(review: History, currency: str) -> dict[str, Any]:
    """All runs as a JSON document; money in major units a day."""
    return {
        "currency": currency,
        "runs": review.runs.to_dicts(),
        "together": None if review.together is None else asdict(review.together),
        "regret": regret(review.regrets, currency),
        "recorded": review.recorded,
    }


def regret(rows: pl.DataFrame, currency: str) -> dict[str, Any]:
    """The regret ledger; prices and values in major units."""
    prices = rows.with_columns(pl.col("proposed", "other") / 10.0 ** exponent(currency))
    return {"by_answer": summary(rows).to_dicts(), "proposals": prices.to_dicts()}


def _total(total: Total, scale: float) -> dict[str, float]:
    return {"value": total.value / scale, "low": total.low / scale, "high": total.high / scale}


def _readout(found: Readout | None) -> dict[str, float] | None:
    if found is None:
        return None
    return {"lift": found.lift, "error": found.error, "low": found.low, "high": found.high, "treated": found.treated, "kept": found.kept}
