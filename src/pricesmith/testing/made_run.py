"""A recorded run of any size without learning anything: for tests and benchmarks of what happens after a price list.

    run = made_run(book, 1000, at, np.random.default_rng(1))

Its products cost between a third and half of their price, so that every guard lets small moves through.
"""

from __future__ import annotations

import datetime as dt

import msgspec
import numpy as np
import polars as pl

from pricesmith.contracts.ledger import DECIDED, RUNS, Act, Ledger
from pricesmith.contracts.shop import Key
from pricesmith.contracts.tables import CELLS, ITEMS, PROMOTIONS
from pricesmith.flows.publishing.history import contents
from pricesmith.flows.publishing.history.facts import Facts
from pricesmith.flows.publishing.history.record import digest_of, run_name

POLICY = 'currency = "EUR"\n'


def made_prices(count: int, rng: np.random.Generator, channel: str = "web", region: str = "DE") -> dict[Key, int]:
    """Prices of `count` products in minor units, none below 2.00."""
    prices = np.maximum(np.round(np.exp(rng.normal(3.2, 0.8, count)) * 100), 200).astype(np.int64).tolist()
    return {Key(f"P{number:06d}", channel, region): price for number, price in enumerate(prices)}


def made_run(
    book: Ledger,
    prices: dict[Key, int],
    at: dt.datetime,
    rng: np.random.Generator,
    *,
    move: float = 0.03,
    by: str = "pricesmith",
    policy: str = POLICY,
    currency: str = "EUR",
    new: dict[Key, int] | None = None,
) -> str:
    """Record a run that moves every price by up to `move`, or to those of `new`; returns its name.

    prices  what stands in the shop, minor units
    """
    now = np.array(list(prices.values()), dtype=np.int64)
    asked = np.maximum(np.round(now * (1.0 + rng.uniform(-move, move, now.size))).astype(np.int64), 1)
    asked = np.where(asked == now, now + 1, asked) if new is None else np.array([new.get(key, price) for key, price in prices.items()])
    keys = pl.DataFrame(list(prices), schema=["sku", "channel", "region"], orient="row")
    items = _items(keys, now, rng, currency)
    parts = {"items": items, "cells": CELLS.empty(), "promotions": PROMOTIONS.empty()}
    snapshot = {name: contents.of_table(f"snapshot.{name}", table) for name, table in parts.items()}
    settings = contents.of_text("policy", policy)
    decided = _decided(keys, now, asked)
    digest = digest_of(decided, currency, settings.name)
    run = run_name(at.date(), digest, at, by)
    facts = msgspec.json.encode(Facts(cost_at=at, competitor_at=at, stock_at=at)).decode()
    row = {
        "run": run, "at": at, "by": by, "as_of": at.date(), "currency": currency, "kind": "price", "parent": None, "policy": settings.name,
        "snapshot": contents.index(snapshot), "model": "{}", "code": "made", "value": 1.0, "bound": 1.0, "digest": digest, "facts": facts,
    }  # fmt: skip
    tables = {
        "contents": contents.rows([settings, *snapshot.values()]),
        "runs": pl.DataFrame([row], schema=RUNS.schema),
        "decided": decided.with_columns(run=pl.lit(run)).select(DECIDED.schema.names()).cast(DECIDED.schema),
    }
    book.append(Act(at, by, "recorded_run", run), tables)
    return run


def _items(keys: pl.DataFrame, prices: np.ndarray, rng: np.random.Generator, currency: str) -> pl.DataFrame:
    cost = np.maximum(np.floor(prices * rng.uniform(0.33, 0.5, prices.size)), 1.0)
    given = {
        "item": np.arange(prices.size), "current_price": prices, "landed_cost": cost, "unit_cost": cost, "shipping": 0.0, "tax_rate": 0.0,
        "fee_rate": 0.0, "payment_rate": 0.0, "return_rate": 0.0, "active": 1, "cost_assumed": 0, "category": "made", "currency": currency,
        "tax_assumed": 0, "competitor_offers": 0,
    }  # fmt: skip
    values = {name: pl.lit(value) if not isinstance(value, np.ndarray) else pl.Series(name, value) for name, value in given.items()}
    blank = {name: pl.lit(None, kind) for name, kind in ITEMS.schema.items() if name not in given and name not in keys.columns}
    return keys.with_columns(**values, **blank).select(ITEMS.schema.names()).cast(ITEMS.schema)


def _decided(keys: pl.DataFrame, now: np.ndarray, asked: np.ndarray) -> pl.DataFrame:
    change = asked != now
    figures = {
        "elasticity": -2.0, "elasticity_lo": -3.0, "elasticity_hi": -1.0, "expected_units": 1.0, "expected_profit": 1.0,
        "profit_change": 0.1, "profit_change_lo": -0.1, "profit_change_hi": 0.3, "propensity": 1.0,
    }  # fmt: skip
    return keys.with_columns(
        current_price=pl.Series(now),
        price=pl.Series(asked),
        action=pl.Series(np.where(change, "change", "keep")),
        reason=pl.Series(np.where(change, "profit_up", "already_best")),
        evidence=pl.lit("adjusted"),
        expected_revenue=pl.Series(asked / 100.0),
        binding_rules=pl.lit(""),
        explanation=pl.lit('{"drivers":{},"rules":{},"anchor":null,"minor":100.0}'),
        cluster=pl.lit(None, pl.String),
        **{name: pl.lit(value) for name, value in figures.items()},
    )
