"""Rows of the ledger for tests: valid, few, and as one says."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping

import polars as pl

from pricesmith.contracts.ledger import APPLIED, INTENTS, LEDGER, RECEIPTS, Lease

AT = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)
"""The moment at which everything is done where nothing else is said."""

DAY = dt.timedelta(days=1)

_USUAL: dict[str, dict[str, object]] = {
    "contents": {"kind": "policy", "bytes": b"currency = 'EUR'"},
    "runs": {
        "run": "run-1",
        "at": AT,
        "by": "pricesmith",
        "as_of": AT.date(),
        "currency": "EUR",
        "kind": "price",
        "parent": None,
        "policy": "p",
        "snapshot": "{}",
        "model": "{}",
        "code": "1",
        "value": 1.5,
        "bound": 2.0,
        "digest": "d",
        "facts": "{}",
    },
    "decided": {
        "run": "run-1",
        "sku": "A001",
        "channel": "default",
        "region": "default",
        "current_price": 1000,
        "price": 1099,
        "action": "change",
        "reason": "profit_up",
        "evidence": "adjusted",
        "binding_rules": "",
        "explanation": "{}",
        "propensity": 1.0,
    },
    "verdicts": {
        "verdict": "v-1",
        "run": "run-1",
        "at": AT,
        "requester": "anna",
        "approver": "bert",
        "answer": "accept",
        "why": None,
        "digest": "d",
        "expires": AT + DAY,
        "sku": "*",
        "channel": "*",
        "region": "*",
    },
    "intents": {
        "intent": "i-1",
        "run": "run-1",
        "at": AT,
        "target": "web",
        "sku": "A001",
        "channel": "default",
        "region": "default",
        "version": 1,
        "price": 1099,
        "previous": 1000,
        "currency": "EUR",
        "kind": "publish",
        "expires": AT + DAY,
    },
    "receipts": {
        "intent": "i-1",
        "attempt": 1,
        "at": AT,
        "worker": "w",
        "fate": "applied",
        "code": "",
        "sent": 1099,
        "read": 1099,
        "detail": None,
    },
    "applied": {
        "target": "web",
        "sku": "A001",
        "channel": "default",
        "region": "default",
        "at": AT,
        "price": 1099,
        "currency": "EUR",
        "cause": "publish",
        "intent": "i-1",
    },
    "guard_hits": {
        "hit": "h-1",
        "at": AT,
        "guard": "G7",
        "code": "ratio",
        "target": "web",
        "run": "run-1",
        "sku": "A001",
        "channel": "default",
        "region": "default",
        "price": 1,
        "stops": 0,
    },
    "switches": {"switch": "s-1", "at": AT, "by": "anna", "scope": "all", "name": "*", "state": "stop", "why": None},
    "exceptions": {
        "exception": "e-1",
        "at": AT,
        "sku": "A001",
        "channel": "default",
        "region": "default",
        "floor": 900,
        "requester": "anna",
        "approver": "bert",
        "expires": AT + 7 * DAY,
        "why": "end of season",
    },
    "sales_seen": {
        "date": AT.date(),
        "sku": "A001",
        "channel": "default",
        "region": "default",
        "units": 3.0,
        "revenue": 3000.0,
        "profit": 500.0,
    },
    "attested": {"digest": "code-1", "at": AT, "requester": "anna", "approver": "bert"},
}


def made(table: str, *changes: Mapping[str, object], **shared: object) -> pl.DataFrame:
    """Rows of a table: the usual one, with the changes of each row and those shared by all. Without changes it is one row."""
    rows = [{**_USUAL[table], **shared, **change} for change in changes or ({},)]
    if table == "contents":
        rows = [{**row, "content": _sha256(row["bytes"])} for row in rows]
    return pl.DataFrame(rows, schema=LEDGER[table].schema, orient="row")


def intents(*products: tuple[str, int], target: str = "web", at: dt.datetime = AT) -> pl.DataFrame:
    """Intents for (sku, version), keyed `sku/version`, at prices that tell them apart."""
    rows = [{"intent": f"{sku}/{version}", "sku": sku, "version": version, "price": 1000 + version} for sku, version in products]
    frame = pl.DataFrame(rows, schema={name: INTENTS.schema[name] for name in ("intent", "sku", "version", "price")}, orient="row")
    rest = {name: value for name, value in _USUAL["intents"].items() if name not in frame.columns}
    wanted = {**rest, "target": target, "at": at, "expires": at + DAY}
    return frame.with_columns(pl.lit(value, INTENTS.schema[name]).alias(name) for name, value in wanted.items()).select(
        INTENTS.schema.names()
    )


def receipts(lease: Lease, fate: str = "applied", at: dt.datetime = AT) -> pl.DataFrame:
    """One receipt for each intent of a lease, at its price."""
    known = {"at": pl.lit(at, RECEIPTS.schema["at"]), "worker": pl.lit(lease.worker), "fate": pl.lit(fate), "code": pl.lit("")}
    read = pl.col("price") if fate == "applied" else pl.lit(None, pl.Int64)
    return lease.intents.select("intent", pl.col("attempt") + 1, **known, sent=pl.col("price"), read=read, detail=pl.lit(None, pl.String))


def applied(lease: Lease, at: dt.datetime = AT) -> pl.DataFrame:
    """The prices of a lease as they then stand in the shop."""
    known = {"at": pl.lit(at, APPLIED.schema["at"]), "cause": pl.lit("publish")}
    return lease.intents.select("target", "sku", "channel", "region", "price", "currency", "intent", **known).select(APPLIED.schema.names())


def _sha256(data: object) -> str:
    assert isinstance(data, bytes)
    return hashlib.sha256(data).hexdigest()
