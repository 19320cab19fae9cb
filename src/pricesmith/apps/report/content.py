"""What a report tells, before any word of it is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from pricesmith.contracts.curves import Floats
from pricesmith.flows.desk.product.why import Outside
from pricesmith.flows.desk.rules.caution import Borrowed
from pricesmith.flows.desk.runs.sums import Certificate, Frontier, Total
from pricesmith.flows.desk.today.outlook import Outlook
from pricesmith.flows.desk.today.paid import Paid


@dataclass(frozen=True, slots=True)
class Curve:
    """Expected demand of one product over the price, and what was seen.

    prices            (m,) prices in major units, ascending
    units, low, high  (m,) expected units a day with the 90 % interval of the expectation
    now, new          current and chosen price, major units
    lately            as `Content.lately`, of this product
    floor, ceiling    lowest and highest price that the rules allow, major units; infinite where free
    seen              one row a period: price, units (a day), promo, late
    """

    title: str
    sku: str
    prices: Floats
    units: Floats
    low: Floats
    high: Floats
    now: float
    new: float
    floor: float
    ceiling: float
    elasticity: tuple[float, float, float]
    seen: pl.DataFrame
    lately: Outlook | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """Everything a report shows.

    lately        why what is expected differs from what was sold lately, None where the model cannot tell
    paid          what was sold then in profit, likewise
    last_sale     last day that the sales rows tell of which the run saw
    decisions     table DECISIONS with columns name and category of the product
    curves        of the biggest moves, the biggest first
    frontier      None where it was not asked for
    rows          table name -> (rows, rows set aside, rows left out because they repeat another one)
    warnings      entries of the data report: code, table, count, message
    cost_assumed  True where a cost is assumed and not given by the source
    outside       (sku, channel, region) of a big move -> the limit that today's price breaks, major units, where that is its reason
    borrowed      of the changes those that rest mostly on similar products
    """

    name: str
    as_of: dt.date
    last_sale: dt.date
    currency: str
    period: str
    horizon_days: int
    locale: str
    objective: str
    cost_assumed: bool
    decisions: pl.DataFrame
    total: Total
    certificate: Certificate
    curves: tuple[Curve, ...]
    rows: Mapping[str, tuple[int, int, int]]
    warnings: tuple[Mapping[str, Any], ...]
    borrowed: Borrowed
    frontier: Frontier | None = None
    lately: Outlook | None = None
    paid: Paid | None = None
    outside: Mapping[tuple[str, str, str], Outside] = field(default_factory=dict)
