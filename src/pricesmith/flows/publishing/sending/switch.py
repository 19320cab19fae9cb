"""The kill switch: one person stops, two people release; what cannot be read is stopped."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from pricesmith.contracts.errors import PricesmithError, UsageError
from pricesmith.contracts.ledger import SWITCHES, Act, Ledger
from pricesmith.flows.publishing.answers.people import same_person
from pricesmith.flows.publishing.history.names import name_of

ALL = ("all", "*")
OPTIONS = {"target": "--to", "sku": "--sku"}


def scope_of(target: str | None, sku: str | None) -> tuple[str, str]:
    """What a switch is about: a target, a product, or everything. A name that is given stays one, though it be empty (see `named`)."""
    return ("target", target) if target is not None else ("sku", sku) if sku is not None else ALL


def named(scope: tuple[str, str], where: str = "") -> None:
    """Raise UsageError where a target or a product is meant and none is named: that is never everything."""
    if not scope[1].strip():
        what, hint = ("no shop is named", "write its name") if scope[0] == "target" else ("no product is named", "write its SKU")
        raise UsageError(what, where=where, hint=hint)


def asked(scope: tuple[str, str]) -> str:
    """The option, a space before it, by which a command means this scope; "" where it is everything."""
    return "" if scope == ALL else f" {OPTIONS[scope[0]]} {shlex.quote(scope[1])}"


def stop(ledger: Ledger, *, by: str, at: dt.datetime, why: str = "", scope: tuple[str, str] = ALL, let_undo: bool = False) -> None:
    """Stop everything, one target (`("target", name)`) or one product (`("sku", sku)`); it holds until two people release it.

    let_undo  prices may still go back to what stood before
    Raises UsageError where what is to be stopped, or who stops it, is not named.
    """
    named(scope)
    _write(ledger, scope, "trip" if let_undo else "stop", by, at, why)


def release(ledger: Ledger, *, by: str, at: dt.datetime, why: str = "", scope: tuple[str, str] = ALL) -> bool:
    """The first person asks, a second one releases. Returns True where prices may leave again.

    Raises PricesmithError where nothing is stopped, UsageError where the same person answers twice or nothing is named.
    """
    named(scope, where="NOT released")
    standing = state_of(ledger.read("switches"))
    found = standing.get(scope)
    if found is None:
        raise PricesmithError(f"{scope[0]} {scope[1]} is not stopped", where="kill switch", hint=_listed(standing))
    if not by.strip():
        raise UsageError("nobody is named", hint="say who releases: --by NAME")
    if found["asked_by"] is None:
        _write(ledger, scope, "release_asked", by, at, why)
        return False
    if same_person(str(found["asked_by"]), by):
        raise UsageError(
            f"{by} has asked for the release; another person must agree", hint=f"`pricesmith resume DIR{asked(scope)} --by SOMEBODY_ELSE`"
        )
    _write(ledger, scope, "release", by, at, why)
    return True


def state_of(switches: pl.DataFrame) -> dict[tuple[str, str], dict[str, object]]:
    """What is stopped: scope and name -> `by`, `at`, `why`, `asked_by`, `tripped`. A release counts only after another person asked for it.

    A stop of what is stopped already leaves who stopped it and why, and takes back that its release was asked for.

    switches  rows of table SWITCHES in the order in which they were written
    """
    return _replayed(switches.iter_rows(named=True), lambda _scope, _held, _row: None)


def _replayed(
    rows: Iterable[dict[str, Any]], released: Callable[[tuple[str, str], dict[str, object], dict[str, Any]], None]
) -> dict[tuple[str, str], dict[str, object]]:
    """What is stopped after all rows; `released` is told of each release, with what stood and the row that ended it."""
    standing: dict[tuple[str, str], dict[str, object]] = {}
    for row in rows:
        scope = (row["scope"], row["name"])
        if row["state"] in ("stop", "trip"):
            standing[scope] = _again(standing.get(scope), row)
        elif scope in standing and row["state"] == "release_asked":
            standing[scope]["asked_by"] = row["by"]
        elif scope in standing and _another(standing[scope]["asked_by"], row["by"]):
            released(scope, standing.pop(scope), row)
    return standing


def _another(asked: object, by: str) -> bool:
    """Whether somebody asked for a release, and it is another person who releases."""
    return asked is not None and not same_person(str(asked), by)


@dataclass(frozen=True, slots=True)
class Release:
    """A stop that two people have released. by: the two, who asked first; why: of the stop."""

    scope: tuple[str, str]
    at: dt.datetime
    by: tuple[str, str]
    why: str


def releases(switches: pl.DataFrame) -> list[Release]:
    """Every release, in the order in which they were written.

    switches  rows of table SWITCHES in that order
    """
    found: list[Release] = []
    rows = switches.iter_rows(named=True)
    _replayed(rows, lambda scope, held, row: found.append(_release(scope, held, row)))
    return found


def _release(scope: tuple[str, str], held: dict[str, object], row: dict[str, Any]) -> Release:
    return Release(scope, row["at"], (str(held["asked_by"]), row["by"]), str(held["why"]))


def _again(held: dict[str, object] | None, row: dict[str, object]) -> dict[str, object]:
    fresh = {"by": row["by"], "at": row["at"], "why": row["why"] or "", "asked_by": None, "tripped": row["state"] == "trip"}
    if held is None:
        return fresh
    if held["tripped"] and not fresh["tripped"]:
        return {**fresh, "why": "; ".join(str(why) for why in dict.fromkeys((held["why"], fresh["why"])) if why)}
    return {**held, "asked_by": None}


def stopped(switches: pl.DataFrame, target: str) -> str:
    """Why nothing at all may leave to a target, "" where something may: a person stopped it."""
    return next((_said(found) for found in _over(switches, target) if not found["tripped"]), "")


def tripped(switches: pl.DataFrame, target: str) -> str:
    """Why only restored prices may leave to a target, "" where others may too: a guard stopped it."""
    return next((_said(found) for found in _over(switches, target) if found["tripped"]), "")


def _over(switches: pl.DataFrame, target: str) -> list[dict[str, object]]:
    return [found for scope, found in state_of(switches).items() if scope in (ALL, ("target", target))]


def _said(found: dict[str, object]) -> str:
    return f"stopped by {found['by']}" + (f": {found['why']}" if found["why"] else "")


def stopped_products(switches: pl.DataFrame) -> list[str]:
    return [name for scope, name in state_of(switches) if scope == "sku"]


def _write(ledger: Ledger, scope: tuple[str, str], state: str, by: str, at: dt.datetime, why: str) -> None:
    if not by.strip():
        raise UsageError("nobody is named", hint="--by NAME")
    row = {
        "switch": name_of(*scope, state, by, at),
        "at": at,
        "by": by,
        "scope": scope[0],
        "name": scope[1],
        "state": state,
        "why": why or None,
    }
    words = {"stop": "stopped", "trip": "stopped", "release_asked": "asked_release", "release": "released"}
    ledger.append(Act(at, by, words[state], f"{scope[0]} {scope[1]}"), {"switches": pl.DataFrame([row], schema=SWITCHES.schema)})


def _listed(standing: dict[tuple[str, str], dict[str, object]]) -> str:
    return "stopped: " + ", ".join(f"{scope} {name}" for scope, name in standing) if standing else "nothing is"
