"""What the ledger keeps, on both databases: kills, full disks, impossible numbers, and one person for two."""

from __future__ import annotations

import contextlib
import itertools
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from pricesmith.contracts.errors import PricesmithError
from pricesmith.flows.publishing.answers import answering, approval
from pricesmith.flows.publishing.answers.attest import attest
from pricesmith.flows.publishing.sending import switch
from pricesmith.testing.ledger_rows import AT
from pricesmith.testing.made_run import made_prices, made_run
from tests.faults import test_ledger_direct as direct
from tests.faults.ledger_crashes import Tally, crash
from tests.faults.test_ledger_full_disk import test_postgresql_on_a_full_disk, test_sqlite_file_cannot_grow
from tests.ledger_places import Place, PostgresPlace, SqlitePlace
from tests.postgres import running
from tests.publishing.chaos import policy
from tests.soak.promise import Seen, promise

SHARE = 25
"""Kills of one ledger; then a new one, so that the check of all of it stays short."""


@contextlib.contextmanager
def sqlite() -> Iterator[SqlitePlace]:
    with tempfile.TemporaryDirectory() as folder:
        yield SqlitePlace(Path(folder))


@contextlib.contextmanager
def postgresql() -> Iterator[PostgresPlace]:
    with tempfile.TemporaryDirectory() as folder, running() as server:
        yield PostgresPlace(Path(folder), server)


@promise(
    "P13",
    "SQLite: a file that cannot grow damages nothing, loses nothing confirmed, and takes the next act when it can.",
    full=50,
    small=2,
    unit="full disks",
)
def sqlite_full(size: int) -> Seen:
    rng = np.random.default_rng(13)
    for more in rng.integers(20_000, 2_000_000, size):
        with tempfile.TemporaryDirectory() as folder:
            test_sqlite_file_cannot_grow(Path(folder), int(more))
    return Seen(size, 0, "the file's size is bounded; the file is sound, what was confirmed stands there")


@promise(
    "P13",
    "PostgreSQL: a full disk damages nothing, loses nothing confirmed, and the next act is taken when there is room.",
    full=10,
    small=1,
    unit="full disks",
    quick=False,
)
def postgresql_full(size: int) -> Seen:
    with running() as server:
        for _ in range(size):
            with tempfile.TemporaryDirectory() as folder:
                test_postgresql_on_a_full_disk(server, Path(folder))
    return Seen(size, 0, "its tables on a file system of 6 MB")


def _crashes(size: int, place: Callable[[Path], Place], seed: int, kill_server: bool = False) -> Seen:
    rng, tally = np.random.default_rng(seed), Tally()
    for begun in range(0, size, SHARE):
        with tempfile.TemporaryDirectory() as folder:
            tally += crash(place(Path(folder)), min(SHARE, size - begun), rng, kill_server)
    assert tally.longest <= 10.0, f"recovery took {tally.longest:.1f} s"
    found = f"{tally.confirmed} confirmed acts, none lost or torn, {tally.unconfirmed} written but unconfirmed"
    told = f"{found}; recovery at most {tally.longest:.1f} s"
    return Seen(tally.kills, 0, told)


@promise(
    "P14",
    "SQLite: a writer that is killed loses nothing confirmed, and the ledger takes the next act within 10 seconds.",
    full=500,
    small=2,
    unit="kills",
    quick=False,
)
def sqlite_killed(size: int) -> Seen:
    return _crashes(size, SqlitePlace, 14)


@promise(
    "P14",
    "PostgreSQL: a writer that is killed loses nothing confirmed, and the ledger takes the next act within 10 seconds.",
    full=500,
    small=2,
    unit="kills",
    quick=False,
)
def postgresql_writer_killed(size: int) -> Seen:
    with running() as server:
        return _crashes(size, lambda folder: PostgresPlace(folder, server), 15)


@promise(
    "P14",
    "PostgreSQL: every process of the server killed at once loses nothing confirmed, and it takes the next act within 10 seconds.",
    full=500,
    small=2,
    unit="kills",
    quick=False,
)
def postgresql_server_killed(size: int) -> Seen:
    with running() as server:
        return _crashes(size, lambda folder: PostgresPlace(folder, server), 16, kill_server=True)


@promise(
    "P05",
    "SQLite: no number that is not finite, whole or above zero can be inserted, whoever writes the SQL.",
    full=1,
    small=1,
    unit="rounds of all",
)
def sqlite_numbers(size: int) -> Seen:
    return _numbers(sqlite, size)


@promise(
    "P05",
    "PostgreSQL: no number that is not finite, whole or above zero can be inserted, whoever writes the SQL; a half is rounded.",
    full=1,
    small=1,
    unit="rounds of all",
    quick=False,
)
def postgresql_numbers(size: int) -> Seen:
    return _numbers(postgresql, size)


def _numbers(places: Callable[[], contextlib.AbstractContextManager[Place]], size: int) -> Seen:
    for _ in range(size):
        with places() as place:
            direct.test_impossible_numbers_are_never_stored(place)
        with places() as place:
            direct.test_zero_prices_are_refused_where_prices_are_set(place)
    return Seen(size, 0, f"{len(direct.probes())} insertions: each number of each table with each impossible value")


@promise(
    "P24",
    "SQLite: nobody agrees with what the same person asked for, in the program or by direct SQL, and an agreement dies with its content.",
    full=1_000,
    small=30,
    unit="attempts",
)
def sqlite_two_people(size: int) -> Seen:
    return _two_people(sqlite, size)


@promise(
    "P24",
    "PostgreSQL: nobody agrees with what the same person asked for, in the program or by SQL, and an agreement dies with its content.",
    full=1_000,
    small=30,
    unit="attempts",
    quick=False,
)
def postgresql_two_people(size: int) -> Seen:
    return _two_people(postgresql, size)


def _two_people(places: Callable[[], contextlib.AbstractContextManager[Place]], size: int) -> Seen:
    rng = np.random.default_rng(24)
    breaches: Counter[str] = Counter()
    with places() as place:
        book = place.open()
        run = made_run(book, made_prices(3, rng), AT, rng, by="Anna Beck")
        switch.stop(book, by="ben", at=AT)
        switch.release(book, by="Anna Beck", at=AT)
        ways = _ways(place, run)
        for number, (name, attempt) in zip(range(size), itertools.cycle(ways.items())):
            try:
                attempt(_same_person("Anna Beck", rng), number)
            except Exception as error:
                assert isinstance(error, PricesmithError) or type(error).__module__.split(".")[0] in {"sqlite3", "psycopg"}, error
            else:
                breaches[name] += 1
        assert switch.stopped(book.read("switches"), "main")
        assert book.read("verdicts").filter(answer="accept").is_empty()
        dead = _content_changed(place)
        for name in ("accept", "attest", "SQL exception", "release", "SQL verdict"):
            ways[name]("cleo", size)  # another person may
    return Seen(size, breaches.total() + dead, f"{len(ways)} ways each, three of them SQL{': ' + str(dict(breaches)) if breaches else ''}")


def _ways(place: Place, run: str) -> dict[str, Callable[[str, int], object]]:
    """How one person may try to be two."""
    book, settings = place.open(), policy()
    return {
        "accept": lambda name, _: answering.answer(book, run, "accept", by=name, at=AT, policy=settings),
        "attest": lambda name, number: attest(book, f"code {number}", asked_by="Anna Beck", by=name, at=AT),
        "release": lambda name, _: switch.release(book, by=name, at=AT),
        "SQL verdict": lambda name, number: direct.insert(
            place, "verdicts", direct.row("verdicts", verdict=f"v{number}", nr=number + 1, run=run, requester="dora", approver=name)
        ),
        "SQL exception": lambda name, number: direct.insert(
            place, "exceptions", direct.row("exceptions", exception=f"e{number}", nr=number + 1, requester="Anna Beck", approver=name)
        ),
        "SQL release": lambda name, number: direct.insert(
            place, "switches", direct.row("switches", switch=f"s{number}", nr=number + 100, by=name, state="release")
        ),
    }


def _same_person(name: str, rng: np.random.Generator) -> str:
    """The name as somebody might write it to seem another."""
    cased = "".join(str(rng.choice([sign.upper(), sign.lower()])) for sign in name)
    return " " * int(rng.integers(3)) + cased + " " * int(rng.integers(3))


def _content_changed(place: Place) -> int:
    """Acceptances of another digest, put in by SQL, that count for a run."""
    book, rng = place.open(), np.random.default_rng(1)
    run, people = made_run(book, made_prices(3, rng), AT, rng), {"requester": "pricesmith", "approver": "ben"}
    direct.insert(
        place,
        "verdicts",
        direct.row("verdicts", verdict="other", nr=5000, run=run, **people, digest="f" * 64),
    )
    said = approval.answers(
        book.read("verdicts"), run, str(approval.run_row(book, run)["digest"]), AT, book.read("decided", {"run": [run]})
    )
    return int(said["agreed"].sum())
