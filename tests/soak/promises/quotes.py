"""P15: prices are answered while the database is gone."""

from __future__ import annotations

import asyncio
import datetime as dt
import statistics
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np

from pricesmith.contracts.ledger import Act, Books
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.shop import Key
from pricesmith.flows import wiring
from pricesmith.testing.ledger_rows import made
from pricesmith.testing.made_run import made_prices, made_run
from tests.postgres import running
from tests.quote_server import Client, Served, served, until
from tests.quote_server import Seen as Answers
from tests.soak.promise import Seen, promise

PRODUCTS, PATIENCE = 500, 5.0
JUDGED = 60
"""Seconds of a cut from which on its slowest hundredth is compared: a short one sees too few answers."""
LEAST, SLOWER = 0.999, 2.0


@promise(
    "P15",
    "With the SQLite ledger's file moved away under load, 99.9 % of quotes are the last good price, flagged; p99 at most twice the usual.",
    full=600,
    small=4,
    unit="seconds cut",
    quick=False,
)
def sqlite_gone(size: int) -> Seen:
    """Also: what is kept answers after a restart, flagged, and what was written since is answered when the file is back."""
    with tempfile.TemporaryDirectory() as name:
        folder, away = Path(name) / "shop", Path(name) / "away"
        away.mkdir()
        prices = _shop(folder, "")

        def cut() -> None:
            for file in folder.glob("ledger.db*"):
                file.rename(away / file.name)

        def mend() -> None:
            for file in away.iterdir():
                file.rename(folder / file.name)

        with _service(folder) as service:
            broken = _cut_under_load(Path(name), service, prices, size, cut)
            assert service.end() == 0
        with _service(folder) as again:
            again.listening()
            sku, price = next(iter(prices.items()))
            found = again.get(f"{sku}?channel=web&region=DE")[1]
            assert (found["price"], found["stale"]) == (price, True), "what is kept answers after a restart"
            mend()
            _comes_back(folder, again, prices, "")
    return _judged(size, *broken)


@promise(
    "P15",
    "With every process of PostgreSQL killed under load, 99.9 % of quotes are the last good price, flagged; p99 at most twice the usual.",
    full=600,
    small=4,
    unit="seconds cut",
    quick=False,
)
def postgresql_killed(size: int) -> Seen:
    """The service goes on through it, and answers what is written when the server is back."""
    with running() as server, tempfile.TemporaryDirectory() as name:
        folder, address = Path(name) / "shop", server.address(server.new_schema())
        prices = _shop(folder, address)
        with _service(folder) as service:
            broken = _cut_under_load(Path(name), service, prices, size, server.kill)
            server.start()
            _comes_back(folder, service, prices, address)
    return _judged(size, *broken)


def _service(folder: Path) -> AbstractContextManager[Served]:
    return served(folder, "--stale-after", str(PATIENCE))


def _shop(folder: Path, address: str) -> dict[str, int]:
    """A shop whose prices were all seen, one unit above what the run found; returns them."""
    folder.mkdir()
    (folder / "shop.toml").write_text(f'currency = "EUR"\nledger = "{address}"\n', encoding="utf-8")
    book, rng, at = wiring.ledger_of(folder, Policy(currency="EUR", ledger=address)), np.random.default_rng(15), wiring.clock()
    prices = made_prices(PRODUCTS, rng)
    made_run(book, prices, at, rng)
    seen = {key: price + 1 for key, price in prices.items()}
    _see(book, seen, at)
    return {key.sku: price for key, price in seen.items()}


def _see(book: Books, prices: dict[Key, int], at: dt.datetime) -> None:
    rows = [{**key._asdict(), "price": price, "cause": "drift", "intent": None, "at": at} for key, price in prices.items()]
    book.append(Act(at, "test", "settled", "prices"), {"applied": made("applied", *rows)})


def _cut_under_load(
    place: Path, service: Served, prices: dict[str, int], size: int, cut: Callable[[], None]
) -> tuple[Answers, Answers, list[bool]]:
    """Answers of a service that loses its ledger, of one beside it that does not, and the flags of the first once it may be stale.

    The one beside it says what is usual: both share a machine on which much else may run.
    """
    usual = _shop(place / "usual", "")
    with _service(place / "usual") as beside:
        for one in (service, beside):
            one.ready()

        async def both() -> tuple[Answers, Answers]:
            seconds = float(size) + PATIENCE + 4.0
            clients = [Client(service.port, prices).run(seconds), Client(beside.port, usual).run(seconds)]
            asking = asyncio.gather(*clients)
            await asyncio.sleep(1.0)
            cut()
            broken, whole = await asking
            return broken, whole

        broken, whole = asyncio.run(both())
        assert beside.get("health")[1]["status"] == "ok" and not any(whole.stale[len(whole.stale) // 2 :])
    assert service.get("health")[1]["status"] == "stale" and "cannot be read" in service.said()
    late = [flag for flag, came in zip(broken.stale, broken.came, strict=True) if came - broken.came[0] > PATIENCE + 3.0]
    return broken, whole, late


def _comes_back(folder: Path, service: Served, prices: dict[str, int], address: str) -> None:
    """A price that is written when the ledger is back is answered soon."""
    sku, price = next(iter(prices.items()))
    _see(wiring.ledger_of(folder, Policy(currency="EUR", ledger=address)), {Key(sku, "web", "DE"): price + 5}, wiring.clock())
    until(lambda: service.get(f"{sku}?channel=web&region=DE")[1]["price"] == price + 5)
    assert service.get("health")[1]["status"] == "ok"


def _judged(size: int, broken: Answers, whole: Answers, late: list[bool]) -> Seen:
    share, flagged = statistics.fmean(broken.right), statistics.fmean(late)
    slow = [float(np.quantile(one.took, 0.99)) for one in (broken, whole)]
    breaches = int(share < LEAST) + int(flagged < 1.0)
    breaches += int(size >= JUDGED and slow[0] > SLOWER * slow[1])
    told = f"{100 * share:.3f} % of {len(broken.took):,} right, {100 * flagged:.3f} % flagged once {PATIENCE:.0f} s had passed"
    return Seen(size, breaches, f"{told}; p99 {1e3 * slow[0]:.1f} ms, {1e3 * slow[1]:.1f} ms of a service beside it that lost nothing")
