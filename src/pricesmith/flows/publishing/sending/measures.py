"""What a guard measured a held price by, as the receipt keeps it beside the code."""

from __future__ import annotations

import datetime as dt
import math

import msgspec
import polars as pl

from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.guards.gate import Gated
from pricesmith.guards.measured import MEASURES, measured


class Measured(msgspec.Struct, frozen=True, omit_defaults=True):
    """against, bound  as in `guards.measured`, null where not known

    unit     `price` (then in minor units), `hours`, `minutes`, `ratio` or `count`
    setting  of [guards]: the threshold that says so, "" where the product has its own
    """

    against: float | None = None
    bound: float | None = None
    unit: str = ""
    setting: str = ""


def texts(changes: pl.DataFrame, answer: Gated, at: dt.datetime, limits: GuardPolicy) -> list[str | None]:
    """(n,) JSON of a Measured for each row of CHANGES that is held by its size; None for any other."""
    codes = list(answer.reasons)
    pairs = zip(codes, *measured(changes, codes, at, limits), strict=True)
    return [None if math.isnan(against) else text(code, against, bound) for code, against, bound in pairs]


def text(code: str, against: float, bound: float) -> str:
    """bound: NaN where there is none."""
    unit, setting, _ = MEASURES[code]
    return msgspec.json.encode(Measured(float(against), None if math.isnan(bound) else float(bound), unit, setting)).decode()


def read(fate: str, detail: str | None) -> Measured:
    """Of a receipt; receipts of older versions, and of other fates, hold none."""
    return msgspec.json.decode(detail, type=Measured) if fate == "held" and detail else Measured()
