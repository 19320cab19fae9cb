"""The sales history as the check of the data saw it: up to the last sound day, with specials found."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import polars as pl

from pricesmith.contracts.policy import Policy
from pricesmith.contracts.protocols import LargeTable
from pricesmith.contracts.tables import ORDERS, PRODUCTS, PROMOTIONS, SALES
from pricesmith.flows import wiring
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.preparation import prepare
from pricesmith.preparation.history import history, policy_of
from pricesmith.preparation.last_day import last_sound_day
from pricesmith.preparation.prepared import Prepared

READ = (PRODUCTS, SALES, ORDERS, PROMOTIONS)
"""Tables that tell what was sold at which price."""


class Seen(NamedTuple):
    """keys, rows: as `preparation.history`;  last: the last sound day"""

    prepared: Prepared
    policy: Policy
    keys: pl.DataFrame
    rows: pl.DataFrame
    last: dt.date


def seen(reading: Reading) -> Seen | None:
    """None where no row is sound, or the tables are too large to be looked at meanwhile. Raises what reading the tables does."""
    source, policy = wiring.source_of(reading.folder), reading.policy
    raw = {table.name: source.read(table) for table in READ}
    if any(isinstance(one, LargeTable) for one in raw.values()):
        return None
    prepared = prepare(raw, policy)
    last = last_sound_day(prepared)
    if last is None:
        return None
    policy = policy_of(prepared, policy)
    return Seen(prepared, policy, *history(prepared, policy, last + dt.timedelta(days=1)), last)
