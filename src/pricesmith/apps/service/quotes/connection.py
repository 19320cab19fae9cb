"""One connection: requests in, answers out, in their order. Time, size and number of what a client may hold open are bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from .access import secret
from .answer import Answers
from .parse import Parser, Request
from .records import Refused

HALF_SECONDS, IDLE_SECONDS, STUCK_SECONDS = 10.0, 75.0, 10.0
"""Seconds for a request that has begun, for a connection without one, and for answers that nobody takes."""
TURN, BATCH_COST, MOST_WAITING = 64, 32, 512 * 1024
"""Requests answered before other connections get their turn, what a batch counts as, and bytes of answers not yet taken."""
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_FULL = Refused(503, "too_many_connections", "too many connections", "try again soon", close=True, headers=b"Retry-After: 1\r\n")


@dataclass(slots=True)
class House:
    """All connections of a server.

    ask  asks the accounts about a key, and keeps what they say
    """

    answers: Answers
    ask: Callable[[str, bytes], asyncio.Future[None]]
    most: int = 1000
    open: set[Connection] = field(default_factory=set)
    closing: bool = False
    _asked: dict[bytes, asyncio.Future[None]] = field(default_factory=dict)

    def sweep(self, now: float) -> None:
        """End what has taken too long; to be called every second."""
        for one in list(self.open):
            one.judge(now)

    def about(self, authorization: bytes) -> asyncio.Future[None] | None:
        """The question to the accounts about a key that is under way, begun where it is due; None where there is none."""
        keys = self.answers.keys
        if keys is not None and authorization not in self._asked and keys.due(authorization, self.answers.steady(), len(self._asked)):
            future = self._asked[authorization] = self.ask(secret(authorization), authorization)
            future.add_done_callback(lambda _: self._asked.pop(authorization, None))
        return self._asked.get(authorization)


class Connection(asyncio.Protocol):
    """One client."""

    __slots__ = ("_ended", "_full", "_held", "_house", "_parser", "_since", "_steady", "_transport")

    def __init__(self, house: House) -> None:
        self._house, self._parser = house, Parser()
        self._steady = house.answers.steady
        self._transport: asyncio.Transport | None = None
        self._held: Request | None = None
        self._since = self._steady()
        self._full = self._ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=MOST_WAITING)
        if len(self._house.open) >= self._house.most or self._house.closing:
            self._end(_FULL)
        self._house.open.add(self)

    def connection_lost(self, _exc: Exception | None) -> None:
        self._transport, self._ended = None, True
        self._house.open.discard(self)

    def data_received(self, data: bytes) -> None:
        if not self._parser.waits:
            self._since = self._steady()
        self._parser.feed(data)
        self._work()

    def pause_writing(self) -> None:
        self._full, self._since = True, self._steady()
        self._flow()

    def resume_writing(self) -> None:
        self._full, self._since = False, self._steady()
        self._flow()
        asyncio.get_running_loop().call_soon(self._work)

    def _flow(self) -> None:
        """Take no bytes while the ones that came cannot be answered."""
        if self._transport is None or self._ended:
            return
        if self._full or self._held is not None:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def judge(self, now: float) -> None:
        """End the connection where it has waited for too long, or is idle when the server ends."""
        age, transport = now - self._since, self._transport
        if transport is None or self._held is not None:
            return
        if self._full or self._ended:
            if age > STUCK_SECONDS:
                transport.abort()
        elif self._parser.waits:
            if age > HALF_SECONDS:
                self._end(Refused(408, "too_slow", f"a request comes within {HALF_SECONDS:.0f} s", close=True))
        elif age > IDLE_SECONDS or self._house.closing:
            transport.close()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _work(self) -> None:
        """Answer what has come, up to one turn."""
        out: list[bytes] = []
        more = self._turn(out)
        if out and self._transport is not None:
            self._transport.write(out[0] if len(out) == 1 else b"".join(out))
        if more:
            asyncio.get_running_loop().call_soon(self._work)

    def _turn(self, out: list[bytes]) -> bool:
        """Answers of one turn; whether there may be more to answer."""
        cost = 0
        while not (self._ended or self._full or self._held is not None):
            if cost >= TURN:
                return True
            try:
                request = self._parser.next()
            except Refused as refused:
                self._write_last(out, self._house.answers.problem(refused))
                return False
            if request is None:
                if self._parser.continues:
                    self._parser.continues = False
                    out.append(_CONTINUE)
                return False
            cost += BATCH_COST if request.body else 1
            self._since = self._steady()
            self._answer(request, out)
        return False

    def _answer(self, request: Request, out: list[bytes]) -> None:
        try:
            reply = self._house.answers.reply(request)
        except Refused as refused:
            reply = self._house.answers.problem(refused, request)
        keys, authorization = self._house.answers.keys, request.headers.authorization
        if keys is not None and (reply is None or keys.knows(authorization)):
            question = self._house.about(authorization)
            if reply is None and question is not None:
                self._hold(request, question)
                return
        if reply is None:
            busy = Refused(503, "accounts", "too many keys are being checked", "try again soon", headers=b"Retry-After: 1\r\n")
            reply = self._house.answers.problem(busy, request)
        if request.headers.close or self._house.closing:
            self._write_last(out, reply)
        else:
            out.append(reply)

    def _hold(self, request: Request, question: asyncio.Future[None]) -> None:
        """Wait for the accounts before this request, and all after it, are answered."""
        self._held = request
        self._flow()
        question.add_done_callback(lambda _: self._go_on())

    def _go_on(self) -> None:
        request, self._held = self._held, None
        if request is None or self._ended:
            return
        self._flow()
        out: list[bytes] = []
        self._answer(request, out)
        if out and self._transport is not None:
            self._transport.write(b"".join(out))
        self._work()

    def _write_last(self, out: list[bytes], reply: bytes) -> None:
        """This answer, and then the end."""
        self._ended, self._since = True, self._steady()
        if self._transport is not None:
            self._transport.write(b"".join([*out, reply]))
            self._transport.close()
        out.clear()

    def _end(self, refused: Refused) -> None:
        self._write_last([], self._house.answers.problem(refused))
