"""`pricesmith quotes` in a process of its own, for tests: started, asked, ended."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SOON = 240.0
"""Seconds within which a process on a busy machine has done what it is about to do."""


class Served:
    """A running service."""

    def __init__(self, folder: Path, *words: str, **environment: str) -> None:
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - lives as long as the process
        command = [sys.executable, "-m", "pricesmith", "quotes", str(folder), "--port", "0", *words]
        self.process = subprocess.Popen(command, stderr=self._log, env={**os.environ, **environment})
        self.port = 0

    def said(self) -> str:
        self._log.seek(0)
        return self._log.read()

    def listening(self) -> int:
        """Its port, once it has one."""
        found = until(lambda: re.search(r"http://\S+:(\d+)/", self.said()), self.process)
        self.port = int(found[1])
        return self.port

    def get(self, path: str, key: str = "") -> tuple[int, dict[str, Any]]:
        """Status and body."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        request = urllib.request.Request(f"http://localhost:{self.port}/api/v1/quotes/{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=SOON) as reply:
                return reply.status, json.load(reply)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def ready(self) -> None:
        """Until the ledger was read."""
        self.listening()
        until(lambda: self.get("health")[1]["status"] == "ok", self.process)

    def end(self) -> int:
        """Ask it to end; its exit status."""
        self.process.terminate()
        return self.process.wait(SOON)


def until(holds: Callable[[], Any], process: subprocess.Popen[bytes] | None = None) -> Any:
    """What `holds` gives once it is something."""
    last = time.monotonic() + SOON
    while True:
        found = holds()
        if found:
            return found
        assert time.monotonic() < last, "it did not happen"
        assert process is None or process.poll() is None, "the process has ended"
        time.sleep(0.02)


@contextmanager
def served(folder: Path, *words: str, **environment: str) -> Iterator[Served]:
    """A service for the length of the block."""
    one = Served(folder, *words, **environment)
    try:
        yield one
    finally:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()


@dataclass(slots=True)
class Seen:
    """What a client saw: seconds of each answer, by a steady clock when it came, whether it was right, whether it was flagged stale."""

    came: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    stale: list[bool] = field(default_factory=list)


class Client:
    """Asks one after the other on each of some connections, with a pause, and keeps what came of it."""

    def __init__(self, port: int, prices: dict[str, int], connections: int = 8, pause: float = 0.02) -> None:
        self.port, self.prices, self.connections, self.pause = port, prices, connections, pause
        self.seen = Seen()

    async def run(self, seconds: float) -> Seen:
        """The answers of so many seconds."""
        self.seen = Seen()
        end = time.monotonic() + seconds
        await asyncio.gather(*(self._one(number, end) for number in range(self.connections)))
        return self.seen

    async def _one(self, number: int, end: float) -> None:
        skus = list(self.prices)
        reader, writer = await asyncio.open_connection("localhost", self.port)
        while time.monotonic() < end:
            number += 7
            sku, begun = skus[number % len(skus)], time.monotonic()
            try:
                writer.write(b"GET /api/v1/quotes/%b?channel=web&region=DE HTTP/1.1\r\nHost: localhost\r\n\r\n" % sku.encode())
                body = await asyncio.wait_for(_body(reader), 5.0)
                self._note(begun, body.get("price") == self.prices[sku], bool(body.get("stale")))
            except (OSError, ValueError, asyncio.IncompleteReadError, TimeoutError):
                self._note(begun, False, False)
                reader, writer = await asyncio.open_connection("localhost", self.port)
            await asyncio.sleep(self.pause)
        writer.close()

    def _note(self, begun: float, right: bool, stale: bool) -> None:
        now = time.monotonic()
        self.seen.came.append(now)
        self.seen.took.append(now - begun)
        self.seen.right.append(right)
        self.seen.stale.append(stale)


async def _body(reader: asyncio.StreamReader) -> dict[str, Any]:
    head = await reader.readuntil(b"\r\n\r\n")
    found = re.search(rb"Content-Length: (\d+)", head)
    assert found is not None
    body: dict[str, Any] = json.loads(await reader.readexactly(int(found[1])))
    return body
