"""Signed heads of the chain: how they are made, exported, read and judged.

Signed are the bytes of "pricesmith checkpoint" and a MessagePack array of seq, at (microseconds since 1970 UTC) and chain. An exported file
holds one JSON document a line: {"seq", "at", "chain", "key", "signature"}.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

from pricesmith.contracts.errors import LedgerError
from pricesmith.contracts.ledger import Finding, Signer

from .chain import encode
from .rows import Row
from .signing import is_signed


class Checkpoint(NamedTuple):
    """A row of CHECKPOINTS in stored form."""

    seq: int
    at: int
    chain: str
    key: str
    signature: str


def signed(seq: int, at: int, chain: str, signer: Signer) -> Checkpoint:
    return Checkpoint(seq, at, chain, signer.key, signer.sign(_message(seq, at, chain)))


def judged(stored: Iterable[Row], exported: Iterable[Checkpoint], key: str | None) -> tuple[list[Checkpoint], list[Finding]]:
    """The checkpoints that hold, each once, and what is wrong with the others.

    stored    rows of the table
    exported  those kept elsewhere
    key       public key that must have signed them; None: each one's own
    """
    inside = [Checkpoint(*row) for row in stored]
    outside = list(exported)
    lost = dict.fromkeys(one for one in outside if one not in set(inside))
    findings = [Finding(one.seq, "checkpoints", "missing", "an exported checkpoint is not in the ledger") for one in lost]
    good: dict[Checkpoint, None] = {}
    for one in dict.fromkeys([*inside, *outside]):
        if key is not None and one.key != key:
            findings.append(Finding(one.seq, "checkpoints", "unknown_key", "signed with another key"))
        elif not is_signed(_message(one.seq, one.at, one.chain), one.signature, one.key):
            findings.append(Finding(one.seq, "checkpoints", "signature", "the signature does not fit"))
        else:
            good[one] = None
    return list(good), findings


def export(path: Path, checkpoint: Checkpoint) -> None:
    """Add a line to the exported file; it is on the disk when this returns."""
    try:
        with path.open("ab") as file:
            file.write(msgspec.json.encode(checkpoint._asdict()) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise LedgerError(f"the checkpoint cannot be exported: {error.strerror}", where=str(path), hint="it stands in the ledger") from None


def parse(data: bytes, where: str = "checkpoints") -> list[Checkpoint]:
    """Checkpoints of an exported file. A line that is none raises LedgerError."""
    found = []
    for number, line in enumerate(data.splitlines(), 1):
        try:
            found.append(msgspec.convert(msgspec.json.decode(line), _Line).checkpoint())
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise LedgerError(f"is no checkpoint: {error}", where=f"{where}:{number}", hint="the file may be damaged") from None
    return found


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    seq: int
    at: int
    chain: str
    key: str
    signature: str

    def checkpoint(self) -> Checkpoint:
        return Checkpoint(self.seq, self.at, self.chain, self.key, self.signature)


def _message(seq: int, at: int, chain: str) -> bytes:
    return b"pricesmith checkpoint" + encode((seq, at, chain))
