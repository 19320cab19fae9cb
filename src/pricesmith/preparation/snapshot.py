"""Prepared -> Snapshot: the state of the shop as of one day, and nothing of what came later."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.contracts.policy import Policy
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.contracts.tables import CELLS

from .availability import with_availability
from .closed import unobserved
from .competitors import references, with_reference
from .costs import with_cost
from .fill import filled, grid_of
from .history import history, policy_of, unknown_items
from .items import build_items
from .prepared import Prepared
from .specials import doubtful_days
from .times import local_date
from .week_history import first_days, with_days


def snapshot(prepared: Prepared, policy: Policy, as_of: dt.date) -> Snapshot:
    """The shop as of a day: only rows dated before it, costs that hold on it, and plans (promotions, calendar) that may lie ahead."""
    policy = policy_of(prepared, policy)
    keys, rows = history(prepared, policy, as_of)
    own = rows.filter(~pl.col("suspect")).group_by("sku").agg(pl.col("price").median().alias("own"))
    reference = references(prepared.tables["competitor_prices"], own, policy, as_of)
    items = build_items(keys, rows, prepared, reference, policy, as_of)
    return Snapshot(
        as_of=as_of,
        currency=policy.currency,
        period=policy.period,
        items=items,
        cells=_cells(keys, rows, items, reference, prepared, policy, as_of),
        calendar=prepared.tables["calendar"],
        promotions=prepared.tables["promotions"],
        reviews=_reviews(prepared, items, policy, as_of),
        doubtful=_doubtful(rows),
    )


def _doubtful(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows that may be of specials, as cells of a day each, at the list price of before."""
    whole = rows.filter("doubtful").with_columns(days=pl.lit(1.0), available=pl.lit(1.0), promo=pl.lit(0))
    known = [(pl.col(name) if name in whole.columns else pl.lit(None)).cast(dtype).alias(name) for name, dtype in CELLS.schema.items()]
    return whole.select(known).sort(CELLS.key)


def _cells(
    keys: pl.DataFrame, rows: pl.DataFrame, items: pl.DataFrame, reference: pl.DataFrame, prepared: Prepared, policy: Policy, as_of: dt.date
) -> pl.DataFrame:
    grid = grid_of(rows["date"], policy.period, as_of)
    unknown = pl.concat([unknown_items(prepared, keys, as_of), doubtful_days(rows).select("item", "date")])
    if policy.period != "day":
        unknown = pl.concat([unknown, unobserved(rows, keys).select(unknown.columns)])
    full = filled(
        rows.drop("sku", "off", "special", "doubtful"),
        unknown if prepared.weekly is None else unknown.clear(),
        _spans(rows, items, as_of),
        grid,
    ).with_columns(days=pl.lit(1.0))
    if prepared.weekly is not None:
        full = with_days(full, rows, unknown, first_days(rows, items.select("item", "launched")), as_of)
    cells = full.join(keys.select("item", "sku"), on="item", how="left", maintain_order="left")
    starts = rows["date"].unique().sort()
    stock = prepared.tables["stock"].filter(pl.col("date") < as_of)
    cells = with_availability(cells, stock, starts, policy.period)
    cells = with_cost(cells, prepared.tables["costs"], prepared.tables["products"], keys, policy.fees)
    cells = with_reference(cells, reference, ["competitor_price"])
    cells = _with_events(cells, keys, prepared.tables["events"], policy, as_of)
    return cells.select(pl.col(name).cast(dtype) for name, dtype in CELLS.schema.items()).sort(CELLS.key)


def _spans(rows: pl.DataFrame, items: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """Dates between which each item was on sale: from its launch or first row to the eve of the run; an inactive one to its last row."""
    seen = rows.group_by("item").agg(pl.col("date").min().alias("first"), pl.col("date").max().alias("last"))
    joined = seen.join(items.select("item", "launched", "active"), on="item").sort("item")
    eve = pl.lit(as_of - dt.timedelta(days=1))
    return joined.select(
        "item",
        pl.min_horizontal("first", "launched").alias("first"),
        pl.when(pl.col("active") == 1).then(eve).otherwise("last").alias("last"),
    )


def _with_events(cells: pl.DataFrame, keys: pl.DataFrame, events: pl.DataFrame, policy: Policy, as_of: dt.date) -> pl.DataFrame:
    """Views counted from events where sales rows give none; only for products with one item, as events name no channel."""
    if not events.height or policy.period != "day":
        return cells
    date = local_date(pl.col("at"), policy.timezone).alias("date")
    viewed = events.filter(pl.col("kind") == "view").with_columns(date).filter(pl.col("date") < as_of)
    single = keys.filter(pl.len().over("sku") == 1)
    counted = (
        viewed.group_by("sku", "date")
        .agg(pl.len().cast(pl.Float64).alias("_views"))
        .join(single, on="sku")
        .select("item", "date", "_views")
    )
    first = viewed["date"].min()
    joined = cells.join(counted, on=["item", "date"], how="left", maintain_order="left")
    known = pl.when((pl.col("date") >= first) & pl.col("item").is_in(single["item"].implode())).then(pl.col("_views").fill_null(0.0))
    return joined.with_columns(pl.coalesce("views", known).alias("views")).drop("_views")


def _reviews(prepared: Prepared, items: pl.DataFrame, policy: Policy, as_of: dt.date) -> pl.DataFrame:
    date = local_date(pl.col("at"), policy.timezone).alias("date")
    dated = prepared.tables["reviews"].with_columns(date).filter((pl.col("date") < as_of) & pl.col("stars").is_not_null())
    counted = dated.group_by("sku", "date").agg(pl.col("stars").sum(), pl.len().cast(pl.Int64).alias("reviews"))
    return counted.join(items.select("item", "sku"), on="sku").select("item", "date", "stars", "reviews").sort("item", "date")
