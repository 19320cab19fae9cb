"""What of a run never changes and is asked for in lists: how many changes, worth how much. Read once for each run."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import msgspec
import polars as pl

from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.publishing.answers.approval import asked_about, size_of

MOST_ROWS = 250_000
"""Decisions that one request reads for summaries; of runs beyond them nothing is said until the list is asked for again."""
_KNOWN: WeakKeyDictionary[Reading, dict[str, Summary]] = WeakKeyDictionary()


class Summary(msgspec.Struct, frozen=True):
    """Changes of a run, the products that they are about, and the sum of their profit change (major units a day)."""

    changes: int
    products: int
    profit_change: float


def summaries(reading: Reading, runs: Sequence[str]) -> dict[str, Summary]:
    """Of those of the runs that are read already, or small enough to be read now; the first ones first."""
    known = _KNOWN.setdefault(reading, {})
    large = sizes(reading)
    room = MOST_ROWS
    for name in runs:
        room -= 0 if name in known else large.get(name, 0)
        if name not in known and (room >= 0 or name == runs[0]):
            known[name] = _summary(reading, name)
    return {name: known[name] for name in runs if name in known}


def sizes(reading: Reading) -> dict[str, int]:
    """Run -> decisions, as its audit row counts them."""
    acts = reading.rows("audit").filter(pl.col("act") == "recorded_run")
    rows = acts.select("subject", pl.col("digest").str.extract(r"\bdecided:(\d+):").cast(pl.Int64).fill_null(0))
    return dict(rows.iter_rows())


def _summary(reading: Reading, run: str) -> Summary:
    kind = str(reading.rows("runs").filter(pl.col("run") == run)["kind"][0])
    changes = reading.book.read(
        "decided", {"run": [run], "action": ["change"]}, columns=["sku", "action", "reason", "profit_change"]
    ).filter(asked_about(kind))
    return Summary(*size_of(changes), float(changes["profit_change"].sum()))
