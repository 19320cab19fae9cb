"""P05 at the other end: numbers in the files of a shop."""

from __future__ import annotations

import dataclasses
import datetime as dt
import tempfile
from pathlib import Path

import polars as pl

from pricesmith.contracts.policy import DataPolicy, Policy
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.contracts.tables import INPUT, Column
from pricesmith.preparation import snapshot
from tests.shop_folders import prepared
from tests.soak.promise import Seen, promise

WRONG = ("nan", "NaN", "inf", "-inf", "Infinity", "1e400", "-1e400", "-1", "-0.01", "1e17", "1_000", "0x10", "1,5", "12.5.1", "1e", "--5")
WRONG += ("\uff11\uff12", "\u0663")
NUMBERS = {"money", "number", "fraction"}
USUAL = {"text": "a", "date": "2025-01-03", "moment": "2025-01-03T09:00:00Z", "flag": "0", "money": "5", "number": "3", "fraction": "0.1"}
PRICES = ("current_price", "min_price", "max_price", "map_price", "rrp", "landed_cost", "unit_cost", "list_price", "price")
LOOSE = Policy(currency="EUR", data=DataPolicy(max_bad_share=1.0))


@promise(
    "P05",
    "No number in a file of the shop that is not finite, or a price not above zero, reaches the tables from which prices are made.",
    full=1,
    small=1,
    unit="rounds of all",
    quick=False,
)
def file_numbers(size: int) -> Seen:
    """Each numeric column of each input table with each value; the tables of the snapshot are looked at cell by cell."""
    tried = breaches = 0
    for _ in range(size):
        for name, table in INPUT.items():
            for column in table.columns:
                if column.kind in NUMBERS:
                    for value in WRONG:
                        breaches += _reaches(name, column, value)
                        tried += 1
    return Seen(size, breaches, f"{tried} files: each number of each table with each of {len(WRONG)} spellings")


def _reaches(name: str, column: Column, value: str) -> int:
    """Cells of the snapshot that cannot be, after a file whose only row beside the usual ones holds the value."""
    columns = [one for one in INPUT[name].columns if one.required or one is column]
    rows = [",".join(f'"{value}"' if one is column and wrong else USUAL[one.kind] for one in columns) for wrong in (True, False)]
    rows[1] = rows[1].replace(USUAL["text"], "b").replace(USUAL["date"], "2025-01-02")
    text = "\n".join([",".join(one.name for one in columns), *rows]) + "\n"
    with tempfile.TemporaryDirectory() as folder:
        outcome = prepared(Path(folder), LOOSE, **{name: text})
    return sum(_impossible(frame) for frame in _frames(snapshot(outcome, LOOSE, dt.date(2025, 1, 4))))


def _frames(taken: Snapshot) -> list[pl.DataFrame]:
    values = [getattr(taken, one.name) for one in dataclasses.fields(taken)]
    frames = [value for value in values if isinstance(value, pl.DataFrame)]
    assert sum(frame.height for frame in frames) > 0
    return frames


def _impossible(frame: pl.DataFrame) -> int:
    """Infinite cells, and prices and costs that are not above zero; a number that is missing is null or NaN."""
    floats = frame.select(pl.col(pl.Float64).is_infinite().sum())
    named = [name for name in PRICES if name in frame.columns and frame.schema[name].is_numeric()]
    prices = frame.select((pl.col(name).fill_nan(None) <= 0).sum() for name in named)
    return sum(int(value) for part in (floats, prices) if part.width for value in part.row(0))
