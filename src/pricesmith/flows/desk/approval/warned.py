"""What is to be known of a run's prices before many of them are accepted at once: the same as Today and the page of the run say."""

from __future__ import annotations

import msgspec
import polars as pl

from pricesmith.flows.desk.models.said_against import Covered, covered
from pricesmith.flows.desk.reading.ledger import Reading, Run
from pricesmith.flows.desk.rules.caution import Borrowed, borrowed
from pricesmith.flows.desk.runs.in_force import Behind, behind
from pricesmith.preparation.list_share import doubted


class Warned(msgspec.Struct, frozen=True):
    """behind    whether a newer run or other rules overtook it
    covered   what the last test of its model says against it
    doubted   products whose price here is likely that of small orders alone; see `preparation.list_share`
    borrowed  of its changes, or of those that are asked about, those that rest mostly on similar products;  changes: all of them
    """

    behind: Behind
    covered: Covered | None
    doubted: int
    borrowed: Borrowed
    changes: int


def warned(reading: Reading, run: Run, found: pl.DataFrame | None = None) -> Warned:
    """found: products of the run, with the columns of table DECIDED, where only some of them are asked about"""
    decided = run.decided if found is None else found
    changes = decided.filter(pl.col("action") == "change")
    rests = borrowed(changes, run.policy.rules)
    return Warned(behind(reading, run.name), covered(reading, run), doubted(decided).height, rests, changes.height)
