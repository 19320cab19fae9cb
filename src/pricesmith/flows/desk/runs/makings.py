"""When a run was made, and what pricing the shop again with the same data and settings came to: the same run."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Literal

import msgspec
import polars as pl

from pricesmith.flows.desk.reading.drawer import put, take
from pricesmith.flows.desk.reading.ledger import Reading

SAME = "same"


class Making(msgspec.Struct, frozen=True):
    """first, first_by: when the run was made first, and by whom;  at, by: when the shop was priced last to this run, and by whom.

    how  `once`; or priced again with the same result: `same` (no answer was touched), `again` (what was taken back, or did not arrive, is
         asked about anew), `between` (so is everything that was not in a shop or on its way, for another run was made in between)
    """

    first: dt.datetime
    first_by: str
    at: dt.datetime
    by: str
    how: Literal["once", "same", "again", "between"] = "once"


def keep_same(folder: Path, run: str, *, by: str, at: dt.datetime) -> None:
    """Note that pricing came to a run that stands in the ledger, where it stays as it is: the ledger has nothing new to tell."""
    put(folder, SAME, run, {"by": by, "at": at}, {})


def making(reading: Reading, run: str) -> Making:
    """Of a run that is there."""
    row = reading.last_made(run)
    how: Literal["once", "again", "between"] = "once" if not row["again"] else "again" if row["unasked"] < row["seq"] else "between"
    by = str(reading.rows("runs").row(by_predicate=pl.col("run") == run, named=True)["by"])
    kept = take(reading.folder, SAME, run)
    if kept is not None and (at := dt.datetime.fromisoformat(kept.document["at"])) > row["at"]:
        return Making(row["first"], by, at, str(kept.document["by"]), "same")
    return Making(row["first"], by, row["at"], str(row["by"]), how)
