"""Where calls may go: one address, over TLS or within this machine, and nothing beside it."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from pricesmith.contracts.errors import ShopError


class Address:
    """The address of a shop's API.

    base  scheme, host, port and path, without a slash at the end
    Raises ShopError where calls to it would not be safe.
    """

    def __init__(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            host, _port = parts.hostname or "", parts.port
        except ValueError:
            raise ShopError("is no address", where="url", hint="such as https://shop.example/api") from None
        if parts.username is not None or parts.password is not None:
            raise ShopError("holds a user or password", where="url", hint="secrets stand in the environment or a keyring")
        if not host or parts.query or parts.fragment or any(mark.isspace() or not mark.isprintable() for mark in url):
            raise ShopError(f"{url!r} is no address of an API", where="url", hint="such as https://shop.example/api")
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
            raise ShopError(f"{url!r} is not safe: the secret would travel in the clear", where="url", hint="use https://")
        if _is_odd(host):
            raise ShopError(f"{host!r} is no host of a shop", where="url", hint="link-local and unspecified addresses are refused")
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.base = url.rstrip("/")

    def join(self, path: str) -> str:
        """The address of a path below the base; a whole address must be of the same origin."""
        if "://" in path:
            if not path.startswith(f"{self.origin}/"):
                raise ShopError("the shop points to another host", where=self.base, hint="nothing was sent there")
            return path
        return f"{self.base}/{path.lstrip('/')}" if path else self.base


def is_loopback(host: str) -> bool:
    """Is it this machine, by name or number?"""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _is_odd(host: str) -> bool:
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(number, "ipv4_mapped", None) or number
    return mapped.is_link_local or mapped.is_unspecified or mapped.is_multicast
