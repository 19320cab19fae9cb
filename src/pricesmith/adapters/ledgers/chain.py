"""Canonical bytes of rows, digests of acts, and the hash chain over them.

A row's canonical bytes are its values in the order of the table's columns as one MessagePack array (https://msgpack.org): integers in their
shortest form, numbers as 64-bit floats, no maps and no extensions, so that one row has one form. `nr` and `seq` are not in it: verify finds
them by counting.

    digest = "table:rows:SHA-256(row bytes, one after another)" of each table, by name, joined by spaces
    chain  = SHA-256(MessagePack of [seq, at, by, act, subject, digest, previous])
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from msgspec import msgpack

from .rows import Row

GENESIS = "0" * 64
"""`previous` of the first audit row."""

encode = msgpack.Encoder().encode


def digest_of(tables: Mapping[str, Sequence[Row]]) -> str:
    """Digest of the rows of an act."""
    return " ".join(
        table_digest(name, len(rows), hashlib.sha256(b"".join(map(encode, rows)))) for name, rows in sorted(tables.items()) if rows
    )


def table_digest(name: str, count: int, sha: hashlib._Hash) -> str:
    return f"{name}:{count}:{sha.hexdigest()}"


def link(fields: Row) -> str:
    """Chain value of an audit row: its columns seq to previous."""
    return hashlib.sha256(encode(fields)).hexdigest()


def parts(digest: str) -> dict[str, tuple[int, str]]:
    """Rows and SHA-256 of each table in a digest; what cannot be read as one gives none."""
    split = [part.split(":") for part in digest.split()]
    return {part[0]: (int(part[1]), part[2]) for part in split if len(part) == 3 and part[1].isascii() and part[1].isdigit()}
