"""Whether the product could be bought before."""

from __future__ import annotations

from pricesmith.contracts.curves import Floats

from .known import Family, Known


def available_before(known: Known) -> Floats:
    """Share of the last day before in which the product could be bought."""
    return known.last("available")


def available_28(known: Known) -> Floats:
    """Share of the 28 days before in which the product could be bought."""
    return known.rate("exposure", 28, per="days")


def missing_days_28(known: Known) -> Floats:
    """Days out of stock in the 28 days before."""
    return known.total("missing_days", 28)


FAMILY = Family("stock", (available_before, available_28, missing_days_28))
