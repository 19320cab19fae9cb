"""How many people must agree with a change, and how many have. An acceptance binds the digest of exactly what was seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import polars as pl

from pricesmith.contracts.errors import UnknownChoice
from pricesmith.contracts.ledger import Ledger
from pricesmith.contracts.publishing import ApprovalPolicy
from pricesmith.contracts.shop import Key
from pricesmith.contracts.tables import DECISIONS

from .people import person

EVERY = "*"
MACHINE = "pricesmith"
"""Who asks for the prices that the engine proposes; people approve them."""
KEY = list(DECISIONS.key)


class Size(NamedTuple):
    """How large a run is: changes of prices, and products that they are about, each once in however many stores."""

    changes: int
    products: int


def size_of(changes: pl.DataFrame) -> Size:
    return Size(changes.height, changes["sku"].n_unique())


def needs(
    decisions: pl.DataFrame, policy: ApprovalPolicy, *, size: Size | None = None, rules_changed: bool = False, excepted: Sequence[Key] = ()
) -> pl.Series:
    """(n,) people other than who asked that must agree: 0 automatic, 1, 2; null where nothing changes.

    decisions      rows of table DECISIONS (or DECIDED)
    size           of the whole run, where `decisions` are a part of it
    rules_changed  rules, guards or approval settings differ from those of the prices published before
    excepted       products whose floor two people have lowered
    """
    change = pl.col("action") == "change"
    move = (pl.col("price") / pl.col("current_price") - 1.0).abs()
    size = size_of(decisions.filter(change)) if size is None else size
    exempt = pl.struct(KEY).is_in([dict(zip(KEY, key, strict=True)) for key in excepted]) if excepted else pl.lit(False)
    two = (move > policy.two_people_move) | pl.lit(size.products > policy.two_people_products) | exempt | move.is_null() | move.is_nan()
    small = (move <= policy.automatic_move) & pl.lit(size.changes <= policy.automatic_products and policy.automatic_move > 0)
    people = pl.when(two).then(2).when(small).then(0).otherwise(1)
    people = pl.max_horizontal(people, pl.lit(policy.changed_people)) if rules_changed else people
    return decisions.select(needs=pl.when(change).then(people).cast(pl.Int64))["needs"]


def answers(verdicts: pl.DataFrame, run: str, digest: str, at: dt.datetime, decisions: pl.DataFrame) -> pl.DataFrame:
    """Keys, `agreed` (people whose latest word on the product is an unexpired acceptance of this digest), `rejected`, `asker`.

    asker      who had asked for the price when the last of them agreed; null where nobody did

    verdicts   rows of table VERDICTS in the order in which they were written
    decisions  rows with the keys to be answered for
    """
    keys = decisions.select(KEY)
    said = covering(keys, verdicts.filter(pl.col("run") == run).with_row_index("order"))
    last = said.sort("order").group_by(*KEY, who=person("approver"), maintain_order=True).last()
    holds = (
        (pl.col("answer") == "accept")
        & (pl.col("digest") == digest)
        & (pl.col("expires") > at)
        & (person("approver") != person("requester"))
    )
    last = last.sort("order").with_columns(holds=holds)
    asker, rejected = pl.col("requester").filter("holds").last(), (pl.col("answer") == "reject").any()
    counted = last.group_by(KEY).agg(agreed=pl.col("holds").sum().cast(pl.Int64), rejected=rejected, asker=asker)
    return keys.join(counted, on=KEY, how="left", maintain_order="left").with_columns(
        pl.col("agreed").fill_null(0), pl.col("rejected").fill_null(False)
    )


def covering(keys: pl.DataFrame, said: pl.DataFrame) -> pl.DataFrame:
    """Every product beside each verdict that covers it; EVERY in a part of a verdict's key stands for all.

    keys  (n,) products;  said  rows of table VERDICTS with `order`
    """
    kept = [*KEY, "order", "approver", "requester", "answer", "digest", "expires"]
    parts = [keys.clear().join(said.drop(KEY), how="cross").select(kept)]
    for named in (part for count in range(len(KEY) + 1) for part in combinations(KEY, count)):
        some = said.filter(pl.all_horizontal((pl.col(name) != EVERY) == (name in named) for name in KEY))
        if some.is_empty():
            continue
        some = some.drop([name for name in KEY if name not in named])
        parts.append((keys.join(some, on=list(named)) if named else keys.join(some, how="cross")).select(kept))
    return pl.concat(parts)


def asked_about(kind: str) -> pl.Expr:
    """Which decisions of a run people answer and publish: every change; in a run of kind `override` those that people set, and no other."""
    change = pl.col("action") == "change"
    return change & (pl.col("reason") == "override") if kind == "override" else change


def stand_behind(agreed: pl.Expr, people: pl.Expr, requester: pl.Expr | str) -> pl.Expr:
    """People who stand behind a change: those who agreed and, where two are needed and a person asked, who asked."""
    asked = (people >= 2) & (agreed >= 1) & (requester != MACHINE)
    return agreed + asked.cast(pl.Int64)


def run_row(ledger: Ledger, run: str) -> dict[str, object]:
    """The row of table RUNS; a run that is not there lists the latest ones."""
    found = ledger.read("runs", {"run": [run]})
    if found.is_empty():
        known = ledger.read("runs")["run"].to_list()
        raise UnknownChoice("run", run, known[-10:], where="ledger")
    return found.row(0, named=True)
