"""Tables <-> stored rows, and the canonical bytes over which everything is hashed."""

from __future__ import annotations

import datetime as dt
import hashlib

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pricesmith.adapters.ledgers.chain import GENESIS, digest_of, encode, link, parts
from pricesmith.adapters.ledgers.outbox import micros
from pricesmith.adapters.ledgers.rows import plain, restored, stored
from pricesmith.contracts.errors import LedgerError
from pricesmith.contracts.ledger import LEDGER
from pricesmith.contracts.tables import Column, Table
from pricesmith.testing.ledger_rows import AT, made

KINDS = Table(
    "kinds",
    ("name",),
    (
        *(Column(kind, kind, "") for kind in ("text", "integer", "number", "flag", "fraction", "date", "moment", "minor", "binary")),
        Column("name", "text", "", required=True),
    ),
    "one column a kind",
)


@pytest.mark.parametrize("name", [name for name in LEDGER if name not in {"audit", "checkpoints"}])
def test_stored_and_restored(name: str) -> None:
    frame = made(name)
    assert_frame_equal(restored(LEDGER[name], stored(LEDGER[name], frame).rows()), frame)


@pytest.mark.parametrize("name", LEDGER)
def test_no_rows_have_the_types_of_the_table(name: str) -> None:
    assert restored(LEDGER[name], [], "more").schema == LEDGER[name].schema | {"more": pl.Int64()}


def test_what_loses_nothing_is_taken() -> None:
    frame = pl.DataFrame(
        {
            "text": pl.Series(["a"], dtype=pl.Categorical),
            "integer": pl.Series([5], dtype=pl.UInt8),
            "number": pl.Series([2], dtype=pl.Int16),
            "flag": [True],
            "fraction": pl.Series([0.5], dtype=pl.Float32),
            "date": [dt.date(1969, 12, 31)],
            "moment": pl.Series([AT], dtype=pl.Datetime("ms", "UTC")),
            "minor": [None],
            "binary": [b"\x00"],
            "name": ["n"],
        }
    )
    assert stored(KINDS, frame).row(0) == ("a", 5, 2.0, 1, 0.5, -1, micros(AT), None, b"\x00", "n")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("text", 1),
        ("integer", 1.0),
        ("number", "1"),
        ("flag", 2),
        ("date", AT),
        ("moment", AT.date()),
        ("moment", AT.replace(tzinfo=None)),
        ("moment", dt.datetime(1969, 12, 31, tzinfo=dt.UTC)),
        ("binary", "x"),
        ("minor", True),
    ],
)
def test_what_would_lose_something_is_refused(column: str, value: object) -> None:
    with pytest.raises(LedgerError, match=f"kinds.{column}"):
        stored(KINDS, pl.DataFrame({column: [value], "name": ["n"]}))


def test_single_values() -> None:
    at, price = LEDGER["intents"].by_name["at"], LEDGER["intents"].by_name["price"]
    assert plain(at, AT) == micros(AT) and plain(price, None) is None
    with pytest.raises(LedgerError, match="price"):
        plain(price, 1.5)
    with pytest.raises(LedgerError, match="no time zone"):
        micros(AT.replace(tzinfo=None))


def test_microseconds_are_exact() -> None:
    odd = dt.datetime(2026, 3, 29, 1, 59, 59, 999_999, dt.timezone(dt.timedelta(hours=2)))
    assert dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=micros(odd)) == odd


def test_canonical_bytes_are_those_of_messagepack() -> None:
    """By hand, from the MessagePack specification: array of 6; 1; 300; -1; nil; "a"; 1.0."""
    by_hand = b"\x96" + b"\x01" + b"\xcd\x01\x2c" + b"\xff" + b"\xc0" + b"\xa1a" + b"\xcb\x3f\xf0" + bytes(6)
    assert encode((1, 300, -1, None, "a", 1.0)) == by_hand
    assert digest_of({"b": [(1,)], "a": [(2,), (3,)], "empty": []}) == " ".join(
        [f"a:2:{hashlib.sha256(bytes([0x91, 2, 0x91, 3])).hexdigest()}", f"b:1:{hashlib.sha256(bytes([0x91, 1])).hexdigest()}"]
    )
    fields = (1, 5, "anna", "noted", "it", "", GENESIS)
    assert link(fields) == hashlib.sha256(encode(fields)).hexdigest()


def test_digests_that_cannot_be_read_name_nothing() -> None:
    assert parts("a:1:ff b:x:ff nonsense c:2:00") == {"a": (1, "ff"), "c": (2, "00")}
