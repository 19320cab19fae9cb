"""The prices in force of every product, as the ledger says: what a price request is answered from. Nothing is decided here.

A price in force is the latest one that was seen in a shop (table APPLIED). Where none was ever seen, it is the `current_price` of the
latest run. A price that was merely decided is never in force.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import msgspec
import polars as pl

from pricesmith.contracts.errors import LedgerError
from pricesmith.contracts.ledger import Ledger
from pricesmith.contracts.tables import DECISIONS
from pricesmith.flows.publishing.history.facts import Facts
from pricesmith.flows.publishing.history.freshness import LOOKED, said

KEY = list(DECISIONS.key)
SOURCES, CAUSES = ("none", "current", "applied"), ("", "publish", "undo", "found", "drift")
MOMENT = pl.Datetime("us", "UTC")
ROWS = pl.Schema(
    {
        **dict.fromkeys(KEY, pl.String()),
        "price": pl.Int64(),
        "currency": pl.String(),
        "source": pl.Enum(SOURCES),
        "cause": pl.Enum(CAUSES),
        "shop": pl.String(),
        "run": pl.String(),
        "at": MOMENT,
        "listed": pl.Boolean(),
        "follows": pl.Boolean(),
        "old": pl.Boolean(),
    }
)
"""One product: its price (minor units; 0: none is known), where from, and since when.

cause    why it was seen in a shop: a value of APPLIED.cause; "" where the source is `current`
shop     target in which it was seen, "" likewise
run      that the price comes from, "" where somebody else set it
listed   the latest run has decided about the product
follows  and its price follows competitors
old      and was held since its own data were too old
"""
RUNS = pl.Schema({"run": pl.String(), "as_of": pl.Date(), "currency": pl.String(), "cost_at": MOMENT, "competitor_at": MOMENT})
"""Runs, and when costs and competitors' offers were last known to be true as they were made."""
MANY = 20_000
"""Intents beyond which reading their whole table is quicker than asking for each."""


@dataclass(frozen=True, slots=True)
class InForce:
    """Prices in force as of one act of the ledger.

    act, chain  last audit row that was read, and its chain value
    latest      the latest run that proposes prices, "" before the first
    rows        see ROWS; a product keeps its place, new ones come last
    runs        see RUNS
    """

    act: int
    chain: str
    latest: str
    rows: pl.DataFrame
    runs: pl.DataFrame


NOTHING = InForce(0, "", "", ROWS.to_frame(), RUNS.to_frame())
"""Of an empty ledger."""


def advance(ledger: Ledger, known: InForce) -> InForce:
    """Read what was written since, and nothing else. What it returns depends on the ledger alone, not on the steps in which it was read.

    Raises LedgerError where the ledger cannot be read, or is not the one that was read before.
    """
    act, chain = end(ledger, known)
    if act == known.act:
        return known
    seen = _seen(ledger, known.act, act)
    made = ledger.read("runs", after=known.act, columns=("run", "as_of", "currency", "kind", "facts")).filter(pl.col("seq") <= act)
    proposing = made.filter(pl.col("kind") != "undo")
    looked = ledger.read("audit", {"act": [LOOKED]}, after=known.act).filter(pl.col("seq") <= act)
    runs = with_looked(pl.concat([known.runs, _runs(made)]), looked)
    moved = replace(known, act=act, chain=chain, rows=with_seen(known.rows, seen), runs=runs)
    if proposing.is_empty():
        return moved
    row = proposing.row(-1, named=True)
    decided = ledger.read("decided", {"run": [row["run"]]}, columns=(*KEY, "current_price", "reason", "binding_rules")).drop("seq")
    return replace(moved, latest=row["run"], rows=with_decided(moved.rows, decided, row["run"], row["as_of"], row["currency"]))


def end(ledger: Ledger, known: InForce) -> tuple[int, str]:
    """The last act, and its chain value. Raises LedgerError where the ledger cannot be read, or is not the one that was read before."""
    acts = ledger.read("audit", after=max(known.act - 1, 0), columns=("seq", "chain")).select("seq", "chain")
    if known.act and (acts.is_empty() or acts.row(0) != (known.act, known.chain)):
        hint = "where an older copy was put in its place on purpose, remove the folder `quotes` in the shop folder"
        raise LedgerError("is not the one that was read before", where="ledger", hint=hint)
    return (int(acts["seq"][-1]), str(acts["chain"][-1])) if acts.height else (0, "")


def _seen(ledger: Ledger, after: int, act: int) -> pl.DataFrame:
    """Of each product that was seen in a shop since: the last row of APPLIED, and `run`."""
    columns = ("target", *KEY, "at", "price", "currency", "cause", "intent")
    rows = ledger.read("applied", after=after, columns=columns).filter(pl.col("seq") <= act).drop("seq")
    last = rows.group_by(KEY, maintain_order=True).last()
    wanted = last["intent"].drop_nulls()
    where = None if len(wanted) > MANY else {"intent": wanted.to_list()}
    runs = ledger.read("intents", where, columns=("intent", "run")).drop("seq") if len(wanted) else pl.DataFrame(schema=_INTENTS)
    return last.join(runs, on="intent", how="left", maintain_order="left")


_INTENTS = {"intent": pl.String(), "run": pl.String()}


def _runs(made: pl.DataFrame) -> pl.DataFrame:
    facts = [msgspec.json.decode(text, type=Facts) for text in made["facts"]]
    times = {name: pl.Series([getattr(one, name) for one in facts], dtype=MOMENT) for name in ("cost_at", "competitor_at")}
    return made.select("run", "as_of", "currency", **times)


def with_looked(runs: pl.DataFrame, acts: pl.DataFrame) -> pl.DataFrame:
    """Runs (see RUNS) with later times at which their data were known to be true. acts: rows of table AUDIT since"""
    times = [name for name in RUNS if name.endswith("_at")]
    beside = runs.join(said(acts).select("run", *times), on="run", how="left", maintain_order="left", suffix="_new")
    return beside.with_columns(pl.coalesce(f"{name}_new", name).alias(name) for name in times).select(RUNS.names())


def with_seen(rows: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """Prices that were seen in a shop stand from then on."""
    if seen.is_empty():
        return rows
    fresh = seen.select(
        *KEY,
        price=pl.col("price"),
        currency=pl.col("currency"),
        source=pl.lit("applied", ROWS["source"]),
        cause=pl.col("cause").cast(ROWS["cause"]),
        shop=pl.col("target"),
        run=pl.col("run").fill_null(""),
        at=pl.col("at"),
    )
    return _put(_with_new(rows, fresh), fresh, pl.col("at_new").is_not_null())


def with_decided(rows: pl.DataFrame, decided: pl.DataFrame, run: str, as_of: dt.date, currency: str) -> pl.DataFrame:
    """The latest run says which products are listed, on which data their prices rest, and the price of those never seen in a shop.

    decided  keys, `current_price` (minor units), `reason`, `binding_rules`
    """
    known = pl.col("current_price").fill_null(0) > 0
    follows = pl.col("binding_rules").str.split(";").list.eval(pl.element().str.starts_with("competitor_band")).list.any()
    fresh = decided.select(
        *KEY,
        price=pl.col("current_price").fill_null(0),
        currency=pl.lit(currency),
        source=pl.when(known).then(pl.lit("current")).otherwise(pl.lit("none")).cast(ROWS["source"]),
        cause=pl.lit("", ROWS["cause"]),
        shop=pl.lit(""),
        run=pl.lit(run),
        at=pl.lit(as_of).cast(MOMENT),
        listed=pl.lit(True),
        follows=follows.fill_null(False),
        old=pl.col("reason") == "stale_data",
    )
    blank = _with_new(rows, fresh).with_columns(listed=pl.lit(False), follows=pl.lit(False), old=pl.lit(False))
    unseen = pl.col("source") != "applied"
    emptied = blank.with_columns(pl.when(unseen).then(value).otherwise(pl.col(name)).alias(name) for name, value in _BLANK.items())
    about = ["listed", "follows", "old"]
    placed = _put(emptied, fresh.drop(about), unseen & pl.col("at_new").is_not_null())
    return _put(placed, fresh.select(*KEY, *about), pl.col("listed_new").is_not_null())


_BLANK = {
    "price": pl.lit(0, pl.Int64),
    "currency": pl.lit(""),
    "source": pl.lit("none", ROWS["source"]),
    "cause": pl.lit("", ROWS["cause"]),
    "shop": pl.lit(""),
    "run": pl.lit(""),
    "at": pl.lit(None, MOMENT),
}


def _with_new(rows: pl.DataFrame, fresh: pl.DataFrame) -> pl.DataFrame:
    """The rows, and an empty one for each product that is not among them."""
    beside = fresh.select(KEY).join(rows.select(*KEY, known=pl.lit(True)), on=KEY, how="left", maintain_order="left")
    new = beside.filter(pl.col("known").is_null())
    flags = {name: pl.lit(False) for name in ("listed", "follows", "old")}
    return pl.concat([rows, new.select(*KEY, **_BLANK, **flags).select(ROWS.names())]) if new.height else rows


def _put(rows: pl.DataFrame, fresh: pl.DataFrame, where: pl.Expr) -> pl.DataFrame:
    """The rows with the columns of `fresh` (which come as NAME_new) where the condition holds."""
    names = [name for name in fresh.columns if name not in KEY]
    beside = rows.join(fresh, on=KEY, how="left", maintain_order="left", suffix="_new")
    put = {name: pl.when(where).then(pl.col(f"{name}_new")).otherwise(pl.col(name)) for name in names}
    return beside.with_columns(**put).select(ROWS.names())
