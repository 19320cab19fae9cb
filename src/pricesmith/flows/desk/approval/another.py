"""Changes that somebody accepted and that leave only once another person does too: how many, and which limits ask for that."""

from __future__ import annotations

import datetime as dt

import msgspec
import polars as pl

from pricesmith.flows.desk.publishing.shops import counts
from pricesmith.flows.desk.reading.ledger import KEY, Reading, Run
from pricesmith.flows.publishing.answers.approval import size_of

from .risk import risk
from .standing import standing


class Another(msgspec.Struct, frozen=True):
    """changes: that wait for another person;  whys: one of `risk.WHYS` -> how many of them

    products  that the whole run changes;  two_people_products, two_people_move: the limits beyond which two people are needed
    """

    changes: int
    whys: dict[str, int]
    products: int
    two_people_products: int
    two_people_move: float


def another(reading: Reading, run: Run, at: dt.datetime, keys: pl.DataFrame | None = None) -> Another:
    """Of all changes of the run, or of these. To be asked once the answer is given. keys: of changes"""
    waits = (pl.col("state") == "open") & (pl.col("needs") == 2) & (pl.col("agreed") >= 1)
    open_ = standing(reading, run, at).filter(waits).select(KEY)
    table = risk(reading, run, at).join(open_, on=KEY, how="semi", maintain_order="left")
    table = table if keys is None else table.join(keys.select(KEY), on=KEY, how="semi", maintain_order="left")
    policy = reading.policy.approval
    return Another(table.height, counts(table, "why"), size_of(run.changes).products, policy.two_people_products, policy.two_people_move)
