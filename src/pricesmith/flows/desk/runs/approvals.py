"""All runs: what each proposes, where it stands, and what is still on its way."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import polars as pl

from pricesmith.flows.desk.connecting.start_prices import Started, started
from pricesmith.flows.desk.publishing.ever import NONE, Ever, by_run
from pricesmith.flows.desk.publishing.receipts import arrivals
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.publishing.history.overview import since_made, state
from pricesmith.flows.publishing.history.runs import JOINT

from .answered import Answers, Partly, answered
from .in_force import changed_since
from .makings import Making, making
from .summaries import summaries

PAGE = 20


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which of the runs, the newest first."""

    page: int = 1


class ListedRun(msgspec.Struct, frozen=True):
    """One run. accepted, rejected: changes, as of now; partly: changes that some of the people accepted whom they need.

    changes and profit_change (single effects added up, major units a day) are null until they were counted; joint and state as in
    `overview.runs`

    newest  the last one that prices the whole shop;  other_rules: those in force are others than those that it was made under
    arrived, undone  products whose price came into a shop, and whose earlier one came back, since it was last made
    waiting          products whose price is still to leave;  returning: whose earlier price is still to go back
    ever             prices of it that came into a shop, whenever: as the page Outcome counts them;  making: when it was made, and how often
    """

    run: str
    kind: str
    as_of: dt.date
    at: dt.datetime
    by: str
    currency: str
    state: str
    changes: int | None
    profit_change: float | None
    joint: float | None
    arrived: int
    undone: int
    waiting: int
    returning: int
    ever: Ever
    making: Making
    accepted: int = 0
    rejected: int = 0
    partly: list[Partly] = []
    newest: bool = False
    other_rules: bool = False


class Approvals(msgspec.Struct, frozen=True):
    """One page of the runs. found: of all; shops: those of the policy; start: start prices of the newest run of the whole shop."""

    runs: list[ListedRun]
    found: int
    wanted: Wanted
    pages: int
    shops: list[str]
    start: Started | None


def approvals(reading: Reading, wanted: Wanted) -> Approvals:
    """Runs that propose prices, the newest first."""
    known = reading.made().reverse()
    found = listed(reading, known.slice((max(wanted.page, 1) - 1) * PAGE, PAGE))
    newest = reading.latest()
    start = None if newest is None else started(reading, reading.run(newest), reading.now())
    return Approvals(found, known.height, wanted, max(-(-known.height // PAGE), 1), list(reading.policy.shops), start)


def listed(reading: Reading, shown: pl.DataFrame) -> list[ListedRun]:
    """Runs with where they stand, in the order of these rows of table RUNS."""
    at, newest, counts = reading.now(), reading.latest(), summaries(reading, shown["run"].to_list())
    table = pl.DataFrame(
        [(name, one.changes, one.profit_change) for name, one in counts.items()],
        schema={"run": pl.String, "changes": pl.Int64, "profit_change": pl.Float64}, orient="row",
    )  # fmt: skip
    said = since_made(reading.rows("verdicts"), reading.made()).group_by("run", maintain_order=True).agg(answer=pl.col("answer").last())
    rows = shown
    for other in (table, said, arrivals(reading)):
        rows = rows.join(other, on="run", how="left", maintain_order="left")
    rows = rows.with_columns(pl.col("arrived", "undone", "waiting", "returning").fill_null(0).cast(pl.Int64))
    rows = rows.with_columns(joint=JOINT, state=state(pl.col("changes").fill_null(0)))
    beside = (*Answers.__struct_fields__, "ever", "making", "newest", "other_rules")
    plain = [name for name in ListedRun.__struct_fields__ if name not in beside]
    return [_listed(reading, row, newest, at) for row in rows.select(plain).iter_rows(named=True)]


def _listed(reading: Reading, row: dict[str, Any], newest: str | None, at: dt.datetime) -> ListedRun:
    name = row["run"]
    said, there = msgspec.structs.asdict(answered(reading, name, at)), by_run(reading).get(name, NONE)
    made = making(reading, name)
    if row["state"] in ("accepted", "rejected") and row["changes"] and 0 < said["rejected"] < row["changes"]:
        row = {**row, "state": "partly answered"}
    return ListedRun(**row, **said, ever=there, making=made, newest=name == newest, other_rules=changed_since(reading, name))
