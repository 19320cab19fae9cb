"""Keys are remembered for seconds: a revoked one ends within ten, a good one goes on while the accounts cannot be read, for a while."""

from __future__ import annotations

import pytest

from pricesmith.apps.service.quotes.access import GRACE, MOST_ASKED, MOST_KEYS, MOST_STRANGERS, RENEW, VALID, Bucket, Keys, secret
from pricesmith.apps.service.quotes.records import Refused
from pricesmith.contracts.accounts import Who

KEY = b"Bearer ps_abc_123"
SHOP = Who("anna", frozenset({"quote"}), "key", "abc")


def status(keys: Keys, now: float, key: bytes = KEY) -> int:
    """200, what it is refused with, or 0 where the accounts must be asked first."""
    try:
        return 200 if keys.bucket(key, now) else 0
    except Refused as refused:
        return refused.problem.status


@pytest.mark.parametrize("header", [b"", b"Basic abc", b"Bearer", b"Bearer abc", b"Bearer ps_a b", b"Bearer ps_" + b"a" * 191, b"ps_abc"])
def test_what_is_no_key_is_refused_without_asking(header: bytes) -> None:
    keys = Keys(10.0)
    assert status(keys, 0.0, header) == 401 and not keys.knows(header) and secret(header) == ""


def test_an_unknown_key_is_asked_about_first() -> None:
    keys = Keys(10.0)
    assert status(keys, 0.0) == 0 and keys.due(KEY, 0.0, 0) and secret(KEY) == "ps_abc_123" == secret(b"bearer  ps_abc_123")
    keys.heard(KEY, SHOP, 0.0)
    assert status(keys, 1.0) == 200 and not keys.due(KEY, RENEW, 0) and keys.due(KEY, RENEW + 0.1, 0)


def test_a_revoked_key_ends_within_ten_seconds() -> None:
    keys = Keys(10.0)
    keys.heard(KEY, SHOP, 0.0)
    assert VALID < 10.0 and status(keys, VALID) == 200 and status(keys, VALID + 0.001) == 0, "an old answer is asked for again"
    keys.heard(KEY, None, VALID)
    assert status(keys, VALID + 0.1) == 401
    keys.heard(KEY, SHOP, VALID + RENEW)
    assert status(keys, VALID + RENEW) == 200


def test_scopes() -> None:
    keys = Keys(10.0)
    keys.heard(KEY, Who("anna", frozenset({"read"}), "key", "abc"), 0.0)
    assert status(keys, 0.0) == 403


def test_a_good_key_goes_on_while_the_accounts_cannot_be_read() -> None:
    keys, now = Keys(10.0), 0.0
    keys.heard(KEY, SHOP, now)
    while now < GRACE - RENEW:
        now += RENEW + 0.5
        assert keys.due(KEY, now, 0)
        keys.unheard(KEY, now)
        assert status(keys, now) == 200
    now = GRACE + 1.0
    keys.unheard(KEY, now)
    assert status(keys, now) == 503
    keys.heard(KEY, SHOP, now + VALID)
    assert status(keys, now + VALID) == 200


def test_grace_is_for_who_keeps_asking() -> None:
    keys = Keys(10.0)
    keys.heard(KEY, SHOP, 0.0)
    keys.unheard(KEY, 5.0)
    assert status(keys, 5.0 + VALID) == 200 and status(keys, 5.1 + VALID) == 0, "the accounts are asked before it goes on"
    keys.unheard(KEY, 600.0)
    assert status(keys, 600.0) == 200 and status(keys, GRACE + 0.1) == 0


def test_an_unknown_or_wrong_key_gets_no_grace() -> None:
    keys = Keys(10.0)
    keys.unheard(KEY, 0.0)
    assert status(keys, 0.1) == 503
    keys.heard(KEY, None, 10.0)
    keys.unheard(KEY, 20.0)
    assert status(keys, 20.1) == 503


def test_questions_at_once_are_bounded_and_strangers_leave_room() -> None:
    keys = Keys(10.0)
    keys.heard(KEY, SHOP, 0.0)
    assert keys.due(b"other", 9.0, MOST_STRANGERS - 1) and not keys.due(b"other", 9.0, MOST_STRANGERS)
    assert keys.due(KEY, 9.0, MOST_STRANGERS) and not keys.due(KEY, 9.0, MOST_ASKED)


def test_keys_remembered_are_bounded() -> None:
    keys = Keys(10.0)
    for number in range(MOST_KEYS + 5):
        keys.heard(b"Bearer ps_%d" % number, None if number % 2 else Who("a", frozenset({"quote"}), "key", str(number)), 0.0)
    assert not keys.knows(b"Bearer ps_4") and keys.knows(b"Bearer ps_5")


def test_a_bucket_refills_and_says_how_long_to_wait() -> None:
    bucket = Bucket(10.0, 10.0, 0.0)
    for _ in range(10):
        bucket.take(1.0, 0.0)
    with pytest.raises(Refused) as caught:
        bucket.take(1.0, 0.05)
    assert caught.value.problem.status == 429 and caught.value.headers == b"Retry-After: 1\r\n"
    bucket.take(1.0, 0.2)
    with pytest.raises(Refused):
        bucket.take(10.0, 0.9)
    bucket.take(20.0, 2.0)
    with pytest.raises(Refused):
        bucket.take(1.0, 2.9)
    bucket.take(1.0, 3.2)


def test_one_key_has_one_bucket_however_it_is_written() -> None:
    keys = Keys(1.0)
    for header in (KEY, b"bearer  ps_abc_123"):
        keys.heard(header, SHOP, 0.0)
    assert keys.bucket(KEY, 0.0) is keys.bucket(b"bearer  ps_abc_123", 0.0)
