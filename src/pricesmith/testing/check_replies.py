"""What idempotency keys must keep to: one works, everybody else gets the same answer, and nobody waits for the dead."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from pricesmith.contracts.accounts import Accounts, Reply
from pricesmith.contracts.errors import LedgerError, UsageError

from ._refused import refused

Make = Callable[[Callable[[float], None]], Accounts]

AT = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)
SECOND, DAY = dt.timedelta(seconds=1), dt.timedelta(days=1)
DONE = Reply("f", 201, b'{"made": "\xe4\xb8\xad\x00"}')
MANY = 50


def check_replies(make: Make) -> None:
    """Raise AssertionError with the promise that answers break."""
    _check_answers(make(_never))
    _check_other_bodies(make(_never))
    _check_patience(make)
    _check_dead_owner(make)
    _check_many(make(time.sleep))


def _never(seconds: float) -> None:
    raise AssertionError(f"waits {seconds} s where an answer is there")


def _check_answers(accounts: Accounts) -> None:
    """The same answer for 7 days, to the same caller, with the same key."""
    replies = accounts.replies
    assert replies.claim("anna", "k", "f", AT) is None
    replies.keep("anna", "k", DONE)
    assert replies.claim("anna", "k", "f", AT) == replies.claim("anna", "k", "f", AT + 7 * DAY - SECOND) == DONE
    replies.release("anna", "k")
    assert replies.claim("anna", "k", "f", AT) == DONE, "what was done is not given back"
    replies.keep("anna", "k", Reply("f", 500, b"late"))
    assert replies.claim("anna", "k", "f", AT) == DONE, "the first answer stays"
    for caller, key in (("ben", "k"), ("anna", "K"), ("ann", "ak")):
        assert replies.claim(caller, key, "f", AT) is None, "another caller or key is something else"
        replies.release(caller, key)
        assert replies.claim(caller, key, "other", AT) is None, "what was given back can be used anew"
    assert replies.claim("anna", "k", "f", AT + 7 * DAY) is None, "7 days"


def _check_other_bodies(accounts: Accounts) -> None:
    """The key with another body is refused, before and after the answer; so is an answer that nobody claimed."""
    replies = accounts.replies
    replies.claim("anna", "k", "f", AT)
    for late in (0, 100):
        with refused("another body while the first is under way", UsageError):
            replies.claim("anna", "k", "g", AT + late * SECOND)
    with refused("an answer to another body", LedgerError):
        replies.keep("anna", "k", Reply("g", 200, b""))
    replies.keep("anna", "k", DONE)
    with refused("another body after the answer", UsageError):
        replies.claim("anna", "k", "g", AT)
    with refused("an answer that nobody claimed", LedgerError):
        replies.keep("ben", "k", DONE)
    for caller, key in (("", "k"), ("anna", ""), ("anna", "x" * 201), ("anna", "a\0")):
        with refused(f"caller {caller!r} with key {key[:9]!r}", UsageError):
            replies.claim(caller, key, "f", AT)


def _check_patience(make: Make) -> None:
    """Who waits does so for a bounded time, and is told."""
    waited: list[float] = []
    replies = make(waited.append).replies
    replies.claim("anna", "k", "f", AT)
    with refused("a claim that is under way", UsageError):
        replies.claim("anna", "k", "f", AT + SECOND)
    assert 5 < sum(waited) < 15 and max(waited) <= 0.5, "seconds"


def _check_dead_owner(make: Make) -> None:
    """A claim whose owner died frees itself after 60 seconds, also while somebody waits; only one takes it."""
    replies = make(_never).replies
    replies.claim("anna", "k", "f", AT)
    assert replies.claim("anna", "k", "f", AT + 60 * SECOND) is None
    replies.keep("anna", "k", DONE)
    assert replies.claim("anna", "k", "f", AT + 60 * SECOND) == DONE
    waited: list[float] = []
    replies = make(waited.append).replies
    replies.claim("anna", "k", "f", AT)
    assert replies.claim("anna", "k", "f", AT + 58 * SECOND) is None and 1.5 < sum(waited) < 2.5
    with refused("a claim that was taken just now", UsageError):
        replies.claim("anna", "k", "f", AT + 61 * SECOND)


def _check_many(accounts: Accounts) -> None:
    """P12: one of many at once works, the others get its bytes, another body is refused."""
    replies, together = accounts.replies, Barrier(MANY)

    def ask(number: int) -> Reply | None:
        together.wait()
        found = replies.claim("anna", "k", "f", AT)
        if found is None:
            time.sleep(0.2)
            replies.keep("anna", "k", Reply("f", 201, f"made by {number}".encode()))
        return found

    def ask_otherwise(number: int) -> str:
        together.wait()
        try:
            return f"{number} got {replies.claim('anna', 'k', 'g', AT)}"
        except UsageError as error:
            return error.what

    with ThreadPoolExecutor(MANY) as pool:
        answers = list(pool.map(ask, range(MANY)))
        others = list(pool.map(ask_otherwise, range(MANY)))
    assert answers.count(None) == 1, "exactly one works"
    made = Reply("f", 201, f"made by {answers.index(None)}".encode())
    assert [reply for reply in answers if reply is not None] == [made] * (MANY - 1), "the same bytes"
    assert len(set(others)) == 1 and "another body" in others[0]
