"""Where each change of a run stands: how many people must agree, who did, and what became of it."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import polars as pl

from pricesmith.contracts.policy import Policy
from pricesmith.flows.publishing.approval import stand_behind
from pricesmith.flows.publishing.lately import lately
from pricesmith.flows.publishing.overtaken import overtaken
from pricesmith.flows.publishing.waves import ARRIVED, TRIED_AGAIN

from .reading import KEY, Reading, Run
from .remembered import Remembered
from .risk import needed

STATES = ("open", "ready", "unreached", "rejected", "sent", "applied", "held", "undone", "called_off", "failed", "overtaken")
"""open: somebody must agree; ready: may be published; unreached: may be, but no shop of the policy takes its channel and region; sent: on
its way; undone: it was in the shop and went back; called_off: taken back before it left; failed: given up, refused or superseded;
overtaken: a newer run's price is in the shop instead, or on its way."""
_FATES = {**dict.fromkeys(ARRIVED, "applied"), "held": "held", **dict.fromkeys(TRIED_AGAIN, "sent")}


class Told(NamedTuple):
    """Rows of these tables."""

    intents: pl.DataFrame
    receipts: pl.DataFrame
    verdicts: pl.DataFrame


def _standing(reading: Reading, run: Run, at: dt.datetime) -> pl.DataFrame:
    return where(reading, run.name, run.changes, Told(*(reading.rows(name) for name in Told._fields)), at)


def where(reading: Reading, run: str, changes: pl.DataFrame, told: Told, at: dt.datetime, many: int | None = None) -> pl.DataFrame:
    """Keys of the changes, `needs`, `agreed`, `rejected`, `fate`, `code` (of the last receipt) and `state` (one of STATES).

    changes  rows of table DECIDED of a run;  told: of these products at least;  many: changes of the whole run, where these are a part
    """
    made = reading.last_made(run)
    past = lately(told.intents, told.receipts, made)
    wanted = changes.with_columns(needs=needed(reading, run, changes, past, at, many))
    said = past.said(told.verdicts, run, str(made["digest"]), at, wanted)
    table = wanted.select(*KEY, "needs").join(said, on=KEY, how="left", maintain_order="left")
    table = table.join(_fates(told.receipts, past.intents), on=KEY, how="left", maintain_order="left")
    agreed = stand_behind(pl.col("agreed"), pl.col("needs"), pl.col("asker"))
    table = table.with_columns(agreed=agreed, taken=taken(table, reading.policy)).drop("asker")
    table = table.with_columns(state=_state()).drop("taken", "came")
    late = overtaken(reading.made(), told.intents, told.receipts, run, changes)
    table = table.join(late.with_columns(late=True), on=KEY, how="left", maintain_order="left")
    newer = pl.col("late").fill_null(False) & pl.col("state").is_in(["open", "ready", "unreached", "applied"])
    return table.with_columns(state=pl.when(newer).then(pl.lit("overtaken")).otherwise("state")).drop("late")


def taken(changes: pl.DataFrame, policy: Policy) -> pl.Series:
    """(n,) True where a shop of the policy takes prices of the change's channel and region."""
    places = [(one.channel, one.region) for one in policy.shops.values()]
    shops = pl.DataFrame(places, schema=dict.fromkeys(KEY[1:], pl.String), orient="row").unique().with_columns(taken=True)
    return changes.select(KEY[1:]).join(shops, on=KEY[1:], how="left", maintain_order="left")["taken"].fill_null(False)


def _fates(receipts: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """Keys, `kind`, `fate`, `code`: of the last try of the last of these intents of each product; `came`: a price of it did."""
    last = receipts.group_by("intent", maintain_order=True).agg(pl.col("fate").last(), pl.col("code").last())
    found = own.join(last, on="intent", how="left", maintain_order="left")
    ours = found.join(receipts.filter(pl.col("fate").is_in(ARRIVED)).select("intent").unique(), on="intent", how="semi")
    came = ours.filter(pl.col("kind") == "publish").select(KEY).unique().with_columns(came=True)
    last = found.group_by(KEY, maintain_order=True).agg(pl.col("kind").last(), pl.col("fate").last(), pl.col("code").last())
    return last.join(came, on=KEY, how="left", maintain_order="left")


standing = Remembered(_standing)
"""(reading, run, at) -> keys of the run's changes, `needs`, `agreed`, `rejected`, `fate`, `code` (of the last receipt) and `state`."""


def _state() -> pl.Expr:
    fate = pl.col("fate").replace_strict(_FATES, default="failed")
    return (
        pl.when((pl.col("kind") == "undo") & pl.col("fate").is_in(ARRIVED))
        .then(pl.when(pl.col("came").fill_null(False)).then(pl.lit("undone")).otherwise(pl.lit("called_off")))
        .when(pl.col("kind").is_not_null() & pl.col("fate").is_null()).then(pl.lit("sent"))
        .when(pl.col("fate").is_not_null()).then(fate)
        .when(pl.col("rejected")).then(pl.lit("rejected"))
        .when(pl.col("agreed") >= pl.col("needs")).then(pl.when("taken").then(pl.lit("ready")).otherwise(pl.lit("unreached")))
        .otherwise(pl.lit("open"))
    )  # fmt: skip
