"""What people made of the proposals: how many they accepted, overrode, refused, or did not answer; and how many were sent and came."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import polars as pl

from pricesmith.contracts.ledger import Ledger
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.shop import Key

from . import contents
from .approval import answers, needs, stand_behind
from .changed_rules import strictness
from .regrets import proposals

KEY = list(Key._fields)
_SEEN = [*KEY, "action", "price", "current_price"]
_WORDS = ("accepted", "overridden", "rejected")
_COUNTS = ("proposals", "accepted", "overridden", "rejected", "unanswered", "sent", "in_shop")
ADOPTION = pl.Schema({"run": pl.String, **dict.fromkeys(_COUNTS, pl.Int64)})
"""One row a run that proposes prices, in the order in which they were made: its changes, and what became of them.

accepted    enough people accepted it, whether or not it was sent since, or it came into a shop without anybody's answer
overridden  another price, set by a person, came in place of it;  rejected  somebody refused it;  unanswered  the rest
sent        was handed to the outbox of a shop;  in_shop  came into a shop: both beside the answers, not among them
"""


def adoption(ledger: Ledger, policy: Policy) -> pl.DataFrame:
    """Rows of ADOPTION.

    policy  as it is now, which says how many people a change needs; that rules had changed counts as it was when the run was first answered
    """
    runs = ledger.read("runs", {"kind": ["price"]})
    if runs.is_empty():
        return ADOPTION.to_frame()
    answered = proposals(ledger, policy.timezone, None)
    same = (pl.col("answer") == "overridden") & (pl.col("other") == pl.col("proposed"))  # came with a run that set another product's price
    answered = answered.select("run", *KEY, answer=pl.when(same).then(pl.lit("accepted")).otherwise("answer"))
    intents = ledger.read("intents", {"kind": ["publish"]})
    sent = dict(intents.group_by("run").agg(pl.struct(KEY).n_unique()).iter_rows())
    verdicts = _by_run(ledger.read("verdicts", {"run": runs["run"].to_list()}))
    known, changed, rows = _by_run(answered), _changed(ledger, intents, policy), []
    for run in runs.iter_rows(named=True):
        said, told = verdicts.get(run["run"]), known.get(run["run"], answered.clear())
        changes = ledger.read("decided", {"action": ["change"], "run": [run["run"]]}, columns=_SEEN if said is not None else ["run"])
        agreed = 0
        if said is not None and changes.height:
            stricter = changed(run["policy"], int(said["seq"][0]))
            agreed = _agreed(run, changes, said, policy, stricter).join(told, on=KEY, how="anti").height
        rows.append({"run": run["run"], "sent": sent.get(run["run"], 0), **_counts(changes.height, agreed, told)})
    return pl.DataFrame(rows, schema=ADOPTION)


def _counts(changes: int, agreed: int, answered: pl.DataFrame) -> dict[str, int]:
    counts = {word: answered.filter(pl.col("answer") == word).height for word in _WORDS}
    rest, came = max(changes - agreed - sum(counts.values()), 0), counts["accepted"]
    return {**counts, "proposals": changes, "accepted": came + agreed, "unanswered": rest, "in_shop": came}


def _agreed(run: dict[str, Any], changes: pl.DataFrame, verdicts: pl.DataFrame, policy: Policy, stricter: bool) -> pl.DataFrame:
    """Keys of the changes that enough people accepted and nobody refused; that an acceptance ran out since does not unsay it."""
    people = needs(changes, policy.approval, rules_changed=stricter)
    said = answers(verdicts, run["run"], run["digest"], run["at"], changes).with_columns(needs=people)
    behind = stand_behind(pl.col("agreed"), pl.col("needs"), run["by"])
    return said.filter((pl.col("agreed") >= 1) & (behind >= pl.col("needs")) & ~pl.col("rejected")).select(KEY)


def _changed(ledger: Ledger, intents: pl.DataFrame, policy: Policy) -> Callable[[str, int], bool]:
    """Whether rules of settings (content name) differ from those of the prices that were sent last to a shop before an act (its seq).

    See `changed_rules.rules_changed` for what counts before anything was sent.
    """
    runs = ledger.read("runs").select("seq", "run", "policy")
    policies = dict(runs.select("run", "policy").iter_rows())
    sent = [intents.filter(pl.col("target") == name).select("seq", "run") for name in policy.shops]

    @cache
    def strict(name: str) -> bytes:
        return strictness(contents.read(ledger, [name])[name])

    def changed(settings: str, act: int) -> bool:
        last = [one["run"][place - 1] for one in sent if (place := int(one["seq"].search_sorted(act, side="left")))]
        earlier = runs.filter(pl.col("seq") < act)["run"].to_list() if sent and not last else last
        before = {policies[run] for run in earlier} - {settings}
        return any(strict(name) != strict(settings) for name in before)

    return changed


def _by_run(rows: pl.DataFrame) -> dict[str, pl.DataFrame]:
    return {str(name): part for (name,), part in rows.partition_by("run", as_dict=True, maintain_order=True).items()}
