"""The price table as it leaves for a spreadsheet: the columns of the table, the ends of intervals, what the shop has now, and what
people set and answered."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.flows.desk.own_prices.own import own_prices
from pricesmith.flows.desk.publishing.since import since
from pricesmith.flows.desk.reading.ledger import KEY, Reading, Run

from .margins import MARGINS
from .table import ALWAYS, Wanted, chosen, filtered, places, table_of

BOUNDS = {"profit_change": ("profit_change_lo", "profit_change_hi"), "elasticity": ("elasticity_lo", "elasticity_hi")}
"""Column -> the ends of its 90 % interval, which leave with it."""
OWN = {"price": "own_price", "by": "own_by", "why": "own_why", "state": "own_state"}
"""Columns of `own.own_prices` -> what they are called in the file."""
SHOP = "shop_price"
"""What the shop has now: what came there last, where the run could not know it, else the run's current price; null without a shop."""
NEVER_SAID = "makes_room"
"""Reason of a price that loses by itself under rules over several products; its code stays `profit_up`."""


def exported(reading: Reading, run: Run, wanted: Wanted, at: dt.datetime) -> pl.DataFrame:
    """Every product that is found, in the order that is wanted; prices in minor units, expectations in major units a day.

    `reason_said` is the code of the reason that people are told, beside `reason`. Raises UnknownChoice for a column that is not there.
    """
    whole = filtered(table_of(reading, run, at), wanted)
    own = own_prices(reading, run, at).select(*KEY, *(pl.col(name).alias(called) for name, called in OWN.items()))
    now = since(reading, run, at).select(*KEY, pl.col("price").alias(SHOP))
    found = whole[places(whole, wanted)]
    for beside in (own, now):
        found = found.join(beside, on=KEY, how="left", maintain_order="left")
    loses = (pl.col("reason") == "profit_up") & (pl.col("profit_change") < 0)
    set_ = pl.col("reason") == "override"  # no rule is said to have stopped a price that a person set
    found = found.with_columns(
        pl.coalesce(SHOP, "current_price").alias(SHOP) if reading.policy.shops else SHOP,
        reason_said=pl.when(loses).then(pl.lit(NEVER_SAID)).otherwise("reason"),
        binding_rules=pl.when(set_).then(pl.lit("")).otherwise("binding_rules"),
    )
    columns = columns_of(wanted)
    return found.select(*columns, *(["reason_said"] if "reason" in columns else []))


def columns_of(wanted: Wanted) -> list[str]:
    """Names of the columns, before words are put beside codes."""
    asked = [part for name in chosen(wanted) for part in (name, *BOUNDS.get(name, ()))]
    rest = ["cost_assumed"] if {"landed_cost", *MARGINS} & set(asked) else []
    return list(dict.fromkeys([*ALWAYS, *asked, *rest, "category", SHOP, "state", *OWN.values()]))
