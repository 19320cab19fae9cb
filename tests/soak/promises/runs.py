"""P20: incidents of the past. P28: published prices, decided again from the ledger alone."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import polars as pl

from pricesmith.adapters.ledgers.books import SqlBooks, open_books
from pricesmith.contracts.tables import DECISIONS
from pricesmith.flows.publishing.answers import answering
from pricesmith.flows.publishing.history.rederive import rederive
from pricesmith.flows.publishing.sending import send
from tests.faults import test_incidents as incidents
from tests.publishing.desk import place, policy
from tests.soak.promise import Seen, promise

KEY = list(DECISIONS.key)
RATES = [(0.134, {"DKK": 0.134}), (7.46, {"DKK": 0.134}), (1.08, {"USD": 0.926}), (0.926, {"USD": 0.926})]
INCIDENTS: tuple[Callable[[], object], ...] = (
    incidents.test_making_of_a_fly,
    lambda: incidents.test_listings_at_one_penny(incidents.made()),
    lambda: incidents.test_everything_capped_at_49_95(incidents.made()),
    lambda: incidents.test_cameras_at_94_48(incidents.made()),
    lambda: [incidents.test_wrong_exchange_rate(incidents.made(), rate, known) for rate, known in RATES],
    lambda: incidents.test_half_price_by_an_operator(incidents.made()),
)


@promise("P20", "Each of six incidents is stopped before 1 % of the products leave.", full=6, small=6, unit="incidents", quick=False)
def six_incidents(size: int) -> Seen:
    for incident in INCIDENTS[:size]:
        incident()
    return Seen(size, 0, "Fly, 1p, $49.95, $94.48, four exchange rates, half price by an operator; sound runs reach everyone")


@promise("P28", "Every published price follows again from the ledger alone, bit for bit.", full=1_000, small=8, unit="published prices")
def again(size: int) -> Seen:
    """Shops are learned, decided, recorded and published on SQLite; then the file is opened anew and they are decided again."""
    done = runs = breaches = 0
    while done < size:
        with tempfile.TemporaryDirectory() as folder:
            shop = place(policy(), seed=28 + runs, products=10 if size < 100 else 60, book=_books(folder))
            for name in ("anna", "ben"):
                answering.answer(shop.book, shop.run, "accept", by=name, at=shop.clock(), policy=shop.desk.policy)
            send.publish(shop.desk, shop.run)
            wrong, count = _differing(folder, shop.run)
        breaches, done, runs = breaches + wrong, done + count, runs + 1
    return Seen(done, breaches, f"{runs} runs; every other figure of the decisions is equal too")


def _books(folder: str) -> SqlBooks:
    return open_books("ledger.db", Path(folder), Path(folder) / "ledger.key")


def _differing(folder: str, run: str) -> tuple[int, int]:
    """(published prices that do not follow again, published prices) of a run; the ledger is opened anew."""
    book = open_books("ledger.db", Path(folder), Path(folder) / "ledger.key")
    found = rederive(book, run)
    applied = book.read("applied").filter(pl.col("cause") == "publish")
    decided = found.decided.decisions.select(*KEY, decided="price")
    beside = applied.join(decided, on=KEY, how="left")
    wrong = beside.filter(pl.col("price").ne_missing(pl.col("decided"))).height
    return wrong + found.differing.height, applied.height
