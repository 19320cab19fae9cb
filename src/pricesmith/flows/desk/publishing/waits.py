"""What each price that is still to leave waits for, and until when where that is known; from the ledger alone."""

from __future__ import annotations

import datetime as dt

import msgspec
import polars as pl

from pricesmith.flows.desk.reading.ledger import KEY, Reading
from pricesmith.flows.publishing.sending import patience, switch
from pricesmith.flows.publishing.sending.waves import Wave, most
from pricesmith.guards.history import facts

from .attestation import attestation

SOON = 5_000
"""Prices still to leave up to which each is looked at by itself: when it is due, when it last moved; the wave says it otherwise."""
TURNS = ("turn", "now")
"""Codes of prices that nothing but their wave or a guard keeps back: asked again at a moment, or at the next step."""
ANY_TIME = ("now", "unreachable", "reading", "released")
"""Codes of prices that are looked at again with the next step where the moment for it has passed."""
SHUT = ("stopped", "unattested")
"""Codes under which nothing leaves to the shop, of any run, until people do something about it."""
LEFT = {"wait": pl.String(), "until": pl.Datetime("us", "UTC")}


class Wait(msgspec.Struct, frozen=True):
    """Prices that wait for the same. until: when the first of them goes on, null where that is not known or has passed.

    code  `stopped`, `unattested`, `busy` (the shop asked for it), `sku_stopped`, `unreachable`, `reading` (sent, and not seen yet),
          `released` (its stop ended, and it is not looked at again yet), `dwell` (the price moved a moment ago), `wave`, or of TURNS
    """

    code: str
    count: int
    until: dt.datetime | None


def waits_of(left: pl.DataFrame, wave: Wave, changes: int) -> list[Wait]:
    """Those of a run and shop, the most first.

    left     rows of `waiting`;  changes: prices of the run on their way there, of which the wave lets a share leave
    """
    groups = left.group_by("wait").agg(pl.len(), pl.col("until").min())
    found = {code: Wait(code, count, until) for code, count, until in groups.iter_rows()}
    later = changes - most(wave.share, changes)
    beyond = min(later, sum(found[code].count for code in TURNS if code in found))
    rest = beyond
    for code in TURNS:
        if rest and code in found:
            one = found.pop(code)
            rest, kept = max(rest - one.count, 0), max(one.count - rest, 0)
            found |= {code: Wait(code, kept, one.until)} if kept else {}
    waits = [*found.values(), *([Wait("wave", beyond, wave.next_at)] if beyond else [])]
    return sorted(waits, key=lambda one: (-one.count, one.code))


def waiting(reading: Reading, target: str, left: pl.DataFrame, at: dt.datetime) -> pl.DataFrame:
    """Prices that are still to leave to a target, with `wait` (a code of Wait but for `wave`) and `until`.

    left  rows of `receipts.tried` whose fate is WAITING
    """
    if left.is_empty():
        return left.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in LEFT.items())
    limits, turns = reading.policy.guards, reading.rows("switches")
    table = left
    for known, key in ((_due(reading, target, left), ["intent"]), (moved(reading, target, left, at), KEY), (_released(turns), ["sku"])):
        table = table.join(known, on=key, how="left", maintain_order="left")
    rests = pl.col("changed_at") + dt.timedelta(minutes=limits.dwell_minutes)
    busy = patience.until(reading.rows(patience.TABLE).filter(pl.col("act") == patience.ACT), target, at)
    back, tried, none, due = pl.col("kind") == "undo", pl.col("attempt") > 0, pl.lit(None, LEFT["until"]), pl.col("due")
    cases = [
        ("stopped", pl.lit(bool(switch.stopped(turns, target))) | (pl.lit(bool(switch.tripped(turns, target))) & ~back), none),
        ("unattested", pl.lit(not attestation(reading, at).stands), none),
        ("busy", pl.lit(busy is not None), pl.lit(busy, LEFT["until"])),
        ("sku_stopped", pl.col("sku").is_in(switch.stopped_products(turns)), none),
        ("unreachable", tried & (pl.col("code") == "unreachable"), due),
        ("reading", tried, due),
        ("released", (pl.col("released_at") > pl.col("asked_at")) & (due > at), due),
        ("dwell", (rests > at) & ~back, pl.max_horizontal(rests, due)),
        ("now", due <= at, none),
    ]
    code, until = pl.lit("turn"), due
    for name, test, moment in reversed(cases):
        holds = test.fill_null(False)
        code, until = pl.when(holds).then(pl.lit(name)).otherwise(code), pl.when(holds).then(moment).otherwise(until)
    until = pl.when(until > at).then(until)  # what was due before is taken up at the next step
    return table.with_columns(wait=code, until=until).select(*left.columns, *LEFT)


def _due(reading: Reading, target: str, left: pl.DataFrame) -> pl.DataFrame:
    """`intent`, `due` (none of them where they are too many to ask for) and `asked_at`, when it was queued."""
    asked = reading.rows("intents").select("intent", asked_at="at").join(left.select("intent"), on="intent", how="semi")
    if left.height > SOON:
        return asked.with_columns(due=pl.lit(None, LEFT["until"]))
    return asked.join(reading.book.waiting(target).select("intent", "due"), on="intent", how="left")


def moved(reading: Reading, target: str, left: pl.DataFrame, at: dt.datetime) -> pl.DataFrame:
    """KEY and `changed_at`, the last change of each price in the shop or the first look at it; none where they are too many to look at
    one by one."""
    keys = left.select(KEY).unique().head(left.height if left.height <= SOON else 0)
    past = reading.rows("applied").filter(pl.col("target") == target).join(keys, on=KEY, how="semi")
    return facts(past.drop("seq"), keys, at).select(*KEY, "changed_at")


def _released(turns: pl.DataFrame) -> pl.DataFrame:
    """`sku` and `released_at`: when the last stop of it ended."""
    ends = {one.scope[1]: one.at for one in switch.releases(turns) if one.scope[0] == "sku"}
    return pl.DataFrame(list(ends.items()), schema={"sku": pl.String(), "released_at": LEFT["until"]}, orient="row")
