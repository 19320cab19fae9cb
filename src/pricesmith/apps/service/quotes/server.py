"""The process that answers: one event loop, one table in memory, one keeper beside it."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import signal
import socket
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pricesmith.contracts.accounts import Who
from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.protocols import Store
from pricesmith.contracts.publishing import GuardPolicy

from .access import Keys
from .answer import Answers
from .connection import Connection, House
from .feed import Feed

LAST_SECONDS = 5.0
"""For which requests that have begun may go on when the server ends."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the command was told.

    rate      requests a second of one key
    patience  seconds without a reading of the ledger after which quotes are stale
    who       what the accounts say of a key; raises where they cannot be read; None: nobody has an account, and no key is needed
    """

    folder: Path
    host: str
    port: int
    rate: float
    patience: float
    who: Callable[[str], Who | None] | None
    store: Store
    guards: GuardPolicy


def check_host(host: str, open_: bool) -> None:
    """Raises UsageError where the service could be reached from elsewhere and nobody has an account."""
    if open_ and not is_loopback(host):
        hint = "add a person first, or listen on localhost"
        raise UsageError("whoever reaches this host could ask for prices, and nobody has an account", where=f"--host {host}", hint=hint)


def is_loopback(host: str) -> bool:
    """Whether every address of a host name is this machine's own."""
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except OSError:
        return False
    return bool(found) and all(ipaddress.ip_address(address.partition("%")[0]).is_loopback for address in found)


def serve(settings: Settings, say: Callable[[str], None]) -> None:
    """Until SIGTERM or SIGINT. Raises UsageError where the port cannot be had."""
    check_host(settings.host, settings.who is None)
    _run(_serve(settings, say))


def _run(main: Coroutine[Any, Any, None]) -> None:
    """On uvloop where it is installed."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main)


async def _serve(settings: Settings, say: Callable[[str], None]) -> None:
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    answers, house = house_of(settings)
    feed = Feed(settings.folder, settings.store, settings.guards, answers, say)
    await feed.take()
    try:
        server = await loop.create_server(lambda: Connection(house), settings.host, settings.port, backlog=1024)
    except OSError as error:
        reason = (error.strerror or "cannot be used").lower()
        raise UsageError(
            f"cannot be listened on: {reason}", where=f"{settings.host}:{settings.port}", hint="choose another --port"
        ) from None
    port = server.sockets[0].getsockname()[1]
    say(f"quotes of {settings.folder} at http://{settings.host}:{port}/api/v1/quotes")
    feeding, sweeping = asyncio.create_task(feed.run()), asyncio.create_task(_sweep(house))
    await over.wait()
    server.close()
    await _end(house)
    for task in (feeding, sweeping):
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def house_of(settings: Settings) -> tuple[Answers, House]:
    """What answers, and what holds its connections."""
    asked = settings.who
    keys = None if asked is None else Keys(settings.rate)
    hosts = frozenset({b"localhost", b"[::1]", *_loopback_names(settings.host)}) if asked is None else None
    answers = Answers(keys, hosts, settings.patience)
    pool = ThreadPoolExecutor(2, thread_name_prefix="accounts")

    async def ask(key: str, authorization: bytes) -> None:
        assert asked is not None and keys is not None
        try:
            who = await asyncio.get_running_loop().run_in_executor(pool, asked, key)
        except Exception:  # whatever keeps the accounts from answering: prices go on for those who were known
            keys.unheard(authorization, answers.steady())
        else:
            keys.heard(authorization, who, answers.steady())

    return answers, House(answers, lambda key, authorization: asyncio.ensure_future(ask(key, authorization)))


def _loopback_names(host: str) -> set[bytes]:
    found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    return {host.lower().encode(), *(f"[{one}]".encode() if ":" in one else one.encode() for one in found)}


async def _sweep(house: House) -> None:
    while True:
        await asyncio.sleep(1.0)
        house.sweep(house.answers.steady())


async def _end(house: House) -> None:
    """Idle connections end at once, others after their answer."""
    house.closing = True
    loop = asyncio.get_running_loop()
    last = loop.time() + LAST_SECONDS
    while house.open and loop.time() < last:
        house.sweep(house.answers.steady())
        await asyncio.sleep(0.02)
    for one in list(house.open):
        one.abort()
