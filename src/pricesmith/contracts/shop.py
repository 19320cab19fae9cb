"""The seam of the shops: what a platform can do with prices, how a price is written and read, and what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol, runtime_checkable

import numpy as np

from .protocols import RawTable
from .publishing import ShopPolicy
from .tables import Table

Fate = Literal["applied", "rejected", "unknown", "pending"]
"""What became of one written price. `unknown` (a timeout, a torn connection) is not a failure: only reading tells."""


class Key(NamedTuple):
    """What carries one price."""

    sku: str
    channel: str
    region: str


UNNAMED = "default"
"""The channel, or the region, of what the tables of a shop name none for."""


def placed(channel: str, region: str) -> list[str]:
    """The channel and the region of a price as people read them: those of the two that the tables name."""
    return [part for part in (channel, region) if part != UNNAMED]


@dataclass(frozen=True, slots=True)
class Capability:
    """What a platform can do, and where that was seen.

    unit            how a price stands on the wire: integer minor units, decimal text, or a JSON number of major units
    tax             whether written prices contain tax: as the shop's channel says, always, or never
    batch           most prices in one call
    across          True where one call may hold prices of several products
    atomic          True where one bad price refuses the whole call
    asynchronous    True where an accepted price is applied later
    compare_at      True where a struck-through price can be written
    windows         True where a price can have a start and an end
    price_lists     True where prices can differ by market or customer group
    costs           True where unit costs can be read
    orders          True where orders can be read, by which a rush after a cut is seen
    per_second      calls a second that the vendor allows; None where it names no limit
    burst           calls that may be made at once before that rate counts
    proven          "real": driven against the running platform; "contract": against a fake made from its published contract
    """

    unit: Literal["minor", "decimal", "number"]
    tax: Literal["channel", "gross", "net"]
    batch: int
    across: bool
    atomic: bool
    asynchronous: bool = False
    compare_at: bool = False
    windows: bool = False
    price_lists: bool = False
    costs: bool = False
    orders: bool = False
    per_second: float | None = None
    burst: int = 1
    proven: Literal["real", "contract"] = "contract"


@dataclass(frozen=True, slots=True)
class Reading:
    """A price as it stands in a shop. One that is empty, finer than the minor unit, or of a key that two things share is not read at all.

    price     integer minor units of `currency`, on the tax basis in which prices are written
    currency  ISO 4217 code
    handle    what the platform calls the thing that carries the price; needed to write it
    at        when it was read
    """

    price: int
    currency: str
    handle: str
    at: dt.datetime


class Unread(NamedTuple):
    """A thing of a shop whose price is not read. code: `no_amount`, `currency` or `twice` (its key stands there more than once).

    value  as it stands in the shop
    """

    sku: str
    code: str
    value: str


@dataclass(frozen=True, slots=True)
class Writing:
    """One price to be written: absolute, so that writing it twice does the same as once."""

    key: Key
    price: int
    currency: str
    handle: str


@dataclass(frozen=True, slots=True)
class Written:
    """What the platform answered about one price.

    code    stable reason where it was not applied, else ""
    detail  the platform's own words, without secrets, for people
    """

    key: Key
    fate: Fate
    code: str = ""
    detail: str = ""


class Shop(Protocol):
    """A shop whose prices can be read and written. Raises ShopBusy where it asks to wait, ShopError where it cannot be used at all."""

    @property
    def capability(self) -> Capability: ...

    @property
    def skew(self) -> float | None:
        """Seconds by which this machine's clock differs from the shop's, as its last answer had it; None where that is not known."""
        ...

    def prices(self, keys: Sequence[Key] | None = None) -> Mapping[Key, Reading]:
        """Prices as they stand, of these keys or of all; a key that the shop does not know is absent."""
        ...

    def write(self, writings: Sequence[Writing]) -> Sequence[Written]:
        """Write at most `capability.batch` prices; one answer for each, in any order. Sends nothing but these prices.

        Where a platform takes the prices of one product a call, these are made one after the other: what a later one did not reach is
        `unknown`.
        """
        ...


@runtime_checkable
class ShopSource(Protocol):
    """A shop from which tables of a shop folder can be filled."""

    def pull(self, table: Table, since: dt.datetime | None = None) -> RawTable | None:
        """Raw rows of a table changed since then, as a file of a shop folder would hold them; None where the shop has no such table."""
        ...


@runtime_checkable
class Explains(Protocol):
    """A shop that can say why it has no price of something that stands in it."""

    def unread(self) -> Sequence[Unread]: ...


def _nobody_else(_seconds: float) -> None:
    """Only this process asks the shop."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a shop needs of the world, as arguments.

    clock      gives the time, UTC
    sleep      waits some seconds
    rng        generator of jitter, and of nothing else
    transport  what carries requests (an httpx transport); None is the network
    waits      told how many seconds the shop asks to be left alone, before a long reading waits for it: other processes must know
    """

    clock: Callable[[], dt.datetime]
    sleep: Callable[[float], None]
    rng: np.random.Generator
    transport: Any = None
    waits: Callable[[float], None] = _nobody_else


@dataclass(frozen=True, slots=True)
class Platform:
    """One kind of shop, as the registry knows it (`SHOP` of a module in `adapters/shops/`).

    open        makes a shop of a section `[shop.NAME]` whose currency and tax are filled in, its secret, and the world around it
    capability  what its shops can do
    secret      what the secret is, in words; "" where none is needed
    options     what stands in `options` of the section -> its meaning;  choices: of them those with a few values -> these
    example     the section, as an example for people
    """

    open: Callable[[ShopPolicy, str, Surroundings], Shop]
    capability: Capability
    secret: str
    example: str
    options: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
