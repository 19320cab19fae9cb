"""What a run was made from, as content that the ledger keeps: a name, a kind, bytes, and the digest that names them.

Tables are Parquet bytes, settings are text. Equal tables give equal bytes, so what two runs share is kept once.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

import msgspec
import polars as pl

from pricesmith.contracts.errors import LedgerError
from pricesmith.contracts.ledger import CONTENTS, Ledger
from pricesmith.contracts.protocols import Tables
from pricesmith.contracts.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes named by their SHA-256."""

    kind: str
    data: bytes

    @property
    def name(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def of_text(kind: str, text: str) -> Content:
    return Content(kind, text.encode())


def of_table(kind: str, table: pl.DataFrame) -> Content:
    buffer = io.BytesIO()
    table.write_parquet(buffer, compression="zstd", statistics=False)
    return Content(kind, buffer.getvalue())


def to_table(data: bytes) -> pl.DataFrame:
    return pl.read_parquet(io.BytesIO(data))


def rows(contents: Iterable[Content]) -> pl.DataFrame:
    """Rows of table CONTENTS, each content once."""
    found = {content.name: content for content in contents}
    values = [(name, content.kind, content.data) for name, content in sorted(found.items())]
    return pl.DataFrame(values, schema=CONTENTS.schema, orient="row")


def index(contents: Mapping[str, Content]) -> str:
    """The names of several contents as a JSON object: part -> SHA-256."""
    return msgspec.json.encode({part: content.name for part, content in sorted(contents.items())}).decode()


def of_tables(kind: str, tables: Tables) -> dict[str, Content]:
    return {name: of_table(f"{kind}.{name}", table) for name, table in tables.items()}


def of_snapshot(snapshot: Snapshot) -> dict[str, Content]:
    """Every table of a snapshot, and what else it says; `doubtful` where it has rows, so that data without keep the names they had."""
    named = {field.name: getattr(snapshot, field.name) for field in fields(snapshot)}
    tables = {name: value for name, value in named.items() if isinstance(value, pl.DataFrame) and (name != "doubtful" or value.height)}
    facts = {"as_of": snapshot.as_of.isoformat(), "currency": snapshot.currency, "period": snapshot.period}
    return {**of_tables("snapshot", tables), "facts": of_text("snapshot.facts", msgspec.json.encode(facts).decode())}


def read(ledger: Ledger, names: Iterable[str]) -> dict[str, bytes]:
    """Bytes by name. Raises LedgerError where one is missing or is not what its name says."""
    wanted = sorted(set(names))
    found = ledger.read("contents", {"content": wanted}).select("content", "bytes")
    data: dict[str, bytes] = dict(found.iter_rows())
    for name in wanted:
        if name not in data:
            raise LedgerError(
                f"content {name[:12]} is missing", where="ledger", hint="restore the ledger from a copy; `audit --verify` says more"
            )
        if hashlib.sha256(data[name]).hexdigest() != name:
            raise LedgerError(f"content {name[:12]} was changed", where="ledger", hint="`audit --verify` says what else was")
    return data


def to_tables(ledger: Ledger, names: Mapping[str, str]) -> dict[str, pl.DataFrame]:
    """Tables by part, from their names."""
    data = read(ledger, names.values())
    return {part: to_table(data[name]) for part, name in names.items()}


def to_snapshot(ledger: Ledger, names: Mapping[str, str]) -> Snapshot:
    """The snapshot again; see `of_snapshot`."""
    import datetime as dt

    parts = dict(names)
    facts = msgspec.json.decode(read(ledger, [parts["facts"]])[parts.pop("facts")])
    tables = to_tables(ledger, parts)
    return Snapshot(as_of=dt.date.fromisoformat(facts["as_of"]), currency=facts["currency"], period=facts["period"], **tables)
