"""The one way to a shop: where it may go, how fast, when it waits, and what it never tells."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest

from pricesmith.adapters.shops import _caller
from pricesmith.adapters.shops._address import Address, is_loopback
from pricesmith.adapters.shops._caller import Caller, NoAnswerError, retry_after
from pricesmith.adapters.shops._redact import Redactor
from pricesmith.contracts.errors import ShopBusy, ShopError
from pricesmith.contracts.shop import Capability, Surroundings
from pricesmith.testing.fake_shop import START, VirtualClock

FREE = Capability(unit="minor", tax="channel", batch=1, across=True, atomic=True)
URL = "https://shop.example/api"


def caller(
    answer: Callable[[httpx.Request], httpx.Response],
    clock: VirtualClock | None = None,
    *,
    slow: bool = False,
    waits: Callable[[float], None] = lambda _seconds: None,
    **more: Any,
) -> Caller:
    clock = clock or VirtualClock()
    allowed = Capability(unit="minor", tax="channel", batch=1, across=True, atomic=True, per_second=2.0, burst=3) if slow else FREE
    around = Surroundings(clock, clock.sleep, np.random.default_rng(0), httpx.MockTransport(answer), waits)
    return Caller(URL, around, allowed, **more)


def fine(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"path": request.url.path})


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.example",
        "ftp://shop.example",
        "http://shop.example/api",
        "https://user:word@shop.example",
        "https://shop.example/?token=1",
        "https://shop.example/#part",
        "https://shop .example",
        "https://[fe80::1]/",
        "https://[::]/",
        "https://[::ffff:a9fe:a9fe]/latest",
        "https://shop.example:port/",
        "https:///api",
    ],
)
def test_unsafe_addresses_are_refused(url: str) -> None:
    with pytest.raises(ShopError):
        Address(url)


def test_link_local_numbers_are_refused() -> None:
    number = ".".join(["169", "254", "169", "254"])
    with pytest.raises(ShopError, match="host"):
        Address(f"https://{number}/latest/meta-data")


def test_this_machine_may_be_without_tls() -> None:
    assert is_loopback("localhost")
    assert is_loopback("::1")
    assert not is_loopback("localhost.shop.example")
    assert Address("http://[::1]:9000/api/").base == "http://[::1]:9000/api"


def test_pages_of_another_host_are_not_followed() -> None:
    address = Address(URL)
    assert address.join("/a") == f"{URL}/a"
    assert address.join("https://shop.example/next?page=2") == "https://shop.example/next?page=2"
    for other in ("https://evil.example/next", "http://shop.example/next", "https://shop.example.evil.example/next"):
        with pytest.raises(ShopError, match="another host"):
            address.join(other)


def test_redirects_are_not_followed() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.host)
        return httpx.Response(302, headers={"location": "https://evil.example/"})

    with pytest.raises(ShopError, match="elsewhere"):
        caller(answer).call("GET", "x")
    assert seen == ["shop.example"]


def test_cookies_are_not_kept() -> None:
    seen: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("cookie"))
        return httpx.Response(200, headers={"set-cookie": "session=1; Path=/"}, json={})

    target = caller(answer)
    for _ in range(3):
        target.call("GET", "x")
    assert seen == [None] * 3


def test_calls_keep_to_the_rate() -> None:
    clock = VirtualClock()
    times: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        times.append((clock() - START).total_seconds())
        return fine(request)

    target = caller(answer, clock, slow=True)
    for _ in range(23):
        target.call("GET", "x")
    assert times[:3] == [0.0] * 3
    assert 10.0 <= times[-1] <= 11.0
    gaps = np.diff(times[3:])
    assert gaps.min() >= 0.45
    assert len({round(gap, 6) for gap in gaps}) > 10, "waits are spread"


def test_a_clock_that_jumps_back_gives_no_tokens() -> None:
    clock = VirtualClock()
    target = caller(fine, clock, slow=True)
    for _ in range(3):
        target.call("GET", "x")
    clock.at -= dt.timedelta(hours=1)
    before = clock()
    target.call("GET", "x")
    assert clock() > before


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        ("1.5", 1.5),
        ("Mon, 02 Mar 2026 09:02:00 GMT", 120.0),
        ("Mon, 02 Mar 2026 08:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text}, START) == seconds


def test_a_patient_call_waits_and_an_impatient_one_does_not() -> None:
    clock = VirtualClock()
    answers = [
        httpx.Response(429, headers={"retry-after": "40"}),
        httpx.Response(503, headers={"retry-after": "5"}),
        httpx.Response(200, json={}),
    ]
    target = caller(lambda _: answers.pop(0), clock)
    with target.patiently():
        assert target.call("GET", "x").status == 200
    assert 45.0 <= (clock() - START).total_seconds() <= 50.0
    answers[:] = [httpx.Response(429, headers={"retry-after": "3600"})]
    with target.patiently(), pytest.raises(ShopBusy) as busy:
        target.call("GET", "x")
    assert busy.value.wait == 3600.0
    clock.sleep(3600.0)
    answers[:] = [httpx.Response(429, headers={"retry-after": "1"})]
    with pytest.raises(ShopBusy):
        target.call("GET", "x")


ONCE = 60.0
"""Seconds between calls that a shop keeps refusing, at last; with jitter."""


@pytest.mark.parametrize("headers", [{}, {"retry-after": "0"}, {"retry-after": "1"}, {"retry-after": "70"}])
def test_a_shop_that_says_no_for_ever_is_given_up(headers: dict[str, str]) -> None:
    """A shop that asks to wait again and again is asked ever less often, is given up after five minutes, and others hear of each wait."""
    clock, calls, told = VirtualClock(), [], []

    def refuse(_: httpx.Request) -> httpx.Response:
        calls.append(clock())
        return httpx.Response(429, headers=headers)

    target = caller(refuse, clock, waits=told.append)
    with target.patiently(), pytest.raises(ShopBusy, match=r"\(429\).* after \d+ s of waiting; 300 s") as given_up:
        target.call("GET", "x")
    assert "run the command again later" in given_up.value.hint
    assert 4 <= len(calls) <= 10
    assert 150.0 < (clock() - START).total_seconds() <= 300.0
    gaps = [(later - sooner).total_seconds() for sooner, later in itertools.pairwise(calls)]
    usual = [min(gap, ONCE) for gap in gaps]
    assert usual == sorted(usual)
    assert min(gaps) >= float(headers.get("retry-after", 1))
    assert gaps == pytest.approx(told)


def test_patience_begins_anew_with_every_call() -> None:
    """A long reading of many calls may wait for each."""
    clock = VirtualClock()
    answers = [httpx.Response(429, headers={"retry-after": "200"}), httpx.Response(200, json={})] * 5
    target = caller(lambda _: answers.pop(0), clock)
    with target.patiently():
        assert [target.call("GET", "x").status for _ in range(5)] == [200] * 5
    assert clock() - START >= dt.timedelta(seconds=1000)


def test_a_503_without_a_wait_is_no_answer() -> None:
    with pytest.raises(NoAnswerError) as lost:
        caller(lambda _: httpx.Response(503, text="overloaded")).call("POST", "x", json={})
    assert lost.value.code == "http_503"


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"price": NaN}', b'{"price": Infinity}', b"[" * 100_000])
def test_what_is_not_json_is_no_answer(body: bytes) -> None:
    answer = caller(lambda _: httpx.Response(200, content=body)).call("GET", "x")
    with pytest.raises(NoAnswerError):
        _ = answer.json


def test_long_answers_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_caller, "MOST_BYTES", 1000)
    with pytest.raises(ShopError, match="longer"):
        caller(lambda _: httpx.Response(200, content=b"x" * 1001)).call("GET", "x")


def test_messages_hold_no_secret_in_any_form() -> None:
    redactor = Redactor(("user/name:pa ss/word+1",))
    for form in ("user/name:pa ss/word+1", "pa%20ss%2Fword%2B1", "pa+ss%2Fword%2B1", "dXNlci9uYW1lOnBhIHNzL3dvcmQrMQ==", "pa ss\\/word+1"):
        assert "word" not in redactor.clean(f"bad: {form}."), form
        assert "dXNlci" not in redactor.clean(form)
    assert redactor.clean("line\nand\x1b[31m more") == "line and [31m more"
    assert len(redactor.clean("x" * 5000)) == 300


def test_headers_are_secrets() -> None:
    target = caller(lambda request: httpx.Response(400, text=str(dict(request.headers))), headers={"x-token": "abcdef-123456"})
    with pytest.raises(ShopError) as refused:
        target.call("GET", "x")
    assert "abcdef" not in str(refused.value)
