"""A connection that can fail: carries requests to a made platform, and breaks as told."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx

Fault = Literal["busy", "timeout", "reset", "broken", "denied", "unreachable"]
WAIT = 7


@dataclass(slots=True)
class Wire(httpx.BaseTransport):
    """A transport to a function that answers requests.

    answer   the made platform
    writes   True for a request that changes prices
    faults   met by the next requests, one each: `busy` (429 with Retry-After), `timeout` (carried out, no answer), `reset` (not carried
             out), `broken` (500), `denied` (401 that repeats what was sent), `unreachable`
    only     meet faults at requests that change prices, letting others through
    sent     requests that arrived, in order
    """

    answer: Callable[[httpx.Request], httpx.Response]
    writes: Callable[[httpx.Request], bool]
    faults: list[Fault] = field(default_factory=list)
    only: bool = True
    sent: list[httpx.Request] = field(default_factory=list)

    @property
    def written(self) -> list[httpx.Request]:
        return [request for request in self.sent if self.writes(request)]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        if not self.faults or (self.only and not self.writes(request)):
            return self._carry(request)
        return self._fail(self.faults.pop(0), request)

    def _fail(self, fault: Fault, request: httpx.Request) -> httpx.Response:
        if fault == "unreachable":
            raise httpx.ConnectError("refused", request=request)
        if fault == "timeout":
            self._carry(request)
            raise httpx.ReadTimeout("no answer", request=request)
        self.sent.append(request)
        if fault == "reset":
            raise httpx.ReadError("connection reset", request=request)
        if fault == "busy":
            return httpx.Response(429, headers={"retry-after": str(WAIT)}, text="slow down", request=request)
        words = " ".join([str(request.url), *request.headers.values(), request.content.decode("utf-8", "replace")])
        return httpx.Response(500 if fault == "broken" else 401, text=words, request=request)

    def _carry(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        response = self.answer(request)
        response.request = request
        return response


class Heard(logging.Handler):
    """Every line that anything logs, from the finest level on, while it is attached to the root logger."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())

    def __enter__(self) -> Heard:
        root = logging.getLogger()
        self._level = root.level
        root.setLevel(logging.NOTSET + 1)
        root.addHandler(self)
        return self

    def __exit__(self, *_: Any) -> None:
        root = logging.getLogger()
        root.removeHandler(self)
        root.setLevel(self._level)
