"""A small finished run, written by hand: every action, reasons and rules, one curve."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from pricesmith.apps.report.content import Content, Curve
from pricesmith.contracts.tables import DECISIONS
from pricesmith.flows.desk.rules.caution import Borrowed
from pricesmith.flows.desk.runs.sums import Certificate, Frontier, Total

BOTH = "max_change;price_endings"
WEB = ("web", "DE")
ROWS = [
    ("A1", *WEB, 1999, 1899, "change", "profit_up", -2.5, -3.0, -2.0, "adjusted", 4.25, 67.8, 21.25, 1.5, 0.25, 2.75, BOTH),
    ("A2", *WEB, 999, 1049, "change", "profit_up", -1.2, -1.9, -0.6, "pooled", 2.0, 17.6, 7.0, 0.375, -0.125, 0.9, ""),
    ("B1", *WEB, 500, 500, "keep", "already_best", -2.0, -2.6, -1.5, "prior", 1.0, 4.2, 1.0, 0.0, 0.0, 0.0, "margin_floor"),
    ("B2", *WEB, 700, 700, "hold", "missing_cost", -2.0, -3.6, -0.5, "prior", 0.5, 2.9, None, None, None, None, ""),
    ("B3", *WEB, None, None, "hold", "missing_price", None, None, None, "prior", None, None, None, None, None, None, ""),
]  # fmt: skip
NAMES = ["Pan <b>24</b> cm", "Pan 28 cm", "Bowl", "Cup", None]
CATEGORIES = ["kitchen/pans", "kitchen/pans", "kitchen/bowls", "kitchen/cups", "kitchen/cups"]


def decisions() -> pl.DataFrame:
    return pl.DataFrame(ROWS, schema=DECISIONS.schema, orient="row")


def curve() -> Curve:
    prices = np.linspace(17.0, 22.0, 6)
    units = 4.0 * (prices / 19.99) ** -2.5
    seen = pl.DataFrame({"price": [19.99, 19.99, 16.99], "units": [3.5, 4.4, 7.0], "promo": [0, 0, 1], "late": [0, 1, 1]})
    return Curve(
        "Pan <b>24</b> cm", "A1 · web · DE", prices, units, units * 0.8, units * 1.2, 19.99, 18.99, 17.5, np.inf, (-2.5, -3.0, -2.0), seen
    )


RANGES = {"profit": (19.5, 35.25), "revenue": (60.5, 115.5), "units": (5.0, 9.5)}


def content(locale: str = "en", *, cost_assumed: bool = True, changed: bool = True) -> Content:
    table = decisions().with_columns(name=pl.Series(NAMES), category=pl.Series(CATEGORIES))
    if not changed:
        table = table.with_columns(action=pl.lit("keep"), reason=pl.lit("already_best"), price=pl.col("current_price"))
    return Content(
        name="Pots & Pans",
        as_of=dt.date(2026, 11, 24),
        last_sale=dt.date(2026, 11, 23),
        currency="EUR",
        period="week",
        horizon_days=28,
        locale=locale,
        objective="profit",
        cost_assumed=cost_assumed,
        decisions=table,
        total=Total(27.375, 1.875, 0.5, 3.25, revenue=(88.0, 92.5), units=(7.25, 7.75), ranges=RANGES),
        certificate=Certificate(29.25, 29.2503, 0.00001),
        curves=(curve(),) if changed else (),
        borrowed=Borrowed(1, 0) if changed else Borrowed(0, 0),
        rows={"products": (5, 0, 0), "sales": (1200, 3, 0)},
        warnings=({"code": "unit_slip", "table": "sales", "count": 3, "message": "sales: 3 prices look like cents for euros"},),
        frontier=Frontier(
            pl.DataFrame({"revenue": [90.0, 95.0], "profit": [29.25, 27.5], "changes": [2, 3]}), (88.0, 27.375), (90.0, 29.25)
        ),
    )
