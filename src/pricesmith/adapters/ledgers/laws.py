"""What rows must keep to besides their types. The database holds the same as CHECKs and triggers; here the message is clearer.

Names of people are compared without case and outer spaces: `Anna ` is `anna`.
"""

from __future__ import annotations

import hashlib

import polars as pl

CHOICES: dict[tuple[str, str], tuple[str, ...]] = {
    ("runs", "kind"): ("price", "undo", "override"),
    ("decided", "action"): ("change", "keep", "hold"),
    ("verdicts", "answer"): ("accept", "reject", "withdraw"),
    ("intents", "kind"): ("publish", "undo"),
    ("receipts", "fate"): ("applied", "same", "rejected", "unknown", "pending", "superseded", "expired", "held", "dead"),
    ("applied", "cause"): ("publish", "undo", "found", "drift"),
    ("switches", "scope"): ("all", "target", "sku"),
    ("switches", "state"): ("stop", "trip", "release_asked", "release"),
}
"""Values of a column where they are few."""

NAMES = ("run", "target", "sku", "channel", "region", "currency", "worker", "key", "chain", "act", "subject")
"""Texts that are never empty, beside those of a key."""

EXCEPTION_MOST = 7 * 86_400_000_000
"""Microseconds for which a floor may be lowered."""

_PEOPLE = ("by", "requester", "approver")
_PRICES = ("price", "current_price")
_APART = pl.col("requester").str.strip_chars(" ").str.to_lowercase() != pl.col("approver").str.strip_chars(" ").str.to_lowercase()
_LAWS: dict[str, tuple[tuple[str, pl.Expr], ...]] = {
    "decided": (("a changed price is above zero", (pl.col("action") != "change") | pl.col("price").fill_null(0).gt(0)),),
    "verdicts": (
        ("who accepts is not who asked", (pl.col("answer") != "accept") | _APART),
        ("a verdict ends after it was given", pl.col("expires") > pl.col("at")),
    ),
    "exceptions": (
        ("who agrees is not who asked", _APART),
        ("an exception ends within 7 days", (pl.col("expires") - pl.col("at")).is_between(1, EXCEPTION_MOST)),
    ),
    "attested": (("who agrees is not who asked", _APART),),
    "intents": (("an intent ends after it began", pl.col("expires") > pl.col("at")),),
}


def broken(table: str, frame: pl.DataFrame) -> str:
    """The first law that a row in stored form breaks, "" where none."""
    for (name, column), choices in CHOICES.items():
        if name == table:
            wrong = frame.filter(~pl.col(column).is_in(choices))
            if not wrong.is_empty():
                return f"{column} {wrong[column][0]!r} is none of {', '.join(choices)}"
    shared = [(f"{person} names somebody", pl.col(person).str.strip_chars(" ") != "") for person in _PEOPLE if person in frame.columns]
    shared += [(f"{price} is not negative", pl.col(price) >= 0) for price in _PRICES if price in frame.columns]
    laws = dict((*shared, *_LAWS.get(table, ())))
    kept = frame.select(holds.all().alias(law) for law, holds in laws.items())
    for law, holds in zip(laws, kept.row(0) if laws else (), strict=True):
        if not holds:
            return f"broken: {law}"
    if table == "contents" and any(hashlib.sha256(data).hexdigest() != name for name, data in frame.select("content", "bytes").rows()):
        return "broken: a content's id is the SHA-256 of its bytes"
    return ""
