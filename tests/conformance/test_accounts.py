"""All accounts keep their promises."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from pricesmith.adapters.accounts.opening import open_accounts
from pricesmith.adapters.accounts.passwords import Argon2id
from pricesmith.contracts.accounts import Accounts
from pricesmith.testing.check_accounts import check_accounts
from pricesmith.testing.fake_accounts import fake_accounts
from tests.postgres import Server

CHEAP = Argon2id(memory_kib=8, passes=1)


def test_fake() -> None:
    check_accounts(fake_accounts)


def test_sqlite(tmp_path: Path) -> None:
    number = count()

    def make(pause: Callable[[float], None]) -> Accounts:
        folder = tmp_path / str(next(number))
        folder.mkdir()
        return open_accounts("ledger.db", folder, pause, CHEAP)

    check_accounts(make)


@pytest.mark.real
def test_postgresql(postgres: Server, tmp_path: Path) -> None:
    check_accounts(lambda pause: open_accounts(postgres.address(postgres.new_schema()), tmp_path, pause, CHEAP))
