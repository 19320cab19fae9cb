"""What the last check of the files says that whoever reads prices must know: told where the prices of a run are read."""

from __future__ import annotations

from typing import NamedTuple

from pricesmith.flows.desk.data.page import Notice, state
from pricesmith.flows.desk.reading.ledger import Reading

CODES = ("price_outdated", "unbound_band", "partly_unbound_band")


class Told(NamedTuple):
    """overruled: prices of the product table that do not count, as the last sales were made at others
    unbound: rules that follow competitors and bind no price, or not every price that they are about, as no offer counts
    """

    overruled: Notice | None = None
    unbound: list[Notice] = []


def told_by_data(reading: Reading) -> Told:
    """Of the last check, if it is one of the files as they stand."""
    known = state(reading)
    if known.checked is None or known.changed:
        return Told()
    said = {code: [one.notice for one in known.checked.warnings if one.code == code] for code in CODES}
    return Told(next(iter(said["price_outdated"]), None), said["unbound_band"] + said["partly_unbound_band"])
