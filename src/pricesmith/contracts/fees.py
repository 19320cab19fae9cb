"""What channels and regions take of every product, where the table of costs does not say it product by product."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Rate = Annotated[float, Meta(ge=0.0, le=1.0)]
Amount = Annotated[float, Meta(ge=0.0, le=1e9)]
FEES = ("shipping", "fee_rate", "payment_rate", "return_rate")
"""What they may name."""


class FeesPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One `[[fees]]` table: what a channel, a region or every place takes of each product. What table `costs` says comes before it."""

    channel: Annotated[str, Meta(description="sales channel in which it holds; every one where left out")] = ""
    region: Annotated[str, Meta(description="price region in which it holds; every one where left out")] = ""
    shipping: Annotated[Amount | None, Meta(description="shipping cost of one unit, paid by the shop, major units")] = None
    fee_rate: Annotated[Rate | None, Meta(description="marketplace fee, share of the net price: 0.15")] = None
    payment_rate: Annotated[Rate | None, Meta(description="payment fee, share of the net price")] = None
    return_rate: Annotated[Rate | None, Meta(description="share of units that come back")] = None

    @property
    def place(self) -> tuple[str, ...]:
        """Which columns of a place it names."""
        return tuple(name for name in ("channel", "region") if getattr(self, name))
