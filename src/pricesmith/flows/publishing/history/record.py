"""A run becomes history: what it was made from, what it decided, and why."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import polars as pl

from pricesmith import engine
from pricesmith.contracts.ledger import DECIDED, RUNS, Act, Ledger
from pricesmith.contracts.money import exponent
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.protocols import DemandModel
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.contracts.tables import DECISIONS
from pricesmith.experiments.holdout import clusters
from pricesmith.flows.publishing.answers.approval import MACHINE

from . import contents
from .again import make_again
from .beside import set_beside
from .explanation import explanations
from .facts import Facts
from .freshness import known_again


@dataclass(frozen=True, slots=True)
class Made:
    """All that a run was made from, and what it came to."""

    snapshot: Snapshot
    policy: Policy
    policy_text: str
    model: DemandModel
    decided: engine.Decided


@dataclass(frozen=True, slots=True)
class Recorded:
    """A run in the ledger; `new` is False where the very same run stood there before, `again` True where it was made again then."""

    run: str
    digest: str
    new: bool
    again: bool = False


def record(
    ledger: Ledger,
    made: Made,
    *,
    at: dt.datetime,
    by: str = MACHINE,
    code: str,
    facts: Facts,
    influence: Mapping[str, float] | None = None,
    kind: str = "price",
    parent: str | None = None,
) -> Recorded:
    """Write a run with everything that it can be made again from. The same run is written once; see `make_again`.

    code   version of the program and digest of its source
    influence  of single competitors, by product; see `explanations`
    facts  what the guards need beside the prices, such as when costs were last known to be true; see `runs.py`
    """
    snapshot, model = contents.of_snapshot(made.snapshot), contents.of_tables("model", made.model.to_tables())
    policy = contents.of_text("policy", made.policy_text)
    decisions = made.decided.decisions
    digest = digest_of(decisions, made.snapshot.currency, policy.name)
    run = run_name(made.snapshot.as_of, digest, contents.index(snapshot), contents.index(model), code, kind, parent)
    if ledger.read("runs", {"run": [run]}).height:
        known_again(ledger, [run, *set_beside(ledger.read("runs"), run)], facts, by=by, at=at)
        return Recorded(run, digest, new=False, again=make_again(ledger, run, by=by, at=at))
    choice = made.decided.choice
    row = {
        "run": run, "at": at, "by": by, "as_of": made.snapshot.as_of, "currency": made.snapshot.currency, "kind": kind, "parent": parent,
        "policy": policy.name, "snapshot": contents.index(snapshot), "model": contents.index(model), "code": code,
        "value": choice.value, "bound": choice.bound, "digest": digest, "facts": _facts(facts, made, kind),
    }  # fmt: skip
    tables = {
        "contents": contents.rows([policy, *snapshot.values(), *model.values()]),
        "runs": pl.DataFrame([row], schema=RUNS.schema),
        "decided": _decided(run, made, influence),
    }
    ledger.append(Act(at, by, "recorded_run", run), tables)
    return Recorded(run, digest, new=True)


def _facts(facts: Facts, made: Made, kind: str) -> str:
    """JSON of the facts with what all changes bring together; of prices that people set only some are asked about."""
    joint = made.decided.expected.gain / 10.0 ** exponent(made.snapshot.currency) if kind == "price" else None
    return msgspec.json.encode(msgspec.structs.replace(facts, joint=joint), order="deterministic").decode()


def run_name(as_of: dt.date, *parts: object) -> str:
    """A name that the same run always gets: its day, and eight digits of what it was made from."""
    return f"{as_of:%Y%m%d}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:8]}"


def digest_of(decisions: pl.DataFrame, currency: str, policy: str) -> str:
    """SHA-256 of exactly what a person sees and agrees to: every price, what it was, under which settings.

    decisions  rows of table DECISIONS; their order does not matter
    policy     content name of the settings
    """
    seen = decisions.select(*DECISIONS.key, "current_price", "price", "action").sort(DECISIONS.key)
    text = f"{currency}\n{policy}\n" + seen.write_csv(include_header=False, null_value="?", quote_style="always")
    return hashlib.sha256(text.encode()).hexdigest()


def _decided(run: str, made: Made, influence: Mapping[str, float] | None) -> pl.DataFrame:
    """Rows of table DECIDED."""
    key = list(DECISIONS.key)
    why = explanations(made.decided, made.snapshot.currency, influence)
    drawn = clusters(made.decided.items, made.policy.holdout)
    rows = made.decided.decisions.join(why, on=key, how="left").join(drawn, on=key, how="left").with_columns(run=pl.lit(run))
    return rows.select(DECIDED.schema.names()).cast(DECIDED.schema)
