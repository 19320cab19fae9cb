"""Sends to a public address: its name is looked up once, every answer of the look-up must be public, and the very address is connected to.

So a name that says one thing when it is checked and another when it is asked (DNS rebinding) gains nothing. No proxy, no redirect.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable, Mapping
from functools import cache

from pricesmith.contracts.errors import ShopError, UsageError

from .public import PUBLIC, Target, is_public, target

TIMEOUT = 10.0
Look = Callable[[str, int], list[str]]
Connect = Callable[[str, int], socket.socket]


def look_up(host: str, port: int) -> list[str]:
    """Every IP address of a name."""
    return list(dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


def connect(address: str, port: int) -> socket.socket:
    return socket.create_connection((address, port), TIMEOUT)


@cache
def _certificates() -> ssl.SSLContext:
    """Whom a receiver's certificate is checked against, read once in a process."""
    return ssl.create_default_context()


class Pinned(http.client.HTTPConnection):
    """A connection over TLS to an IP address that was checked, with the certificate of the name."""

    default_port = 443

    def __init__(self, to: Target, address: str, opened: Connect, context: ssl.SSLContext) -> None:
        super().__init__(to.host, to.port, timeout=TIMEOUT)
        self._address, self._opened, self._checked = address, opened, context

    def connect(self) -> None:
        self.sock = self._checked.wrap_socket(self._opened(self._address, self.port), server_hostname=self.host)


class PublicSender:
    """The protocol Sender."""

    def __init__(self, look: Look = look_up, opened: Connect = connect, context: ssl.SSLContext | None = None) -> None:
        self.look, self.opened, self.context = look, opened, context or _certificates()

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        to = target(url)
        address = self._address(to)
        connection = Pinned(to, address, self.opened, self.context)
        try:
            connection.request("POST", to.path, body, {**headers, "Content-Type": "application/json", "User-Agent": "pricesmith"})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            raise ShopError(f"{to.host} cannot be reached: {type(error).__name__}", hint="it is tried again") from None
        finally:
            connection.close()

    def _address(self, to: Target) -> str:
        """Where the name leads; refused where any of its addresses is not public."""
        try:
            found = self.look(to.host, to.port)
        except (OSError, UnicodeError):
            raise ShopError(f"there is no {to.host}", hint="it is tried again") from None
        inner = [address for address in found if not is_public(address)]
        if inner or not found:
            raise UsageError(f"{to.host} leads to an address that is not on the public internet", hint=PUBLIC)
        return found[0]
