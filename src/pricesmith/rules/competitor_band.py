"""Competitor band: how far from the competitors' price a price may stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import numpy as np
import polars as pl
from msgspec import Meta

from pricesmith.contracts.errors import Contradiction
from pricesmith.contracts.money import ceil_minor, floor_minor
from pricesmith.contracts.offers import Reference, column_of
from pricesmith.contracts.rule import Context, Limits, Multiple, Rule, numbers, per_cent


class CompetitorBand(Rule, frozen=True, kw_only=True, tag="competitor_band"):
    """A price stays within a band around what the competitors' valid offers say together.

    low * reference <= price <= high * reference. A product without a valid offer is not bound.
    reference: their `median`, the `cheapest`, the `second` cheapest (or the only one), or their `average`; `data.competitors` names those
    whose offers count. Low 1 and high 1 match the reference, high below 1 beats it.
    """

    low: Annotated[Multiple | None, per_cent("lowest price over the reference: 0.9 = 90 %; free where left out", "multiple")] = None
    high: Annotated[Multiple | None, per_cent("highest price over the reference: 1.1 = 110 %; free where left out", "multiple")] = None
    reference: Annotated[Reference, Meta(description="what the valid offers say together")] = "median"

    def __post_init__(self) -> None:
        if self.low is None and self.high is None:
            raise Contradiction("low", "the band has neither low nor high", "give at least one, such as low = 0.9")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise Contradiction("low", f"low {self.low:g} is above high {self.high:g}", "swap them")

    def limit(self, items: pl.DataFrame, context: Context) -> Limits:
        limits = Limits.none(items.height)
        about = self.selects(items) & ~np.isnan(numbers(items, "competitor_price"))
        column = column_of(self.reference)
        reference = numbers(items, column) if column in items.columns else np.full(items.height, np.nan)  # runs of before have no others
        if self.low is not None:
            limits.low[about] = ceil_minor(self.low * reference[about])
        if self.high is not None:
            limits.high[about] = floor_minor(self.high * reference[about])
        return limits


def follows(rules: Iterable[Rule]) -> bool:
    """Whether any of the rules follows competitors."""
    return any(isinstance(rule, CompetitorBand) for rule in rules)


def compared(item: Mapping[str, Any], references: Sequence[Reference]) -> Reference:
    """What an item's price is compared with: the one reference that its rules follow, the median where they follow none or several.

    item  its row of table ITEMS, where runs of before have no other reference;  references: of `followed`
    """
    return references[0] if len(references) == 1 and item.get(column_of(references[0])) else "median"


def followed(rules: Iterable[Rule], items: pl.DataFrame) -> list[list[Reference]]:
    """(n,) of each item what its rules follow of competitors' offers, each once; [] where none of them does.

    items  columns SELECTABLE; a rule that names another column that is not there is about none
    """
    bands = [rule for rule in rules if isinstance(rule, CompetitorBand) and set(rule.where) <= set(items.columns)]
    about = [(rule.reference, rule.selects(items)) for rule in bands]
    return [sorted({reference for reference, chosen in about if chosen[row]}) for row in range(items.height)]


RULE = CompetitorBand

EXAMPLE = """
[[rule]]
kind = "competitor_band"
low = 0.9
high = 1.1
"""
