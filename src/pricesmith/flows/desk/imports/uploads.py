"""Files that were sent to the desk: kept as they came until they are matched, then written as a table of the shop folder."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import os
import re
import secrets
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, Literal

import msgspec

from pricesmith.contracts.errors import DataError, PricesmithError, UnknownChoice
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.tables import COSTS, INPUT, PRODUCTS
from pricesmith.flows import wiring
from pricesmith.flows.desk.reading.drawer import ROOM

from .added import Added, add
from .currencies import named
from .foreign import Reading, written
from .imported import imported, note
from .product_prices import carry
from .sense import check
from .trial import UnfitError, products, set_aside

MOST_BYTES = 200_000_000
NAME = re.compile(r"[0-9a-f]{16}")
FIRST = 5
"""Rows that cannot be used of which a failed import tells."""
Standing = Literal["", "add", "replace"]
"""What becomes of a table that is there already: it is refused, the file's rows are added to it, or the file takes its place."""
COSTED = (PRODUCTS.name, COSTS.name)
"""Tables whose costs are as old as their file: of products that an added file does not name nobody has looked at the cost."""
TICK = 1_000_000
"""Nanoseconds: the table is another one, but its costs are as old as they were."""
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Bad(msgspec.Struct, frozen=True):
    """A row that cannot be used, as the quarantine tells it. reason: a code;  remedy: what to do."""

    line: int
    column: str
    value: str | None
    reason: str
    remedy: str


class Failed(msgspec.Struct, frozen=True):
    """Why a file was not taken over when it was tried last: what and what to do about it; the table of before stands as it was.

    aside, rows  rows that cannot be used, and all of them, where those were too many;  first: the first of them
    stands       there is a table of before
    dates        how it was said that days are written, a key of `days.DATES`
    """

    what: str
    hint: str
    stands: bool
    aside: int = 0
    rows: int = 0
    first: list[Bad] = []
    dates: str = ""


class Upload(msgspec.Struct, frozen=True):
    """A file that waits to be matched: its name here and there, the table that it is for, who sent it and when.

    failed  null where it was not tried yet
    sent    the table that it was sent for, where it was turned to another one; else ""
    """

    upload: str
    file: str
    table: str
    by: str
    at: dt.datetime
    bytes: int
    failed: Failed | None = None
    sent: str = ""


def keep(folder: Path, table: str, name: str, data: IO[bytes], by: str, at: dt.datetime) -> Upload:
    """Write a file down as it came. Raises UnknownChoice for a table that is none, DataError for a file that is empty or no text."""
    if table not in INPUT:
        raise UnknownChoice("table", table, INPUT)
    upload = secrets.token_hex(8)
    place = _place(folder, upload)
    place.parent.mkdir(parents=True, exist_ok=True)
    part = data.read(2**20)
    if not part:
        raise DataError("the file is empty", hint="choose a CSV file with a header")
    if not _text(part):
        raise DataError("the file is no table of text", hint="save the sheet as CSV and send that; pictures, PDF and XLSX cannot be read")
    size = 0
    with place.open("wb") as out:
        while part:
            size += len(part)
            out.write(part)
            part = data.read(2**20)
    found = Upload(upload, Path(name.replace("\\", "/")).name[:120], table, by, at, size)
    place.with_suffix(".json").write_bytes(msgspec.json.encode(found))
    return found


def turn(folder: Path, upload: str, table: str) -> Upload:
    """Say that a file is for another table. Raises UnknownChoice for a table that is none."""
    if table not in INPUT:
        raise UnknownChoice("table", table, INPUT)
    found = one(folder, upload)
    sent = found.sent or found.table
    return _noted(folder, msgspec.structs.replace(found, table=table, failed=None, sent=sent if sent != table else ""))


def fail(folder: Path, upload: str, error: PricesmithError, remedy: Callable[[str, dict[str, Any]], str], dates: str = "") -> None:
    """Keep why a file was not taken over, to be told where it is matched.

    remedy  (table, row of the quarantine) -> what to do;  dates: as of `Failed`
    """
    found = one(folder, upload)
    stands = bool(files_of(folder, found.table))
    failed = Failed(error.what, error.hint, stands)
    if isinstance(error, UnfitError):
        rows = error.aside[:FIRST]
        first = [Bad(row["line"], row["column"] or "", row["value"], row["reason"], remedy(found.table, row)) for row in rows]
        failed = Failed(error.what, error.hint, stands, len(error.aside), error.rows, first, dates)
    _noted(folder, msgspec.structs.replace(found, failed=failed))


def _noted(folder: Path, found: Upload) -> Upload:
    _place(folder, found.upload).with_suffix(".json").write_bytes(msgspec.json.encode(found))
    return found


def _text(start: bytes) -> bool:
    """Whether a file that begins so can be text: in UTF-16 it says so, in other encodings no character has a zero byte."""
    return start.startswith(UTF16) or not (b"\0" in start or start.startswith(b"%PDF"))


def waiting(folder: Path) -> list[Upload]:
    """Files that were not matched yet, the newest first."""
    found = [msgspec.json.decode(file.read_bytes(), type=Upload) for file in (folder / ROOM / "uploads").glob("*.json")]
    return sorted(found, key=lambda one: one.at, reverse=True)


def one(folder: Path, upload: str) -> Upload:
    return next((found for found in waiting(folder) if found.upload == upload), None) or _none(folder, upload)


def _none(folder: Path, upload: str) -> Upload:
    raise UnknownChoice("upload", upload, [found.upload for found in waiting(folder)])


def path_of(folder: Path, upload: str) -> Path:
    return _place(folder, one(folder, upload).upload)


def _place(folder: Path, upload: str) -> Path:
    return folder / ROOM / "uploads" / f"{upload}.data"


def forget(folder: Path, upload: str) -> None:
    found = path_of(folder, upload)
    found.with_suffix(".json").unlink()
    found.unlink()


class Taken(msgspec.Struct, frozen=True):
    """Rows that were written, rows that only continued another and named nothing, and rows of what never came about: both left out.

    aside  of those that were written the ones that cannot be used, schema QUARANTINE
    days   cells of days by the way in which they were read: a key of `days.DATES`, or `days.OTHER`
    prices  products whose price of the table that stood there before was kept, as the file has no column of prices
    added   where the rows were added to those of the table that stood there, else null
    currency  which one its amounts name, where nobody has said yet which one the shop has, else ""
    """

    rows: int
    left_out: int
    cancelled: int = 0
    aside: list[dict[str, Any]] = []
    days: dict[str, int] = {}
    prices: int = 0
    added: Added | None = None
    currency: str = ""


def take_over(folder: Path, upload: str, how: Reading, at: dt.datetime, policy: Policy, standing: Standing) -> Taken:
    """Write the table of an upload. What stood there before is kept in `.desk/replaced`.

    Raises DataError where a needed column is not named, the file cannot be read, the table is there and nothing was said about it, it
    cannot be added to, or too many rows of the file cannot be used (see `trial.set_aside`); then nothing was changed.
    """
    found = one(folder, upload)
    check(_place(folder, upload), found.table, how)
    told = "" if how.currency else named(_place(folder, upload), found.table, how)
    how = replace(how, currency=how.currency or told)
    there = files_of(folder, found.table)
    if there and not standing:
        raise DataError(f"there is a table {found.table} already", hint="say whether to add to it or to replace it; the old one is kept")
    target = folder / "data" / f"{found.table}.csv"
    trial = _place(folder, upload).with_suffix(".trial")
    adds = bool(there) and standing == "add"
    before = [name for name in imported(folder, f"data/{target.name}").split(", ") if name] if adds else []
    try:
        taken = _write(trial / "data" / target.name, _place(folder, upload), found.table, how)
        prices = carry(target, trial / "data" / target.name) if found.table == PRODUCTS.name and there == [target] and not adds else 0
        aside = set_aside(folder, trial, found.table, policy)
        added = add(folder, trial / "data" / target.name, found.table) if adds else None
        if added is not None and added.unseen and found.table in COSTED:
            written = min(file.stat().st_mtime_ns for file in there) + TICK
            os.utime(trial / "data" / target.name, ns=(written, written))
        _put_away(folder, there, at)
        target.parent.mkdir(parents=True, exist_ok=True)
        (trial / "data" / target.name).replace(target)
    finally:
        shutil.rmtree(trial, ignore_errors=True)
    note(folder, f"data/{found.table}.csv", ", ".join(dict.fromkeys([*before, found.file])))
    forget(folder, upload)
    return msgspec.structs.replace(taken, aside=aside, prices=prices, added=added, currency=told)


def take_out(folder: Path, table: str, at: dt.datetime) -> int:
    """Put the files of a table away, into `.desk/replaced`; returns how many. Raises UnknownChoice for a table that is not there."""
    there = files_of(folder, table) if table in INPUT else []
    if not there:
        raise UnknownChoice("table", table, [name for name in INPUT if files_of(folder, name)])
    _put_away(folder, there, at)
    return len(there)


def unmatched(folder: Path, table: str) -> bool:
    """Whether rows of a table name products that nothing can be held against yet."""
    return table != PRODUCTS.name and "sku" in INPUT[table].by_name and products(wiring.source_of(folder)) is None


def _write(target: Path, source: Path, table: str, how: Reading) -> Taken:
    count, left, ways = -1, Counter[str](), Counter[str]()
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out, lineterminator="\n")
        for row in written(source, table, how, ways):
            if isinstance(row, str):
                left[row] += 1
            else:
                rows.writerow(row)
                count += 1
        out.flush()
        os.fsync(out.fileno())
    return Taken(count, left["nothing"], left["cancelled"], days=dict(ways))


def files_of(folder: Path, table: str) -> list[Path]:
    """The files that a table is read from now."""
    names = wiring.files_of(folder) if folder.is_dir() else {}
    return [folder / name for name in wiring.of_table(names, table)]


def put(folder: Path, table: str, text: str, at: dt.datetime) -> None:
    """Write a table as text in place of the files that it is read from, which are kept in `.desk/replaced`."""
    target = folder / "data" / f"{table}.csv"
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        partial.write_text(text, encoding="utf-8", newline="")
        _put_away(folder, files_of(folder, table), at)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _put_away(folder: Path, files: list[Path], at: dt.datetime) -> None:
    place = folder / ROOM / "replaced" / f"{at:%Y%m%dT%H%M%S%f}"
    for file in files:
        kept = place / file.relative_to(folder / "data")
        kept.parent.mkdir(parents=True, exist_ok=True)
        file.replace(kept)
