"""Data: what the shop is read from, how fresh and how complete it is, and which rows were set aside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

import msgspec
import polars as pl

from pricesmith.contracts.snapshot import sold_until
from pricesmith.contracts.tables import INPUT
from pricesmith.flows import wiring
from pricesmith.flows.coverage import adds
from pricesmith.flows.desk.imports.imported import imported
from pricesmith.flows.desk.prices.counts import Counted, counted
from pricesmith.flows.desk.reading import kept
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.desk.runs.shifts import Shifts, last_two
from pricesmith.preparation.prepared import QUARANTINE

from .by_weight import Fold, by_weight, folds

SETTINGS = "shop.toml"
PAGE = 50
LIMITED = {"costs": "cost_hours", "products": "cost_hours", "competitor_prices": "competitor_hours", "stock": "stock_hours"}
"""Tables whose age a guard limits, and the setting that says how far."""


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which rows that were set aside are looked at."""

    table: str = ""
    reason: str = ""
    page: int = 1


class File(msgspec.Struct, frozen=True):
    """One table of the shop. Figures are of the last check; None where it did not see the table.

    written  when its newest file was written, UTC;  limit: hours after which a guard holds prices that rest on it; old: that time is over
    first, last   days of the first and last row
    until    the last day of which that last row may tell;  adds: what it would add where it is not given
    """

    table: str
    given: bool
    needed: bool
    files: int = 0
    bytes: int = 0
    rows: int | None = None
    accepted: int | None = None
    quarantined: int | None = None
    first: dt.date | None = None
    last: dt.date | None = None
    until: dt.date | None = None
    written: dt.datetime | None = None
    limit: float | None = None
    old: bool = False
    adds: str = ""


class Notice(msgspec.Struct, frozen=True):
    """One entry of the data report.

    places    the first rows that it is about, "data/sales.csv:12"; none where it is about no single rows
    examples  the first products (or columns) that it is about;  named: how many products that are, 0 where it is about none
    """

    code: str
    table: str
    level: str
    message: str
    count: int
    examples: list[str] = []
    places: list[str] = []
    named: int = 0


class Entry(Notice, frozen=True):
    """The same as the check wrote it. products: the SKUs of all that it is about"""

    products: list[str] = []

    @property
    def notice(self) -> Notice:
        told = {name: getattr(self, name) for name in Notice.__struct_fields__}
        return Notice(**{**told, "named": len(self.products)})


class Aside(msgspec.Struct, frozen=True):
    """A row that was set aside. raw: the line as it stands in the file, None where the file changed since.

    sent  the file that the guide wrote this one from, "" where it wrote none: then the line is not as it was sent
    """

    table: str
    file: str
    line: int
    column: str
    value: str | None
    reason: str
    remedy: str
    raw: str | None = None
    sent: str = ""


class Checked(msgspec.Struct, frozen=True):
    """The document of `pricesmith check --out`."""

    files: dict[str, dict[str, Any]]
    at: dt.datetime
    tables: dict[str, dict[str, int]]
    quarantine: list[Aside]
    warnings: list[Entry]
    blocked: bool
    coverage: dict[str, Any]


class Coverage(msgspec.Struct, frozen=True):
    """Active products and what some of them lack; days between first and last sale, dates with a sale; stock-outs (product days)."""

    products: int
    without_cost: int
    without_sales: int
    without_category: int
    days: int
    days_with_sales: int
    stock_out_days: int
    stock_products: int


class Data(msgspec.Struct, frozen=True):
    """The page. checked_at is None before the first check; changed: files differ from those that were checked.

    notices  the weightiest first;  folds: those of them that the page shows as one line that opens
    lacking  tables without which nothing can be checked or priced
    counted  products of the newest run, and the prices that they have in all stores; None before it
    """

    checked_at: dt.datetime | None
    changed: bool
    checking: bool
    failed: str
    blocked: bool
    tables: list[File]
    missing: list[File]
    coverage: Coverage | None
    notices: list[Notice]
    wanted: Wanted
    rows: list[Aside]
    found: int
    of: int
    pages: int
    choices: dict[str, dict[str, int]]
    shifts: Shifts | None
    run: str
    lacking: list[str] = []
    counted: Counted | None = None
    folds: list[Fold] = []


class State(msgspec.Struct, frozen=True):
    """The files as they stand, and the last check."""

    files: dict[str, dict[str, Any]]
    checked: Checked | None
    asides: pl.DataFrame

    @property
    def changed(self) -> bool:
        return self.checked is not None and self.checked.files != self.files

    @property
    def tables_changed(self) -> bool:
        """Whether it is more than shop.toml that differs."""
        if self.checked is None:
            return False
        now, then = ({name: told for name, told in files.items() if name != SETTINGS} for files in (self.files, self.checked.files))
        return now != then


def state(reading: Reading) -> State:
    """Cheap while no file changes: the last check is read once."""
    path = kept.check_file(reading.folder)
    checked, asides = reading.shelf("check", 1).get(kept.written(path), lambda _state: _read(reading))
    return State(wiring.files_of(reading.folder), checked, asides)


def _read(reading: Reading) -> tuple[Checked | None, pl.DataFrame]:
    found = kept.read(kept.check_file(reading.folder), Checked)
    columns = pl.Schema({**QUARANTINE, "remedy": pl.String()})
    rows = [] if found is None else [[getattr(one, name) for name in columns] for one in found.quarantine]
    return found, pl.DataFrame(rows, schema=columns, orient="row")


def lacking(given: Collection[str]) -> list[str]:
    """Tables that must be there before anything can be checked or priced. given: those that are"""
    return ["products"] * ("products" not in given) + ["sales"] * (not {"sales", "orders"} & set(given))


def lacked(reading: Reading) -> list[str]:
    """The same of the files as they stand."""
    files = wiring.files_of(reading.folder)
    return lacking([name for name in ("products", "sales", "orders") if wiring.of_table(files, name)])


def data(reading: Reading, wanted: Wanted, at: dt.datetime, *, checking: bool = False, failed: str = "") -> Data:
    """The page from the last check and the files as they stand.

    checking  a check is under way;  failed: what the last one said where it could not be finished
    """
    now = state(reading)
    checked = now.checked
    tables = [table(reading, now, name, at) for name in INPUT]
    tests = [pl.col(name) == value for name in ("table", "reason") if (value := getattr(wanted, name))]
    found = now.asides.filter(tests) if tests else now.asides
    pages = max(-(-found.height // PAGE), 1)
    start = (min(max(wanted.page, 1), pages) - 1) * PAGE
    run = reading.latest()
    notices = by_weight(one.notice for one in checked.warnings if one.code != "missing_table") if checked else []
    either = any(one.given for one in tables if one.table in ("sales", "orders"))
    return Data(
        checked_at=checked.at if checked else None,
        changed=now.changed,
        checking=checking,
        failed=failed,
        blocked=bool(checked and checked.blocked),
        tables=[one for one in tables if one.given],
        missing=[one for one in tables if not one.given and not (either and one.table in ("sales", "orders"))],
        coverage=msgspec.convert({n: checked.coverage[n] for n in Coverage.__struct_fields__}, Coverage) if checked else None,
        notices=notices,
        folds=folds(notices),
        wanted=wanted,
        rows=with_lines(reading, now, found.slice(start, PAGE)),
        found=found.height,
        of=now.asides.height,
        pages=pages,
        choices={name: _counts(now.asides, name) for name in ("table", "reason")},
        shifts=last_two(reading),
        lacking=lacking([one.table for one in tables if one.given]),
        run=run or "",
        counted=None if run is None else counted(reading.run(run).decided),
    )


def _counts(rows: pl.DataFrame, name: str) -> dict[str, int]:
    return dict(rows.group_by(name).len().sort("len", name, descending=[True, False]).iter_rows())


def table(reading: Reading, now: State, name: str, at: dt.datetime) -> File:
    own = wiring.of_table(now.files, name)
    needed = name in ("products", "sales")
    if not own:
        return File(name, False, needed, adds=adds(name))
    written = wiring.newest(now.files, name)
    assert written is not None, "it has a file"
    counts, reach = ({}, {}) if now.checked is None else (now.checked.tables.get(name, {}), now.checked.coverage["reach"].get(name, {}))
    costs = bool(wiring.of_table(now.files, "costs"))
    limited = LIMITED.get(name, "") if not (name == "products" and costs) else ""
    limit = getattr(reading.policy.guards, limited) if limited else None
    last = _day(reach.get("last"))
    until = sold_until(last, reading.policy.period, at.date() + dt.timedelta(days=1)) if name == "sales" else last
    return File(
        name, True, needed, len(own), sum(int(facts["bytes"]) for facts in own.values()),
        counts.get("rows"), counts.get("accepted"), counts.get("quarantined"), _day(reach.get("first")), last, until,
        written, limit, limit is not None and (at - written).total_seconds() / 3600.0 > limit,
    )  # fmt: skip


def _day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


def with_lines(reading: Reading, now: State, rows: pl.DataFrame) -> list[Aside]:
    """The rows, each with its line of a file that is still what was checked."""
    assert now.checked is not None or rows.is_empty()
    lines: dict[str, dict[int, str]] = {}
    for file in rows["file"].unique():
        if now.checked is not None and now.checked.files.get(file) == now.files.get(file):
            lines[file] = wiring.raw_lines(reading.folder, file, rows.filter(pl.col("file") == file)["line"])
    sent = {file: imported(reading.folder, file) for file in lines}
    return [
        Aside(**row, raw=lines.get(row["file"], {}).get(row["line"]), sent=sent.get(row["file"], "")) for row in rows.iter_rows(named=True)
    ]
