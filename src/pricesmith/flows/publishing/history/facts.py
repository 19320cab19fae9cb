"""What a run keeps beside its prices: how fresh its data were, and what people had set."""

from __future__ import annotations

import datetime as dt

import msgspec


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """A price that a person set, minor units."""

    sku: str
    channel: str
    region: str
    price: int
    by: str
    why: str


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """The price of a product in place of the one proposed, minor units: one that a person set in another run, or today's, which is None."""

    sku: str
    channel: str
    region: str
    price: int | None


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """When what the prices rest on was last known to be true, UTC (None where it never was), and the model that was named on the way.

    files_at   when the last file of the shop was written that was read; None in older ledgers
    model      "" where it is the one of the settings
    joint      change of profit that all changes bring together, major units a day; None where people set prices, and in older ledgers
    overrides  prices that people set in place of those decided, in their order
    beside     what people had made of the other products by then: their prices count, and are asked about elsewhere
    """

    cost_at: dt.datetime | None = None
    competitor_at: dt.datetime | None = None
    stock_at: dt.datetime | None = None
    files_at: dt.datetime | None = None
    model: str = ""
    joint: float | None = None
    overrides: tuple[Override, ...] = ()
    beside: tuple[Beside, ...] = ()
