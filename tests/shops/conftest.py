"""Real shops for a session: each started once, stopped at its end, and skipped, with the reason, where this machine lacks something."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.shops.medusa import Medusa, medusa
from tests.shops.postgres import Postgres, postgres
from tests.shops.processes import MissingError
from tests.shops.vendure import Vendure, vendure


@pytest.fixture(scope="session")
def real_postgres() -> Iterator[Postgres]:
    try:
        with postgres() as server:
            yield server
    except MissingError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def real_vendure(real_postgres: Postgres) -> Iterator[Vendure]:
    try:
        with vendure(real_postgres) as shop:
            yield shop
    except MissingError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def real_medusa(real_postgres: Postgres) -> Iterator[Medusa]:
    try:
        with medusa(real_postgres) as shop:
            yield shop
    except MissingError as missing:
        pytest.skip(str(missing))
