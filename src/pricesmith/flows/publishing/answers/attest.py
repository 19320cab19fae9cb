"""Which code and settings may publish: named by digest, and agreed to by two people, or by the one who runs the shop."""

from __future__ import annotations

import datetime as dt
import hashlib

import msgspec
import polars as pl

from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.ledger import ATTESTED, Act, Ledger
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.publishing import ApprovalPolicy

from .approval import MACHINE
from .people import same_person


def digest_of(code: str, policy: Policy) -> str:
    """Version and digest of the program, and a digest of the settings that guard what leaves."""
    parts = msgspec.json.encode([policy.guards, policy.approval, policy.publish], order="deterministic")
    return f"{code}/{hashlib.sha256(parts).hexdigest()[:16]}"


def people_needed(rows: pl.DataFrame, digest: str, approval: ApprovalPolicy) -> int:
    """1 in a shop of one person, else 2. That a shop is of one person is itself a setting that those agree to who attested until then.

    rows  of table ATTESTED
    """
    if not approval.alone or rows.is_empty():
        return 1 if approval.alone else 2
    last = rows.row(-1, named=True)
    same_settings = last["digest"].rpartition("/")[2] == digest.rpartition("/")[2]
    return 1 if same_settings or last["requester"] == MACHINE else 2


def attest_alone(ledger: Ledger, digest: str, approval: ApprovalPolicy, *, by: str, at: dt.datetime) -> bool:
    """The person who runs the shop agrees; nobody asked. Returns False where that stands already. Raises UsageError where it takes two."""
    if not by.strip():
        raise UsageError("nobody is named", hint="--by NAME")
    if people_needed(ledger.read("attested"), digest, approval) > 1:
        raise UsageError(TWO, hint=FIRST)
    return _attest(ledger, digest, asked_by=MACHINE, by=by, at=at)


def attest(ledger: Ledger, digest: str, *, asked_by: str, by: str, at: dt.datetime) -> bool:
    """Two people agree that this code and these settings may publish. Returns False where that stands already."""
    _two(asked_by, by)
    return _attest(ledger, digest, asked_by=asked_by, by=by, at=at)


def _attest(ledger: Ledger, digest: str, *, asked_by: str, by: str, at: dt.datetime) -> bool:
    if digest in ledger.read("attested")["digest"]:
        return False
    row = {"digest": digest, "at": at, "requester": asked_by, "approver": by}
    ledger.append(Act(at, by, "attested", digest), {"attested": pl.DataFrame([row], schema=ATTESTED.schema)})
    return True


def attested(rows: pl.DataFrame, digest: str) -> bool:
    """Whether this code and these settings may publish: nothing may before somebody attested it."""
    return digest in rows["digest"].to_list()


TWO, NAMED = "two different people must agree", "--asked-by NAME --by ANOTHER"
FIRST = (
    "--asked-by NAME --by ANOTHER; alone = true under [approval] lets one person attest, where others attested before "
    "once two have agreed to that"
)
ASKED = "asked_attest"
"""Act of the first person, where the two do not sit at one keyboard; its subject is the digest."""


def ask_or_agree(ledger: Ledger, digest: str, approval: ApprovalPolicy, *, by: str, at: dt.datetime, hours: float) -> bool:
    """The first person asks, a second one agrees within so many hours; the person who runs a shop alone agrees at once.

    Returns True where it may publish from now on.

    Raises UsageError where the same person answers twice.
    """
    if not by.strip():
        raise UsageError("nobody is named", hint="--by NAME")
    if digest in ledger.read("attested")["digest"]:
        return True
    if people_needed(ledger.read("attested"), digest, approval) == 1:
        return attest_alone(ledger, digest, approval, by=by, at=at)
    first = asked(ledger.read("audit", {"act": [ASKED]}), digest, at, hours)
    if first is None:
        ledger.append(Act(at, by, ASKED, digest), {})
        return False
    if same_person(first[0], by):
        raise UsageError(f"{by} has asked for the attestation; another person must agree", hint="somebody else signs in and agrees")
    return attest(ledger, digest, asked_by=first[0], by=by, at=at)


def attest_together(ledger: Ledger, digest: str, *, asked_by: str, by: str, at: dt.datetime) -> bool:
    """Two people at one keyboard: who asks has a row of their own, as where each signs in. Returns False where it stands already."""
    _two(asked_by, by)
    if digest in ledger.read("attested")["digest"]:
        return False
    ledger.append(Act(at, asked_by, ASKED, digest), {})
    return attest(ledger, digest, asked_by=asked_by, by=by, at=at)


def _two(asked_by: str, by: str) -> None:
    if not asked_by.strip() or not by.strip() or same_person(asked_by, by) or MACHINE in (asked_by, by):
        raise UsageError(TWO, hint=NAMED)


def asked(acts: pl.DataFrame, digest: str, at: dt.datetime, hours: float) -> tuple[str, dt.datetime] | None:
    """Who asked for this digest within so many hours, and when; None where nobody did.

    acts  rows of table AUDIT
    """
    since = at - dt.timedelta(hours=hours)
    rows = acts.filter((pl.col("act") == ASKED) & (pl.col("subject") == digest) & (pl.col("at") > since))
    return None if rows.is_empty() else (str(rows["by"][-1]), rows["at"][-1])
