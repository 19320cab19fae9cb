"""What pages ask of a run is laid out before somebody looks at it: the newest one when the desk starts, and each new one."""

from __future__ import annotations

from collections.abc import Callable
from time import sleep

from pricesmith.contracts.errors import PricesmithError

from . import approvals, matched, models, start, today
from .approving import approving
from .foreseen import foreseen
from .prices import Wanted, prices
from .product import Asked as AskedProduct
from .product import product
from .question import Asked
from .reading import Reading
from .what_if import what_if

PAUSE = 2.0
"""Seconds between two looks for a new run."""
BESIDE = 0.05
"""Seconds between two looks at what is being worked out beside this."""


def warm(reading: Reading) -> None:
    """Ask what the first look at each page asks; what cannot be read will be said on the pages."""
    try:
        name = reading.latest()
        if name is not None:
            _lay_out(reading, name)
    except PricesmithError:
        return


def _lay_out(reading: Reading, name: str) -> None:
    at = reading.now()
    today.today(reading, at)
    while foreseen(reading, reading.run(name), at).working:
        sleep(BESIDE)
    prices(reading, Wanted(), at)
    approvals.approvals(reading, approvals.Wanted())
    approving(reading, name, at)
    models.models(reading, models.Wanted())
    while what_if(reading, Asked()).working:
        sleep(BESIDE)
    first = reading.run(name).decided.head(1)
    for sku, channel, region in first.select("sku", "channel", "region").iter_rows():
        product(reading, sku, AskedProduct(channel=channel, region=region), at)
    start.start(reading, matched.Wanted())


def keep_warm(reading: Reading, wait: Callable[[float], bool]) -> None:
    """Lay out the newest run whenever there is another one, until the wait says that the desk ends."""
    known: str | None = None
    while True:
        newest = _latest(reading)
        if newest != known:
            warm(reading)
            known = newest
        if wait(PAUSE):
            return


def _latest(reading: Reading) -> str | None:
    try:
        return reading.latest()
    except PricesmithError:
        return None
