"""What the last check of the files says that whoever reads prices must know: told where the prices of a run are read."""

from __future__ import annotations

from collections.abc import Collection

from .data import Notice, state
from .reading import Reading


def overruled(reading: Reading) -> Notice | None:
    """Prices of the product table that do not count, as the last sales were made at others; None where it says nothing of them."""
    return next(iter(_told(reading, ("price_outdated",))), None)


def unbound(reading: Reading) -> list[Notice]:
    """Rules that follow competitors and bind no price, or not every price that they are about, as no offer counts."""
    return _told(reading, ("unbound_band", "partly_unbound_band"))


def _told(reading: Reading, codes: Collection[str]) -> list[Notice]:
    """Entries of the last check, if it is one of the files as they stand."""
    known = state(reading)
    if known.checked is None or known.changed:
        return []
    return [one.notice for one in known.checked.warnings if one.code in codes]
