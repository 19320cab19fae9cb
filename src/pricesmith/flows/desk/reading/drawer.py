"""What a long command worked out for the price desk, kept beside the shop's data until it is worked out anew. Nothing is only here.

    put(folder, "outcome", run, document, {"products": table})
    kept = take(folder, "outcome", run)

Each thing is one file, DIR/.desk/KIND-NAME.zip: a JSON document and tables as Parquet, put in place whole.
"""

from __future__ import annotations

import datetime as dt
import io
import secrets
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from pricesmith.flows.publishing.history.names import name_of

ROOM, DOCUMENT, TABLE = ".desk", "document.json", ".parquet"
"""Folder inside a shop folder, of which whatever is in it can be made again; parts of a file in it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A document with its tables, and when it was put there (UTC)."""

    at: dt.datetime
    document: dict[str, Any]
    tables: dict[str, pl.DataFrame]


def put(folder: Path, kind: str, name: str, document: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> None:
    """Put a thing there in place of the one before. Numbers that JSON does not have become null."""
    path = _path(folder, kind, name)
    path.parent.mkdir(exist_ok=True)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with zipfile.ZipFile(partial, "w") as room:
            room.writestr(DOCUMENT, msgspec.json.encode(dict(document)))
            for table_name, table in tables.items():
                buffer = io.BytesIO()
                table.write_parquet(buffer, statistics=False)
                room.writestr(table_name + TABLE, buffer.getvalue())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def take(folder: Path, kind: str, name: str) -> Kept | None:
    """The thing; None where it is not there, or cannot be read and must be worked out anew."""
    path = _path(folder, kind, name)
    try:
        return _read(path, path.stat().st_mtime_ns)
    except (FileNotFoundError, zipfile.BadZipFile, KeyError, msgspec.DecodeError, pl.exceptions.PolarsError):
        return None


@lru_cache(maxsize=8)
def _read(path: Path, written: int) -> Kept:
    with zipfile.ZipFile(path) as room:
        document = msgspec.json.decode(room.read(DOCUMENT), type=dict[str, Any])
        names = [name for name in room.namelist() if name.endswith(TABLE)]
        tables = {name.removesuffix(TABLE): pl.read_parquet(io.BytesIO(room.read(name))) for name in names}
    return Kept(dt.datetime.fromtimestamp(written / 1e9, dt.UTC), document, tables)


def _path(folder: Path, kind: str, name: str) -> Path:
    """A file name that no name of a run or shop can lead astray."""
    return folder / ROOM / f"{kind}-{name_of(kind, name)}.zip"
