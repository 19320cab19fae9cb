"""How many people each change of a run needs as publishing will ask for them, and why."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.reading.ledger import KEY, Reading, Run
from pricesmith.flows.desk.reading.remembered import Remembered
from pricesmith.flows.publishing.answers.approval import Size, needs, size_of
from pricesmith.flows.publishing.history.changed_rules import rules_changed
from pricesmith.flows.publishing.history.lately import Lately

WHYS = ("large_run", "large_move", "lowered_floor", "unknown_move", "rules_changed", "usual", "small")
"""Why a change needs as many people as it does; the first that holds is said."""


def needed(reading: Reading, run: str, changes: pl.DataFrame, past: Lately, at: dt.datetime, size: Size | None = None) -> pl.Series:
    """(n,) people that must agree with each of these changes of a run. See `approval.needs` and `Lately.people`.

    past  of the run;  size: of the whole run, where these are a part of it
    """
    rules, floors = changed_rules(reading, run), excepted(reading, at)
    people = needs(changes, reading.policy.approval, size=size, rules_changed=rules, excepted=floors)
    return past.people(changes, people)


def changed_rules(reading: Reading, run: str) -> bool:
    """True where rules, guards or approval differ from those of the prices that stand, in any shop that this run can go to."""
    runs, intents, receipts = (reading.rows(name) for name in ("runs", "intents", "receipts"))
    return rules_changed(reading.book, reading.last_made(run), runs, intents, receipts, reading.policy.shops)


def excepted(reading: Reading, at: dt.datetime) -> list[Key]:
    """Products whose floor two people have lowered, unexpired."""
    standing = reading.rows("exceptions").filter(pl.col("expires") > at)
    return [Key(*row) for row in standing.select(KEY).unique().sort(KEY).iter_rows()]


def _risk(reading: Reading, run: Run, at: dt.datetime) -> pl.DataFrame:
    """Keys of the run's changes, `needs` and `why` (one of WHYS)."""
    policy = reading.policy.approval
    table = run.changes.with_columns(needs=needed(reading, run.name, run.changes, reading.lately(run.name), at))
    lowered = pl.DataFrame(excepted(reading, at), schema=dict.fromkeys(KEY, pl.String), orient="row").with_columns(lowered=True)
    table = table.join(lowered, on=KEY, how="left", maintain_order="left")
    two = pl.col("needs") == 2
    why = (
        pl.when(two & pl.lit(size_of(table).products > policy.two_people_products)).then(pl.lit("large_run"))
        .when(two & (pl.col("move").abs() > policy.two_people_move)).then(pl.lit("large_move"))
        .when(two & pl.col("lowered").fill_null(False)).then(pl.lit("lowered_floor"))
        .when(two & pl.col("move").is_null()).then(pl.lit("unknown_move"))
        .when(two | pl.lit(changed_rules(reading, run.name))).then(pl.lit("rules_changed"))
        .when(pl.col("needs") == 1).then(pl.lit("usual"))
        .otherwise(pl.lit("small"))
    )  # fmt: skip
    return table.select(*KEY, "needs", why=why)


risk = Remembered(_risk)
"""(reading, run, at) -> keys of the run's changes, `needs` and `why` (one of WHYS)."""
