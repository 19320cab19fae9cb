"""A recorded run as publishing needs it: its items, its decisions, and what its prices hang on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import numpy as np
import polars as pl

from pricesmith.contracts.errors import PolicyError
from pricesmith.contracts.ledger import Ledger
from pricesmith.contracts.money import exponent
from pricesmith.contracts.policy import parse_policy
from pricesmith.contracts.rule import Context
from pricesmith.contracts.tables import CHANGES, DECISIONS
from pricesmith.flows.publishing.answers.approval import Size, asked_about, run_row, size_of
from pricesmith.rules import RULES
from pricesmith.rules.together import one_price

from . import contents
from .facts import Facts
from .freshness import LOOKED, freshest

KEY = list(DECISIONS.key)
AT_CHECKOUT = ("coupon", "code", "bundle", "checkout", "voucher")
"""Kinds of promotion that take something off the price on the tag, by a word in their name."""
MEDIAN_DAYS = 30
FOLLOWS = pl.col("binding_rules").str.split(";").list.eval(pl.element().str.starts_with("competitor_band")).list.any().cast(pl.Int8)
"""Of rows of table DECISIONS: 1 where competitor prices moved the price."""

JOINT = pl.col("facts").str.json_path_match("$.joint").cast(pl.Float64, strict=False)
"""Of rows of table RUNS: `joint` of their Facts."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What the guards must know of a run's products, from the ledger alone.

    row       the row of table RUNS
    decided   rows of table DECIDED
    products  keys and those columns of CHANGES that the run itself fixes; `bound` names those that hard rules bind to one price together
    size      of its changes that people are asked about
    """

    row: Mapping[str, object]
    decided: pl.DataFrame
    products: pl.DataFrame
    size: Size


def run_facts(ledger: Ledger, run: str) -> RunFacts:
    """Read a run. Raises UnknownChoice where there is none, LedgerError where its content is not as it was."""
    row = run_row(ledger, run)
    decided = ledger.read("decided", {"run": [run]})
    names = msgspec.json.decode(str(row["snapshot"]), type=dict[str, str])
    tables = contents.to_tables(ledger, {part: names[part] for part in ("items", "cells", "promotions")})
    known = freshest(row, ledger.read("audit", {"act": [LOOKED]}))
    products = _products(row, decided, tables, known).join(_bound(ledger, row, tables["items"]), on=KEY, how="left", maintain_order="left")
    return RunFacts(row, decided, products, size_of(decided.filter(asked_about(str(row["kind"])))))


def _products(row: Mapping[str, object], decided: pl.DataFrame, tables: Mapping[str, pl.DataFrame], known: Facts) -> pl.DataFrame:
    scale = 10.0 ** exponent(str(row["currency"]))
    items = tables["items"]
    whys = msgspec.json.decode("[" + ",".join(decided["explanation"]) + "]", type=list[_Why])
    own = decided.select(
        *KEY,
        revenue=pl.col("expected_revenue") * scale,
        follows=FOLLOWS,
        anchor_price=pl.Series([None if why.anchor is None else why.anchor * scale for why in whys], dtype=pl.Float64),
        influence=pl.Series([why.influence for why in whys], dtype=pl.Float64),
    )
    facts = items.select(
        *KEY,
        "category",
        known_tax(items).alias("tax_rate"),
        "fee_rate",
        "payment_rate",
        "landed_cost",
        "min_price",
        "max_price",
        sellers=pl.col("competitor_offers").cast(pl.Int64),
    )
    as_of = row["as_of"]
    assert isinstance(as_of, dt.date)
    median = _median(items, tables["cells"], as_of, scale)
    off = _discounts(tables["promotions"], as_of)
    joined = facts.join(own, on=KEY).join(median, on=KEY, how="left").join(off, on="sku", how="left")
    moment = CHANGES.schema["cost_at"]
    return joined.with_columns(
        pl.col("discount_share").fill_null(0.0),
        cost_at=pl.lit(known.cost_at, dtype=moment),
        competitor_at=pl.lit(known.competitor_at, dtype=moment),
        stock_at=pl.lit(known.stock_at, dtype=moment),
        uses_stock=pl.lit(0, dtype=pl.Int8),
    )


def _bound(ledger: Ledger, row: Mapping[str, object], items: pl.DataFrame) -> pl.DataFrame:
    """Keys and `bound`: a name for what the run's hard rules bind to one price, null for a price alone, and where they cannot be read now.

    It orders what is sent and permits nothing: settings that this version does not know must not stand in the way back.
    """
    name, as_of = str(row["policy"]), row["as_of"]
    assert isinstance(as_of, dt.date)
    try:
        policy = parse_policy(contents.read(ledger, [name])[name].decode(), RULES)
    except PolicyError:
        return items.select(*KEY, bound=pl.lit(None, pl.String))
    group = one_price(policy.rules, items, Context(as_of, str(row["currency"]), policy.tax))
    names = items.select(pl.concat_str(KEY, separator="\n")).to_series()
    return items.select(*KEY, bound=pl.when(pl.Series(group) >= 0).then(names.gather(np.maximum(group, 0))))


def known_tax(items: pl.DataFrame) -> pl.Expr:
    """The tax inside each price of table ITEMS, null where it is only assumed: prices below their floor could leave then."""
    if "tax_assumed" not in items.columns:  # recorded before there was such a column; its prices must still find the way back
        return pl.col("tax_rate")
    return pl.when(pl.col("tax_assumed") == 0).then("tax_rate")


class _Why(msgspec.Struct, frozen=True):
    """The part of an explanation that the guards ask for."""

    anchor: float | None = None
    influence: float | None = None


def _median(items: pl.DataFrame, cells: pl.DataFrame, as_of: dt.date, scale: float) -> pl.DataFrame:
    """Keys and `median_30d`: the median list price of the 30 days before the run, minor units."""
    recent = cells.filter((pl.col("date") >= as_of - dt.timedelta(days=MEDIAN_DAYS)) & pl.col("list_price").is_finite())
    middle = recent.group_by("item").agg(median_30d=pl.col("list_price").median() * scale)
    return items.select("item", *KEY).join(middle, on="item", how="left").drop("item")


def _discounts(promotions: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """`sku` and `discount_share`: the deepest promotion of those that checkout takes off, now or later."""
    kind = pl.col("kind").fill_null("").str.to_lowercase()
    at_checkout = pl.any_horizontal(kind.str.contains(word, literal=True) for word in AT_CHECKOUT)
    standing = promotions.filter((pl.col("end") >= as_of) & at_checkout)
    return standing.group_by("sku").agg(discount_share=pl.col("depth").fill_null(1.0).max().clip(0.0, 1.0))
