"""A file that is being matched: what its beginning holds, and which column of it is probably which of ours."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from pricesmith.contracts import exports
from pricesmith.contracts.encodings import Encoding
from pricesmith.contracts.tables import INPUT
from pricesmith.flows.desk.reading.ledger import Reading

from . import days, foreign, headers, pairings, stores, uploads
from .added import key_of
from .agreement import Agreement, agreement
from .case_units import COST, CaseUnits, units_of
from .continued import Joins, counted, joined, joins_of
from .cost_columns import CostColumn, column_of
from .last_days import COLUMN, Closing, closing
from .marks import Marks, marks_of
from .rivals import Rival, rival_of
from .row_counts import rows_of
from .suspects import Free, as_amounts, as_percent, free
from .telling import tells_apart


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which file is being matched, and how it is to be read; table: the one that the form offers first.

    typed  settings that could not be kept, to be filled in again: a `Chosen` as JSON
    columns  `our column=header of the file`, as they are chosen now; empty: as they were chosen last, or else as they are guessed
    """

    table: str = ""
    upload: str = ""
    encoding: Literal["", Encoding] = ""
    delimiter: Literal["", foreign.Delimiter] = ""
    typed: str = ""
    columns: list[str] = []


class Column(msgspec.Struct, frozen=True):
    """One of our columns: what it holds, whether it is needed, and the header of the file that is probably it.

    percent  [a value of that header, what it is as a share] where a column of shares looks like percent, else empty
    """

    column: str
    kind: str
    needed: bool
    meaning: str
    guess: str
    percent: list[str] = []


class Match(msgspec.Struct, frozen=True):
    """A file that is being matched. encoding is "" where it must be said; replaces: a table of this name is there already.

    likely     where it must be said: the encoding that it is probably in, in which headers and rows are shown; nothing is matched before
    better     the table that its columns fit clearly better, or ""; none does where one with these headers was taken over as `table`
               before, or as that one and nothing that `table` needs is lacking
    meant      the shop program whose export of that table it is, or ""
    unmatched  headers that are probably none of ours
    repeats    rows looked at and different keys among them, where most rows share theirs with another; else empty
    free       columns of prices that hold 0
    unread     the encoding that was chosen and in which the file cannot be read, or ""; it is shown as if none had been chosen
    amounts    [an amount, its units, the price of one] where the column of prices looks like amounts of whole rows, else empty
    program    the shop program whose export it is, or ""
    joins      the header whose value the rows of one thing share, or "";  joined: [rows looked at, rows that name nothing of their own,
               rows that take something from the first of theirs, rows of what never came about] where there is one
    cancelled  the header that holds something where a thing never came about, or ""
    discount   the header of what was taken off the price of a whole row, or ""
    apart      the header that was paired as it tells rows apart that share their key otherwise (stores, say), or ""
    last       how a file with these headers was read last, which is offered again; null where none was
    failed     why it was not taken over when it was tried last
    days       its columns of days, and how they are written;  dates: the way that is offered, a key of `days.DATES`, or ""
    stands     rows of the table that is there, null where there is none;  brings: of the file, where there is one
    same       columns by which a row of the file that is added takes the place of one that is there
    marks      columns that mark promotions, or may
    agrees     how far the column of product keys agrees with tables that are there; null where none tells
    closing    what its dates are: days, or the last of the week or month that a row totals
    cost       its column that tells costs, where it is a file of sales or orders
    pack       its column of how many units a case holds, where its table has costs
    rival      one competitor for the whole file, where no column names one
    sent       the table that it was sent for, where somebody turned it to another one; else ""
    undated    costs of which nothing tells from which day on they hold: they belong in the table of products
    """

    upload: str
    file: str
    table: str
    encoding: str
    delimiter: str
    headers: list[str]
    rows: list[list[str]]
    columns: list[Column]
    replaces: bool
    better: str = ""
    meant: str = ""
    unmatched: list[str] = []
    repeats: list[int] = []
    free: list[Free] = []
    likely: str = ""
    amounts: list[str] = []
    unread: str = ""
    program: str = ""
    joins: str = ""
    joined: list[int] = []
    discount: str = ""
    cancelled: str = ""
    apart: str = ""
    last: pairings.Pairing | None = None
    failed: uploads.Failed | None = None
    days: list[days.Days] = []
    dates: str = ""
    stands: int | None = None
    brings: int = 0
    same: list[str] = []
    marks: Marks = Marks()
    agrees: Agreement | None = None
    closing: Closing = Closing()
    undated: bool = False
    cost: CostColumn = CostColumn()
    rival: Rival = Rival()
    sent: str = ""
    pack: CaseUnits = CaseUnits()


def matched(reading: Reading, wanted: Wanted) -> Match:
    """What a file holds, and what its columns probably are. Raises DataError where it is no text with a header."""
    folder = reading.folder
    one = uploads.one(folder, wanted.upload)
    path = uploads.path_of(folder, wanted.upload)
    seen, unread, last = _look(folder, path, one.table, wanted)
    names = seen.headers if seen.encoding else []
    chosen = pairings.fitting(dict(pair.split("=", 1) for pair in wanted.columns if "=" in pair), one.table, names)
    guessed, agrees = _guessed(reading, path, one.table, seen, chosen or (pairings.fitting(last.columns, one.table, names) if last else {}))
    apart = None if last or chosen else tells_apart(path, one.table, seen, guessed)
    guessed |= {apart[0]: apart[1]} if apart else {}
    marks = _marks(path, one.table, seen, guessed, last)
    guessed |= {"promo": marks.promo} if marks.promo else {}
    cost = _cost(path, one.table, seen, guessed, last)
    held = {column: foreign.values(path, seen, header) for column, header in guessed.items()}
    columns = [
        Column(c.name, c.kind, c.required and not c.unless, c.description, guessed.get(c.name, ""), _percent(c.kind, held.get(c.name, [])))
        for c in INPUT[one.table].columns
    ]
    there, dated_in = uploads.files_of(folder, one.table), _days(one.table, held)
    lacking = [c.column for c in columns if c.needed and not c.guess]
    better = "" if chosen and not lacking else _better(folder, one.table, seen, lacking)
    pack = _pack(path, one.table, seen, guessed, last)
    unmatched = [name for name in names if name not in (*guessed.values(), *marks.beside, cost.header, pack.header)]
    export, joins_by, cancelled, joins = _joins(one.table, seen, guessed, last)
    counts = [len(rows := foreign.first_rows(path, seen)), *counted(rows, joins)] if joins else []
    repeats = _repeats(path, one.table, seen, guessed, joins)
    lines = foreign.lines(path, seen) if held else []
    nothing = [found for column, values in held.items() if (found := free(column, values, lines)) is not None]
    return Match(
        one.upload, one.file, one.table, seen.encoding, seen.delimiter, seen.headers, seen.rows, columns, bool(there), better,
        _meant(better, seen), unmatched, repeats, nothing, seen.likely, _amounts(held, guessed), unread, export, joins_by, counts,
        _discount(names, guessed, last), cancelled, apart[1] if apart else "", last, one.failed,
        dated_in, _dates(dated_in, last), *_counts(there, path, seen), list(key_of(INPUT[one.table])), marks, agrees,
        _closing(one.table, guessed, held, _dates(dated_in, last), last),
        not better and headers.undated(one.table, guessed, names, seen.rows), cost,
        rival_of(one.table, list(guessed), guessed.get("price", ""), one.file, _competitor(guessed, last)),
        one.sent, pack,
    )  # fmt: skip


def _competitor(guessed: dict[str, str], last: pairings.Pairing | None) -> str | None:
    """Whose prices they were last, of the same column; None where that was not said."""
    return last.competitor if last and last.columns.get("price") == guessed.get("price") else None


def _marks(path: Path, table: str, seen: foreign.Look, guessed: dict[str, str], last: pairings.Pairing | None) -> Marks:
    """As `Match.marks`."""
    if "promo" not in INPUT[table].by_name or not seen.encoding:
        return Marks()
    left = {name: foreign.values(path, seen, name) for name in seen.headers if name not in guessed.values()}
    return marks_of(left, guessed.get("promo", ""), last.promos if last else None)


def _cost(path: Path, table: str, seen: foreign.Look, guessed: dict[str, str], last: pairings.Pairing | None) -> CostColumn:
    """As `Match.cost`."""
    if not seen.encoding:
        return CostColumn()
    ours: dict[str, str] = {column: guessed[column] for column in ("sku", "units", "price") if column in guessed}
    cells = {name: foreign.values(path, seen, name) for name in seen.headers if name in ours.values() or name not in guessed.values()}
    return column_of(table, cells, ours, (last.cost, last.cost_as) if last else None)


def _pack(path: Path, table: str, seen: foreign.Look, guessed: dict[str, str], last: pairings.Pairing | None) -> CaseUnits:
    """As `Match.pack`."""
    if COST not in INPUT[table].by_name or not seen.encoding:
        return CaseUnits()
    cost = guessed.get(COST, "")
    free = [name for name in seen.headers if name == cost or name not in guessed.values()]
    return units_of({name: foreign.values(path, seen, name) for name in free}, cost, last.pack if last else None)


def _guessed(
    reading: Reading, path: Path, table: str, seen: foreign.Look, chosen: dict[str, str]
) -> tuple[dict[str, str], Agreement | None]:
    """Our column -> its header, as somebody chose it or else as headers and the keys of tables that are there tell; and `Match.agrees`."""
    names = seen.headers if seen.encoding else []
    guessed = dict(chosen) or headers.guess(table, names, seen.rows)
    kinds = INPUT[table].by_name
    taken = {header for column, header in guessed.items() if kinds[column].kind != "text"}
    free = [] if chosen else [name for name in names if name not in taken and name != guessed.get("sku")]
    cells = {name: foreign.values(path, seen, name) for name in [*free, guessed.get("sku", "")] if name}
    agrees = agreement(reading, table, cells, guessed.get("sku", ""), free)
    if agrees is not None and agrees.header != guessed.get("sku"):
        guessed = headers.guess(table, names, seen.rows, agrees.header)
    return guessed if chosen else stores.placed(guessed, pairings.places(reading.folder), table), agrees


def _counts(there: list[Path], path: Path, seen: foreign.Look) -> tuple[int | None, int]:
    """As `Match.stands` and `Match.brings`."""
    if not there or not seen.encoding:
        return None, 0
    return rows_of(there), rows_of([path], foreign.DELIMITERS[seen.delimiter], seen.encoding)


def _closing(table: str, guessed: dict[str, str], held: dict[str, list[str]], way: str, last: pairings.Pairing | None) -> Closing:
    """As `Match.closing`. held: values of the columns that were guessed"""
    return closing(table, guessed.get(COLUMN, ""), held.get(COLUMN, []), way, last.ends if last else None)


def _days(table: str, held: dict[str, list[str]]) -> list[days.Days]:
    """held: values of the columns that were guessed"""
    kinds = INPUT[table].by_name
    return [days.days_of(column, values) for column, values in held.items() if kinds[column].kind in ("date", "moment")]


def _dates(found: list[days.Days], last: pairings.Pairing | None) -> str:
    """The way that was chosen last where it reads as many cells, else the one that is likely."""
    told = days.likely(found)
    if last is None or not told:
        return last.dates if last else told
    before, now = (sum(one.fits.get(way, 0) for one in found) for way in (last.dates, told))
    return last.dates if before >= now else told


def _discount(names: list[str], guessed: dict[str, str], last: pairings.Pairing | None) -> str:
    """As `Match.discount`."""
    if last:
        return last.discount
    return headers.discount(names) if {"price", "units"} <= guessed.keys() else ""


def _joins(table: str, seen: foreign.Look, guessed: dict[str, str], last: pairings.Pairing | None) -> tuple[str, str, str, Joins | None]:
    """As `Match.program`, `Match.joins` and `Match.cancelled`, and where these columns stand."""
    spelled = exports.spelled_by(seen.headers if seen.encoding else [])
    export = exports.known(table, spelled)
    header = last.joins if last else spelled.get(export.joins, "") if export else ""
    cancelled = spelled.get(export.cancelled, "") if export and header else ""
    return export.program if export else "", header, cancelled, joins_of(table, header, guessed, seen.headers, cancelled)


def _better(folder: Path, table: str, seen: foreign.Look, lacking: Sequence[str]) -> str:
    """The table that fits better than the named one; none where a file with these headers was taken over as that one, and it lacks nothing
    for this one (but a competitor and a price, of whom each may have a column): whoever sends it again for another table means it."""
    if pairings.taken(folder, table, seen.headers):
        return ""
    found = headers.better(table, seen.headers if seen.encoding else [], seen.rows)
    short = set(lacking) - ({"competitor", "price"} if table == "competitor_prices" else set())
    return found if short or not pairings.taken(folder, found, seen.headers) else ""


def _meant(better: str, seen: foreign.Look) -> str:
    """As `Match.meant`."""
    export = exports.known(better, exports.spelled_by(seen.headers)) if better else None
    return export.program if export else ""


def _look(folder: Path, path: Path, table: str, wanted: Wanted) -> tuple[foreign.Look, str, pairings.Pairing | None]:
    """The beginning of a file; the encoding that was wanted, where the file is not written in it; and how one like it was read last.

    An encoding that must be said is taken from that.
    """
    unread = ""
    try:
        seen = foreign.look(path, wanted.encoding, wanted.delimiter)
    except foreign.EncodingError:
        seen, unread = foreign.look(path, "", wanted.delimiter), wanted.encoding
    last = pairings.last(folder, table, seen.headers, wanted.upload)
    if last and not seen.encoding and not unread and last.encoding == seen.likely:
        seen = foreign.look(path, last.encoding, wanted.delimiter)
    return seen, unread, last if seen.encoding else None


def _amounts(held: dict[str, list[str]], guessed: dict[str, str]) -> list[str]:
    """As `Match.amounts`. held: values of the columns that were guessed"""
    if not {"sku", "units", "price"} <= held.keys():
        return []
    return list(as_amounts(held["sku"], held["units"], held["price"], headers.total(guessed["price"])) or ())


def _percent(kind: str, values: list[str]) -> list[str]:
    return list(as_percent(values) or ()) if kind == "fraction" else []


def _repeats(path: Path, table: str, seen: foreign.Look, guessed: dict[str, str], joins: Joins | None) -> list[int]:
    """[rows, different keys] where less than half of the rows have a key of their own; [] where the key is not known or is none."""
    needed = [name for name in INPUT[table].key if INPUT[table].by_name[name].required]
    if not seen.encoding or not needed or any(name not in guessed for name in needed):
        return []
    rows = foreign.first_rows(path, seen)
    whole = [row for row, _ in joined(rows, joins) if not isinstance(row, str)] if joins else rows
    places = [seen.headers.index(guessed[name]) for name in INPUT[table].key if name in guessed]
    different = len({tuple(row[place].strip() if place < len(row) else "" for place in places) for row in whole})
    return [len(whole), different] if 2 * different < len(whole) else []
