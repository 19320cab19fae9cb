"""Set-up of all tests: Hypothesis without deadlines, few examples by default, the same ones every time, fewer still in the fast tests."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.examples import QUICK, THOROUGH
from tests.ledger_places import PostgresPlace, SqlitePlace
from tests.postgres import AbsentError, Server, running

settings.register_profile("thorough", deadline=None, max_examples=THOROUGH, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("thorough"), max_examples=QUICK)
settings.load_profile("thorough")

collect_ignore = [] if find_spec("playwright") else ["browser", "providers"]


def pytest_configure(config: pytest.Config) -> None:
    """Each parallel worker of the fast tests keeps to a core of its own: what one thread hands to another then waits for no other core."""
    worker, count = os.environ.get("PYTEST_XDIST_WORKER", ""), os.environ.get("PYTEST_XDIST_WORKER_COUNT", "")
    if worker and hasattr(os, "sched_setaffinity") and not asks_for_real(config.option.markexpr):
        cores = sorted(os.sched_getaffinity(0))
        if count == str(len(cores)):
            os.sched_setaffinity(0, {cores[int(worker.removeprefix("gw"))]})


def pytest_collection_finish() -> None:
    """What was collected stays until the end: the garbage collector need not look it through again and again."""
    gc.collect()
    gc.freeze()


def asks_for_real(markers: str) -> bool:
    """Whether tests marked `real` are among those that the expression of -m selects."""
    return not markers or re.search(r"(?<!not )\breal\b", markers) is not None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if collect_ignore and asks_for_real(terminalreporter.config.option.markexpr):
        terminalreporter.write_line(f"LEFT OUT {', '.join(collect_ignore)}: playwright is not installed (extra `real`)")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A real PostgreSQL of this test process."""
    try:
        with running() as server:
            yield server
    except AbsentError as reason:
        pytest.skip(str(reason))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> SqlitePlace | PostgresPlace:
    """Where a ledger can stand: both real databases, one after the other."""
    if request.param == "sqlite":
        return SqlitePlace(tmp_path)
    return PostgresPlace(tmp_path, request.getfixturevalue("postgres"))
