"""One shop, one day: load, take a snapshot, learn, decide."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from pricesmith import engine
from pricesmith.contracts.errors import DataError
from pricesmith.contracts.policy import Policy, check_locale
from pricesmith.contracts.protocols import DemandModel
from pricesmith.contracts.snapshot import Snapshot, until
from pricesmith.contracts.tables import INPUT
from pricesmith.contracts.toml_lines import placed
from pricesmith.demand import MODELS
from pricesmith.preparation import Prepared, last_day, prepare, snapshot
from pricesmith.preparation.last_day import ignored

from .settings import read_settings
from .shop_toml import text_of
from .wiring import source_of

FIRST_DAY, LAST_DAY = dt.date(1980, 1, 1), dt.date(2100, 1, 1)
"""Of a run: from the first day that a sales table can hold to the one after its last."""
Progress = Callable[[str], None]
"""Called with the name of each step before it starts."""


def silent(_step: str) -> None:
    """No progress."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A shop folder, read and validated."""

    folder: Path
    policy: Policy
    prepared: Prepared


@dataclass(frozen=True, slots=True)
class Learned:
    """A snapshot and the model learned from it."""

    snapshot: Snapshot
    policy: Policy
    model: DemandModel


@dataclass(frozen=True, slots=True)
class Priced:
    """A whole run."""

    snapshot: Snapshot
    policy: Policy
    model: DemandModel
    decided: engine.Decided


def load(folder: Path, model: str | None = None, progress: Progress = silent, *, locale: str | None = None) -> Loaded:
    """Read policy and tables of a shop folder and validate them. Raises DataError and PolicyError with file and place."""
    if not folder.is_dir():
        raise DataError("there is no such folder", where=str(folder), hint="`pricesmith init DIR` writes an example shop")
    progress("policy")
    policy = read_policy(folder, model)
    if locale is not None:
        check_locale(locale, "--locale")
        policy = msgspec.structs.replace(policy, locale=locale)
    progress("tables")
    source = source_of(folder)
    prepared = prepare({name: source.read(table) for name, table in INPUT.items()}, policy)
    return Loaded(folder, policy, replace(prepared, warnings=with_lines(prepared.warnings, text_of(folder))))


def with_lines(warnings: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    """The data report in which places of shop.toml have their line. text: of shop.toml"""
    return [one | {"places": [placed(text, place) for place in one["places"]]} if one["table"] == "shop.toml" else one for one in warnings]


def read_policy(folder: Path, model: str | None = None) -> Policy:
    """The policy of a shop folder; `model` replaces the model's name."""
    policy = read_settings(folder)
    if model is not None:
        MODELS.pick(model, where="--model")
        policy = replace_model(policy, model)
    MODELS.pick(policy.model.name, where=placed(text_of(folder), f"{folder / 'shop.toml'} $.model.name"))
    return policy


def replace_model(policy: Policy, name: str) -> Policy:
    """The policy with another model."""
    whole: Policy = msgspec.structs.replace(policy, model=msgspec.structs.replace(policy.model, name=name))
    return whole


def take(loaded: Loaded, as_of: dt.date | None = None) -> Snapshot:
    """The shop as of a day, by default the day after the last sale: after the last day of the week or month that the last row totals.

    Raises DataError where too many rows are bad, none is early enough, or the day lies centuries off.
    """
    if loaded.prepared.blocked:
        reasons = [str(entry["message"]) for entry in loaded.prepared.warnings if entry["level"] == "blocking"]
        raise DataError("; ".join(reasons) or "too many bad rows", where=str(loaded.folder), hint="`pricesmith check` lists them")
    day = as_of or until(last_day(loaded.prepared), loaded.policy.period) + dt.timedelta(days=1)
    if not FIRST_DAY <= day <= LAST_DAY:
        raise DataError(f"{day} cannot be the day of a run", where="as_of", hint=f"give a day from {FIRST_DAY} to {LAST_DAY}")
    taken = snapshot(loaded.prepared, loaded.policy, day)
    if taken.cells.is_empty():
        raise _too_early(loaded, day)
    return taken


def _too_early(loaded: Loaded, day: dt.date) -> DataError:
    """No sales row before a day can be learned from, though later ones can."""
    later = loaded.prepared.tables["sales"].filter(pl.col("price") > 0)["date"].min()
    what, hint = f"there is no usable sales row before {day}", "choose a later --as-of"
    if isinstance(later, dt.date):
        hint = f"the first day with a sale at a price is {later}: choose a later --as-of"
    return DataError(what, where=str(loaded.folder), hint=hint)


def told_as_of(loaded: Loaded, as_of: dt.date | None) -> Loaded:
    """The same shop whose data report tells of the rows that a run as of a day that was given ignores."""
    if as_of is None:
        return loaded
    warnings = [*loaded.prepared.warnings, *ignored(loaded.prepared, loaded.policy, as_of)]
    return replace(loaded, prepared=replace(loaded.prepared, warnings=warnings))


def fit(loaded: Loaded, as_of: dt.date | None = None, progress: Progress = silent) -> Learned:
    """Learn demand as of a day."""
    progress("snapshot")
    taken = take(loaded, as_of)
    progress("demand")
    return Learned(taken, loaded.policy, engine.learn(taken, loaded.policy))


def price(loaded: Loaded, as_of: dt.date | None = None, progress: Progress = silent) -> Priced:
    """Learn and decide as of a day."""
    learned = fit(loaded, as_of, progress)
    progress("prices")
    return Priced(learned.snapshot, learned.policy, learned.model, engine.decide(learned.snapshot, learned.model, learned.policy))


def with_objective(loaded: Loaded, objective: str) -> Loaded:
    """The same shop with another objective."""
    return replace(loaded, policy=msgspec.structs.replace(loaded.policy, objective=objective))
