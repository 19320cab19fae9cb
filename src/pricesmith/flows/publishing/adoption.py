"""What people made of the proposals: how many they accepted, overrode, refused, or did not answer; and how many were sent and came."""

from __future__ import annotations

from typing import Any

import polars as pl

from pricesmith.contracts.ledger import Ledger
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.shop import Key

from .approval import answers, needs, stand_behind
from .plan import rules_changed
from .regrets import proposals

KEY = list(Key._fields)
_COUNTS = ("proposals", "accepted", "overridden", "rejected", "unanswered", "sent", "in_shop")
ADOPTION = pl.Schema({"run": pl.String, **dict.fromkeys(_COUNTS, pl.Int64)})
"""One row a run that proposes prices, in the order in which they were made: its changes, and what became of them.

accepted    enough people accepted it, whether or not it was sent since, or it came into a shop without anybody's answer
overridden  another price, set by a person, came in place of it;  rejected  somebody refused it;  unanswered  the rest
sent        was handed to the outbox of a shop;  in_shop  came into a shop: both beside the answers, not among them
"""


def adoption(ledger: Ledger, policy: Policy) -> pl.DataFrame:
    """Rows of ADOPTION. policy: as it is now, which says how many people a change needs."""
    runs = ledger.read("runs", {"kind": ["price"]})
    if runs.is_empty():
        return ADOPTION.to_frame()
    answered = proposals(ledger, policy.timezone, None)
    same = (pl.col("answer") == "overridden") & (pl.col("other") == pl.col("proposed"))  # came with a run that set another product's price
    answered = answered.with_columns(answer=pl.when(same).then(pl.lit("accepted")).otherwise("answer"))
    intents = ledger.read("intents", {"kind": ["publish"]})
    rows = [_of_run(ledger, row, answered.filter(pl.col("run") == row["run"]), intents, policy) for row in runs.iter_rows(named=True)]
    return pl.DataFrame(rows, schema=ADOPTION)


def _of_run(ledger: Ledger, run: dict[str, Any], answered: pl.DataFrame, intents: pl.DataFrame, policy: Policy) -> dict[str, Any]:
    name = str(run["run"])
    changes = ledger.read("decided", {"action": ["change"], "run": [name]})
    agreed = _agreed(ledger, run, changes, intents, policy).join(answered, on=KEY, how="anti")
    counts = {word: answered.filter(pl.col("answer") == word).height for word in ("accepted", "overridden", "rejected")}
    sent = intents.filter(pl.col("run") == name).select(KEY).n_unique()
    rest = max(changes.height - agreed.height - sum(counts.values()), 0)
    told = {**counts, "accepted": counts["accepted"] + agreed.height, "unanswered": rest}
    return {"run": name, "proposals": changes.height, **told, "sent": sent, "in_shop": counts["accepted"]}


def _agreed(ledger: Ledger, run: dict[str, Any], changes: pl.DataFrame, intents: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Keys of the changes that enough people accepted and nobody refused; that an acceptance ran out since does not unsay it."""
    verdicts = ledger.read("verdicts", {"run": [run["run"]]})
    if verdicts.is_empty() or changes.is_empty():
        return changes.select(KEY).clear()
    stricter = any(rules_changed(ledger, str(run["policy"]), intents.filter(pl.col("target") == name)) for name in policy.shops)
    people = needs(changes, policy.approval, rules_changed=stricter)
    said = answers(verdicts, str(run["run"]), str(run["digest"]), run["at"], changes).with_columns(needs=people)
    behind = stand_behind(pl.col("agreed"), pl.col("needs"), str(run["by"]))
    return said.filter((pl.col("agreed") >= 1) & (behind >= pl.col("needs")) & ~pl.col("rejected")).select(KEY)
