"""Where each change of a run stands: how many people must agree, who did, and what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from pricesmith.contracts.policy import Policy
from pricesmith.flows.desk.reading.ledger import KEY, Reading, Run
from pricesmith.flows.desk.reading.remembered import Remembered
from pricesmith.flows.publishing.answers.agreed import later, meant
from pricesmith.flows.publishing.answers.approval import Size, stand_behind
from pricesmith.flows.publishing.answers.carried import carried
from pricesmith.flows.publishing.answers.overtaken import outvoted, overtaken
from pricesmith.flows.publishing.history.beside import set_beside
from pricesmith.flows.publishing.history.lately import lately
from pricesmith.flows.publishing.history.rederive import policy_of
from pricesmith.flows.publishing.measured.departures import SET, contradicted, prices_set, root_of
from pricesmith.flows.publishing.sending.waves import ARRIVED, TRIED_AGAIN

from .risk import needed

STATES = ("open", "ready", "unreached", "rejected", "sent", "applied", "held", "undone", "called_off", "failed", "overtaken", "carried")
"""open: somebody must agree; ready: may be published; unreached: may be, but no shop of the policy takes its channel and region; sent: on
its way; undone: it was in the shop and went back; called_off: taken back before it left; failed: given up, refused or superseded;
overtaken: a newer run's price is in the shop instead, or on its way, or it was accepted there while this one was not sent yet; carried:
another run brings the very price, so that nobody need answer, see `answers.carried`."""
ACCEPTED = ("ready", "unreached")
"""Of a change that enough people stand behind and that was not sent yet."""
KEPT = 256
"""Runs of own prices that are kept laid out, with where they stand: a few rows each."""
_FATES = {**dict.fromkeys(ARRIVED, "applied"), "held": "held", **dict.fromkeys(TRIED_AGAIN, "sent")}


class Told(NamedTuple):
    """Rows of these tables."""

    intents: pl.DataFrame
    receipts: pl.DataFrame
    verdicts: pl.DataFrame


def _standing(reading: Reading, run: Run, at: dt.datetime) -> pl.DataFrame:
    table = _by_itself(reading, run, at)
    newer = outvoted(_accepted_later(reading, run, at), run.changes).with_columns(outvoted=True)
    set_ = contradicted(run.changes, set_beside_of(reading, run, at)).select(*KEY, "own", "run", "by")
    table = table.join(newer, on=KEY, how="left", maintain_order="left").join(set_, on=KEY, how="left", maintain_order="left")
    over = pl.col("outvoted").fill_null(False)
    told = pl.when(over & pl.col("state").is_in(ACCEPTED)).then(pl.lit("overtaken")).otherwise("state")
    return _with_carried(reading, run, at, table.with_columns(outvoted=over, state=told).rename({"run": "own_run", "by": "own_by"}))


def _with_carried(reading: Reading, run: Run, at: dt.datetime, table: pl.DataFrame) -> pl.DataFrame:
    """With `carrier`, `since` and `there`, of `carried`, where nobody need answer for that."""
    book = {name: reading.rows(name) for name in ("intents", "receipts", "applied")}
    waits = run.changes.join(table.filter(pl.col("state") == "open"), on=KEY, how="semi", maintain_order="left")
    found = carried(book, run.name, waits, reading.policy.shops, lambda name: _by_itself(reading, _other(reading, name), at))
    told = pl.when(pl.col("carrier").is_not_null()).then(pl.lit("carried")).otherwise("state")
    return table.join(found, on=KEY, how="left", maintain_order="left").with_columns(state=told)


def _other(reading: Reading, name: str) -> Run:
    row = reading.last_made(name)
    return own_run(reading, row) if row["kind"] == "override" else reading.run(name)


def _alone(reading: Reading, run: Run, at: dt.datetime) -> pl.DataFrame:
    """As `where`, whatever other runs say."""
    return where(reading, run.name, run.changes, Told(*(reading.rows(name) for name in Told._fields)), at)


_OF_FEW, _OF_MANY = Remembered(_alone, KEPT), Remembered(_alone)


def _by_itself(reading: Reading, run: Run, at: dt.datetime) -> pl.DataFrame:
    return (_OF_FEW if run.row["kind"] == "override" else _OF_MANY)(reading, run, at)


def _accepted_later(reading: Reading, run: Run, at: dt.datetime) -> pl.DataFrame:
    """As `agreed.accepted_later`, at whatever shop."""
    runs = later(reading.made(), reading.rows("verdicts"), run.name, reading.policy, at)
    found = [run.changes.select(*KEY, "price").clear()]
    for row in runs.iter_rows(named=True):
        other = _other(reading, str(row["run"]))
        counts = pl.col("state").is_in(ACCEPTED) & meant(str(row["kind"]))
        keys = _by_itself(reading, other, at).filter(counts).select(KEY)
        found.append(other.changes.select(*KEY, "price").join(keys, on=KEY, how="semi", maintain_order="left"))
    return pl.concat(found)


def set_beside_of(reading: Reading, run: Run, at: dt.datetime) -> pl.DataFrame:
    """As `departures.prices_set`, of the run that this one stands beside, or is."""
    root, runs = root_of(reading.book, run.name), reading.rows("runs")
    if not set_beside(runs, root):
        return pl.DataFrame(schema=SET)
    name = f"{root} {reading.rows('audit').height}"
    found: pl.DataFrame = reading.shelf("set", 6).get(name, lambda _name: prices_set(reading.book, root, at))
    return found


def own_run(reading: Reading, row: Mapping[str, object]) -> Run:
    """A run of own prices of which only those are laid out. row: of table RUNS"""

    def laid_out(name: str) -> Run:
        table = reading.book.read("decided", {"run": [name], "reason": ["override"]}).drop("explanation", "seq")
        move = (pl.col("price") / pl.col("current_price") - 1.0).fill_nan(None)
        return Run(name, dict(row), policy_of(reading.book, name), table.with_columns(move=move))

    found: Run = reading.shelf("own", KEPT).get(str(row["run"]), laid_out)
    return found


def where(reading: Reading, run: str, changes: pl.DataFrame, told: Told, at: dt.datetime, size: Size | None = None) -> pl.DataFrame:
    """Keys of the changes, `needs`, `agreed`, `rejected`, `fate`, `code` (of the last receipt) and `state` (one of STATES).

    changes  rows of table DECIDED of a run;  told: of these products at least;  size: of the whole run, where these are a part
    """
    made = reading.last_made(run)
    past = lately(told.intents, told.receipts, made)
    wanted = changes.with_columns(needs=needed(reading, run, changes, past, at, size))
    said = past.said(told.verdicts, run, str(made["digest"]), at, wanted)
    table = wanted.select(*KEY, "needs").join(said, on=KEY, how="left", maintain_order="left")
    table = table.join(_fates(told.receipts, past.intents), on=KEY, how="left", maintain_order="left")
    agreed = stand_behind(pl.col("agreed"), pl.col("needs"), pl.col("asker"))
    table = table.with_columns(agreed=agreed, taken=taken(table, reading.policy)).drop("asker")
    table = table.with_columns(state=_state()).drop("taken", "came")
    late = overtaken(reading.made(), told.intents, told.receipts, run, changes)
    table = table.join(late.with_columns(late=True), on=KEY, how="left", maintain_order="left")
    newer = pl.col("late").fill_null(False) & pl.col("state").is_in(["open", "ready", "unreached", "applied"])
    return table.with_columns(state=pl.when(newer).then(pl.lit("overtaken")).otherwise("state")).drop("late")


def taken(changes: pl.DataFrame, policy: Policy) -> pl.Series:
    """(n,) True where a shop of the policy takes prices of the change's channel and region."""
    places = [(one.channel, one.region) for one in policy.shops.values()]
    shops = pl.DataFrame(places, schema=dict.fromkeys(KEY[1:], pl.String), orient="row").unique().with_columns(taken=True)
    return changes.select(KEY[1:]).join(shops, on=KEY[1:], how="left", maintain_order="left")["taken"].fill_null(False)


def _fates(receipts: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """Keys, `kind`, `fate`, `code`: of the last try of the last of these intents of each product; `came`: a price of it did."""
    last = receipts.group_by("intent", maintain_order=True).agg(pl.col("fate").last(), pl.col("code").last())
    found = own.join(last, on="intent", how="left", maintain_order="left")
    ours = found.join(receipts.filter(pl.col("fate").is_in(ARRIVED)).select("intent").unique(), on="intent", how="semi")
    came = ours.filter(pl.col("kind") == "publish").select(KEY).unique().with_columns(came=True)
    last = found.group_by(KEY, maintain_order=True).agg(pl.col("kind").last(), pl.col("fate").last(), pl.col("code").last())
    return last.join(came, on=KEY, how="left", maintain_order="left")


standing = Remembered(_standing)
"""(reading, run, at) -> keys of the run's changes, `needs`, `agreed`, `rejected`, `fate`, `code` (of the last receipt) and `state`;
`outvoted`: another price of a later run is accepted and was not sent yet; where a person set another price beside the run and nobody
turned it down, that price as `own`, its `own_run` and `own_by`, else null; of a carried price `carrier`, `since` and `there`."""


def _state() -> pl.Expr:
    fate = pl.col("fate").replace_strict(_FATES, default="failed")
    return (
        pl.when((pl.col("kind") == "undo") & pl.col("fate").is_in(ARRIVED))
        .then(pl.when(pl.col("came").fill_null(False)).then(pl.lit("undone")).otherwise(pl.lit("called_off")))
        .when(pl.col("kind").is_not_null() & pl.col("fate").is_null()).then(pl.lit("sent"))
        .when(pl.col("fate").is_not_null()).then(fate)
        .when(pl.col("rejected")).then(pl.lit("rejected"))
        .when(pl.col("agreed") >= pl.col("needs")).then(pl.when("taken").then(pl.lit("ready")).otherwise(pl.lit("unreached")))
        .otherwise(pl.lit("open"))
    )  # fmt: skip
