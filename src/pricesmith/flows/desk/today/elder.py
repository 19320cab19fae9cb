"""Prices of runs that the newest one came after, which are still on their way to a shop: they go on leaving, wave by wave."""

from __future__ import annotations

import datetime as dt

import msgspec

from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.publishing.history.beside import set_beside
from pricesmith.flows.publishing.sending.still import still


class Elder(msgspec.Struct, frozen=True):
    """Prices of an earlier run that wait to leave to a shop. due: when the first may be tried."""

    run: str
    target: str
    count: int
    due: dt.datetime


def elder(reading: Reading, name: str) -> list[Elder]:
    """Of every shop of the settings, what is not of the newest run and of prices set beside it, and does not go back."""
    own = {name, *set_beside(reading.rows("runs"), name)}
    left = {target: reading.book.waiting(target) for target in reading.policy.shops}
    found = [(target, one) for target, rows in left.items() if not rows.is_empty() for one in still(rows, reading.rows("intents"))]
    return [Elder(one.run, target, one.count, one.due) for target, one in found if one.run not in own and not one.undo]
