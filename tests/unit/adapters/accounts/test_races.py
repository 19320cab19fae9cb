"""Many threads and processes at once: one of them wins, and the others are told."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import TypeVar

import pytest

from pricesmith.adapters.accounts import kept
from pricesmith.adapters.accounts.opening import open_accounts
from pricesmith.adapters.accounts.passwords import Argon2id
from pricesmith.contracts.accounts import Accounts, Reply
from pricesmith.contracts.errors import UsageError
from pricesmith.testing.check_accounts import AT, PASSWORD
from tests.ledger_places import Place
from tests.unit.adapters.accounts.test_opening import CHEAP, opened

T = TypeVar("T")
MANY = 12


def at_once(act: Callable[[int], T], many: int = MANY) -> list[T | str]:
    """What each of many threads got that began at the same time; the text of a refusal where it was refused."""
    together = Barrier(many)

    def run(number: int) -> T | str:
        together.wait()
        try:
            return act(number)
        except UsageError as error:
            return error.what

    with ThreadPoolExecutor(many) as pool:
        return list(pool.map(run, range(many)))


def test_a_name_is_given_once(place: Place) -> None:
    accounts = opened(place)
    said = at_once(lambda number: accounts.people.add(" aNNa"[number % 2 :], PASSWORD, "viewer", AT))
    assert said.count(None) == 1 and accounts.people.all().height == 1


def test_an_admin_is_always_left(place: Place) -> None:
    accounts = opened(place)
    for number in range(MANY):
        accounts.people.add(f"admin {number}", PASSWORD, "admin", AT)
    said = at_once(lambda number: accounts.people.change(f"admin {number}", role="viewer"))
    assert said.count(None) == MANY - 1
    assert accounts.people.all()["role"].to_list().count("admin") == 1


def test_not_more_texts_than_may_be(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "KEPT_MOST", 5)
    accounts = opened(place)
    said = at_once(lambda number: accounts.kept.put("view", "anna", f"new {number}", "x", AT))
    assert sum("kept already" in str(one) for one in said) == MANY - 5
    assert accounts.kept.all("view", "anna").height == 5


def test_a_key_is_revoked_once(place: Place) -> None:
    accounts = opened(place)
    accounts.people.add("anna", PASSWORD, "admin", AT)
    handle, _ = accounts.keys.make("anna", "till", frozenset({"read"}), AT, None)
    assert at_once(lambda _: accounts.keys.revoke(handle, None)).count(True) == 1


def test_one_takes_over_from_the_dead(place: Place) -> None:
    """A claim that nobody answered for 60 seconds."""
    accounts = opened(place)
    accounts.replies.claim("anna", "k", "f", AT)

    def take(number: int) -> Reply | None:
        found = accounts.replies.claim("anna", "k", "f", AT + dt.timedelta(seconds=60))
        if found is None:
            accounts.replies.keep("anna", "k", Reply("f", 200, b"%d" % number))
        return found

    said = at_once(take)
    assert said.count(None) == 1
    assert {one.body for one in said if isinstance(one, Reply)} == {b"%d" % said.index(None)}


class Waits(Argon2id):
    """Judges no password before all are there; every one is right."""

    def __init__(self) -> None:
        super().__init__(memory_kib=8, passes=1)
        self.all_there = Barrier(MANY)

    def fits(self, digest: str | None, password: str) -> bool:
        self.all_there.wait(30)
        return True


def test_who_guesses_many_at_once_has_five_chances(place: Place) -> None:
    """An attempt counts before it is judged."""
    accounts = open_accounts(place.address, place.folder, time.sleep, Waits())
    accounts.people.add("anna", PASSWORD, "admin", AT)
    said = at_once(lambda _: accounts.people.check("anna", "guess", AT))
    assert sum(one is not None for one in said) == 5
    assert sum(one is not None for one in at_once(lambda _: accounts.people.check("anna", "guess", AT))) == 5, "none of them failed"


def work(address: str, folder: Path, number: int, answers: multiprocessing.Queue[tuple[bool, bytes]]) -> None:
    """One process: claim, work or wait, say which."""
    accounts: Accounts = open_accounts(address, folder, time.sleep, CHEAP)
    found = accounts.replies.claim("anna", "k", "f", AT)
    if found is None:
        time.sleep(0.5)
        accounts.replies.keep("anna", "k", Reply("f", 200, b"made by %d" % number))
        answers.put((True, b"made by %d" % number))
    else:
        answers.put((False, found.body))


@pytest.mark.real
def test_processes_share_one_answer(place: Place) -> None:
    """P12 among processes; the tables are made by whoever comes first."""
    context = multiprocessing.get_context("spawn")
    answers: multiprocessing.Queue[tuple[bool, bytes]] = context.Queue()
    workers = [context.Process(target=work, args=(place.address, place.folder, number, answers)) for number in range(4)]
    for worker in workers:
        worker.start()
    got = [answers.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join(60)
    assert [worked for worked, _ in got].count(True) == 1 and len({body for _, body in got}) == 1
