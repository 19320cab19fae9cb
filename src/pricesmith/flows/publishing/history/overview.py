"""What the ledger knows of runs, as tables for people: where each stands, and what became of its changes."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.contracts.ledger import Ledger
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.tables import DECISIONS
from pricesmith.flows.publishing.answers.agreed import excepted
from pricesmith.flows.publishing.answers.approval import asked_about, covering, needs, run_row, size_of, stand_behind
from pricesmith.flows.publishing.answers.people import person
from pricesmith.flows.publishing.sending.waves import ARRIVED

from .changed_rules import rules_changed
from .lately import counting, lately
from .making import AGAIN, last_made, made
from .runs import JOINT

KEY = list(DECISIONS.key)


def runs(ledger: Ledger) -> pl.DataFrame:
    """`run`, `kind`, `as_of`, `at`, `by`, `parent`, `changes`, `single_effects`, `accepted`, `rejected`, `joint`, `state`.

    joint  what all its changes bring together, major units a day, as its summary says; null where only some of its prices are asked about
    single_effects  of its changes, each beside all others, added up, major units a day
    state  `open`; `accepted`, `rejected` (every change of it, in the last words of whoever answered); `partly answered`; `published`,
           `partly published`, `undone`
    accepted, rejected  changes that somebody accepted and nobody rejected, and that somebody rejected, in their last words
    """
    known = made(ledger.read("runs"), ledger.read("audit", {"act": [AGAIN]}))
    kinds = ledger.read("decided").join(known.select("run", "kind"), on="run", how="left", maintain_order="left")
    own = pl.col("kind") == "override"
    decided = kinds.filter(pl.when(own).then(asked_about("override")).otherwise(asked_about("price")))
    counts = decided.group_by("run").agg(changes=pl.len(), single_effects=pl.col("profit_change").sum())
    said = _answers(since_made(ledger.read("verdicts"), known), decided)
    listed = known.join(counts, on="run", how="left", maintain_order="left").join(said, on="run", how="left", maintain_order="left")
    listed = listed.join(sent(ledger, known), on="run", how="left", maintain_order="left").with_columns(
        pl.col("changes", "accepted", "rejected", "arrived", "undone").fill_null(0), pl.col("single_effects").fill_null(0.0)
    )
    head, parts = ("run", "kind", "as_of", "at", "by", "parent", "changes"), [pl.col(name) for name in ("changes", "accepted", "rejected")]
    return listed.select(*head, "single_effects", "accepted", "rejected", joint=JOINT, state=partly(state(parts[0]), *parts))


def _answers(said: pl.DataFrame, decided: pl.DataFrame) -> pl.DataFrame:
    """`run`, `answer` (the last one), `accepted`, `rejected`: as in `runs`.

    said     rows of table VERDICTS since their run was made;  decided: rows of table DECIDED that people are asked about
    """
    last = said.group_by("run", maintain_order=True).agg(answer=pl.col("answer").last())
    counts = []
    for run in last["run"]:
        given = said.filter(pl.col("run") == run).with_row_index("order")
        words = covering(decided.filter(pl.col("run") == run).select(KEY), given).sort("order")
        words = words.group_by(*KEY, who=person("approver"), maintain_order=True).agg(pl.col("answer").last())
        each = words.group_by(KEY).agg(no=(pl.col("answer") == "reject").any(), yes=(pl.col("answer") == "accept").any())
        counts.append((run, each.filter(pl.col("yes") & ~pl.col("no")).height, each["no"].sum()))
    schema = {"run": pl.String, "accepted": pl.Int64, "rejected": pl.Int64}
    return last.join(pl.DataFrame(counts, schema=schema, orient="row"), on="run", how="left", maintain_order="left")


def partly(state: pl.Expr, changes: pl.Expr, accepted: pl.Expr, rejected: pl.Expr) -> pl.Expr:
    """A state as in `runs`, told apart where an answer is about some of the changes: the last one alone says nothing of the others."""
    answered = state.is_in(["open", "accepted", "rejected"]) & (accepted + rejected > 0)
    some = pl.when(accepted == changes).then(pl.lit("accepted")).when(rejected == changes).then(pl.lit("rejected"))
    return pl.when(answered).then(some.otherwise(pl.lit("partly answered"))).otherwise(state)


def state(changes: pl.Expr) -> pl.Expr:
    """Where a run stands, from columns `answer` (last word on it), `arrived`, `undone` and the number of its changes; see `runs`."""
    words = {"accept": "accepted", "reject": "rejected", "withdraw": "open"}
    return (
        pl.when((pl.col("arrived") > 0) & (pl.col("undone") >= pl.col("arrived"))).then(pl.lit("undone"))
        .when((pl.col("arrived") > 0) & (pl.col("arrived") >= changes)).then(pl.lit("published"))
        .when(pl.col("arrived") > 0).then(pl.lit("partly published"))
        .otherwise(pl.col("answer").replace_strict(words, default="open"))
    )  # fmt: skip


def since_made(rows: pl.DataFrame, runs: pl.DataFrame) -> pl.DataFrame:
    """Rows of a table with `run` that were written since their run was last made.

    runs  rows of `making.made`
    """
    return rows.join(runs.select("run", made="seq"), on="run", maintain_order="left").filter(pl.col("seq") > pl.col("made")).drop("made")


def sent(ledger: Ledger, runs: pl.DataFrame) -> pl.DataFrame:
    """`run`, `arrived`, `undone`: products whose price arrived in a shop, and whose earlier one came back, of what counts lately.

    runs  rows of `making.made`
    """
    receipts = ledger.read("receipts")
    last = receipts.group_by("intent", maintain_order=True).agg(pl.col("fate").last())
    done = counting(ledger.read("intents"), receipts, runs).join(last.filter(pl.col("fate").is_in(ARRIVED)), on="intent")
    kinds = [
        done.filter(pl.col("kind") == kind).group_by("run").agg(pl.struct("target", *KEY).n_unique().alias(name)) for kind, name in _COUNTED
    ]
    return kinds[0].join(kinds[1], on="run", how="left")


_COUNTED = (("publish", "arrived"), ("undo", "undone"))


def changes(ledger: Ledger, run: str, policy: Policy, at: dt.datetime) -> pl.DataFrame:
    """Changes of a run: keys, prices (minor units), `profit_change` and its bounds, `reason`, `evidence`, and where each stands.

    needs, agreed, rejected   people who must agree, who did, and whether somebody refused
    fate, code                of the last receipt; null before
    """
    run_row(ledger, run)
    row, asked, receipts = last_made(ledger, run), ledger.read("intents"), ledger.read("receipts")
    past = lately(asked, receipts, row)
    decided = ledger.read("decided", {"run": [run]})
    meant = asked_about(str(row["kind"]))
    size = size_of(decided.filter(meant))
    changed = rules_changed(ledger, row, ledger.read("runs"), asked, receipts, policy.shops)
    people = needs(decided, policy.approval, size=size, rules_changed=changed, excepted=excepted(ledger, at))
    wanted = decided.with_columns(needs=past.people(decided, people)).filter(meant)
    said = past.said(ledger.read("verdicts", {"run": [run]}), run, str(row["digest"]), at, wanted)
    last = receipts.group_by("intent", maintain_order=True).agg(pl.col("fate").last(), pl.col("code").last())
    fates = past.intents.join(last, on="intent", how="left", maintain_order="left")
    fates = fates.group_by(KEY, maintain_order=True).agg(pl.col("fate").last(), pl.col("code").last())
    table = wanted.join(said, on=KEY, how="left", maintain_order="left").join(fates, on=KEY, how="left", maintain_order="left")
    shown = (
        "current_price",
        "price",
        "profit_change",
        "profit_change_lo",
        "profit_change_hi",
        "reason",
        "evidence",
        "needs",
        "agreed",
        "rejected",
    )
    table = table.with_columns(agreed=stand_behind(pl.col("agreed"), pl.col("needs"), pl.col("asker")))
    return table.select(*KEY, *shown, "fate", "code").sort(KEY)
