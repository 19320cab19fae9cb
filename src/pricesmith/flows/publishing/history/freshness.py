"""When what a run rests on was last known to be true: as it was made, or since, where files that say the same were written anew.

The same data give the same run, whose row stands once. That costs were looked through since and are what they were is an act of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec
import polars as pl

from pricesmith.contracts.ledger import Act, Ledger

from .facts import Facts

LOOKED = "known_again"
"""The act in table AUDIT; its subject is the run, and each time that moved as `costs as of TIME`."""
TOLD = {"cost_at": "costs as of ", "competitor_at": "offers as of ", "stock_at": "stock as of ", "files_at": "files as of "}
FORM = "%Y-%m-%d %H:%M:%S UTC"


def known_again(ledger: Ledger, runs: Sequence[str], now: Facts, *, by: str, at: dt.datetime) -> None:
    """Write down of runs that what they rest on was known to be true later than the ledger says. now: the times as files say them."""
    acts = ledger.read("audit", {"act": [LOOKED]})
    for row in ledger.read("runs", {"run": list(runs)}).iter_rows(named=True):
        before = freshest(row, acts)
        later = [f"{told}{time:{FORM}}" for name, told in TOLD.items() if (time := _later(getattr(now, name), getattr(before, name)))]
        if later:
            ledger.append(Act(at, by, LOOKED, ", ".join([str(row["run"]), *later])), {})


def freshest(row: Mapping[str, object], acts: pl.DataFrame) -> Facts:
    """The facts of a run with the last times that were written down. row: of table RUNS;  acts: rows of table AUDIT, of any acts"""
    facts = msgspec.json.decode(str(row["facts"]), type=Facts)
    told = said(acts.filter(pl.col("subject").str.starts_with(f"{row['run']}, "))).to_dicts()
    return msgspec.structs.replace(facts, **{name: time for name in TOLD if told and (time := told[0][name]) is not None})


def said(acts: pl.DataFrame) -> pl.DataFrame:
    """`run` and the names of TOLD: the last times that were written down of runs, null where none was.

    acts  rows of table AUDIT, of any acts
    """
    subject = pl.col("subject")
    times = {name: subject.str.extract(f"{told}([^,]+)").str.to_datetime(FORM, time_zone="UTC") for name, told in TOLD.items()}
    rows = acts.filter(pl.col("act") == LOOKED).select(run=subject.str.split(", ").list.first(), **times)
    return rows.group_by("run", maintain_order=True).agg(pl.col(TOLD).drop_nulls().last())


def _later(now: dt.datetime | None, before: dt.datetime | None) -> dt.datetime | None:
    """The time as it is now, in whole seconds of UTC, where it is later."""
    whole = None if now is None else now.astimezone(dt.UTC).replace(microsecond=0)
    return whole if whole is not None and (before is None or whole > before) else None
