"""Publishing from the desk: who asked for it, and which publications are to go on when their next wave may leave.

Long work runs as the same commands as on the command line; that a person of the desk asked stands in the ledger before it begins.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec
import polars as pl

from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.ledger import Act, Ledger
from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.publishing.sending.still import still
from pricesmith.flows.publishing.sending.switch import stopped

PUBLISH, UNDO = "asked_publish", "asked_undo"
"""Acts: a person asked that a run be sent to a shop, or taken back there; the subject is RUN SHOP."""


class Unfinished(msgspec.Struct, frozen=True):
    """Prices of a run that are still to leave to a shop, and when the first of them is due. by: who asked for it at the desk."""

    run: str
    target: str
    undo: bool
    by: str
    count: int
    due: dt.datetime


def ask(ledger: Ledger, act: str, run: str, target: str, *, by: str, at: dt.datetime) -> None:
    """Write down that a person asked for it."""
    if not by.strip():
        raise UsageError("nobody is named", hint="say your name in the menu at the top right")
    ledger.append(Act(at, by, act, f"{run} {target}"), {})


def unfinished(reading: Reading, at: dt.datetime) -> list[Unfinished]:
    """What was asked for at the desk and not given up since, to shops that are not stopped; the earliest first."""
    found = [one for name in reading.policy.shops if not stopped(reading.rows("switches"), name) for one in _of(reading, name, at)]
    return sorted(found, key=lambda one: (one.due, one.run, one.target))


def publishing(folder: str, run: str, target: str) -> list[str]:
    """The command that sends what is due of a run; what is queued already is not queued again."""
    return ["publish", folder, run, f"--to={target}", "--live"]


def undoing(folder: str, run: str, target: str, by: str, keys: Sequence[Key] = ()) -> list[str]:
    """The command that puts prices back: all of the run, or some products."""
    return ["undo", folder, run, f"--to={target}", "--live", f"--by={by}", *(f"--sku={key.sku}" for key in keys)]


def _of(reading: Reading, target: str, at: dt.datetime) -> list[Unfinished]:
    left = reading.book.waiting(target)
    if left.is_empty():
        return []
    since = at - dt.timedelta(hours=reading.policy.publish.expires_hours)
    asked = reading.rows("audit").filter((pl.col("at") > since) & pl.col("act").is_in([PUBLISH, UNDO]))
    found = []
    for one in still(left, reading.rows("intents")):
        act = UNDO if one.undo else PUBLISH
        who = asked.filter((pl.col("act") == act) & (pl.col("subject") == f"{one.run} {target}"))["by"]
        if who.len():
            found.append(Unfinished(one.run, target, one.undo, str(who[-1]), one.count, one.due))
    return found
