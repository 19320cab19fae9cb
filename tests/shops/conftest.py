"""Real shops for a session: each started once, stopped at its end, and skipped, with the reason, where this machine lacks something."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgres import Server
from tests.shops.medusa import Medusa, medusa
from tests.shops.processes import MissingError
from tests.shops.vendure import Vendure, vendure


@pytest.fixture(scope="session")
def real_vendure(postgres: Server) -> Iterator[Vendure]:
    try:
        with vendure(postgres) as shop:
            yield shop
    except MissingError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def real_medusa(postgres: Server) -> Iterator[Medusa]:
    try:
        with medusa(postgres) as shop:
            yield shop
    except MissingError as missing:
        pytest.skip(str(missing))
