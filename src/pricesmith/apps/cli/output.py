"""How commands write: whole files or none, one JSON document, plain tables."""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pricesmith.contracts.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

ENDINGS = (".csv", ".parquet")


def check_ending(path: Path) -> None:
    """Refuse a table file that is neither CSV nor Parquet, before any work is done."""
    if path.suffix.lower() not in ENDINGS:
        raise UsageError(f"cannot write a table to {path.name}", hint=f"end the name in {' or '.join(ENDINGS)}")
    if path.is_dir():
        raise UsageError(f"{path} is a folder", hint="name a file")


def spare(folder: Path, *paths: Path | None) -> None:
    """Refuse to write over what a shop is read from."""
    for path in paths:
        if path is not None and (
            path.resolve() == (folder / "shop.toml").resolve() or path.resolve().is_relative_to((folder / "data").resolve())
        ):
            raise UsageError(f"{path} belongs to the data of the shop", hint="write beside the data, not over it")


def whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a file beside `path`, then put it in place at once: no reader ever sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    try:
        write(Path(name))
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_text(path: Path, text: str) -> None:
    whole(path, lambda target: target.write_text(text, encoding="utf-8", newline="\n"))


def write_table(path: Path, table: pl.DataFrame) -> None:
    """CSV or Parquet by the ending of the name."""
    if path.suffix.lower() == ".parquet":
        whole(path, lambda target: table.write_parquet(target, compression="zstd", statistics=False))
    else:
        whole(path, table.write_csv)


def print_json(document: object) -> None:
    """One JSON document; what is not a finite number becomes null."""
    click.echo(as_json_text(document))


def as_json_text(document: object) -> str:
    return json.dumps(finite(document), ensure_ascii=False, indent=1, allow_nan=False)


def finite(value: Any) -> Any:
    """The same document with numbers that JSON cannot hold as null, dates as text and NumPy numbers as plain ones."""
    if isinstance(value, Mapping):
        return {str(key): finite(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(inner) for inner in value]
    if hasattr(value, "tolist") and not isinstance(value, (str, bytes)):
        return finite(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)
