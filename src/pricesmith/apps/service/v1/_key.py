"""The key of a price: which product, in which channel and region."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pricesmith.contracts.shop import Key

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One product in one channel and region."""

    sku: Name
    channel: Name
    region: Name

    @property
    def key(self) -> Key:
        return Key(self.sku, self.channel, self.region)
