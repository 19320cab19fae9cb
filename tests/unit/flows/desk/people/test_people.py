"""Acts on people and keys: each stands in the ledger before and after it was done, a refused one only before, and no secret at all."""

from __future__ import annotations

import datetime as dt

import pytest

from pricesmith.contracts.accounts import Accounts
from pricesmith.contracts.errors import LedgerError, UnknownChoice, UsageError
from pricesmith.flows.desk.people.acts import add_person, change_person, make_key, revoke_key, role_of, scopes_of
from pricesmith.testing.fake_accounts import fake_accounts
from pricesmith.testing.fake_ledger import FakeLedger

AT = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)
PASSWORD, OTHER = "canary horse battery", "another canary battery"


@pytest.fixture
def desk() -> tuple[Accounts, FakeLedger]:
    accounts, ledger = fake_accounts(), FakeLedger()
    add_person(accounts, ledger, "anna", PASSWORD, "admin", by="operator", at=AT)
    return accounts, ledger


def said(ledger: FakeLedger) -> list[tuple[str, str, str]]:
    """Who did what to what, after anna was added."""
    assert not ledger.verify().findings
    return ledger.read("audit").select("by", "act", "subject").rows()[2:]


def test_adding(desk: tuple[Accounts, FakeLedger]) -> None:
    accounts, ledger = desk
    add_person(accounts, ledger, "ben", OTHER, "viewer", by="anna", at=AT)
    assert said(ledger) == [("anna", "asked_person", "ben as viewer"), ("anna", "added_person", "ben as viewer")]
    assert accounts.people.check("ben", OTHER, AT)


def test_changing(desk: tuple[Accounts, FakeLedger]) -> None:
    accounts, ledger = desk
    add_person(accounts, ledger, "ben", PASSWORD, "viewer", by="anna", at=AT)
    change_person(accounts, ledger, "ben", role="approver", password=OTHER, by="anna", at=AT)
    change_person(accounts, ledger, "ben", active=False, by="anna", at=AT)
    change_person(accounts, ledger, "ben", active=True, by="anna", at=AT)
    assert [row[1:] for row in said(ledger)[2:]] == [
        (act, f"ben: {what}")
        for what in ("role approver, new password", "inactive", "active")
        for act in ("asked_change", "changed_person")
    ]
    who = accounts.people.check("ben", OTHER, AT)
    assert who is not None and who.may("approve")


def test_keys(desk: tuple[Accounts, FakeLedger]) -> None:
    accounts, ledger = desk
    handle, key = make_key(accounts, ledger, "anna", "till\n", ["read", "quote"], expires=AT + dt.timedelta(days=9), by="anna", at=AT)
    assert accounts.keys.of(key, AT)
    assert not revoke_key(accounts, ledger, handle, owner="ben", by="ben", at=AT)
    assert revoke_key(accounts, ledger, key, by="anna", at=AT), "a whole key will do"
    assert not revoke_key(accounts, ledger, handle, owner="anna", by="anna", at=AT)
    what = "anna: read, quote, for till until 2026-11-11"
    assert said(ledger) == [
        ("anna", "asked_key", what),
        ("anna", "made_key", f"{handle} of {what}"),
        ("ben", "asked_revoke", f"{handle} of ben"),
        ("anna", "asked_revoke", handle),
        ("anna", "revoked_key", handle),
        ("anna", "asked_revoke", f"{handle} of anna"),
    ]


def test_a_refused_act_was_asked_for_and_not_done(desk: tuple[Accounts, FakeLedger]) -> None:
    accounts, ledger = desk
    with pytest.raises(UsageError, match="there already"):
        add_person(accounts, ledger, "ANNA", OTHER, "viewer", by="ben", at=AT)
    with pytest.raises(UsageError, match="would be left"):
        change_person(accounts, ledger, "anna", role="viewer", by="ben", at=AT)
    with pytest.raises(UnknownChoice, match="nobody"):
        change_person(accounts, ledger, "nobody", active=True, by="ben", at=AT)
    with pytest.raises(UsageError, match="admin"):
        make_key(accounts, ledger, "anna", "", ["admin"], by="ben", at=AT)
    with pytest.raises(UsageError, match="empty"):
        add_person(accounts, ledger, "x" * 200 + "\0", OTHER, "viewer", by="ben", at=AT)
    assert said(ledger) == [
        ("ben", "asked_person", "ANNA as viewer"),
        ("ben", "asked_change", "anna: role viewer"),
        ("ben", "asked_change", "nobody: active"),
        ("ben", "asked_key", "anna: admin, for (empty)"),
        ("ben", "asked_person", f"{'x' * 100}... as viewer"),
    ]


def test_what_makes_no_sense_is_not_even_asked_for(desk: tuple[Accounts, FakeLedger]) -> None:
    accounts, ledger = desk
    with pytest.raises(UnknownChoice, match="role"):
        add_person(accounts, ledger, "ben", OTHER, "owner", by="anna", at=AT)
    with pytest.raises(UnknownChoice, match="role"):
        change_person(accounts, ledger, "anna", role="owner", by="anna", at=AT)
    with pytest.raises(UnknownChoice, match="scope"):
        make_key(accounts, ledger, "anna", "", ["read", "owner"], by="anna", at=AT)
    with pytest.raises(UsageError, match="nothing is to change"):
        change_person(accounts, ledger, "anna", by="anna", at=AT)
    with pytest.raises(UsageError, match="nobody is named"):
        add_person(accounts, ledger, "ben", OTHER, "viewer", by=" ", at=AT)
    assert said(ledger) == [] and accounts.people.all().height == 1


def test_nothing_is_done_that_cannot_be_written(desk: tuple[Accounts, FakeLedger]) -> None:
    accounts, ledger = desk
    handle, key = make_key(accounts, ledger, "anna", "till", ["read"], by="anna", at=AT)
    ledger.fail_after = 0
    with pytest.raises(LedgerError):
        add_person(accounts, ledger, "ben", OTHER, "viewer", by="anna", at=AT)
    with pytest.raises(LedgerError):
        change_person(accounts, ledger, "anna", password=OTHER, by="anna", at=AT)
    with pytest.raises(LedgerError):
        make_key(accounts, ledger, "anna", "more", ["read"], by="anna", at=AT)
    with pytest.raises(LedgerError):
        revoke_key(accounts, ledger, handle, by="anna", at=AT)
    assert accounts.people.all().height == accounts.keys.all(None).height == 1
    assert accounts.people.check("anna", PASSWORD, AT) and accounts.keys.of(key, AT)


def test_no_secret_stands_in_the_ledger(desk: tuple[Accounts, FakeLedger]) -> None:
    accounts, ledger = desk
    change_person(accounts, ledger, "anna", password=OTHER, by="anna", at=AT)
    _, key = make_key(accounts, ledger, "anna", "till", ["read"], by="anna", at=AT)
    revoke_key(accounts, ledger, key, by="anna", at=AT)
    text = str(ledger.read("audit").rows())
    assert "canary" not in text and key.split("_", 2)[2] not in text


def test_roles_and_scopes_by_name() -> None:
    assert role_of("approver") == "approver" and scopes_of(["stop", "read", "stop"]) == {"read", "stop"}
    with pytest.raises(UnknownChoice, match="did you mean viewer"):
        role_of("viewers")
    with pytest.raises(UnknownChoice, match="did you mean quote"):
        scopes_of(["quotes"])
