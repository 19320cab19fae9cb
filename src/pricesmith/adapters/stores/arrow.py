"""Tables in a folder: one Arrow IPC file a table, and `manifest.json` that names them. Reading one runs no code.

Saving is atomic: new files have new names (their digest), and the manifest that points to them is replaced in one step at the end. A
save that is cut short leaves what was there before.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
from pathlib import Path
from typing import Any

import polars as pl

from pricesmith.contracts.errors import DataError
from pricesmith.contracts.protocols import Tables

MANIFEST = "manifest.json"
FORMAT = 1
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*-[0-9a-f]{16}\.arrow")


class ArrowStore:
    """Keeps tables between commands (the protocol Store)."""

    def save(self, folder: Path, tables: Tables) -> None:
        """Replace what is in `folder` by `tables`. Raises DataError where a table name cannot be a file name, or nothing can be written."""
        for name in tables:
            if not _NAME.fullmatch(name):
                raise DataError(f"{name!r} cannot name a table", where=str(folder), hint="use letters, digits, `_`, `-`, `.`")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            entries = {name: _write_table(folder, name, table) for name, table in sorted(tables.items())}
            manifest = json.dumps({"format": FORMAT, "tables": entries}, indent=1, sort_keys=True)
            _write(folder / MANIFEST, manifest.encode())
            _remove_others(folder, {entry["file"] for entry in entries.values()})
        except OSError as error:
            raise DataError(f"cannot be written: {error.strerror}", where=str(error.filename or folder)) from None

    def load(self, folder: Path) -> Tables:
        """The tables of `folder`. Raises DataError where there are none, or a file is not as it was written."""
        return {name: _read_table(folder, name, entry) for name, entry in _manifest(folder).items()}


def _write_table(folder: Path, name: str, table: pl.DataFrame) -> dict[str, Any]:
    buffer = io.BytesIO()
    table.write_ipc(buffer, compression="zstd")
    data = buffer.getvalue()
    digest = hashlib.sha256(data).hexdigest()
    file = f"{name}-{digest[:16]}.arrow"
    _write(folder / file, data)
    return {"file": file, "sha256": digest, "rows": table.height}


def _write(path: Path, data: bytes) -> None:
    """Write a whole file or nothing."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _remove_others(folder: Path, keep: set[str]) -> None:
    for file in folder.iterdir():
        if _FILE.fullmatch(file.name) and file.name not in keep:
            file.unlink(missing_ok=True)


def _manifest(folder: Path) -> dict[str, dict[str, Any]]:
    path = folder / MANIFEST
    try:
        document = json.loads(path.read_bytes())
        entries = document["tables"]
        sound = document["format"] == FORMAT and all(_FILE.fullmatch(entry["file"]) and entry["sha256"] for entry in entries.values())
    except FileNotFoundError:
        raise DataError(
            "nothing is stored here", where=str(folder), hint="run the command that makes it first, e.g. `pricesmith fit`"
        ) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        sound = False
    if not sound:
        raise DataError("cannot be read as a manifest of tables", where=str(path), hint="remove the folder and make it again")
    return dict(entries)


def _read_table(folder: Path, name: str, entry: dict[str, Any]) -> pl.DataFrame:
    path = folder / entry["file"]
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"table {name!r} cannot be read: {error.strerror}", where=str(path), hint="make it again") from None
    if hashlib.sha256(data).hexdigest() != entry["sha256"]:
        raise DataError(f"table {name!r} is not as it was written", where=str(path), hint="remove the folder and make it again")
    return pl.read_ipc(io.BytesIO(data))
