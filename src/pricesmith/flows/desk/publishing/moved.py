"""What moved on since a dry run was made, so that a new one may say something else. Time alone, such as the age of costs, is not told."""

from __future__ import annotations

import datetime as dt
import hashlib

import msgspec
import polars as pl

from pricesmith.contracts.policy import Policy
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.publishing.history import contents
from pricesmith.flows.publishing.history.changed_rules import strictness
from pricesmith.flows.publishing.history.making import AGAIN, made
from pricesmith.flows.publishing.office import Office

from .attestation import digest_now

PARTS = ("answers", "sent", "stops", "exceptions", "attested", "settings", "rules", "unknown")
"""What may move on.

answers     were given to the run, or ended, as they do where it is made again
sent        something was, to the shop
stops       were made, or released
exceptions  from the floor were made, or ended
attested    was what stands now
settings    of guards, approval, publishing or the shop changed, or the program
rules       or other bounds of the newest run are others than those of the newest one of then
unknown     an older version kept no more than when it was made
"""


class Under(msgspec.Struct, frozen=True):
    """What a dry run is made under. seq: last act of the ledger before it; settings: their digest."""

    at: dt.datetime
    seq: int
    settings: str


def under(place: Office, target: str) -> Under:
    """What one would be made under that begins now."""
    acts = place.book.read("audit", columns=["at"])
    seq = 0 if acts.is_empty() else int(acts["seq"][-1])
    return Under(place.now(), seq, _digest(place.code, place.policy, target))


def moved(reading: Reading, run: str, target: str, before: Under, at: dt.datetime) -> list[str]:
    """Parts of PARTS on which a dry run of a run to a shop hangs, and that moved on since."""
    code = digest_now(reading)
    new, ended = pl.col("seq") > before.seq, (pl.col("expires") > before.at) & (pl.col("expires") <= at)
    intents, receipts = reading.rows("intents").filter(pl.col("target") == target), reading.rows("receipts").filter(new)
    found = {
        "answers": reading.rows("verdicts").filter((pl.col("run") == run) & (new | (ended & (pl.col("answer") == "accept")))),
        "sent": pl.concat([rows.select("intent") for rows in (intents.filter(new), receipts.join(intents, on="intent", how="semi"))]),
        "stops": reading.rows("switches").filter(new),
        "exceptions": reading.rows("exceptions").filter(new | ended),
        "attested": reading.rows("attested").filter(new & (pl.col("digest") == code)),
    }
    again = reading.rows("audit").filter(new & (pl.col("act") == AGAIN) & (pl.col("subject") == run))
    changed = {
        **{part: not rows.is_empty() for part, rows in found.items()},
        "answers": not (found["answers"].is_empty() and again.is_empty()),
        "settings": before.settings != _digest(code, reading.policy, target),
        "rules": _stricter(reading, before.seq),
    }
    return [part for part in PARTS if changed.get(part)]


def _digest(code: str, policy: Policy, target: str) -> str:
    """code: of the program and the settings that guard what leaves, as it is attested."""
    parts = msgspec.json.encode([code, policy.shops.get(target), policy.currency, policy.tax], order="deterministic")
    return hashlib.sha256(parts).hexdigest()


def _stricter(reading: Reading, seq: int) -> bool:
    """Whether the newest run was made under other bounds than the newest one of then: days of watching begin anew with them."""
    runs, acts = reading.rows("runs"), reading.rows("audit")
    known = made(*(rows.filter(pl.col("seq") <= seq) for rows in (runs, acts)))
    runs = made(runs, acts)
    last = {str(rows["policy"][-1]) for rows in (known, runs) if not rows.is_empty()}
    return len(last) > 1 and len({strictness(text) for text in contents.read(reading.book, last).values()}) > 1
