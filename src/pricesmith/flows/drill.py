"""The glitch drill on a shop folder: its own products at the last gate, dry."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from pricesmith.contracts.errors import DataError
from pricesmith.contracts.guard import State
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.contracts.tables import CHANGES
from pricesmith.guards.drill import Outcome, drill
from pricesmith.guards.gate import gate
from pricesmith.guards.rank import ranks

from .batch import Loaded, take
from .publishing.history.runs import known_tax
from .wiring import tells_orders

TARGET = "drill"


@dataclass(frozen=True, slots=True)
class Drilled:
    """What the drill found.

    products  active products with a price
    held      why some of them would be held even as they stand: reason code -> number; they take no part
    outcomes  what became of each glitch
    blind     shops of the policy that tell no orders: there G16 lets no cut leave that nobody agreed to, and sees no rush
    """

    products: int
    held: dict[str, int]
    outcomes: tuple[Outcome, ...]
    blind: tuple[str, ...] = ()


def run(loaded: Loaded, as_of: dt.date | None = None) -> Drilled:
    """Try every glitch on the shop as of a day. Raises DataError where no product could leave even as it stands."""
    snapshot = take(loaded, as_of)
    limits, state = loaded.policy.guards, channel(snapshot)
    changes = standing(snapshot, state.at)
    gated = gate(changes, state, limits)
    codes, counts = np.unique(gated.reasons[~gated.leaves].astype(str), return_counts=True)
    held = dict(zip(codes.tolist(), counts.tolist(), strict=True))
    ready = changes.filter(pl.Series(gated.leaves))
    if ready.is_empty():
        reasons = ", ".join(held) or "no active product has a price"
        raise DataError(
            f"no product could be published as it stands: {reasons}", where=str(loaded.folder), hint="`pricesmith check` lists gaps"
        )
    blind = tuple(name for name, shop in loaded.policy.shops.items() if not tells_orders(shop))
    return Drilled(changes.height, held, drill(ready, state, limits), blind)


def channel(snapshot: Snapshot) -> State:
    """A channel in order, at the start of the day of the run."""
    at = dt.datetime.combine(snapshot.as_of, dt.time(), tzinfo=dt.UTC)
    return State(
        at,
        TARGET,
        snapshot.currency,
        stopped="",
        attested=True,
        shadow_days=365.0,
        wave=1.0,
        orders=0,
        usual=1.0,
        margin_change=0.0,
        clock_skew=0.0,
    )


def standing(snapshot: Snapshot, at: dt.datetime) -> pl.DataFrame:
    """Table CHANGES of the active products, each at the price that it has: data as fresh and prices as calm as they can be."""
    items = snapshot.items.filter((pl.col("active").fill_null(1) == 1) & pl.col("current_price").is_not_null())
    units = snapshot.cells.group_by("item").agg((pl.col("units") * pl.col("price")).sum().alias("revenue"))
    now, moment = pl.col("current_price"), pl.lit(at).cast(pl.Datetime("us", "UTC"))
    filled = {
        "price": now,
        "tax_rate": known_tax(items),
        "currency": pl.lit(snapshot.currency),
        "discount_share": pl.lit(0.0),
        "median_30d": now,
        **dict.fromkeys(("low_24h", "high_24h", "price_7d"), now),
        "changes_24h": pl.lit(0),
        "changed_at": moment - dt.timedelta(days=30),
        "cost_at": moment,
        "follows": pl.lit(0),
        "uses_stock": pl.lit(0),
        "needs": pl.lit(2),
        "agreed": pl.lit(2),
        "forbidden": pl.lit(0),
        "undo": pl.lit(0),
    }
    valued = items.join(units, on="item", how="left").with_columns(**filled)
    known = valued.with_columns(pl.Series("rank", ranks(valued)))
    return known.select(
        (pl.col(name) if name in known.columns else pl.lit(None)).cast(kind).alias(name) for name, kind in CHANGES.schema.items()
    )
