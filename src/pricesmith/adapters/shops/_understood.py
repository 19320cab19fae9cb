"""A shop whose answers have another form than its platform's is an error of the shop, in words, and no fault of this program."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from pricesmith.contracts.errors import ShopError
from pricesmith.contracts.protocols import RawTable
from pricesmith.contracts.shop import Capability, Explains, Key, Reading, Shop, ShopSource, Unread, Writing, Written
from pricesmith.contracts.tables import Table


class Understood:
    """A shop (the protocol Shop) that raises ShopError where an answer lacks what it must hold; what a write then did is unknown."""

    def __init__(self, shop: Shop, name: str) -> None:
        self.shop, self.name = shop, name

    @property
    def capability(self) -> Capability:
        return self.shop.capability

    @property
    def skew(self) -> float | None:
        return self.shop.skew

    def prices(self, keys: Sequence[Key] | None = None) -> Mapping[Key, Reading]:
        with _understood(self.name):
            return self.shop.prices(keys)

    def unread(self) -> Sequence[Unread]:
        """Nothing where the shop cannot say it."""
        with _understood(self.name):
            return self.shop.unread() if isinstance(self.shop, Explains) else ()

    def write(self, writings: Sequence[Writing]) -> Sequence[Written]:
        with _understood(self.name):
            return self.shop.write(writings)


class UnderstoodSource(Understood):
    """The same for a shop that tables can be pulled from (the protocol ShopSource)."""

    def __init__(self, shop: Shop, source: ShopSource, name: str) -> None:
        super().__init__(shop, name)
        self.source = source

    def pull(self, table: Table, since: dt.datetime | None = None) -> RawTable | None:
        with _understood(self.name):
            return self.source.pull(table, since)


def understood(shop: Shop, name: str) -> Shop:
    """The shop of the section [shop.NAME], with its faults in words."""
    return UnderstoodSource(shop, shop, name) if isinstance(shop, ShopSource) else Understood(shop, name)


@contextmanager
def _understood(name: str) -> Iterator[None]:
    try:
        yield
    except (LookupError, TypeError, AttributeError, ValueError, ArithmeticError) as error:
        hint = "does `url` lead to the API of that platform, in a version that it was tested with? --trace shows more"
        raise ShopError(f"answered in a form that is not understood ({type(error).__name__})", where=f"shop {name}", hint=hint) from error
