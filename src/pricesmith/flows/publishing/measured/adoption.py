"""What people made of the proposals: accepted, overridden, refused or not answered; and how many were sent, came, and were taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from pricesmith.contracts.ledger import Ledger
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.shop import Key
from pricesmith.flows.publishing.answers.approval import answers, needs, stand_behind
from pricesmith.flows.publishing.history.changed_rules import rules_changed
from pricesmith.flows.publishing.history.making import AGAIN, made
from pricesmith.flows.publishing.history.next_price import PLACE
from pricesmith.flows.publishing.sending.waves import ARRIVED, sent

from .regrets import proposals

KEY = list(Key._fields)
_SEEN = [*KEY, "action", "price", "current_price"]
_WORDS = ("accepted", "overridden", "rejected")
_COUNTS = ("proposals", "accepted", "overridden", "rejected", "unanswered", "sent", "in_shop", "taken_back", "stood")
ADOPTION = pl.Schema({"run": pl.String, **dict.fromkeys(_COUNTS, pl.Int64)})
"""One row a run that proposes prices, in the order in which they were made: its changes, and what became of them.

accepted    enough people accepted it, whether or not it was sent since, or it came into a shop without anybody's answer
overridden  another price, set by a person, came in place of it;  rejected  somebody refused it;  unanswered  the rest
sent        was sent to a shop;  in_shop  came into one;  stood  stood there already when its turn came, so that nothing was sent
taken_back  came, and the price before was put back since
            all beside the answers, not among them: what was accepted and taken back is accepted still
"""


@dataclass(frozen=True, slots=True)
class _Whole:
    """All rows of these tables, with `seq`. again: of table AUDIT, the acts by which a run was made again."""

    runs: pl.DataFrame
    again: pl.DataFrame
    intents: pl.DataFrame
    receipts: pl.DataFrame


def adoption(ledger: Ledger, policy: Policy) -> pl.DataFrame:
    """Rows of ADOPTION.

    policy  as it is now, which says how many people a change needs; whether rules had changed is asked of the prices that stood when the
            run was first answered
    """
    runs = ledger.read("runs", {"kind": ["price"]})
    if runs.is_empty():
        return ADOPTION.to_frame()
    answered = proposals(ledger, policy.timezone, None)
    same = (pl.col("answer") == "overridden") & (pl.col("other") == pl.col("proposed"))  # came with a run that set another product's price
    answered = answered.select("run", *KEY, answer=pl.when(same).then(pl.lit("accepted")).otherwise("answer"))
    whole = _Whole(ledger.read("runs"), ledger.read("audit", {"act": [AGAIN]}), ledger.read("intents"), ledger.read("receipts"))
    went, stood = (_by_run(part) for part in _published(whole))
    verdicts = _by_run(ledger.read("verdicts", {"run": runs["run"].to_list()}))
    known, back, rows = _by_run(answered), _taken_back(whole), []
    for run in runs.iter_rows(named=True):
        said, told = verdicts.get(run["run"]), known.get(run["run"], answered.clear())
        changes = ledger.read("decided", {"action": ["change"], "run": [run["run"]]}, columns=_SEEN if said is not None else ["run"])
        agreed = 0
        if said is not None and changes.height:
            stricter = _stricter(ledger, whole, run["run"], int(said["seq"][0]), policy)
            agreed = _agreed(run, changes, said, policy, stricter).join(told, on=KEY, how="anti").height
        sent_, there = (part.get(run["run"], told.clear()) for part in (went, stood))
        beside = {"sent": sent_.height, "stood": there.height, "taken_back": back.get(run["run"], 0)}
        rows.append({"run": run["run"], **beside, **_counts(changes.height, agreed, told, there)})
    return pl.DataFrame(rows, schema=ADOPTION)


def _published(whole: _Whole) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`run` and keys of the products whose price was sent, and of those whose price stood in the shop already."""
    asked = whole.intents.filter(pl.col("kind") == "publish")
    went = sent(asked, whole.receipts).select("run", *KEY).unique(maintain_order=True)
    arrived = asked.join(whole.receipts.filter(pl.col("fate").is_in(ARRIVED)), on="intent", how="semi", maintain_order="left")
    there = arrived.select("run", *KEY).unique(maintain_order=True)
    return went, there.join(went, on=["run", *KEY], how="anti", maintain_order="left")


def _counts(changes: int, agreed: int, answered: pl.DataFrame, stood: pl.DataFrame) -> dict[str, int]:
    counts = {word: answered.filter(pl.col("answer") == word).height for word in _WORDS}
    rest, came = max(changes - agreed - sum(counts.values()), 0), counts["accepted"]
    sent_in = answered.filter(pl.col("answer") == "accepted").join(stood, on=KEY, how="anti").height
    return {**counts, "proposals": changes, "accepted": came + agreed, "unanswered": rest, "in_shop": sent_in}


def _agreed(run: dict[str, Any], changes: pl.DataFrame, verdicts: pl.DataFrame, policy: Policy, stricter: bool) -> pl.DataFrame:
    """Keys of the changes that enough people accepted and nobody refused; that an acceptance ran out since does not unsay it."""
    people = needs(changes, policy.approval, rules_changed=stricter)
    said = answers(verdicts, run["run"], run["digest"], run["at"], changes).with_columns(needs=people)
    behind = stand_behind(pl.col("agreed"), pl.col("needs"), run["by"])
    return said.filter((pl.col("agreed") >= 1) & (behind >= pl.col("needs")) & ~pl.col("rejected")).select(KEY)


def _stricter(ledger: Ledger, whole: _Whole, run: str, act: int, policy: Policy) -> bool:
    """`changed_rules.rules_changed` as it was before an act (its seq)."""
    early = pl.col("seq") < act
    runs = whole.runs.filter(early)
    if runs["policy"].n_unique() == 1:
        return False
    again, intents, receipts = (rows.filter(early) for rows in (whole.again, whole.intents, whole.receipts))
    found: Mapping[str, object] = made(runs, again).row(by_predicate=pl.col("run") == run, named=True)
    return rules_changed(ledger, found, runs, intents, receipts, policy.shops)


def _taken_back(whole: _Whole) -> dict[str, int]:
    """Run -> products whose price came and in whose place the one before was put since."""
    arrived = whole.receipts.filter(pl.col("fate").is_in(ARRIVED)).select("intent")
    moved = (pl.col("kind") == "publish") | (pl.col("price") != pl.col("previous"))
    came = whole.intents.filter(moved).join(arrived, on="intent", how="semi").sort("seq", "version", maintain_order=True)
    last = came.group_by("run", *PLACE, maintain_order=True).agg(pl.col("kind").last()).filter(pl.col("kind") == "undo")
    return dict(last.group_by("run").agg(pl.struct(KEY).n_unique()).iter_rows())


def _by_run(rows: pl.DataFrame) -> dict[str, pl.DataFrame]:
    return {str(name): part for (name,), part in rows.partition_by("run", as_dict=True, maintain_order=True).items()}
