"""Costs that are missing, zero, above the price, or yet to come."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.contracts.snapshot import until
from pricesmith.preparation.costs import PLACES, latest_costs
from pricesmith.preparation.items import named_tax
from pricesmith.preparation.prepared import Warning_, warn

from .facts import Facts, found

SHOWN = 8
"""Names of channels or regions that are told at most."""
LEAST_SKUS, MOST = 5, 0.9
"""Products with a cost, and the share of them sold below it, from which prices and costs are doubted as a whole."""


SHARE = 0.1
"""A cost below 1 and this share of its price may be a share itself."""


def check_costs(facts: Facts) -> list[Warning_]:
    """Missing and zero costs of active products, current prices that keep less than the landed cost, and taxes that nobody names."""
    products = facts.tables["products"].filter(pl.col("active").fill_null(1) == 1)
    tomorrow, sold = facts.last + dt.timedelta(days=1), facts.keys.join(products.select("sku", "tax_rate"), on="sku")
    costs = latest_costs(facts.tables["costs"], products, sold, tomorrow, facts.policy.fees)
    by_sku = costs.group_by("sku").agg(lacking=pl.col("unit_cost").is_null().mean(), zero=(pl.col("unit_cost") == 0).any()).sort("sku")
    tax = named_tax(facts.policy)
    kept = pl.col("current_price") / (1 + tax.fill_null(0.0)) * (1 - pl.col("fee_rate") - pl.col("payment_rate"))
    known = facts.prices.join(costs.drop("sku"), on="item").filter(pl.col("unit_cost").is_not_null())
    sunk = known.filter(kept < pl.col("unit_cost") + pl.col("shipping"))
    return [
        *_swapped(known),
        *_shares(known),
        *found(
            "missing_cost", "costs", "warning", by_sku.filter(pl.col("lacking") == 1),
            "{count} active products have no cost; they are held until costs.csv or products.unit_cost gives one",
        ),
        *found(
            "missing_cost_somewhere", "costs", "warning", by_sku.filter(pl.col("lacking").is_between(0, 1, closed="none")),
            "{count} active products have a cost in some channels or regions only; where they have none they are held",
        ),
        *_coming(facts),
        *_costs_nowhere(facts),
        *_fees_nowhere(facts),
        *found(
            "zero_cost", "costs", "warning", by_sku.filter("zero"),
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


def _coming(facts: Facts) -> list[Warning_]:
    """Costs from a day after the one on which the next prices are made: somebody said them, and no price counts them yet."""
    day = until(facts.last, facts.policy.period) + dt.timedelta(days=1)
    rows = facts.tables["costs"].filter(pl.col("unit_cost").is_not_null() & (pl.col("valid_from") > day))
    first = str(rows["valid_from"].min())
    text = (
        f"{{count}} costs of {{products}} products begin after {day}, the first on {first}: prices that are made before count the cost "
        "until then; price again from that day on"
    )
    return found("coming_cost", "costs", "info", rows, text)


def _costs_nowhere(facts: Facts) -> list[Warning_]:
    """Rows that name a channel or region in which nothing is sold."""
    strange: list[tuple[str, str]] = []
    for column in PLACES[0]:
        named = set(facts.tables["costs"][column].drop_nulls())
        strange += [(column, name) for name in sorted(named - set(facts.keys[column]))]
    if not strange:
        return []
    rows = facts.tables["costs"].filter(pl.any_horizontal((pl.col(column) == name).fill_null(False) for column, name in strange)).height
    known = ", ".join(dict.fromkeys(name for column, _ in strange for name in sorted(set(facts.keys[column]))[:SHOWN]))
    message = (
        f"costs: {rows} rows hold for a channel or region in which nothing is sold, and say nothing there; write it as sales do: {known}"
    )
    return [warn("cost_of_no_place", "costs", "warning", message, rows, [f"{column} {name}" for column, name in strange])]


def _fees_nowhere(facts: Facts) -> list[Warning_]:
    """[[fees]] of the policy that name a channel or region in which nothing is sold."""
    known = {column: set(facts.keys[column]) for column in PLACES[0]}
    told = [
        (number, f"{column} {name}")
        for number, fee in enumerate(facts.policy.fees)
        for column in fee.place
        if (name := getattr(fee, column)) not in known[column]
    ]
    return [
        warn(
            "fees_of_no_place", "shop.toml", "warning",
            f"shop.toml: [[fees]] of {name}: nothing is sold there, so they are taken from no price; write it as sales do", 1, [name],
            places=[f"shop.toml $.fees[{number}]"],
        )
        for number, name in told
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


def _shares(known: pl.DataFrame) -> list[Warning_]:
    """Nearly every cost lies between 0 and 1 and far below its price: shares of the price, most likely."""
    low = known.filter(pl.col("unit_cost").is_between(0, 1, closed="none") & (pl.col("unit_cost") < SHARE * pl.col("current_price")))
    if known["sku"].n_unique() < LEAST_SKUS or low.height < MOST * known.height:
        return []
    text = (
        "{count} of {of} costs lie between 0 and 1, while the prices are more than ten times as high: if they are shares of the price "
        "(0.55 for 55 %), write the cost of one unit in money"
    )
    return found("cost_as_share", "costs", "warning", low, text, of=known.height)
