"""What pages ask of a run is laid out before somebody looks at it: the newest one when the desk starts, and each new one."""

from __future__ import annotations

from collections.abc import Callable
from time import sleep

from pricesmith.contracts.errors import PricesmithError
from pricesmith.flows.desk.approval.approving import approving
from pricesmith.flows.desk.approval.foreseen import foreseen
from pricesmith.flows.desk.guide import start
from pricesmith.flows.desk.imports import matched
from pricesmith.flows.desk.models import page as models
from pricesmith.flows.desk.prices.table import Wanted, prices
from pricesmith.flows.desk.product.page import Asked as AskedProduct
from pricesmith.flows.desk.product.page import product
from pricesmith.flows.desk.runs import approvals
from pricesmith.flows.desk.today import page as today
from pricesmith.flows.desk.what_if.answer import what_if
from pricesmith.flows.desk.what_if.question import Asked

from .ledger import Reading

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
