"""Changes of a run that an answer no longer reaches: the price is in the shop or on its way, of whatever run, or it is sent no more."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.contracts.ledger import Ledger
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.tables import DECISIONS
from pricesmith.flows.publishing.history.lately import lately
from pricesmith.flows.publishing.history.making import AGAIN, made
from pricesmith.flows.publishing.history.overview import changes
from pricesmith.flows.publishing.sending.waves import LEAVES, last_asked

from .carried import carried
from .overtaken import overtaken

KEY = list(DECISIONS.key)


def settled(ledger: Ledger, run: str, policy: Policy, at: dt.datetime, said: str, prices: pl.DataFrame) -> pl.DataFrame:
    """Keys and `over` of the changes that such an answer no longer reaches at any shop of their channel and region.

    over    `gone`: never sent any more by this run (taken back, called off, held, given up, overtaken); `there`: in a shop or on its way,
            be it by another run, see `carried`
    said    `accept` or `reject`: a rejection still stops what waits, and an acceptance still lets leave what too few agreed with
    prices  rows of table DECIDED of changes of the run
    """
    runs = made(ledger.read("runs"), ledger.read("audit", {"act": [AGAIN]}))
    intents, receipts = ledger.read("intents"), ledger.read("receipts")
    asked = last_asked(lately(intents, receipts, runs.row(by_predicate=pl.col("run") == run, named=True)).intents, receipts)
    waits = pl.col("fate").is_null() & (pl.col("kind") == "publish")
    if said == "accept":
        told = changes(ledger, run, policy, at).select(*KEY, few=(pl.col("agreed") < pl.col("needs")) | pl.col("rejected"))
        asked = asked.join(told, on=KEY, how="left", maintain_order="left")
        waits = waits & pl.col("few").fill_null(True)
    asked = asked.filter(~waits).with_columns(there=(pl.col("kind") == "publish") & LEAVES)
    shops = _shops(prices, policy, asked).join(
        asked.select("target", *KEY, "there"), on=["target", *KEY], how="left", maintain_order="left"
    )
    known = shops.group_by(KEY, maintain_order=True).agg(all=pl.col("there").is_not_null().all(), there=pl.col("there").any())
    late = overtaken(runs, intents, receipts, run, prices).with_columns(late=True)
    table = known.join(late, on=KEY, how="full", coalesce=True).with_columns(pl.col("all", "there", "late").fill_null(False))
    over = pl.when(~pl.col("late") & pl.col("there")).then(pl.lit("there")).otherwise(pl.lit("gone"))
    own = table.filter(pl.col("all") | pl.col("late")).select(*KEY, over=over)
    book = {"intents": intents, "receipts": receipts, "applied": ledger.read("applied")}
    others = carried(book, run, prices, policy.shops, lambda name: changes(ledger, name, policy, at))
    return pl.concat([own, others.join(own, on=KEY, how="anti").select(*KEY, over=pl.lit("there"))])


def _shops(prices: pl.DataFrame, policy: Policy, asked: pl.DataFrame) -> pl.DataFrame:
    """Keys and `target`: the shops of the policy that take each price, and those for which it was asked already."""
    places = [(name, one.channel, one.region) for name, one in policy.shops.items()]
    takes = pl.DataFrame(places, schema=dict.fromkeys(("target", *KEY[1:]), pl.String), orient="row")
    of_policy = prices.select(KEY).join(takes, on=KEY[1:])
    return pl.concat([table.select("target", *KEY) for table in (of_policy, asked.join(prices, on=KEY, how="semi"))]).unique(
        maintain_order=True
    )
