"""What one sales row of a shop adds up, as the dates of its table show it: the guide offers it as the answer."""

from __future__ import annotations

import polars as pl

from pricesmith.contracts.errors import DataError
from pricesmith.contracts.protocols import LargeTable
from pricesmith.contracts.tables import SALES
from pricesmith.flows import wiring
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.preparation.rhythm import rhythm
from pricesmith.preparation.times import read_dates


def dated(reading: Reading) -> str:
    """`day`, `week` or `month`; "" where there is no table of sales, or its dates do not tell. Read once while the files stay."""
    files = wiring.of_table(wiring.files_of(reading.folder), SALES.name)
    return str(reading.shelf("dated", 1).get(str(sorted(files.items(), key=str)), lambda _files: _dated(reading))) if files else ""


def _dated(reading: Reading) -> str:
    """A table that cannot be read tells nothing here: the check of the data says why."""
    try:
        raw = wiring.source_of(reading.folder).read(SALES)
    except DataError:
        return ""
    if raw is None or isinstance(raw, LargeTable) or "date" not in raw.frame.columns:
        return ""
    days = raw.frame["date"]
    found = rhythm(read_dates(days, reading.policy.timezone) if days.dtype == pl.String else days.cast(pl.Date, strict=False))
    return found.period if found is not None else ""
