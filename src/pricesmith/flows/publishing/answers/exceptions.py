"""A floor that two people lower for one product, for a few days: to sell off below cost on purpose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl

from pricesmith.contracts.errors import UnknownChoice, UsageError
from pricesmith.contracts.ledger import EXCEPTIONS, Act, Ledger
from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.contracts.shop import Key, placed
from pricesmith.flows.publishing.history.names import name_of

from .people import same_person


def lower_floor(
    ledger: Ledger, key: Key, floor: int, limits: GuardPolicy, *, asked_by: str, by: str, why: str, at: dt.datetime, days: int | None = None
) -> dt.datetime:
    """Write the exception; returns when it ends.

    Raises UsageError where it is not two people's, has no reason, or lasts too long, UnknownChoice where no run decided on the product.
    """
    _check_known(ledger, key)
    length = limits.exception_days if days is None else days
    if not asked_by.strip() or not by.strip() or same_person(asked_by, by):
        raise UsageError("two different people must agree", hint="--asked-by NAME --by ANOTHER")
    if not why.strip():
        raise UsageError("an exception needs a reason", hint="--why TEXT")
    if not 1 <= length <= limits.exception_days:
        raise UsageError(f"{length} days are too long", hint=f"1 to {limits.exception_days}, as [guards] exception_days says")
    if floor < 1:
        raise UsageError("the floor must be above 0", hint="name the lowest price allowed")
    ends = at + dt.timedelta(days=length)
    row = {
        "exception": name_of(*key, floor, at, by), "at": at, **key._asdict(), "floor": floor,
        "requester": asked_by, "approver": by, "expires": ends, "why": why,
    }  # fmt: skip
    ledger.append(Act(at, by, "lowered_floor", "/".join(key)), {"exceptions": pl.DataFrame([row], schema=EXCEPTIONS.schema)})
    return ends


def _check_known(ledger: Ledger, key: Key) -> None:
    """A floor of a product that no run knows would lower nothing: the name is wrong."""
    if ledger.read("decided", key._asdict()).height:
        return
    runs = ledger.read("runs")["run"].to_list()[-1:]
    known = ledger.read("decided", {"run": runs})
    raise UnknownChoice("product", _said(key), [_said(row) for row in known.select(Key._fields).iter_rows()], where="ledger")


def _said(key: Sequence[str]) -> str:
    return "/".join(key) if placed(*key[1:]) else key[0]
