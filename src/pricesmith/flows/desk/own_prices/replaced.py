"""Own prices beside earlier runs in whose place the newest run puts others: whose they are, why, and whether they may be set again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import msgspec
import numpy as np
import polars as pl

from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.approval.standing import standing
from pricesmith.flows.desk.reading.ledger import KEY, Reading, Run
from pricesmith.flows.publishing.answers.own_price import Verdict, judged
from pricesmith.flows.publishing.history.beside import set_beside

from .own import Own, own_of
from .whole import left_soon

BACK = 5
"""Runs of the whole shop before the newest one that are looked at."""
GONE = ("rejected", "undone", "called_off", "overtaken")
"""States of own prices that nobody waits for any more."""
SHOWN = 20


class ReplacedPrice(msgspec.Struct, frozen=True):
    """An own price that the newest run replaced, minor units.

    now      what that run has in its place: its price, or today's where it proposes none
    by, why, at, run, state  whose it is, the reason, when it was set, its run, and where it stands there, of `standing.STATES`
    known    the rules have judged it beside the newest run; then same, hold, barred and against are those of `own_price.Verdict`
    """

    sku: str
    channel: str
    region: str
    name: str | None
    price: int
    now: int
    by: str
    why: str
    at: dt.datetime
    run: str
    state: str
    known: bool = False
    same: bool = False
    hold: str = ""
    barred: tuple[str, ...] = ()
    against: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        return Key(self.sku, self.channel, self.region)

    def settable(self, anyway: bool) -> bool:
        """Whether a person may set it again. anyway: also against what may give way."""
        return self.known and not (self.same or self.hold or self.barred or (self.against and not anyway))


class Replaced(msgspec.Struct, frozen=True):
    """How many own prices the newest run replaced, how many may be set again, and how many only against what may give way.

    rows  the first of them;  known: the rules have judged them
    """

    count: int = 0
    settable: int = 0
    against: int = 0
    known: bool = True
    rows: list[ReplacedPrice] = []


def replaced(reading: Reading, run: Run, at: dt.datetime) -> Replaced:
    """Nothing for a run that is not the newest of the whole shop."""
    rows = replaced_rows(reading, run, at)
    free, meant = (sum(one.settable(anyway) for one in rows) for anyway in (False, True))
    return Replaced(len(rows), free, meant - free, all(one.known for one in rows), rows[:SHOWN])


def replaced_rows(reading: Reading, run: Run, at: dt.datetime) -> list[ReplacedPrice]:
    """All of them, by product."""
    earlier = _earlier(reading, run.name, at) if run.name == reading.latest() else {}
    beside = own_of(reading, run, at) if earlier else {}
    wanted = {key: one for key, one in earlier.items() if key not in beside and one.state is not None and one.state not in GONE}
    if not wanted:
        return []
    keys = pl.DataFrame(list(wanted), schema=KEY, orient="row")
    turned = standing(reading, run, at).select(*KEY, turned=pl.col("state") == "rejected")
    table = run.decided.join(keys, on=KEY, how="semi").join(turned, on=KEY, how="left", maintain_order="left").sort(KEY)
    stands = pl.when(pl.col("turned").fill_null(False)).then(None).otherwise("price")
    table = table.select(*KEY, "name", "item", now=pl.coalesce(stands, "current_price")).drop_nulls("now")
    rows = [(wanted[Key(*(row[name] for name in KEY))], row) for row in table.iter_rows(named=True)]
    found = [(_row(one, row), row["item"]) for one, row in rows if one.price != row["now"]]
    return _judged(reading, run, at, found)


def _row(one: Own, row: dict[str, object]) -> ReplacedPrice:
    told = {name: row[name] for name in (*KEY, "name", "now")}
    return ReplacedPrice(**told, price=one.price, by=one.by, why=one.why, at=one.at, run=one.run, state=str(one.state))  # type: ignore[arg-type]


def _earlier(reading: Reading, name: str, at: dt.datetime) -> dict[Key, Own]:
    """The newest own price of each product beside the runs of the whole shop before the newest one."""
    runs = reading.rows("runs")
    before = [one for one in _priced(reading) if one != name][-BACK:]
    found: dict[Key, Own] = {}
    for one in before:
        found |= own_of(reading, reading.run(one), at) if set_beside(runs, one) else {}
    return found


def _priced(reading: Reading) -> Iterable[str]:
    return reading.made().filter(pl.col("kind") == "price")["run"].to_list()


def _judged(reading: Reading, run: Run, at: dt.datetime, found: list[tuple[ReplacedPrice, object]]) -> list[ReplacedPrice]:
    """The same with what the rules say of each for its product by itself, beside what people left of the newest run."""
    left = left_soon(reading, run.name, at) if found else None
    if left is None:
        return [row for row, _ in found]
    items, prices = np.array([item for _, item in found], dtype=np.int64), np.array([row.price for row, _ in found], dtype=np.int64)
    verdicts = judged(left.decided, items, prices)
    return [_said(row, verdict) for (row, _), verdict in zip(found, verdicts, strict=True)]


def _said(row: ReplacedPrice, one: Verdict) -> ReplacedPrice:
    return msgspec.structs.replace(row, known=True, same=one.same, hold=one.hold, barred=one.barred, against=one.against)
