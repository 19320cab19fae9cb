"""A foreign CSV file -> a table of ours: headers renamed, decimals and days written as ours, everything else as it stands.

Nothing is guessed: a value that is not as was said stays as it is, and the check of the data sets its row aside. Nothing is dropped but
rows that name nothing and only continue the one above, where somebody says that rows do (`continued.py`).
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

from pricesmith.contracts.errors import DataError
from pricesmith.contracts.tables import INPUT, TOLD_COSTS

from . import code_pages
from .case_units import COST
from .continued import Left, joined, joins_of
from .cost_columns import WRITTEN, Way
from .days import LASTS, MONTHS, fitting, reader
from .last_days import COLUMN, Ends, first
from .marks import either, flag, together
from .numerals import ANY, each, number, of_one, percent
from .rivals import COLUMN as COMPETITOR

Delimiter = Literal["comma", "semicolon", "tab", "bar"]
DELIMITERS: dict[str, str] = dict(zip(get_args(Delimiter), (",", ";", "\t", "|"), strict=True))
HEAD, ROWS = 200_000, 10
"""Bytes that are looked at, and rows that are shown."""


class EncodingError(DataError):
    """The file is not written in the encoding that was named."""

    def __init__(self) -> None:
        super().__init__("the file is not written in this encoding", hint="choose another one")


@dataclass(frozen=True, slots=True)
class Look:
    """The beginning of a file.

    encoding  in which it could be read; "" where that must be said;  headers: "" ones are named by their place;  rows: the first ones
    likely    where it must be said: the encoding that it is probably in, and in which headers and rows are shown; else ""
    """

    encoding: str
    delimiter: str
    headers: list[str]
    rows: list[list[str]]
    likely: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read: one of ENCODINGS, keys of DELIMITERS, `numerals.DECIMALS` and DATES, and our column -> its header.

    percent  our columns of shares that the file writes in percent
    amounts  the column of `price` holds amounts of whole rows: each is divided by the units of its row
    discount the header of what is to be taken off the amount of a row, units times price; "" where there is none
    joins    the header whose value the rows of one thing share, of which only the first is whole; "" where every row is
    cancelled  the header that holds something in the first row of a thing that is left out, as it never came about; "" where nothing is
    alone    columns that are none of ours are left out: an export of orders holds names and addresses that nobody needs here
    promos   headers that mark a promotion beside that of `promo`: a row is on promotion where any of them says so
    ends     what a date of sales is: the day or the first day of its week or month, or the last day of one
    cost     the header of what tells costs, see `cost_columns`; "" where there is none
    cost_as  what that column holds
    pack     the header of how many units a case holds: the costs are those of a case and divided by it; "" where they are those of one
    competitor  the competitor of every row, where no column names one; else ""
    currency code of the one that amounts are in: what names another is left as it stands; "": any may be named
    """

    encoding: str
    delimiter: str
    decimal: str
    dates: str
    columns: Mapping[str, str]
    percent: frozenset[str] = frozenset()
    amounts: bool = False
    discount: str = ""
    joins: str = ""
    cancelled: str = ""
    alone: bool = False
    promos: tuple[str, ...] = ()
    ends: Ends = "first"
    cost: str = ""
    cost_as: Way = "share"
    pack: str = ""
    competitor: str = ""
    currency: str = ""

    @property
    def paired(self) -> dict[str, str]:
        """Every column that is written under a name of ours -> its header."""
        return {**self.columns, **({WRITTEN[self.cost_as]: self.cost} if self.cost else {})}


def look(path: Path, encoding: str = "", delimiter: str = "") -> Look:
    """The beginning of a file. Raises DataError where it is no text with a header."""
    head = _head(path)
    found = encoding or _encoding(head)
    likely = "" if found else code_pages.likely(head)
    try:
        text = head.decode("utf-8-sig" if found == "utf-8" else found or likely, "replace" if likely else "strict")
    except UnicodeDecodeError:
        raise EncodingError from None
    mark = delimiter or _delimiter(text)
    rows = [row for row in csv.reader(text.splitlines(keepends=True)[: ROWS * 20], delimiter=DELIMITERS[mark]) if row][: ROWS + 1]
    if not rows or not any(name.strip() for name in rows[0]):
        raise DataError("the file has no header", hint="the first line names the columns")
    return Look(found, mark, headers(rows[0]), rows[1:], likely)


def values(path: Path, seen: Look, header: str) -> list[str]:
    """What stands in a column in the beginning of a file; "" where a row has no such cell."""
    place = seen.headers.index(header)
    return [row[place].strip() if place < len(row) else "" for _, row in _rows(path, seen.encoding, seen.delimiter)]


def first_rows(path: Path, seen: Look) -> list[list[str]]:
    """The rows of the beginning of a file."""
    return [row for _, row in _rows(path, seen.encoding, seen.delimiter)]


def lines(path: Path, seen: Look) -> list[int]:
    """The line on which each row of `values` begins, the first line of the file being 1."""
    return [line for line, _ in _rows(path, seen.encoding, seen.delimiter)]


@lru_cache(1)
def _rows(path: Path, encoding: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Rows of the beginning of an upload, which never changes, without the header; each with the line on which it begins."""
    text = _head(path).decode("utf-8-sig" if encoding == "utf-8" else encoding, errors="replace")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[delimiter])
    found, line = [], 1
    for row in reader:
        found += [(line, row)] if row else []
        line = reader.line_num + 1
    return found[1:]


def _head(path: Path) -> bytes:
    """The beginning, to the end of a line."""
    with path.open("rb") as file:
        head = file.read(HEAD)
        more = bool(file.read(1))
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise DataError("this is a workbook, not a text file", hint="save it as CSV UTF-8 and send that")
    return head[: head.rfind(b"\n") + 1] if more and b"\n" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")) else head


def _encoding(head: bytes) -> str:
    """UTF-8 and marked UTF-16 can be told; others cannot, and are asked for."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        head.decode("utf-8-sig")
    except UnicodeDecodeError:
        return ""
    return "utf-8"


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(DELIMITERS, key=lambda name: first.count(DELIMITERS[name]))


def headers(names: Sequence[str]) -> list[str]:
    """The header's names, each once: a nameless column by its place, the second of a name with its place."""
    found: list[str] = []
    for place, name in enumerate(names, 1):
        plain = name.strip().lstrip("_") or f"(column {place})"
        found.append(plain if plain not in found else f"{plain} ({place})")
    return found


def written(path: Path, table: str, how: Reading, ways: Counter[str] | None = None) -> Iterator[list[str] | Left]:
    """The rows of the file as rows of our table, header first; in the place of one that is left out, why. Raises DataError where it cannot
    be read to the end. ways: where it is counted how days are written, see `days.reader`.

    A quote that is never closed would take all that follows for one cell: it is refused, with the line on which its row begins.
    """
    coding = "utf-8-sig" if how.encoding == "utf-8" else how.encoding
    rows = None
    try:
        with path.open(encoding=coding, newline="") as file:
            rows = _Rows(csv.reader(file, delimiter=DELIMITERS[how.delimiter], strict=True))
            names = headers(next(rows, []))
            ours = {header: column for column, header in how.paired.items() if header in names}
            kept = [place for place, name in enumerate(names) if name in ours or not how.alone]
            kind = ["promo_kind"] if how.promos and "promo_kind" not in how.paired else []
            whose, known = [how.competitor] if how.competitor else [], {*INPUT[table].by_name, *TOLD_COSTS, *how.promos}
            yield [COMPETITOR] * len(whose) + kind + [ours.get(names[k], f"({names[k]})" if names[k] in known else names[k]) for k in kept]
            counted = Counter[str]() if ways is None else ways
            changes = [_change(table, ours.get(name, ""), how, counted) for name in names]
            paid, marks, costs = _paid(names, how), _marks(names, how), _costs(names, how)
            offer = names.index(how.columns["price"]) if how.competitor and how.columns.get("price") in names else -1
            for row in _joined(rows, table, names, how):
                if isinstance(row, str):
                    yield row
                    continue
                if 0 <= offer < len(row) and not row[offer].strip():
                    yield "nothing"  # each competitor has a column, and this one does not offer everything
                    continue
                own = [value if change is None else change(value) for value, change in zip(row, changes, strict=False)]
                if costs and costs[0] < len(own):
                    own[costs[0]] = _cost_of_one(own, row, costs, how)
                if paid is not None and len(own) > paid.last:
                    own[paid.price] = paid.each(own)
                told = [_flag(row[place], how.decimal) for place in marks] if marks and max(marks) < len(own) else []
                if told:
                    own[marks[0]] = either(told)
                yield whose + [together(told, names, marks)] * len(kind) + [own[k] for k in kept if k < len(own)] + row[len(names) :]
    except (UnicodeDecodeError, UnicodeError):
        raise EncodingError from None
    except csv.Error as error:
        raise DataError(
            f"quotes do not match in the row that begins on line {rows.begun if rows else 1}: {error}",
            hint="close or remove the quote there, then send the file again; nothing was written",
        ) from None


@dataclass(slots=True)
class _Rows:
    """Rows of a reader, and the line on which the one that is read begins."""

    reader: Any
    begun: int = 1

    def __iter__(self) -> _Rows:
        return self

    def __next__(self) -> list[str]:
        self.begun = self.reader.line_num + 1
        row: list[str] = next(self.reader)
        return row


def _joined(rows: Iterable[list[str]], table: str, names: list[str], how: Reading) -> Iterator[list[str] | Left]:
    joins = joins_of(table, how.joins, how.columns, names, how.cancelled, how.promos) if how.joins else None
    _places(names, [header for header in (how.joins, how.cancelled) if header])
    yield from (row for row in rows if row) if joins is None else (row for row, _ in joined(rows, joins))


@dataclass(frozen=True, slots=True)
class _Paid:
    """Places of the price, the units and the discount of a row (-1: none), and how the price of one unit follows from them."""

    price: int
    units: int
    discount: int
    how: Reading

    @property
    def last(self) -> int:
        return max(self.price, self.units, self.discount)

    def each(self, row: Sequence[str]) -> str:
        """row: cells as `number` leaves them, the discount's as the file has it"""
        price, units = row[self.price], row[self.units]
        off = number(row[self.discount], self.how.decimal, self.how.currency) if self.discount >= 0 else ""
        if not off or (ANY.fullmatch(off) and not Decimal(off)):
            return each(price, units) if self.how.amounts else price
        if not (ANY.fullmatch(off) and ANY.fullmatch(price) and ANY.fullmatch(units)):
            return f"?{price}" if price else price
        whole = Decimal(price) * (1 if self.how.amounts else Decimal(units))
        return each(f"{whole - abs(Decimal(off)):f}", units)


def _paid(names: list[str], how: Reading) -> _Paid | None:
    """None where the file holds prices as they were paid. Raises DataError where a column that is needed does not stand in it."""
    if not (how.amounts or how.discount):
        return None
    asked = [how.columns.get("price", ""), how.columns.get("units", ""), *([how.discount] if how.discount else [])]
    price, units, *off = _places(names, asked)
    return _Paid(price, units, off[0] if off else -1, how)


def _marks(names: list[str], how: Reading) -> list[int]:
    """Places of the column of `promo` and of those beside it; empty where there are none beside it. Raises DataError as `_paid` does."""
    return _places(names, [how.columns.get("promo", ""), *how.promos]) if how.promos else []


def _costs(names: list[str], how: Reading) -> list[int]:
    """Places of what all units of a row or of a case cost, and of these units; empty where costs are those of one. Raises DataError as
    `_paid` does."""
    if how.pack:
        return _places(names, [how.columns.get(COST, ""), how.pack])
    return _places(names, [how.cost, how.columns.get("units", "")]) if how.cost and how.cost_as == "row" else []


def _cost_of_one(own: Sequence[str], row: Sequence[str], costs: Sequence[int], how: Reading) -> str:
    """own: cells as `number` leaves them; row: as the file has them;  costs: as `_costs` has them"""
    cost, units = costs
    if how.pack:
        return of_one(own[cost], number(row[units], how.decimal) if units < len(row) else "")
    return each(own[cost], own[units]) if units < len(own) else own[cost]


def _places(names: list[str], asked: Sequence[str]) -> list[int]:
    """Where columns of the file stand. Raises DataError where one does not."""
    lacking = [header for header in asked if header not in names]
    if lacking:
        raise DataError(f"the file has no column {lacking[0]}", hint="choose one of its headers")
    return [names.index(header) for header in asked]


def _change(table: str, column: str, how: Reading, ways: Counter[str]) -> Callable[[str], str] | None:
    """What is done to the values of a column."""
    told = column in TOLD_COSTS and column not in INPUT[table].by_name
    kind = "number" if told else INPUT[table].by_name[column].kind if column else "text"
    if kind in ("date", "moment"):
        read = reader(how.dates, kind == "moment", ways, column in LASTS)
        return read if how.ends == "first" or column != COLUMN else lambda text: _first(text, read, how)
    if column in how.percent or (told and how.cost_as == "percent"):
        return lru_cache(100_000)(lambda text: percent(text, how.decimal))
    if kind == "flag":
        return lru_cache(100_000)(lambda text: _flag(text, how.decimal))
    return None if kind == "text" else lru_cache(100_000)(lambda text: number(text, how.decimal, how.currency))


def _first(text: str, read: Callable[[str], str], how: Reading) -> str:
    """The first day of what a row totals; a month is read as that, whatever days are."""
    return read(text) if how.dates in MONTHS and fitting(text.strip(), how.dates) else first(read(text), how.ends)


def _flag(text: str, decimal: str) -> str:
    return flag(text) or number(text, decimal)
