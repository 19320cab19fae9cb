"""What a piece of long work that is done came to: which run, how many prices, rows or forecasts."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import msgspec

from pricesmith.apps.service.ask import Desk
from pricesmith.apps.service.jobs import Job
from pricesmith.flows.desk.models.page import Kept, Test, test
from pricesmith.flows.desk.reading import kept
from pricesmith.flows.desk.runs.summaries import sizes, summaries

OF_A_RUN = ("publish", "undo", "dry_run", "outcome")
"""Kinds whose command names the run after the folder."""
MAKES_A_RUN = ("price", "override")
_MADE = re.compile(r"run:? (\S+?):? (?:\(|\d)")
"""The line in which pricing, or setting prices of one's own, names its run."""
_TABLE = re.compile(r"(\w+) +([\d,]+) +([\d,]+) +([\d,]+)(?: +[\d-]+ +[\d-]+)?")
"""A table in the report of the data: name, rows, accepted, quarantined, and its days."""
_FATES = re.compile(r"(?:\S+: )?(\d+ [a-z_]+(?:, \d+ [a-z_]+)*)(?:;.*)?")
"""The line that says how many prices met which fate."""
_OPEN = re.compile(r"(\d+) still to come(?:, the next at (\d{4}-\d\d-\d\d \d\d:\d\d) UTC)?")
"""The part of that line that says how many prices are still to leave, and when the next may."""
_OTHERS = re.compile(r"(?:of them (\d+)|(\d+) of them) of other runs of this shop")
"""How publishing and taking back say how many of those are prices of other runs."""
SENT, UNSENT = {"applied", "pending"}, {"held", "same", "superseded", "expired"}
"""Fates of prices that were sent, and of those that were not; of any other it does not say."""


class Came(msgspec.Struct, frozen=True):
    """What it came to; what a kind of work has nothing of is null or empty.

    run       that was priced, set, sent, taken back or judged;  to: the shop that prices went to
    changes   of that run, where it was made;  prices: of that run, one for each product in each store
    fates     prices that were to be sent, by what became of them
    open      those still to leave;  others: prices of other runs that are;  next_at: when the next of all of them may
    sent      whether any left for the shop; null where none was to, or where that is not known
    rows      of all tables that were read;  aside: those that were set aside
    test      of the forecasts
    """

    run: str = ""
    to: str = ""
    changes: int | None = None
    prices: int | None = None
    fates: dict[str, int] = {}
    sent: bool | None = None
    open: int = 0
    others: int = 0
    next_at: dt.datetime | None = None
    rows: int | None = None
    aside: int | None = None
    test: Test | None = None


def came(desk: Desk, job: Job) -> Came | None:
    """None where the work is not done, or tells of nothing to count."""
    if job.state != "done":
        return None
    if job.kind in MAKES_A_RUN:
        return _made(desk, job)
    if job.kind in OF_A_RUN:
        return _sent(job)
    if job.kind == "check":
        return _read(job)
    return _tested(job) if job.kind == "backtest" else None


def _made(desk: Desk, job: Job) -> Came | None:
    run = next((found[1] for line in job.lines if (found := _MADE.match(line))), "")
    if run not in desk.reading.rows("runs")["run"]:
        return None
    known = summaries(desk.reading, [run]).get(run)
    return Came(run, changes=None if known is None else known.changes, prices=sizes(desk.reading).get(run))


def _sent(job: Job) -> Came | None:
    plain = [word for word in job.words[2:] if not word.startswith("--")]
    if not plain:
        return None
    to = next((word.removeprefix("--to=") for word in job.words if word.startswith("--to=")), "")
    if "--live" not in job.words:
        return Came(plain[0], to)
    told = next((found[1] for line in job.lines if (found := _FATES.fullmatch(line))), "")
    counts = (part.partition(" ") for part in told.split(", ") if part)
    fates = {fate: int(count) for count, _, fate in counts}
    open_, others, next_at = _left(job)
    sent = True if fates.keys() & SENT else False if fates.keys() <= UNSENT else None
    return Came(plain[0], to, fates=fates, sent=sent, open=open_, others=others, next_at=next_at)


def _left(job: Job) -> tuple[int, int, dt.datetime | None]:
    """Prices of the run, and of other runs, that were still to leave when the job ended, and when the next of them may."""
    found = next((found for line in job.lines if (found := _OPEN.search(line))), None)
    if found is None:
        return 0, 0, None
    others = next((int(told[1] or told[2]) for line in job.lines if (told := _OTHERS.search(line))), 0)
    return int(found[1]) - others, others, dt.datetime.fromisoformat(found[2]).replace(tzinfo=dt.UTC) if found[2] else None


def _read(job: Job) -> Came | None:
    tables = [found for line in job.lines if (found := _TABLE.fullmatch(line.strip()))]
    if not tables:
        return None
    rows, aside = (sum(int(one[place].replace(",", "")) for one in tables) for place in (2, 4))
    return Came(rows=rows, aside=aside)


def _tested(job: Job) -> Came | None:
    out = next((word.removeprefix("--out=") for word in job.words if word.startswith("--out=")), "")
    document = kept.read(Path(out), Kept) if out else None
    return None if document is None else Came(test=test(document))
