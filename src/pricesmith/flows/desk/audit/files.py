"""Acts about files that stand in the ledger: one that was taken over as a table of the shop, and one of approved prices that left."""

from __future__ import annotations

import datetime as dt

from pricesmith.contracts.ledger import Act, Ledger
from pricesmith.flows.desk.imports.uploads import Taken

IMPORTED, DOWNLOADED = "imported_file", "downloaded_prices"
"""The subjects name the table with the file and its rows, and the run with the number of its prices."""


def imported(ledger: Ledger, table: str, file: str, taken: Taken, *, first: bool, by: str, at: dt.datetime) -> None:
    """A file became a table of the shop, or was added to it. file: its name as it was sent;  first: there was no such table before"""
    told = [f"table {table}", f"rows written: {taken.rows}"]
    if taken.added is None:
        told.append("the first of its table" if first else "in place of what was there")
    else:
        told += [f"rows of before that stay: {taken.added.stay}", f"rows of before that gave way: {taken.added.gave_way}"]
    told += [f"rows that cannot be used: {len(taken.aside)}"] if taken.aside else []
    ledger.append(Act(at, by, IMPORTED, ", ".join([*told, f"file {file}"])), {})


def downloaded(ledger: Ledger, run: str, prices: int, *, by: str, at: dt.datetime) -> None:
    """The approved prices of a run left as a file, for somebody who sets them by hand."""
    ledger.append(Act(at, by, DOWNLOADED, f"{run}, prices: {prices}"), {})
