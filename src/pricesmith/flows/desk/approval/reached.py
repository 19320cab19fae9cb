"""What an answer to many changes comes to: those that it still reaches, those that a person can withdraw, and what was sent on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec
import polars as pl

from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.reading.ledger import KEY, Reading, Run
from pricesmith.flows.publishing.answers.approval import covering
from pricesmith.flows.publishing.answers.people import folded, person
from pricesmith.flows.publishing.sending.waves import ARRIVED, TRIED_AGAIN

from .standing import standing

REACHED = {"accept": ("open",), "reject": ("open", "ready", "unreached")}
"""Answer -> states of `standing.STATES` of the changes for which it makes a difference: what was rejected is accepted by itself alone."""
QUEUED = (pl.col("kind") == "publish").fill_null(False) & pl.col("fate").is_null()
"""Rows of `standing` that were asked for and have not left: the gate asks once more who agreed before it lets them."""
LEFT = (pl.col("kind") == "undo").fill_null(False) | pl.col("fate").is_in([*ARRIVED, *TRIED_AGAIN]).fill_null(False)
"""Rows of `standing` whose price was sent."""


class Reached(msgspec.Struct, frozen=True):
    """Changes that an answer reaches, and the sum of their expected changes of profit, each taken alone (major units a day)."""

    changes: int = 0
    profit_change: float = 0.0


class Withdrawable(msgspec.Struct, frozen=True):
    """Changes of a run on which a person's last word still waits, by what it was; sent: accepted by them and sent, so that it stays."""

    accepted: int = 0
    rejected: int = 0
    sent: int = 0

    @property
    def changes(self) -> int:
        return self.accepted + self.rejected


def reaches(said: str) -> pl.Expr:
    """Rows of `standing` that an answer to many reaches: a person accepts singly what contradicts a price that somebody set.

    said  of REACHED
    """
    waits = pl.col("state").is_in(REACHED[said])
    return waits | QUEUED if said == "reject" else waits & pl.col("own").is_null()


CONTRADICTS = pl.col("own").is_not_null() & (pl.col("state").is_in(["open", "ready", "unreached"]) | pl.col("outvoted"))
"""Rows of `standing` that an acceptance of many leaves aside for a price that a person set beside them, also those accepted already."""


def standing_with_worth(reading: Reading, run: Run, keys: pl.DataFrame, at: dt.datetime) -> pl.DataFrame:
    """Rows of `standing` of those changes of the run that are among the keys, with `profit_change`."""
    where = standing(reading, run, at).join(keys, on=KEY, how="semi", maintain_order="left")
    return where.join(run.changes.select(*KEY, "profit_change"), on=KEY, how="left", maintain_order="left")


def reached(table: pl.DataFrame, said: str) -> Reached:
    """table: rows of `standing` with `profit_change`;  said: of REACHED."""
    part = table.filter(reaches(said))
    return Reached(part.height, float(part["profit_change"].sum()))


def withdrawable(reading: Reading, run: Run, who: str, at: dt.datetime, keys: Sequence[Key] | None = None) -> Withdrawable:
    """Of all changes of the run, or of some of them."""
    own = reading.rows("verdicts").filter((pl.col("run") == run.name) & (person("approver") == folded(who)))
    if own.is_empty():
        return Withdrawable()
    said = reading.lately(run.name).said(own, run.name, str(run.row["digest"]), at, run.changes)
    said = said.select(*KEY, mine=pl.col("agreed") > 0, against="rejected")
    where = standing(reading, run, at).join(said, on=KEY)
    if keys is not None:
        where = where.join(pl.DataFrame(keys, schema=KEY, orient="row"), on=KEY, how="semi")
    waits = pl.col("kind").is_null() | QUEUED
    counted = where.select(
        accepted=(pl.col("mine") & waits).sum(), rejected=(pl.col("against") & waits).sum(), sent=(pl.col("mine") & LEFT).sum()
    )
    return Withdrawable(**counted.row(0, named=True))


def sent_on(reading: Reading, run: Run) -> dict[int, int]:
    """`seq` of acceptances -> products that were sent while each was its person's last word on them, of what counts `lately`."""
    past, digest = reading.lately(run.name), run.row["digest"]
    said = reading.rows("verdicts").filter(pl.col("run") == run.name).with_columns(order=pl.col("seq"))
    own = past.intents.filter(pl.col("kind") == "publish")
    tried = reading.rows("receipts").filter(pl.col("fate").is_in([*ARRIVED, *TRIED_AGAIN])).select("intent", "seq")
    first = own.select(*KEY, "intent").join(tried, on="intent").group_by(KEY).agg(pl.col("seq").min())
    if first.is_empty() or said.is_empty():
        return {}
    parts = [covering(part.select(KEY), given) for part, given in past.counted(said, first.rename({"seq": "left"}))]
    before = pl.concat(parts).join(first, on=KEY).filter(pl.col("order") < pl.col("seq"))
    last = before.sort("order").group_by(*KEY, who=person("approver"), maintain_order=True).last()
    counted = last.filter((pl.col("answer") == "accept") & (pl.col("digest") == digest)).group_by("order").len()
    return dict(counted.iter_rows())
