"""Back to the prices that stood before a run, as the ledger saw them in the shop."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import polars as pl

from pricesmith.contracts.economics import break_even
from pricesmith.contracts.ledger import Act, Ledger
from pricesmith.contracts.money import ceil_minor
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.shop import Key
from pricesmith.contracts.tables import DECISIONS

from .plan import intents
from .runs import run_facts

KEY = list(DECISIONS.key)


def before(ledger: Ledger, run: str, target: str, policy: Policy) -> pl.DataFrame:
    """What undoing a run would restore: keys, `current_price` (now in the shop), `price` (before the run, or today's higher floor).

    Only products are restored whose price in the shop is still the run's own.
    """
    applied = ledger.read("applied", {"target": [target]}).with_columns(
        earlier=pl.col("price").shift(1).over(KEY), newest=pl.col("at").cum_count().over(KEY) == pl.len().over(KEY)
    )
    ours = ledger.read("intents", {"run": [run], "target": [target]}).filter(pl.col("kind") == "publish").select("intent")
    first = applied.join(ours, on="intent").group_by(KEY, maintain_order=True).agg(price=pl.col("earlier").first())
    now = applied.filter(pl.col("newest")).join(ours, on="intent").select(*KEY, current_price="price")
    restored = now.join(first, on=KEY).filter(pl.col("price").is_not_null() & (pl.col("price") != pl.col("current_price")))
    return _above_floor(ledger, run, restored, policy).filter(pl.col("price") != pl.col("current_price")).sort(KEY)


def undo(ledger: Ledger, run: str, target: str, policy: Policy, *, by: str, at: dt.datetime, keys: Sequence[Key] | None = None) -> int:
    """Queue the prices before a run; returns how many. They pass the same guards on floors, and nobody needs to agree with going back."""
    rows = before(ledger, run, target, policy)
    if keys is not None:
        rows = rows.filter(pl.struct(KEY).is_in([key._asdict() for key in keys]))
    queued = intents(ledger, rows, run, target, policy, at, "undo")
    if queued.height:
        ledger.append(Act(at, by, "queued_undo", f"{run} {target}"), {"intents": queued})
    return queued.height


def _above_floor(ledger: Ledger, run: str, rows: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """A price that would not bring its cost back any more gives way to the lowest one that does."""
    facts = run_facts(ledger, run).products
    known = rows.join(facts, on=KEY, how="left", maintain_order="left")
    floor = break_even(
        *(known[name].cast(pl.Float64).to_numpy() for name in ("tax_rate", "fee_rate", "payment_rate", "landed_cost")),
        policy.guards.min_margin,
    )
    kept = 1.0 - known["discount_share"].cast(pl.Float64).fill_null(1.0).to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        lowest = ceil_minor(np.fmax(floor / kept, known["min_price"].cast(pl.Float64).fill_null(0.0).to_numpy()))
    raised = pl.Series(np.where(np.isfinite(lowest), lowest, 0.0)).cast(pl.Int64)
    return rows.with_columns(price=pl.max_horizontal(pl.col("price"), raised))
