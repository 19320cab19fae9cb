"""Whether a key is needed is known also while the accounts cannot be read; a missing ledger is not made by asking."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricesmith.contracts.errors import LedgerError
from pricesmith.contracts.policy import Policy
from pricesmith.flows import wiring
from pricesmith.flows.desk.quotes.door import OPEN, Door
from pricesmith.flows.desk.quotes.quotes_kept import FOLDER
from pricesmith.testing.ledger_rows import AT

POLICY = Policy(currency="EUR")


def test_open_without_accounts_closed_with_one(tmp_path: Path) -> None:
    wiring.ledger_of(tmp_path, POLICY)
    door = Door(tmp_path, POLICY)
    assert door.is_open() and (tmp_path / OPEN).exists()
    accounts = wiring.accounts_of(tmp_path, POLICY)
    accounts.people.add("anna", "correct horse battery", "admin", AT)
    _, key = accounts.keys.make("anna", "shop", frozenset({"quote"}), AT, None)
    assert not door.is_open() and not (tmp_path / OPEN).exists()
    who = door.who(key)
    assert who is not None and who.may("quote") and door.who("ps_no_such") is None


@pytest.mark.parametrize("was_open", [True, False])
def test_without_the_ledger_it_is_as_it_was_last(tmp_path: Path, was_open: bool) -> None:
    (tmp_path / FOLDER).mkdir()
    if was_open:
        (tmp_path / OPEN).touch()
    door = Door(tmp_path, POLICY)
    assert door.is_open() == was_open
    with pytest.raises(LedgerError):
        door.who("ps_a_b")
    assert not (tmp_path / "ledger.db").exists()


def test_a_shop_that_never_had_a_ledger_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="cannot be read"):
        Door(tmp_path, POLICY).is_open()
