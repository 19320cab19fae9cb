"""Prices of the product table that do not count, as the last sales were made at others: told where the prices of a run are read."""

from __future__ import annotations

from .data import Notice, state
from .reading import Reading

CODE = "price_outdated"


def overruled(reading: Reading) -> Notice | None:
    """What the last check of the files as they stand says of them; None where it says nothing."""
    known = state(reading)
    if known.checked is None or known.changed:
        return None
    return next((one.notice for one in known.checked.warnings if one.code == CODE), None)
