"""Runs the desk in this process until it is told to end."""

from __future__ import annotations

import ipaddress
import secrets
import socket
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from threading import Event, Thread

from pricesmith.apps.web.render import lay_out
from pricesmith.contracts.errors import UsageError
from pricesmith.flows import wiring
from pricesmith.flows.desk.guide.start import begin
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.desk.reading.warming import keep_warm
from pricesmith.flows.desk.webhooks.endpoints import secret_of
from pricesmith.flows.desk.webhooks.telling import Telling
from pricesmith.flows.publishing.office import office

from .ask import Desk
from .going_on import go_on, tell_on
from .jobs import Jobs

LOOPBACK = frozenset({"localhost", str(ipaddress.IPv4Address(0x7F000001)), "::1"})


def desk_of(folder: Path, names: Sequence[str] = ()) -> Desk:
    """The desk of a shop folder; an empty one becomes a new shop. Raises LedgerError and PolicyError where it cannot be opened.

    names  host names under which it may be asked for, beside those of the loopback
    """
    folder = folder.resolve()  # jobs run inside it and are told it in their commands
    begin(folder)
    place = office(folder)
    reading = Reading(place)
    hosts = LOOPBACK | {name.lower() for name in names}
    accounts, provider = wiring.accounts_of(folder, place.policy), wiring.provider_of(place.policy)
    return Desk(reading, accounts, Jobs(folder, place.now), secrets.token_bytes(32), hosts, provider)


def serve(
    folder: Path,
    host: str,
    port: int,
    *,
    names: Sequence[str] = (),
    behind_proxy: bool = False,
    elsewhere: bool = False,
    ready: Callable[[str], None] = print,
) -> None:
    """Serve until interrupted. Raises UsageError for an address beyond this machine where nobody has an account.

    elsewhere  take a free port where that one is taken
    """
    import uvicorn

    from .app import application
    from .routes import every

    desk = desk_of(folder, [*names, host])
    if host not in LOOPBACK and desk.open_:
        hint = "`pricesmith people DIR add NAME --role admin` makes the first account"
        raise UsageError(f"whoever reaches {host} could set prices: nobody has an account", hint=hint)
    listening = _listen(host, port, elsewhere)
    ready(f"http://{host}:{listening.getsockname()[1]}")
    ended = Event()
    Thread(target=_ready, args=(desk.reading, ended.wait), daemon=True).start()
    Thread(target=go_on, args=(desk, ended.wait), daemon=True).start()
    telling = Telling(desk.reading, desk.accounts.kept, wiring.webhook_sender(), partial(secret_of, folder))
    Thread(target=tell_on, args=(telling, ended.wait), daemon=True).start()
    loopback = str(ipaddress.IPv4Address(0x7F000001))
    config = uvicorn.Config(
        application(desk, every()),
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=3,
        proxy_headers=behind_proxy,
        forwarded_allow_ips=loopback,
    )
    try:
        uvicorn.Server(config).run([listening])
    finally:
        ended.set()
        desk.jobs.close()


def _ready(reading: Reading, wait: Callable[[float], bool]) -> None:
    lay_out()
    keep_warm(reading, wait)


def _listen(host: str, port: int, elsewhere: bool) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        if elsewhere and port:
            return _listen(host, 0, elsewhere)
        hint = "--port 0 takes a free one" if port else "check the name"
        raise UsageError(f"cannot listen on {host} port {port}: {(error.strerror or str(error)).lower()}", hint=hint) from None
