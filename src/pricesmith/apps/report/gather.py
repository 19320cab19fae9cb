"""A finished run -> the content of its report."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats
from pricesmith.contracts.money import exponent
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.shop import placed
from pricesmith.contracts.snapshot import Snapshot, sold_until
from pricesmith.contracts.tables import DECISIONS
from pricesmith.demand.bridge import Bridge
from pricesmith.engine import Decided
from pricesmith.flows.desk.product.curves import bounds, seen, smooth
from pricesmith.flows.desk.product.why import Outside, outside
from pricesmith.flows.desk.rules.caution import borrowed
from pricesmith.flows.desk.runs.sums import certificate, efficient, total
from pricesmith.flows.desk.today import paid
from pricesmith.flows.desk.today.outlook import bridge_of, priced, summed
from pricesmith.preparation.prepared import Prepared, Warning_

from .content import Content, Curve
from .view import MOVES, biggest

CURVES, WARNINGS, GRID = 9, 12, 49


def _weightiest(prepared: Prepared) -> list[Warning_]:
    """What is more than good to know; columns that nobody knows come last."""
    told = [entry for entry in prepared.warnings if entry["level"] != "info"]
    return sorted(told, key=lambda entry: entry["code"] == "unknown_column")


def gather(prepared: Prepared, snapshot: Snapshot, policy: Policy, decided: Decided, *, frontier: bool = False) -> Content:
    """Everything the report of a run shows; the frontier takes several more rounds of choosing."""
    key = list(DECISIONS.key)
    named = decided.decisions.join(decided.items.select(*key, "item", "name", "category"), on=key, how="left", maintain_order="left")
    assumed = policy.data.cost_assumed or bool((decided.items["cost_assumed"].fill_null(0) == 1).any())
    bridge, sums = bridge_of(decided), total(decided, snapshot.currency)
    repeated = {entry["table"]: int(entry["count"]) for entry in prepared.warnings if entry["code"] == "exact_duplicate"}
    return Content(
        name=policy.name,
        as_of=snapshot.as_of,
        last_sale=sold_until(snapshot.cells["date"].max(), snapshot.period, snapshot.as_of),  # type: ignore[arg-type]
        currency=snapshot.currency,
        period=snapshot.period if snapshot.period != "day" else "week",
        horizon_days=policy.horizon_days,
        locale=policy.locale,
        objective=next(iter(policy.weights)) if len(policy.weights) == 1 else "mixed",
        cost_assumed=assumed,
        lately=None if bridge is None else summed(bridge, priced(decided)),
        paid=None if bridge is None else paid.summed(snapshot, bridge, priced(decided), sums.today),
        decisions=named.drop("item"),
        total=sums,
        certificate=certificate(decided, policy, snapshot.currency),
        curves=tuple(curve(row, decided, snapshot, bridge) for row in biggest(named, CURVES).iter_rows(named=True)),
        rows={name: (count.rows, count.quarantined, repeated.get(name, 0)) for name, count in prepared.counts.items()},
        warnings=tuple(_weightiest(prepared)[:WARNINGS]),
        frontier=efficient(decided, snapshot.currency) if frontier else None,
        outside=broken(biggest(named, MOVES), decided, snapshot.currency),
        borrowed=borrowed(named.filter(pl.col("action") == "change"), policy.rules),
    )


def broken(moves: pl.DataFrame, decided: Decided, currency: str) -> dict[tuple[str, str, str], Outside]:
    """`Content.outside` of these moves (table DECISIONS with `item`)."""
    limits, major, found = decided.shop.bounds, 10.0 ** exponent(currency), {}
    for row in moves.iter_rows(named=True):
        sides = np.stack([limits.low[:, row["item"]], limits.high[:, row["item"]]], axis=1) / major
        own = {
            name: (low if np.isfinite(low) else None, high if np.isfinite(high) else None)
            for name, (low, high) in zip(limits.names, sides.tolist(), strict=True)
        }
        if (one := outside(own, row["reason"])) is not None:
            found[row["sku"], row["channel"], row["region"]] = one
    return found


def curve(row: dict[str, Any], decided: Decided, snapshot: Snapshot, bridge: Bridge | None = None) -> Curve:
    """The picture of one decision."""
    item, major = int(row["item"]), 10.0 ** exponent(snapshot.currency)
    found, (floor, ceiling) = seen(snapshot, item), bounds(decided, item, snapshot.currency)
    now, new = row["current_price"] / major, row["price"] / major
    prices = span(np.array([now, new]), found["price"].to_numpy(), decided.opened(np.array([item])).ladder.prices[0] / major)
    units, low, high = smooth(decided, item, prices, snapshot.currency)
    places = [*([row["sku"]] if row["name"] else []), *placed(row["channel"], row["region"])]
    return Curve(
        title=row["name"] or row["sku"],
        sku=" · ".join(places),
        prices=prices,
        units=units,
        low=low,
        high=high,
        now=now,
        new=new,
        floor=floor,
        ceiling=ceiling,
        elasticity=(row["elasticity"], row["elasticity_lo"], row["elasticity_hi"]),
        seen=found,
        lately=None if bridge is None else summed(bridge, np.array([item])),
    )


def span(chosen: Floats, charged: Floats, ladder: Floats) -> Floats:
    """Prices that a picture spans: the candidates, and what was charged within half and double of today's."""
    near = charged[(charged >= chosen[0] * 0.5) & (charged <= chosen[0] * 2.0)]
    every = np.concatenate([chosen, ladder, near])
    return np.linspace(every.min(), every.max(), GRID)
