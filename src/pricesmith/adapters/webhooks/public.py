"""Which addresses are on the public internet: everything that is not plainly so is refused.

What may not be asked (OWASP, Server-Side Request Forgery Prevention): this machine, private and link-local networks, the metadata services
of clouds, multicast, and every way of writing such an IPv4 address inside an IPv6 one.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from pricesmith.contracts.errors import UsageError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
LONGEST = 2000
NAME = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])")
"""A name of the public DNS: labels, and a last one that begins with a letter, so that no way of writing an IPv4 address is one."""
INNER = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "arpa", "onion", "test", "invalid")
"""Last labels that never lead to the public internet."""
GLOBAL6 = ipaddress.IPv6Network((0x2000 << 112, 3))
HOLES6 = tuple(
    ipaddress.IPv6Network((start << 96, length))
    for start, length in ((0x20010000, 23), (0x20010DB8, 32), (0x20020000, 16), (0x3FFF0000, 20))
)
"""Of 2000::/3: Teredo and its neighbours, documentation, 6to4, documentation."""
HOLES4 = tuple(
    ipaddress.IPv4Network((start, length))
    for start, length in (
        *((0x00000000, 8), (0x0A000000, 8), (0x64400000, 10), (0x7F000000, 8), (0xA9FE0000, 16)),
        *((0xAC100000, 12), (0xC0000000, 24), (0xC0000200, 24), (0xC0586300, 24), (0xC0A80000, 16)),
        *((0xC6120000, 15), (0xC6336400, 24), (0xCB007100, 24), (0xE0000000, 4), (0xF0000000, 4)),
        (0xA83F8110, 32),
    )
)
"""In order: this network, private, shared, loopback, link-local (and metadata services), private, protocols, documentation, 6to4 relays,
private, benchmarks, documentation twice, multicast, reserved (IANA's registry of special-purpose addresses; the standard library knows only
a part of it); and a metadata service that has a public address."""


PUBLIC = (
    "use a server with a name in the public DNS; one in your own network is not told, so that nobody can lead the desk there"
)


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address. path: with its query."""

    host: str
    port: int
    path: str


def target(url: str) -> Target:
    """Raises UsageError for anything but https://NAME[:PORT]/... with a name of the public DNS or a public address."""
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or any(letter in url for letter in ' \\"<>^`{|}#'):
        raise UsageError("the address of a webhook holds what no address holds", hint="https://NAME/PATH in ASCII")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise UsageError("the address of a webhook cannot be read", hint="https://NAME/PATH") from None
    if parts.scheme != "https":
        raise UsageError("a webhook is told over https alone", hint="https://NAME/PATH")
    if "@" in parts.netloc or "%" in parts.netloc:
        raise UsageError("the address of a webhook names a user", hint="https://NAME/PATH")
    if not _may_be_asked(host):
        raise UsageError(f"{host or 'no host'} is not on the public internet", hint=PUBLIC)
    if port is not None and port != 443 and not 1024 <= port <= 65535:
        raise UsageError(f"a webhook cannot be at port {port}", hint="443, or 1024 and above")
    return Target(host, port or 443, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def is_public(text: str) -> bool:
    """Whether an IP address is plainly on the public internet."""
    try:
        found: Address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return found.is_global and not any(found in hole for hole in HOLES4)
    return found.scope_id is None and found in GLOBAL6 and not any(found in hole for hole in HOLES6)


def _may_be_asked(host: str) -> bool:
    if is_public(host):
        return True
    return NAME.fullmatch(host) is not None and host.rpartition(".")[2] not in INNER
