"""Long runs of the ledger on both real databases: kills (P14) and full disks (P13). `python -m tests.soak.ledger [kills] [fills]`

Prints one line a promise: what was done how often, and what was seen. Ends with an error at the first breach.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

from tests.faults.ledger_crashes import Tally, crash
from tests.faults.test_ledger_full_disk import test_sqlite_file_cannot_grow
from tests.ledger_places import PostgresPlace, SqlitePlace
from tests.postgres import running

SHARE = 25
"""Kills of one ledger; then a new one, so that the check of all of it stays short."""


def main(kills: int = 500, fills: int = 50) -> None:
    rng = np.random.default_rng(20261126)
    say("P13", "SQLite: file cannot grow", f"{_fills(fills, rng)} fills, 0 damaged, 0 confirmed lost")
    say("P14", "SQLite: writer killed", _told(_sqlite(kills, rng)))
    with running() as server:
        for killed, name in ((False, "writer"), (True, "server")):
            tally = Tally()
            for part in _parts(kills):
                with tempfile.TemporaryDirectory() as folder:
                    tally += crash(PostgresPlace(Path(folder), server), part, rng, killed)
            say("P14", f"PostgreSQL: {name} killed", _told(tally))


def _fills(fills: int, rng: np.random.Generator) -> int:
    for more in rng.integers(20_000, 2_000_000, fills):
        with tempfile.TemporaryDirectory() as folder:
            test_sqlite_file_cannot_grow(Path(folder), int(more))
    return fills


def _sqlite(kills: int, rng: np.random.Generator) -> Tally:
    tally = Tally()
    for part in _parts(kills):
        with tempfile.TemporaryDirectory() as folder:
            tally += crash(SqlitePlace(Path(folder)), part, rng, kill_server=False)
    return tally


def _parts(kills: int) -> list[int]:
    return [min(SHARE, kills - done) for done in range(0, kills, SHARE)]


def _told(tally: Tally) -> str:
    assert tally.longest <= 10.0, f"recovery took {tally.longest:.1f} s"
    found = f"{tally.confirmed} confirmed acts, 0 lost, 0 torn, {tally.unconfirmed} written but unconfirmed"
    return f"{tally.kills} kills, {found}, recovery at most {tally.longest:.2f} s"


def say(promise: str, what: str, seen: str) -> None:
    sys.stdout.write(f"| {promise} | {what} | {seen} |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:3]))
