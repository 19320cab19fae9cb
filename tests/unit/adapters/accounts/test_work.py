"""How much is done: the same for every way to fail, and little where much is asked."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from pricesmith.adapters.accounts import passwords
from pricesmith.adapters.accounts.opening import open_accounts
from pricesmith.adapters.accounts.passwords import Argon2id
from pricesmith.adapters.accounts.people import SqlPeople
from pricesmith.contracts.accounts import Accounts, Reply
from pricesmith.contracts.errors import LedgerError
from pricesmith.testing.check_accounts import AT, PASSWORD, READ
from tests.ledger_places import Place
from tests.unit.adapters.accounts.test_opening import opened


class Counted(Argon2id):
    """Says how many digests were computed, and the most at the same time."""

    def __init__(self) -> None:
        super().__init__(memory_kib=8, passes=1)
        self.computed = self.most = self.now = 0
        self.lock = threading.Lock()
        inner = self._hasher

        class Hasher:
            def verify(_, digest: str, password: bytes) -> bool:  # noqa: N805
                with self.lock:
                    self.computed, self.now = self.computed + 1, self.now + 1
                    self.most = max(self.most, self.now)
                try:
                    time.sleep(0.01)
                    return inner.verify(digest, password)
                finally:
                    with self.lock:
                        self.now -= 1

        self._hasher = Hasher()  # type: ignore[assignment]


@contextmanager
def statements(accounts: Accounts) -> Iterator[list[str]]:
    """The statements that are run inside."""
    assert isinstance(accounts.people, SqlPeople)
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    engine = accounts.people.database.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    yield seen
    sa.event.remove(engine, "before_cursor_execute", note)


def test_every_way_to_fail_is_the_same_work(tmp_path: Path) -> None:
    counted = Argon2id(memory_kib=8, passes=1)
    accounts = open_accounts("ledger.db", tmp_path, time.sleep, counted)
    accounts.people.add("root", PASSWORD, "admin", AT)
    accounts.people.add("gone", PASSWORD, "viewer", AT)
    accounts.people.change("gone", active=False)
    judge = Counted()
    assert isinstance(accounts.people, SqlPeople)
    accounts.people.passwords = judge
    done = {}
    for case, name, password in (("wrong name", "nobody", PASSWORD), ("wrong password", "root", "x"), ("inactive", "gone", PASSWORD)):
        with statements(accounts) as seen:
            assert accounts.people.check(name, password, AT) is None
        done[case] = (seen, judge.computed)
        judge.computed = 0
    for _ in range(4):
        accounts.people.check("root", "x", AT)
    judge.computed = 0
    with statements(accounts) as seen:
        assert accounts.people.check("root", PASSWORD, AT) is None
    done["closed"] = (seen, judge.computed)
    assert all(one == done["wrong name"] for one in done.values()) and done["closed"][1] == 1
    assert len(done["closed"][0]) > 3


def test_a_password_that_cannot_be_read_is_wrong() -> None:
    judge = Argon2id(memory_kib=8, passes=1)
    assert not judge.fits("$argon2id$broken", PASSWORD) and not judge.fits(None, "") and judge.fits(judge.digest(PASSWORD), PASSWORD)


def test_digests_are_as_the_cheat_sheet_says() -> None:
    digest = Argon2id().digest(PASSWORD)
    assert digest.startswith("$argon2id$v=19$m=19456,t=2,p=1$") and digest != Argon2id().digest(PASSWORD)


def test_many_who_sign_in_do_not_take_the_memory() -> None:
    judge = Counted()
    threads = [threading.Thread(target=judge.fits, args=(None, PASSWORD)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert judge.computed == 20 and 1 < judge.most <= passwords.AT_ONCE


def test_last_seen_is_written_once_a_minute(place: Place) -> None:
    accounts = opened(place)
    accounts.people.add("anna", PASSWORD, "admin", AT)
    accounts.people.check("anna", PASSWORD, AT)
    token = accounts.sessions.begin("anna", AT)
    _, key = accounts.keys.make("anna", "till", READ, AT, None)
    accounts.keys.of(key, AT)
    with statements(accounts) as seen:
        for second in range(60):
            assert accounts.sessions.of(token, AT + dt.timedelta(seconds=second))
            assert accounts.keys.of(key, AT + dt.timedelta(seconds=second))
    assert not [one for one in seen if one.startswith(("UPDATE", "INSERT", "DELETE"))]
    later = AT + dt.timedelta(minutes=1)
    assert accounts.sessions.of(token, later) and accounts.keys.of(key, later)
    assert accounts.people.all()["seen_at"].item() == accounts.keys.all(None)["seen_at"].item() == later


def test_what_is_over_is_removed(place: Place) -> None:
    """Failures, sessions and answers do not pile up."""
    accounts = opened(place)
    accounts.people.add("anna", PASSWORD, "admin", AT)
    accounts.people.check("nobody", PASSWORD, AT)
    accounts.sessions.begin("anna", AT)
    accounts.replies.claim("anna", "k", "f", AT)
    later = AT + dt.timedelta(days=8)
    accounts.people.check("anna", "wrong", later)
    accounts.sessions.begin("anna", later)
    accounts.replies.claim("anna", "other", "f", later)
    with place.raw() as connection:
        rows = [connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in ("attempts", "sessions", "replies")]
    assert rows == [1, 1, 1]


def test_an_answer_is_sealed_for_one_caller_and_key(place: Place) -> None:
    """Who changes it in the database is found out; who does not know the key cannot read it."""
    accounts = opened(place)
    accounts.replies.claim("anna", "k", "f", AT)
    accounts.replies.keep("anna", "k", Reply("f", 200, b"canary"))
    with place.raw() as connection:
        body, key = connection.execute('SELECT "body", "key" FROM "replies"').fetchone()
        assert b"canary" not in bytes(body) and key != "k"
        connection.execute('UPDATE "replies" SET "status" = 201')
    with pytest.raises(LedgerError, match="not as it was written"):
        accounts.replies.claim("anna", "k", "f", AT)


def test_a_person_who_changes_while_they_sign_in_is_not_let_in(tmp_path: Path) -> None:
    """Between the look-up and the verdict another process may set another password, or switch the person off."""
    for change in ({"password": "another horse battery"}, {"active": False}):
        folder = tmp_path / next(iter(change))
        folder.mkdir()
        accounts = open_accounts("ledger.db", folder, time.sleep, Argon2id(memory_kib=8, passes=1))
        accounts.people.add("root", PASSWORD, "admin", AT)
        accounts.people.add("anna", PASSWORD, "viewer", AT)
        other = open_accounts("ledger.db", folder, time.sleep, Argon2id(memory_kib=8, passes=1))

        class Slow(Argon2id):
            def fits(self, digest: str | None, password: str) -> bool:
                other.people.change("anna", **change)  # type: ignore[arg-type]  # noqa: B023
                return super().fits(digest, password)

        assert isinstance(accounts.people, SqlPeople)
        accounts.people.passwords = Slow(memory_kib=8, passes=1)
        assert accounts.people.check("anna", PASSWORD, AT) is None, change


def test_a_session_asks_whether_the_person_is_active(place: Place) -> None:
    """Also where somebody changed the table and left the session."""
    accounts = opened(place)
    accounts.people.add("anna", PASSWORD, "admin", AT)
    token = accounts.sessions.begin("anna", AT)
    with place.raw() as connection:
        connection.execute('UPDATE "people" SET "active" = 0')
    assert accounts.sessions.of(token, AT) is None
