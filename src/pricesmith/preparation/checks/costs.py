"""Costs that are missing, zero, or above the price."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.preparation.costs import latest_costs
from pricesmith.preparation.items import named_tax
from pricesmith.preparation.prepared import Warning_

from .facts import Facts, found

LEAST_SKUS, MOST = 5, 0.9
"""Products with a cost, and the share of them sold below it, from which prices and costs are doubted as a whole."""


def check_costs(facts: Facts) -> list[Warning_]:
    """Missing and zero costs of active products, current prices that keep less than the landed cost, and taxes that nobody names."""
    products = facts.tables["products"].filter(pl.col("active").fill_null(1) == 1)
    tomorrow = facts.last + dt.timedelta(days=1)
    costs = latest_costs(facts.tables["costs"], facts.tables["products"], tomorrow).join(products.select("sku", "tax_rate"), on="sku")
    tax = named_tax(facts.policy)
    kept = pl.col("current_price") / (1 + tax.fill_null(0.0)) * (1 - pl.col("fee_rate") - pl.col("payment_rate"))
    known = facts.prices.join(costs, on="sku").filter(pl.col("unit_cost").is_not_null())
    sunk = known.filter(kept < pl.col("unit_cost") + pl.col("shipping"))
    return [
        *_swapped(known),
        *found(
            "missing_cost", "costs", "warning", costs.filter(pl.col("unit_cost").is_null()),
            "{count} active products have no cost; they are held until costs.csv or products.unit_cost gives one",
        ),
        *found(
            "zero_cost", "costs", "warning", costs.filter(pl.col("unit_cost") == 0),
            "{count} products cost 0; without a min_price they are held, as nothing bounds their price from below",
        ),
        *found(
            "cost_above_price", "costs", "warning", sunk,
            "{count} current prices keep less than the landed cost after tax and fees; check cost, tax and whether prices are gross or net",
        ),
        *found(
            "missing_tax_rate", "products", "warning", products.filter(tax.is_null()),
            "prices contain tax, and {count} active products do not say how much: 0 is assumed, and no price of theirs is published; "
            'fill in products.tax_rate (0 where there is none), or write tax_rate under [data], or tax = "net" where prices are without it',
        ),
    ]  # fmt: skip


def _swapped(known: pl.DataFrame) -> list[Warning_]:
    """Nearly every product is sold below its bare cost: the columns are swapped, or in two currencies, or the cost is that of a case."""
    below = known.filter(pl.col("current_price") < pl.col("unit_cost"))
    if known["sku"].n_unique() < LEAST_SKUS or below.height < MOST * known.height:
        return []
    text = (
        "{count} of "
        f"{known.height} current prices lie below the bare cost: prices and costs may have changed places, be in two currencies, "
        "or the cost be that of a case; mend them before any price is used"
    )
    return found("costs_for_prices", "costs", "warning", below, text)
