"""Folders that chance has spoiled: a price list comes out whose prices can be asked, or one line that says why not.

A case is the example shop with one to five of its tables damaged in some way, and some of its rules switched on. Seeded, so that a case
that fails fails again; `PRICESMITH_FOLDERS=1000` tries so many in place of a few.
"""

from __future__ import annotations

import csv
import datetime as dt
import os
import random
import re
from collections.abc import Callable
from pathlib import Path

import click
import polars as pl
import pytest

from pricesmith.apps.cli.main import group
from pricesmith.contracts.errors import PricesmithError
from pricesmith.flows import example

pytestmark = pytest.mark.real  # long
CASES, BATCH = int(os.environ.get("PRICESMITH_FOLDERS", "40")), 10
Rows = list[list[str]]
STRANGE = (
    *(
        "",
        " ",
        "-",
        "nan",
        "inf",
        "-inf",
        "1e999",
        "1e-320",
        "0",
        "-1",
        "-0.0",
        "9" * 18,
        "0.0000001",
        "1,5",
        "1.234,56",
        "5 €",
        "true",
        "NULL",
    ),
    *(
        "#N/A",
        "=1+1",
        "💥",
        "\u200b",
        "2025-13-45",
        "31.12.2025",
        "2025-06-01T10:00",
        "a/b/c",
        "x" * 300,
        "٣",
        "１２",
        "1_000",
        "0x10",
        "5%",
    ),
)
DAY = re.compile(r"\d{4}-\d\d-\d\d$")


def cells(chance: random.Random, rows: Rows, column: int) -> None:
    for _ in range(chance.choice([1, 3, len(rows) // 20 + 1])):
        chance.choice(rows)[column] = chance.choice(STRANGE)


def whole_column(chance: random.Random, rows: Rows, column: int) -> None:
    value = chance.choice([*STRANGE, chance.choice(rows)[column]])
    for row in rows:
        row[column] = value


def emptied(chance: random.Random, rows: Rows, column: int) -> None:
    share = chance.choice([0.1, 0.5])
    for row in rows:
        row[column] = "" if chance.random() < share else row[column]


def scaled(chance: random.Random, rows: Rows, column: int) -> None:
    by, share = chance.choice([1e6, 1e-6, -1.0, 100.0, 0.01, 1e12, 0.0]), chance.choice([1.0, 0.1])
    for row in rows:
        if re.fullmatch(r"\d+(\.\d+)?", row[column]) and chance.random() < share:
            row[column] = repr(float(row[column]) * by)


def moved_days(chance: random.Random, rows: Rows, _column: int) -> None:
    by, share = chance.choice([-100_000, -3_650, -400, 1, 7, 400, 3_650, 300_000]), chance.choice([1.0, 0.02])
    for row in rows:
        for place, value in enumerate(row):
            if DAY.match(value) and chance.random() < share:
                row[place] = str(dt.date.fromisoformat(value) + dt.timedelta(days=by))


def fewer(chance: random.Random, rows: Rows, _column: int) -> None:
    rows[:] = [row for row in rows if chance.random() > chance.choice([0.5, 0.99])]


def repeated(chance: random.Random, rows: Rows, _column: int) -> None:
    rows += [list(row) for row in chance.choices(rows, k=chance.choice([1, 50]))]


def shuffled(chance: random.Random, rows: Rows, _column: int) -> None:
    chance.shuffle(rows)


def swapped(chance: random.Random, rows: Rows, column: int) -> None:
    other = chance.randrange(len(rows[0]))
    for row in rows:
        row[column], row[other] = row[other], row[column]


HARMS: tuple[Callable[[random.Random, Rows, int], None], ...] = (
    *(cells, whole_column, emptied, scaled, moved_days, fewer, repeated, shuffled, swapped),
)


def spoil(chance: random.Random, folder: Path) -> None:
    path = chance.choice(sorted((folder / "data").glob("*.csv")))
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    if rows:
        chance.choice(HARMS)(chance, rows, chance.randrange(len(header)))
    if chance.random() < 0.05:
        place = chance.randrange(len(header))
        header[place] = chance.choice(["", header[0], f" {header[place]}", header[place].upper()])
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def other_rules(chance: random.Random, folder: Path) -> None:
    """Some rules of the example that are switched off are switched on, and most shops take rows of any share apart."""
    path = folder / "shop.toml"
    head, *blocks = path.read_text(encoding="utf-8").split("\n# [[rule]]\n")
    if chance.random() < 0.7:
        head = re.sub(r"(?m)^max_bad_share = [\d.]+", "max_bad_share = 1.0", head)
    wanted = set(chance.sample(range(len(blocks)), chance.choice([0, 0, 1, 3, len(blocks)])))
    for place, block in enumerate(blocks):
        rule, gap, rest = block.partition("\n\n")
        head += f"\n[[rule]]\n{re.sub('(?m)^# ', '', rule)}{gap}{rest}" if place in wanted else f"\n# [[rule]]\n{block}"
    path.write_text(head, encoding="utf-8")


def outcome(folder: Path) -> str:
    """`priced`, or the line that says why not; any other error than one that is meant for people comes through."""
    out = folder / "prices.csv"
    try:
        group.main(["check", str(folder)], prog_name="pricesmith", standalone_mode=False)
    except PricesmithError as error:
        assert error.line and "Traceback" not in error.line
    try:
        group.main(["price", str(folder), "--out", str(out), "--report", str(folder / "r.html")], "pricesmith", standalone_mode=False)
    except PricesmithError as error:
        assert not out.exists(), "a refused run writes no list"
        return error.line
    except click.exceptions.Exit as error:
        assert error.exit_code == 1
        return "exit"
    return "priced"


@pytest.mark.parametrize("first", range(0, CASES, BATCH))
def test_any_folder_is_priced_or_refused_in_one_line(first: int, tmp_path: Path) -> None:
    told = []
    for case in range(first, min(first + BATCH, CASES)):
        chance, folder = random.Random(case), tmp_path / str(case)
        example.write(folder)
        for _ in range(chance.choice([1, 1, 2, 3, 5])):
            spoil(chance, folder)
        other_rules(chance, folder)
        told.append(outcome(folder))
        if told[-1] != "priced":
            continue
        listed = pl.read_csv(folder / "prices.csv", infer_schema_length=None)
        prices = listed.filter(pl.col("action") == "change")["price"].cast(pl.Float64)
        assert (prices > 0).all() and prices.is_finite().all(), case
        for name, kind in listed.schema.items():
            assert not kind.is_float() or listed[name].drop_nulls().is_finite().all(), (case, name)
    assert "priced" in told, told
