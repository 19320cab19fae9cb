"""What the tables of a shop cover: how far each reaches, and which products lack what."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from pricesmith.contracts.snapshot import sold_until
from pricesmith.contracts.tables import INPUT
from pricesmith.preparation import Prepared
from pricesmith.preparation.costs import latest_costs
from pricesmith.preparation.history import ITEM_KEY, number_items
from pricesmith.preparation.weekly import week_start

MOMENTS = {
    "costs": "valid_from", "sales": "date", "orders": "at", "competitor_prices": "observed_at", "stock": "date", "promotions": "start",
    "events": "at", "reviews": "at", "calendar": "date",
}  # fmt: skip
"""The column of a table that says when; products have none."""


def coverage(prepared: Prepared, period: str = "day", before: dt.date = dt.date.max) -> dict[str, Any]:
    """The document `coverage` of `check --json`.

    period  what a sales row totals;  before: a day after every one of which a row can tell

    reach          by table: first and last day with an accepted row
    products, without_cost, without_sales, without_category   active products, and those of them that lack something
    days, days_with_sales   days from the first to the last sale, of rows that total more to the end of the last one, and those (of weeks,
                            where sales were added up) with one
    stock_out_days, stock_products   product days without stock, and products whose stock is known
    """
    reach = {name: found for name in prepared.counts if (found := reached(prepared, name)) is not None}
    return {"reach": reach, **products(prepared), **days(prepared, period, before), **stock(prepared)}


def reached(prepared: Prepared, name: str) -> dict[str, dt.date] | None:
    if name == "sales" and prepared.weekly is not None:
        first = prepared.weekly.sums.select(week_start(pl.col("week")).min()).item()
        last = prepared.weekly.last
    elif name in MOMENTS:
        day = pl.col(MOMENTS[name]).cast(pl.Date)
        first, last = prepared.tables[name].select(day.min().alias("first"), day.max().alias("last")).row(0)
    else:
        return None
    return {"first": first, "last": last} if first is not None and last is not None else None


def products(prepared: Prepared) -> dict[str, int]:
    active = prepared.tables["products"].filter(pl.col("active").fill_null(1) == 1)
    last = (reached(prepared, "sales") or {}).get("last", dt.date.max - dt.timedelta(days=1))
    sold = prepared.tables["sales"] if prepared.weekly is None else prepared.weekly.keys
    keys, _ = number_items(sold.select(ITEM_KEY), active)
    costs = latest_costs(prepared.tables["costs"], active, keys.join(active, on="sku", how="semi"), last + dt.timedelta(days=1))
    return {
        "products": active.height,
        "without_cost": costs.filter(pl.col("unit_cost").is_null())["sku"].n_unique(),
        "without_sales": int((~active["sku"].is_in(sold["sku"].unique().implode())).sum()),
        "without_category": int((active["category"].fill_null("") == "").sum()),
    }


def days(prepared: Prepared, period: str = "day", before: dt.date = dt.date.max) -> dict[str, int]:
    span = reached(prepared, "sales")
    if span is None:
        return {"days": 0, "days_with_sales": 0}
    weekly = prepared.weekly
    seen = prepared.tables["sales"]["date"].n_unique() if weekly is None else 7 * weekly.sums["week"].n_unique()
    last = sold_until(span["last"], period if weekly is None else "day", before) or span["last"]
    return {"days": (last - span["first"]).days + 1, "days_with_sales": int(seen)}


def stock(prepared: Prepared) -> dict[str, int]:
    known = prepared.tables["stock"]
    out = (pl.col("out_of_stock") == 1).fill_null(False) | ((pl.col("on_hand") <= 0) & pl.col("out_of_stock").is_null())
    return {"stock_out_days": known.filter(out).height, "stock_products": known["sku"].n_unique()}


def adds(name: str) -> str:
    """What a table that is not given would add."""
    return INPUT[name].adds
