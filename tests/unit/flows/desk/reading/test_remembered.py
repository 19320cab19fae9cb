"""Tables of a run that are kept: of those runs that were asked for last."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import polars as pl

from pricesmith.flows.desk.reading.ledger import Reading, Run
from pricesmith.flows.desk.reading.remembered import MOST, Remembered
from tests.desk.place import place


def test_the_run_that_was_not_asked_for_the_longest_is_forgotten_first(tmp_path: Path) -> None:
    desk = place(tmp_path / "shop")
    reading, made = desk.desk.reading, []

    def make(_reading: Reading, run: Run, _at: dt.datetime) -> pl.DataFrame:
        made.append(run.name)
        return pl.DataFrame({"run": [run.name]})

    remembered = Remembered(make)
    runs = [dataclasses.replace(reading.run(desk.run), name=str(number)) for number in range(MOST + 1)]
    for run in (*runs[:MOST], runs[0], runs[MOST], runs[0], runs[1]):
        assert remembered(reading, run, reading.now())["run"].to_list() == [run.name]
    assert made == [run.name for run in (*runs, runs[1])]
