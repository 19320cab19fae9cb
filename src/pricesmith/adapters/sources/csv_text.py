"""CSV files as text: every column a string, every row with its line, nothing guessed."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pricesmith.contracts.errors import DataError

from .lines import Records, split_records

RAGGED = "_ragged"
"""Column with the text of a row whose number of fields differs from the header's; null for whole rows."""

OTHERWISE = "save it as UTF-8, or send it through the guide of `pricesmith serve`, which reads it as it is"
_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
csv.field_size_limit(2**31 - 1)


def read_csv(path: Path, where: str) -> pl.DataFrame:
    """Rows of one UTF-8 CSV file with columns as in its header, `_line` and `_ragged`.

    where  name of the file for messages
    Raises DataError (file and line) where the file is empty, no UTF-8 text, has no usable header, or opens a quote that it never closes.
    """
    data = _text(path, where)
    records = split_records(data)
    if records is None:
        return _parse_each(data, where)
    if not len(records):
        raise DataError("the file is empty", where=where, hint="the first line names the columns")
    header = _header(data[records.start[0] : records.end[0]].decode(), where)
    whole = records.fields == len(header)
    whole[0] = False
    ragged = records.fields != len(header)
    ragged[0] = False
    rows = _parse_whole(data, records, whole, header)
    if rows is None:
        return _parse_each(data, where)
    return _with_ragged(rows, data, records.take(ragged))


def _text(path: Path, where: str) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", where=where) from None
    data = data.removeprefix(_BOM)
    if data.startswith(_UTF16):
        raise DataError("is UTF-16 text", where=f"{where}:1", hint=OTHERWISE)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataError(f"byte {data[error.start]:#04x} is no UTF-8 text", where=f"{where}:{line}", hint=OTHERWISE) from None
    return data if b"\n" in data else data.replace(b"\r", b"\n")


def _header(text: str, where: str) -> list[str]:
    try:
        names = [name.strip() for name in next(csv.reader([text]), [])]
    except csv.Error as error:
        raise DataError(f"the header cannot be read: {error}", where=f"{where}:1", hint="the first line names the columns") from None
    if not any(names):
        raise DataError("the header names no column", where=f"{where}:1", hint="the first line names the columns")
    named = [_free(name) or f"(column {position})" for position, name in enumerate(names, 1)]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise DataError(f"column {twice[0]!r} stands twice in the header", where=f"{where}:1", hint="rename or remove one of them")
    return named


def _free(name: str) -> str:
    """The name, in brackets where it could be taken for one of the places that are added to the rows."""
    return f"({name})" if name.startswith("_") else name


def _parse_whole(data: bytes, records: Records, keep: NDArray[np.bool_], header: list[str]) -> pl.DataFrame | None:
    """The rows whose number of fields is the header's; None where the reader sees other rows than `split_records` did."""
    kept = records.take(keep)
    if not len(kept):
        return pl.DataFrame(schema=dict.fromkeys(header, pl.String) | {"_line": pl.Int64})
    body = data[kept.start[0] :] if keep[1:].all() else b"\n".join(data[a:b] for a, b in zip(kept.start, kept.end, strict=True))
    frame = pl.read_csv(
        body,
        has_header=False,
        new_columns=header,
        schema_overrides=[pl.String] * len(header),
        infer_schema=False,
        raise_if_empty=False,
    )
    if frame.height != len(kept) or frame.width != len(header):
        return None
    return frame.with_columns(pl.Series("_line", kept.line, dtype=pl.Int64))


def _with_ragged(rows: pl.DataFrame, data: bytes, ragged: Records) -> pl.DataFrame:
    rows = rows.with_columns(pl.lit(None, dtype=pl.String).alias(RAGGED))
    if not len(ragged):
        return rows
    texts = [data[a:b].decode() for a, b in zip(ragged.start, ragged.end, strict=True)]
    torn = pl.DataFrame({"_line": ragged.line, RAGGED: texts}, schema={"_line": pl.Int64, RAGGED: pl.String})
    return pl.concat([rows, torn], how="diagonal").sort("_line")


def _parse_each(data: bytes, where: str) -> pl.DataFrame:
    """The same by a parser that goes record by record: for files with quotes inside plain fields."""
    reader = csv.reader(io.StringIO(data.decode(), newline=""), strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    begun = 1
    try:
        for row in reader:
            if row:
                rows.append(row)
                lines.append(begun)
            begun = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"quotes do not match: {error}", where=f"{where}:{begun}", hint='double a quote inside a quoted field: ""'
        ) from None
    if not rows:
        raise DataError("the file is empty", where=where, hint="the first line names the columns")
    header = _header(_joined(rows[0]), where)
    columns: dict[str, list[str | None]] = {name: [] for name in [*header, RAGGED]}
    for row in rows[1:]:
        whole = len(row) == len(header)
        for position, name in enumerate(header):
            columns[name].append(row[position] if whole else None)
        columns[RAGGED].append(None if whole else ",".join(row))
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    return frame.with_columns(pl.Series("_line", lines[1:], dtype=pl.Int64))


def _joined(row: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(row)
    return out.getvalue().rstrip("\r\n")
