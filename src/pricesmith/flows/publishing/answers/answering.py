"""People answer a run: they accept, reject or withdraw, all of it or some of its products."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import polars as pl

from pricesmith.contracts.errors import PricesmithError, UnknownChoice, UsageError
from pricesmith.contracts.ledger import VERDICTS, Act, Ledger
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.shop import Key
from pricesmith.contracts.tables import DECISIONS
from pricesmith.flows.publishing.history.lately import lately
from pricesmith.flows.publishing.history.making import last_made
from pricesmith.flows.publishing.history.names import name_of
from pricesmith.flows.publishing.measured.departures import contradicted, prices_set, root_of

from .approval import EVERY, asked_about, run_row
from .people import same_person
from .settled import settled

KEY = list(DECISIONS.key)


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
    singly  the keys were named one by one; an acceptance of many together leaves out what somebody rejected, and that in whose place a
            person set another price
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
        covered = _alone(ledger, run, at, _spared(ledger, found, at, covered))
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


def _alone(ledger: Ledger, run: str, at: dt.datetime, covered: pl.DataFrame) -> pl.DataFrame:
    """Changes without those in whose place a person set another price, see `departures.contradicted`."""
    against = contradicted(covered, prices_set(ledger, root_of(ledger, run), at))
    kept = covered.join(against, on=KEY, how="anti", maintain_order="left")
    if kept.is_empty():
        hint = "accept what was set there, or reject it there first; named one by one they are accepted all the same"
        raise PricesmithError("a person set another price for every product that is meant", where=str(against["run"][0]), hint=hint)
    return kept


def _check(said: str, by: str, requester: str, why: str | None) -> None:
    if said not in ("accept", "reject", "withdraw"):
        raise UnknownChoice("answer", said, ("accept", "reject", "withdraw"))
    if not by.strip():
        raise UsageError("nobody is named", hint="say who answers: --by NAME")
    if said == "accept" and same_person(by, requester):
        raise UsageError(
            f"{by} asked for these prices and cannot approve them",
            hint="another person approves: --by NAME; where one runs the shop, set alone = true under [approval] and price without --by",
        )
    if said == "reject" and not (why or "").strip():
        raise UsageError("a rejection needs a reason", hint="--why TEXT")
