"""Kills of a writer and of the database under load, and what must hold afterwards (P14)."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pricesmith.adapters.ledgers.books import SqlBooks
from pricesmith.contracts.ledger import Act
from pricesmith.testing.ledger_rows import AT
from tests.ledger_places import Place, PostgresPlace

ROOT = Path(__file__).parents[2]
ROWS = 5


@dataclass(slots=True)
class Tally:
    """What was seen over all kills."""

    kills: int = 0
    confirmed: int = 0
    unconfirmed: int = 0
    longest: float = 0.0

    def __add__(self, other: Tally) -> Tally:
        sums = self.kills + other.kills, self.confirmed + other.confirmed, self.unconfirmed + other.unconfirmed
        return Tally(*sums, max(self.longest, other.longest))


def crash(place: Place, kills: int, rng: np.random.Generator, kill_server: bool) -> Tally:
    """Kill again and again; after each, open the ledger and compare what stands there with what was confirmed.

    kill_server  True: every process of PostgreSQL at once; False: the writer
    """
    tally = Tally()
    books = place.open()
    for number in range(kills):
        name = f"k{number}"
        command = [sys.executable, "-m", "tests.faults.ledger_writer", place.address, str(place.folder), name, str(ROWS)]
        writer = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT)
        assert writer.stdout is not None
        first = writer.stdout.readline()
        assert first == "0\n", "the writer did not begin"
        time.sleep(float(rng.uniform(0.0, 0.15)))
        if kill_server:
            assert isinstance(place, PostgresPlace)
            place.server.kill()
            begun = time.monotonic()
            place.server.start()
        else:
            begun = time.monotonic()
            writer.kill()
        confirmed = [0, *(int(line) for line in writer.stdout.read().split())]
        writer.wait()
        _recovered(place, name, tally, begun)
        _compare(books, name, confirmed, tally)
        tally.kills += 1
    assert not books.verify().findings
    return tally


def _recovered(place: Place, name: str, tally: Tally, begun: float) -> None:
    """The ledger takes the next act."""
    place.open().append(Act(AT, "watch", "recovered", name), {})
    tally.longest = max(tally.longest, time.monotonic() - begun)


def _compare(books: SqlBooks, name: str, confirmed: list[int], tally: Tally) -> None:
    acts = [int(subject) for subject in books.read("audit", {"by": name})["subject"].to_list()]
    assert acts == list(range(len(acts))), "acts stand there in order, each once"
    assert set(confirmed) <= set(acts), f"confirmed and lost: {sorted(set(confirmed) - set(acts))}"
    assert len(acts) <= len(confirmed) + 1, "at most the last act was written without being confirmed"
    skus = {f"{name}-{batch}-{row}" for batch in acts for row in range(ROWS)}
    found = books.read("intents", {"sku": sorted(skus)})
    assert found.height == len(skus) == len(acts) * ROWS, "an act stands there whole"
    waiting = {sku for sku in books.waiting("web")["sku"].to_list() if sku.startswith(f"{name}-")}
    assert waiting == skus, "an intent that was written waits"
    tally.confirmed += len(confirmed)
    tally.unconfirmed += len(acts) - len(confirmed)
