"""Whether this code and these settings may publish, and who has asked for it."""

from __future__ import annotations

import datetime as dt

import msgspec
import polars as pl

from pricesmith.flows import wiring
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.publishing.answers.approval import MACHINE
from pricesmith.flows.publishing.answers.attest import asked, digest_of, people_needed


class Attestation(msgspec.Struct, frozen=True):
    """digest: of the running code and of the settings as they stand in shop.toml now; stands: two people agreed to exactly it.

    asked_by, at, until  who asked and when (where it stands: who agreed last), and until when somebody else may agree
    by                   the second person
    people               that it takes to agree: 1 in a shop of one person
    """

    digest: str
    stands: bool
    asked_by: str = ""
    by: str = ""
    at: dt.datetime | None = None
    until: dt.datetime | None = None
    people: int = 2


def attestation(reading: Reading, at: dt.datetime) -> Attestation:
    """Where the attestation stands that publishing asks for."""
    digest, hours = digest_now(reading), reading.policy.guards.approval_hours
    known = reading.rows("attested")
    rows = known.filter(pl.col("digest") == digest)
    if rows.height:
        row = rows.row(-1, named=True)
        return Attestation(digest, True, row["requester"], row["approver"], row["at"], people=1 if row["requester"] == MACHINE else 2)
    if people_needed(known, digest, reading.policy.approval) == 1:
        return Attestation(digest, False, people=1)
    first = asked(reading.rows("audit"), digest, at, hours)
    if first is None:
        return Attestation(digest, False)
    return Attestation(digest, False, first[0], "", first[1], first[1] + dt.timedelta(hours=hours))


def digest_now(reading: Reading) -> str:
    """As the worker computes it: shop.toml may have changed since the desk was opened."""
    return digest_of(wiring.code_digest(), reading.policy)
