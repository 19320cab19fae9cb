"""Which code and settings may publish: named by digest, and agreed to by two people."""

from __future__ import annotations

import datetime as dt
import hashlib

import msgspec
import polars as pl

from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.ledger import ATTESTED, Act, Ledger
from pricesmith.contracts.policy import Policy


def digest_of(code: str, policy: Policy) -> str:
    """Version and digest of the program, and a digest of the settings that guard what leaves."""
    parts = msgspec.json.encode([policy.guards, policy.approval, policy.publish], order="deterministic")
    return f"{code}/{hashlib.sha256(parts).hexdigest()[:16]}"


def attest(ledger: Ledger, digest: str, *, asked_by: str, by: str, at: dt.datetime) -> bool:
    """Two people agree that this code and these settings may publish. Returns False where that stands already."""
    if not asked_by.strip() or not by.strip() or asked_by.strip().lower() == by.strip().lower():
        raise UsageError("two different people must agree", hint="--asked-by NAME --by ANOTHER")
    if digest in ledger.read("attested")["digest"]:
        return False
    row = {"digest": digest, "at": at, "requester": asked_by, "approver": by}
    ledger.append(Act(at, by, "attested", digest), {"attested": pl.DataFrame([row], schema=ATTESTED.schema)})
    return True


def attested(rows: pl.DataFrame, digest: str) -> bool:
    """Whether this code and these settings may publish: nothing may before somebody attested it."""
    return digest in rows["digest"]
