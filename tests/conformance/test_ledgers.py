"""Every ledger keeps its promises."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from pricesmith.adapters.ledgers.books import SqlBooks, open_books
from pricesmith.testing.check_ledger import check_ledger
from pricesmith.testing.fake_ledger import FakeLedger
from tests.postgres import Server


def test_fake() -> None:
    check_ledger(FakeLedger)


def test_sqlite(tmp_path: Path) -> None:
    number = count()

    def make() -> SqlBooks:
        folder = tmp_path / str(next(number))
        folder.mkdir()
        return open_books("ledger.db", folder, folder / "ledger.key")

    check_ledger(make)


@pytest.mark.real
def test_postgresql(postgres: Server, tmp_path: Path) -> None:
    number = count()

    def make() -> SqlBooks:
        folder = tmp_path / str(next(number))
        folder.mkdir()
        return open_books(postgres.address(postgres.new_schema()), folder, folder / "ledger.key")

    check_ledger(make)
