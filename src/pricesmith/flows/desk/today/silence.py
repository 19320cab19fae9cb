"""Products that were not sold for long before a run that prices them."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.contracts.shop import Key
from pricesmith.contracts.snapshot import sold_until
from pricesmith.flows.desk.reading.ledger import KEY, Run
from pricesmith.preparation.checks.coverage import GONE_DAYS


def sold_till(run: Run, last_sale: dt.date | None) -> dt.date | None:
    """The last day of which the sales row of a day may tell, as far as the run saw."""
    return sold_until(last_sale, run.policy.period, run.as_of)


def silent(run: Run, last_sale: dt.date | None) -> bool:
    """Whether a product whose last sales row starts on a day was not sold for long before the run; not where it has no row."""
    end = sold_till(run, last_sale)
    return end is not None and (run.as_of - end).days > GONE_DAYS


def silent_since(run: Run, rows: pl.DataFrame) -> dict[Key, dt.date]:
    """Of those of a few rows (KEY and `last_sale`) that were not sold for long: the last day of which their last sales row tells."""
    table = rows.select(*KEY, "last_sale").iter_rows()
    return {Key(*key): end for *key, last in table if silent(run, last) and (end := sold_till(run, last))}
