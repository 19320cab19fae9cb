"""P37: after everything was used, no password, token or key stands in the database, in a log, or in an error."""

from __future__ import annotations

import datetime as dt
import logging
import time
import traceback
from pathlib import Path

import pytest

from pricesmith.adapters.accounts.opening import open_accounts
from pricesmith.contracts.accounts import Reply
from pricesmith.contracts.errors import PricesmithError
from pricesmith.flows.desk.people.acts import add_person, change_person, make_key, revoke_key
from pricesmith.testing.check_accounts import AT
from tests.ledger_places import Place, PostgresPlace
from tests.unit.adapters.accounts.test_opening import CHEAP

PASSWORDS = ("canary-8qz1-first-password", "canary-8qz1-second-password", "canary-8qz1-wrong-password", "canary-8qz")
TYPED = "typed-7kx-password-in-the-field-of-the-name"
IDEMPOTENCY, BODY = "canary-8qz1-idempotency-key", "canary-8qz1-body-with-a-password"


def use(place: Place) -> list[str]:
    """Do all that can be done; returns the secrets."""
    accounts, ledger = open_accounts(place.address, place.folder, time.sleep, CHEAP), place.open()
    add_person(accounts, ledger, "anna", PASSWORDS[0], "admin", by="operator", at=AT)
    assert accounts.people.check("anna", PASSWORDS[0], AT) and not accounts.people.check("anna", PASSWORDS[2], AT)
    assert accounts.people.check(TYPED, TYPED, AT) is None
    token, ended = accounts.sessions.begin("anna", AT), accounts.sessions.begin("anna", AT)
    accounts.sessions.end(ended)
    assert accounts.sessions.of(token, AT + dt.timedelta(minutes=5)) and not accounts.sessions.of(token + "x", AT)
    assert accounts.replies.claim("anna", IDEMPOTENCY, BODY, AT) is None
    _, key = make_key(accounts, ledger, "anna", "till", ["read"], by="anna", at=AT)
    accounts.replies.keep("anna", IDEMPOTENCY, Reply(BODY, 201, f'{{"key": "{key}"}}'.encode()))
    again = accounts.replies.claim("anna", IDEMPOTENCY, BODY, AT)
    assert again is not None and key.encode() in again.body, "the answer that shows the key is given again"
    _, revoked = make_key(accounts, ledger, "anna", "old", ["read"], by="anna", at=AT)
    assert accounts.keys.of(key, AT) and revoke_key(accounts, ledger, revoked, by="anna", at=AT) and not accounts.keys.of(revoked, AT)
    change_person(accounts, ledger, "anna", password=PASSWORDS[1], by="anna", at=AT)
    said = [refusal(lambda: change_person(accounts, ledger, "anna", password=PASSWORDS[3], by="anna", at=AT))]
    said += [refusal(lambda: accounts.replies.claim("anna", IDEMPOTENCY, f"{BODY} too", AT))]
    with place.raw() as connection:
        connection.execute('ALTER TABLE "people" RENAME TO "gone"')
    said += [refusal(lambda: accounts.people.check("anna", PASSWORDS[1], AT)), refusal(lambda: accounts.keys.of(key, AT))]
    secrets = ["canary-8qz", token, ended, *(part for one in (key, revoked) for part in (one, one.split("_", 2)[2]))]
    assert not [secret for secret in secrets for text in said if secret in text]
    return secrets


def refusal(act: object) -> str:
    assert callable(act)
    with pytest.raises(PricesmithError) as caught:
        act()
    return "".join(traceback.format_exception(caught.value))


def test_no_secret_is_kept_or_told(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    if isinstance(place, PostgresPlace):
        for setting in ("log_statement = 'all'", "log_min_duration_statement = 0", "log_parameter_max_length = -1"):
            place.server.sql(f"ALTER ROLE postgres SET {setting}")
    try:
        with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, "sqlalchemy.engine"):
            secrets = use(place)
    finally:
        if isinstance(place, PostgresPlace):
            place.server.sql("ALTER ROLE postgres RESET ALL")
    told = caplog.text.encode()
    assert b"INSERT INTO api_keys" in told, "the log shows every statement with its values"
    files = kept(place)
    assert not [where for where, data in files.items() if where != "server" and TYPED.encode() in data], (
        "a name that nobody has is not kept"
    )
    found = {"log": told, **files}
    hidden = [secret.encode() for secret in secrets]
    leaks = [(where, secret) for where, data in found.items() for secret in hidden if secret in data or secret.hex().encode() in data]
    assert not leaks
    assert any(b"till" in data for data in found.values()), "what is no secret is found this way"


def kept(place: Place) -> dict[str, bytes]:
    """Every file, and for a server its dump and log."""
    files: dict[str, bytes] = {path.name: path.read_bytes() for path in sorted(place.folder.rglob("*")) if path.is_file()}
    if isinstance(place, PostgresPlace):
        log = (Path(place.server.folder) / "log").read_bytes()
        assert b"api_keys" in log
        return {**files, "dump": place.server.dump(), "server": log}
    return files
