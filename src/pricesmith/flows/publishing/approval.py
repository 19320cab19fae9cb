"""How many people must agree with a change, and how many have. An acceptance binds the digest of exactly what was seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import combinations

import polars as pl

from pricesmith.contracts.errors import PricesmithError, UnknownChoice, UsageError
from pricesmith.contracts.ledger import VERDICTS, Act, Ledger
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.publishing import ApprovalPolicy
from pricesmith.contracts.shop import Key
from pricesmith.contracts.tables import DECISIONS

from .making import last_made
from .names import name_of
from .people import person, same_person

EVERY = "*"
MACHINE = "pricesmith"
"""Who asks for the prices that the engine proposes; people approve them."""
KEY = list(DECISIONS.key)


def needs(
    decisions: pl.DataFrame, policy: ApprovalPolicy, *, many: int | None = None, rules_changed: bool = False, excepted: Sequence[Key] = ()
) -> pl.Series:
    """(n,) people other than who asked that must agree: 0 automatic, 1, 2; null where nothing changes.

    decisions      rows of table DECISIONS (or DECIDED)
    many           changes of the whole run, where `decisions` are a part of it
    rules_changed  rules, guards or approval settings differ from those of the prices published before
    excepted       products whose floor two people have lowered
    """
    change = pl.col("action") == "change"
    move = (pl.col("price") / pl.col("current_price") - 1.0).abs()
    many = int((decisions["action"] == "change").sum()) if many is None else many
    exempt = pl.struct(KEY).is_in([dict(zip(KEY, key, strict=True)) for key in excepted]) if excepted else pl.lit(False)
    two = (move > policy.two_people_move) | pl.lit(many > policy.two_people_products) | exempt | move.is_null() | move.is_nan()
    small = (move <= policy.automatic_move) & pl.lit(many <= policy.automatic_products and policy.automatic_move > 0)
    people = pl.when(two).then(2).when(small).then(0).otherwise(1)
    people = pl.max_horizontal(people, pl.lit(policy.rule_change_people)) if rules_changed else people
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


def answer(
    ledger: Ledger,
    run: str,
    said: str,
    *,
    by: str,
    at: dt.datetime,
    policy: Policy,
    why: str | None = None,
    keys: Sequence[Key] | None = None,
    singly: bool = True,
) -> int:
    """Accept, reject or withdraw: all of a run, or some products of it. Returns how many changes it covers.

    said    `accept`, `reject` or `withdraw` (of what the same person said before)
    singly  the keys were named one by one; an acceptance of many together leaves out what somebody rejected
    What an answer no longer reaches is left out, see `settled`; PricesmithError says why where that is all that is meant.
    Raises UsageError where who asked answers, where a rejection has no reason, or where a product is not part of the run.
    """
    first, found = run_row(ledger, run), last_made(ledger, run)
    for requester in (str(first["by"]), str(found["by"])):
        _check(said, by, requester, why)
    changes = ledger.read("decided", {"run": [run]}, columns=[*KEY, "action", "reason", "price"]).filter(asked_about(str(found["kind"])))
    covered = changes if keys is None else changes.join(pl.DataFrame(keys, schema=KEY, orient="row"), on=KEY, how="semi")
    if covered.is_empty():
        raise PricesmithError("no change of that run is meant", where=run, hint=f"`pricesmith runs DIR {run}` lists its changes")
    if said != "withdraw":
        covered = _reached(ledger, run, policy, at, said, covered)
    if said == "accept" and (keys is None or not singly):
        covered = _spared(ledger, found, at, covered)
    scopes = [Key(EVERY, EVERY, EVERY)] if covered.height == changes.height else [Key(*row) for row in covered.select(KEY).iter_rows()]
    expires = at + dt.timedelta(hours=policy.guards.approval_hours)
    common = {"run": run, "at": at, "requester": found["by"], "approver": by, "answer": said, "why": why, "digest": found["digest"]}
    names = pl.Series([name_of(run, at, by, said, *scope) for scope in scopes], dtype=pl.String)
    same = [pl.lit(value, dtype=VERDICTS.schema[name]).alias(name) for name, value in {**common, "expires": expires}.items()]
    rows = pl.DataFrame(scopes, schema=KEY, orient="row").with_columns(*same, verdict=names).select(VERDICTS.schema.names())
    words = {"accept": "accepted", "reject": "rejected", "withdraw": "withdrew"}
    ledger.append(Act(at, by, words[said], run), {"verdicts": rows})
    return covered.height


def _reached(ledger: Ledger, run: str, policy: Policy, at: dt.datetime, said: str, covered: pl.DataFrame) -> pl.DataFrame:
    """Changes without those that such an answer no longer reaches, see `settled`."""
    from .settled import settled

    over = settled(ledger, run, policy, at, said, covered)
    kept = covered.join(over, on=KEY, how="anti", maintain_order="left")
    if not kept.is_empty():
        return kept
    if (over["over"] == "gone").any():
        hint = "set it as a price of your own, or price the shop again"
        raise PricesmithError("this run sends what is meant no more: it was taken back, held, given up or overtaken", where=run, hint=hint)
    hint = "take it back on the page of the run if it is not wanted"
    raise PricesmithError("what is meant is in a shop or on its way already", where=run, hint=hint)


def _spared(ledger: Ledger, found: Mapping[str, object], at: dt.datetime, covered: pl.DataFrame) -> pl.DataFrame:
    """Changes without those that somebody rejected, see `lately`: only who names one accepts it after all.

    found  row of `making.made`
    """
    from .lately import lately

    run = str(found["run"])
    past = lately(ledger.read("intents"), ledger.read("receipts"), found)
    said = past.said(ledger.read("verdicts", {"run": [run]}), run, str(found["digest"]), at, covered)
    kept = covered.join(said.filter(~pl.col("rejected")), on=KEY, how="semi", maintain_order="left")
    if kept.is_empty():
        raise PricesmithError(
            "every change that is meant was rejected",
            where=run,
            hint="withdraw the rejection first, or name those that are accepted after all",
        )
    return kept


def _check(said: str, by: str, requester: str, why: str | None) -> None:
    if said not in ("accept", "reject", "withdraw"):
        raise UnknownChoice("answer", said, ("accept", "reject", "withdraw"))
    if not by.strip():
        raise UsageError("nobody is named", hint="say who answers: --by NAME")
    if said == "accept" and same_person(by, requester):
        raise UsageError(f"{by} asked for these prices and cannot approve them", hint="another person approves: --by NAME")
    if said == "reject" and not (why or "").strip():
        raise UsageError("a rejection needs a reason", hint="--why TEXT")
