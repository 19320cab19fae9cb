"""A person sets a price in place of the one decided: a new run, under the same rules, that somebody else approves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import suppress

import msgspec

from pricesmith import engine
from pricesmith.contracts.errors import Contradiction, LedgerError, PricesmithError, UsageError
from pricesmith.contracts.ledger import Ledger
from pricesmith.contracts.shop import Key
from pricesmith.demand import MODELS

from . import contents
from .approval import run_row
from .record import Made, Recorded, record
from .rederive import rederive, rows_of
from .runs import Facts, Override


def override(ledger: Ledger, run: str, wanted: Mapping[Key, int], *, by: str, why: str, at: dt.datetime, code: str) -> Recorded:
    """Record a run like `run` with these prices (minor units). Who sets them is its requester, so somebody else must approve it.

    Raises PricesmithError that names the product and the rule where a price cannot be.
    """
    if not by.strip() or not why.strip():
        raise UsageError("an override needs a name and a reason", hint="--by NAME --why TEXT")
    row, again = run_row(ledger, run), rederive(ledger, run)
    if again.differing.height:
        raise LedgerError(
            "the run is not as it would be decided again", where=run, hint="`pricesmith audit DIR --verify`; has the program changed?"
        )
    facts = msgspec.json.decode(str(row["facts"]), type=Facts)
    fresh = [Override(**key._asdict(), price=price, by=by, why=why) for key, price in wanted.items()]
    decided = _revised(again.decided, fresh)
    names = msgspec.json.decode(str(row["model"]), type=dict[str, str])
    model = MODELS[again.policy.model.name].from_tables(contents.to_tables(ledger, names))
    text = contents.read(ledger, [str(row["policy"])])[str(row["policy"])].decode()
    made = Made(again.snapshot, again.policy, text, model, decided)
    facts = msgspec.structs.replace(facts, overrides=(*facts.overrides, *fresh))
    return record(ledger, made, at=at, by=by, code=code, facts=facts, kind="override", parent=run)


def _revised(decided: engine.Decided, overrides: list[Override]) -> engine.Decided:
    """All at once; where that cannot be, one product after the other, so that the error names the one that it is about."""
    with suppress(Contradiction):
        return engine.revise(decided, rows_of(decided.items, overrides))
    for one in overrides:
        try:
            decided = engine.revise(decided, rows_of(decided.items, [one]))
        except Contradiction as error:
            raise PricesmithError(error.what, where=f"{one.sku} {one.channel} {one.region}", hint=error.hint) from None
    return decided
