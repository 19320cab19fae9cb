"""Calls to a provider: to its own host, or to a public address that was looked up once and is the very one connected to.

The host of the issuer stands in the settings, and may be inside. Where the issuer's document sends us is said by somebody else: no place
inside (OWASP, Server-Side Request Forgery Prevention). No proxy, no redirect, no compressed or endless answer.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx2

from pricesmith.adapters.webhooks.public import is_public
from pricesmith.adapters.webhooks.sender import look_up
from pricesmith.contracts.errors import ProviderError

MOST_BYTES = 1_000_000
HEADERS = {"accept-encoding": "identity", "user-agent": "pricesmith"}


def is_loopback(host: str) -> bool:
    """Is it this machine, by name or number?"""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def safe(url: str, issuer: str) -> str:
    """The address. Raises ProviderError where it is not https, but on this machine where the issuer is there too."""
    try:
        parts, own = urlsplit(url), urlsplit(issuer)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise ProviderError("an address of the provider cannot be read", hint="https://NAME/PATH") from None
    inside = parts.scheme == "http" and is_loopback(host) and is_loopback(own.hostname or "")
    if not host or "@" in parts.netloc or not url.isprintable() or not (parts.scheme == "https" or inside):
        raise ProviderError("an address of the provider is not safe", where=url[:200], hint="https://NAME/PATH without a user")
    return url


class Fenced(httpx2.BaseTransport):
    """Carries the calls to one provider."""

    def __init__(self, issuer: str, look: Callable[[str, int], list[str]] = look_up, inner: httpx2.BaseTransport | None = None) -> None:
        self.issuer, self.look = issuer, look
        self.inner = inner or httpx2.HTTPTransport(trust_env=False)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        host = httpx2.URL(safe(str(request.url), self.issuer)).host
        if host != httpx2.URL(self.issuer).host:
            request.url = request.url.copy_with(host=self._address(host, request.url.port or 443))
            request.extensions = {**request.extensions, "sni_hostname": host}
        answer = self.inner.handle_request(request)
        try:
            return self._whole(answer, host)
        finally:
            answer.close()

    def close(self) -> None:
        self.inner.close()

    def _address(self, host: str, port: int) -> str:
        """Where the name leads; refused where any of its addresses is not public."""
        try:
            found = self.look(host, port)
        except (OSError, UnicodeError):
            raise ProviderError(f"there is no {host}") from None
        if not found or not all(is_public(address) for address in found):
            raise ProviderError(f"{host} leads to an address that is not on the public internet", hint="a name of the public DNS")
        return found[0]

    def _whole(self, answer: httpx2.Response, host: str) -> httpx2.Response:
        if answer.headers.get("content-encoding", "identity") != "identity":
            raise ProviderError(f"{host} sends what was not asked for", hint="an answer without compression")
        parts, size = [], 0
        assert isinstance(answer.stream, httpx2.SyncByteStream)
        for part in answer.stream:
            size += len(part)
            if size > MOST_BYTES:
                raise ProviderError(f"{host} sends too much", hint=f"at most {MOST_BYTES} bytes")
            parts.append(part)
        headers = [(name, value) for name, value in answer.headers.raw if name.lower() != b"transfer-encoding"]
        return httpx2.Response(answer.status_code, headers=headers, content=b"".join(parts))
