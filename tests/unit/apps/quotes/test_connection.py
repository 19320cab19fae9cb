"""One connection: answers in order, whatever comes; nothing is held open for long, and keys are asked about beside the answering."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.apps.service.quotes.access import RENEW, Keys
from pricesmith.apps.service.quotes.connection import HALF_SECONDS, IDLE_SECONDS, STUCK_SECONDS, TURN, Connection, House
from pricesmith.contracts.accounts import Who
from tests.examples import examples
from tests.unit.apps.quotes.served import Clock, answers, get, post, split

BASE = "/api/v1/quotes"
KEY = "Authorization: Bearer ps_abc_123"
SHOP = Who("anna", frozenset({"quote"}), "key", "abc")


class Wire(asyncio.Transport):
    """What was written, and whether the connection was ended."""

    def __init__(self) -> None:
        super().__init__()
        self.written, self.state, self.reading = b"", "open", True

    def write(self, data: Any) -> None:
        assert self.state == "open"
        self.written += bytes(data)

    def close(self) -> None:
        self.state = "closed"

    def abort(self) -> None:
        self.state = "aborted"

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        assert high

    def replies(self) -> list[tuple[int, bytes]]:
        """Status and body of each answer."""
        found, rest = [], self.written
        while rest:
            head, _, rest = rest.partition(b"\r\n\r\n")
            status, headers, _ = split(head + b"\r\n\r\n")
            size = int(headers.get("Content-Length", 0))
            found.append((status, rest[:size]))
            rest = rest[size:]
        return found

    def statuses(self) -> list[int]:
        return [status for status, _ in self.replies()]


class Accounts:
    """What the accounts say of a key, when the test lets them."""

    def __init__(self, keys: Keys | None, clock: Clock) -> None:
        self.keys, self.clock, self.asked = keys, clock, 0
        self.who: Who | None = SHOP
        self.waiting: list[tuple[bytes, asyncio.Future[None]]] = []

    def ask(self, key: str, authorization: bytes) -> asyncio.Future[None]:
        assert key.startswith("ps_")
        self.asked += 1
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append((authorization, future))
        return future

    async def answer(self) -> None:
        for authorization, future in self.waiting:
            assert self.keys is not None
            self.keys.heard(authorization, self.who, self.clock.steady())
            future.set_result(None)
        self.waiting = []
        await settle()


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


class Room:
    """A server's house without a socket."""

    def __init__(self, rate: float | None = None, most: int = 1000) -> None:
        self.clock = Clock()
        keys = None if rate is None else Keys(rate)
        self.accounts = Accounts(keys, self.clock)
        self.house = House(answers(self.clock, keys), self.accounts.ask, most)

    def connect(self) -> tuple[Connection, Wire]:
        connection, wire = Connection(self.house), Wire()
        connection.connection_made(wire)
        return connection, wire


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(main())


def test_answers_come_in_order_and_the_connection_stays() -> None:
    async def main() -> None:
        connection, wire = Room().connect()
        connection.data_received(get(f"{BASE}/A001") + get(f"{BASE}/nobody") + post({"items": [{"sku": "B"}]}) + get(f"{BASE}/B")[:20])
        connection.data_received(get(f"{BASE}/B")[20:])
        assert wire.statuses() == [200, 404, 200, 200] and wire.state == "open"

    run(main)


@pytest.mark.parametrize("last", [get(f"{BASE}/B", "Connection: close"), b"GET / HTTP/1.0\r\n\r\n", b"nonsense\r\n\r\n"])
def test_the_end_comes_after_the_answer(last: bytes) -> None:
    async def main() -> None:
        room = Room()
        connection, wire = room.connect()
        connection.data_received(get(f"{BASE}/A001") + last + get(f"{BASE}/A001"))
        assert len(wire.replies()) == 2 and wire.state == "closed" and b"Connection: close" in wire.written
        connection.data_received(get(f"{BASE}/A001"))
        connection.connection_lost(None)
        assert not room.house.open

    run(main)


def test_many_requests_at_once_let_others_have_their_turn() -> None:
    async def main() -> None:
        connection, wire = Room().connect()
        connection.data_received(get(f"{BASE}/A001") * (2 * TURN + 5))
        assert len(wire.replies()) == TURN
        await settle()
        assert wire.statuses() == [200] * (2 * TURN + 5)
        connection.data_received(post({"items": [{"sku": "B"}]}) * 5)
        assert len(wire.replies()) == 2 * TURN + 5 + 2
        await settle()
        assert len(wire.replies()) == 2 * TURN + 10

    run(main)


def test_a_slow_client_is_told_and_ended() -> None:
    async def main() -> None:
        room = Room()
        connection, wire = room.connect()
        for byte in get(f"{BASE}/A001")[:-1]:
            room.clock.seconds += HALF_SECONDS / 50
            connection.data_received(bytes([byte]))
            room.house.sweep(room.clock.seconds)
            if wire.state != "open":
                break
        assert wire.statuses() == [408] and wire.state == "closed" and room.clock.seconds < HALF_SECONDS + 1.0
        room.clock.seconds += STUCK_SECONDS + 0.1
        room.house.sweep(room.clock.seconds)
        assert wire.state == "aborted"

    run(main)


def test_a_slow_body_and_an_idle_connection_end_too() -> None:
    async def main() -> None:
        room = Room()
        (half, first), (_, second) = room.connect(), room.connect()
        half.data_received(post({"items": [{"sku": "B"}]})[:-1])
        room.clock.seconds = HALF_SECONDS + 0.1
        room.house.sweep(room.clock.seconds)
        assert (first.statuses(), second.state) == ([408], "open")
        room.clock.seconds = IDLE_SECONDS + 0.1
        room.house.sweep(room.clock.seconds)
        assert second.state == "closed" and not second.written

    run(main)


def test_who_does_not_take_answers_is_not_read_and_then_ended() -> None:
    async def main() -> None:
        room = Room()
        connection, wire = room.connect()
        connection.pause_writing()
        connection.data_received(get(f"{BASE}/A001"))
        assert not wire.reading and not wire.written
        connection.resume_writing()
        await settle()
        assert wire.reading and wire.statuses() == [200]
        connection.pause_writing()
        room.clock.seconds = STUCK_SECONDS + 0.1
        room.house.sweep(room.clock.seconds)
        assert wire.state == "aborted"

    run(main)


def test_more_connections_than_allowed_are_refused() -> None:
    async def main() -> None:
        room = Room(most=1)
        room.connect()
        _, wire = room.connect()
        assert wire.statuses() == [503] and wire.state == "closed"

    run(main)


def test_a_client_that_waits_for_a_word_gets_it() -> None:
    async def main() -> None:
        connection, wire = Room().connect()
        data = post({"items": [{"sku": "B"}]}, "application/json", BASE, "Expect: 100-continue")
        head, _, body = data.partition(b"\r\n\r\n")
        connection.data_received(head + b"\r\n\r\n")
        assert wire.written == b"HTTP/1.1 100 Continue\r\n\r\n"
        wire.written = b""
        connection.data_received(body)
        assert wire.statuses() == [200]

    run(main)


def test_an_unknown_key_waits_for_the_accounts_and_what_follows_waits_too() -> None:
    async def main() -> None:
        room = Room(rate=100.0)
        (connection, wire), (other, second) = room.connect(), room.connect()
        connection.data_received(get(f"{BASE}/A001", KEY) + get(f"{BASE}/nobody", KEY))
        other.data_received(get(f"{BASE}/A001", KEY))
        assert (wire.written, wire.reading, room.accounts.asked) == (b"", False, 1)
        await room.accounts.answer()
        assert wire.statuses() == [200, 404] and second.statuses() == [200] and wire.reading
        connection.data_received(get(f"{BASE}/A001", KEY))
        assert room.accounts.asked == 1

    run(main)


def test_a_key_is_asked_about_again_beside_the_answering() -> None:
    async def main() -> None:
        room = Room(rate=100.0)
        connection, wire = room.connect()
        connection.data_received(get(f"{BASE}/A001", KEY))
        await room.accounts.answer()
        room.clock.seconds = RENEW + 0.1
        connection.data_received(get(f"{BASE}/A001", KEY))
        assert wire.statuses() == [200, 200] and room.accounts.asked == 2
        room.accounts.who = None
        await room.accounts.answer()
        connection.data_received(get(f"{BASE}/A001", KEY))
        assert wire.statuses()[-1] == 401

    run(main)


def test_without_a_key_with_a_wrong_one_and_too_often() -> None:
    async def main() -> None:
        room = Room(rate=2.0)
        connection, wire = room.connect()
        connection.data_received(get(f"{BASE}/A001") + get(f"{BASE}/health"))
        assert wire.statuses() == [401, 200] and b"WWW-Authenticate: Bearer" in wire.written and not room.accounts.asked
        connection.data_received(get(f"{BASE}/A001", KEY) * 3)
        await room.accounts.answer()
        assert wire.statuses()[2:] == [200, 200, 429] and b"Retry-After: 1\r\n" in wire.written
        room.clock.seconds = 1.0
        batch = post({"items": [{"sku": "B"}] * 51}, "application/json", BASE, KEY)
        connection.data_received(batch + get(f"{BASE}/A001", KEY))
        await settle()
        assert wire.statuses()[5:] == [200, 429], "51 items count as two requests"

    run(main)


def test_the_accounts_never_answer_who_has_gone() -> None:
    async def main() -> None:
        room = Room(rate=2.0)
        connection, wire = room.connect()
        connection.data_received(get(f"{BASE}/A001", KEY))
        connection.connection_lost(None)
        await room.accounts.answer()
        assert not wire.written

    run(main)


def test_a_house_that_closes_ends_idle_connections_and_answers_the_others() -> None:
    async def main() -> None:
        room = Room()
        (_, idle), (half, busy) = room.connect(), room.connect()
        half.data_received(get(f"{BASE}/A001")[:30])
        room.house.closing = True
        room.house.sweep(0.0)
        assert (idle.state, busy.state) == ("closed", "open")
        half.data_received(get(f"{BASE}/A001")[30:])
        assert busy.statuses() == [200] and busy.state == "closed"
        _, late = room.connect()
        assert late.statuses() == [503]

    run(main)


PIECES = st.sampled_from(
    [get(f"{BASE}/A001"), get(f"{BASE}/%22", KEY), post({"items": [{"sku": "B"}]}), post(b"[]"), b"\r\n", b"GET ", b"Host: a\r\n\r\n", b"{"]
)


@given(st.lists(PIECES | st.binary(max_size=40), max_size=8), st.booleans())
@examples(200)
def test_no_bytes_break_a_connection(parts: list[bytes], locked: bool) -> None:
    async def main() -> None:
        room = Room(rate=100.0 if locked else None)
        connection, wire = room.connect()
        for part in parts:
            connection.data_received(part)
        await settle()
        await room.accounts.answer()
        whole = Room(rate=100.0 if locked else None)
        other, second = whole.connect()
        other.data_received(b"".join(parts))
        await settle()
        await whole.accounts.answer()
        assert wire.replies() == second.replies() and wire.state == second.state
        assert all(status in (200, 400, 401, 404, 405, 411, 413, 415, 417, 421, 422, 431, 505) for status in wire.statuses())

    run(main)
