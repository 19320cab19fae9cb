"""Freeze: days on which prices stay as they are."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import polars as pl
from msgspec import Meta, field

from pricesmith.contracts.errors import Contradiction
from pricesmith.contracts.rule import Context, Limits, Rule


class Freeze(Rule, frozen=True, kw_only=True, tag="freeze"):
    """No price changes on the days from `from` to `to`, both included.

    The day that counts is the as-of date of the run. One end may be left out: the freeze is then open on that side. Held as `frozen`.
    """

    first: Annotated[dt.date | None, Meta(description="first day of the freeze")] = field(default=None, name="from")
    last: Annotated[dt.date | None, Meta(description="last day of the freeze, included")] = field(default=None, name="to")

    def __post_init__(self) -> None:
        if self.first is None and self.last is None:
            raise Contradiction(
                "from", "the freeze has neither from nor to", 'give from = 2026-12-01, to = 2026-12-26, or use kind = "exclude"'
            )
        if self.first is not None and self.last is not None and self.first > self.last:
            raise Contradiction("from", f"from {self.first} is after to {self.last}", "swap them")

    def limit(self, items: pl.DataFrame, context: Context) -> Limits:
        limits = Limits.none(items.height)
        begun = self.first is None or self.first <= context.as_of
        over = self.last is not None and self.last < context.as_of
        if begun and not over:
            limits.hold[self.selects(items)] = "frozen"
        return limits


RULE = Freeze

EXAMPLE = """
[[rule]]
kind = "freeze"
from = 2026-12-01
to = 2026-12-26
where = { category = "gifts/*" }
"""
