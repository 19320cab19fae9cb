"""Where calls to a provider may go, and what may come back."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Callable

import httpx2
import pytest

from pricesmith.adapters.oidc.fenced import MOST_BYTES, Fenced, safe
from pricesmith.contracts.errors import ProviderError
from tests.oidc_issuer import NAME, Issuer


def dotted(number: int) -> str:
    return str(ipaddress.IPv4Address(number))


OUTSIDE, LOOPBACK, PRIVATE, METADATA = (dotted(number) for number in (0x5DB8D70E, 0x7F000001, 0x0A000001, 0xA9FEA9FE))


def client(found: list[str], answer: Callable[[httpx2.Request], httpx2.Response], issuer: str = NAME) -> httpx2.Client:
    """Looks every name up as `found`."""
    return httpx2.Client(transport=Fenced(issuer, lambda _host, _port: found, httpx2.MockTransport(answer)))


def well(_request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, json={})


def test_another_host_is_looked_up_once_and_connected_to_there() -> None:
    seen: list[httpx2.Request] = []
    with client([OUTSIDE], lambda request: seen.append(request) or well(request)) as asks:
        asks.get("https://keys.example/jwks")
    assert (seen[0].url.host, seen[0].headers["host"], seen[0].extensions["sni_hostname"]) == (OUTSIDE, "keys.example", "keys.example")


INSIDE = [PRIVATE, LOOPBACK, METADATA, dotted(0xC0A80101), dotted(0), "::1", "fd00::1", f"::ffff:{PRIVATE}"]


@pytest.mark.parametrize("address", INSIDE)
def test_another_host_that_is_inside_is_not_asked(address: str) -> None:
    with client([OUTSIDE, address], _never) as asks, pytest.raises(ProviderError, match="not on the public internet"):
        asks.get("https://keys.example/jwks")


def _never(request: httpx2.Request) -> httpx2.Response:
    raise AssertionError(f"{request.url} was asked")


UNSAFE = (
    "http://login.example/token",
    "http://localhost/token",
    "https://user@login.example/token",
    "ftp://login.example/token",
    "https:///token",
    "//login.example/token",
    "https://login.example\n/token",
    "https://[::1/token",
    "https://login.example:99999/token",
    "javascript:alert(1)",
    "",
)


@pytest.mark.parametrize("place", UNSAFE)
def test_an_address_that_is_not_safe_is_refused(place: str) -> None:
    with pytest.raises(ProviderError):
        safe(place, NAME)


@pytest.mark.parametrize("place", ["http://localhost/token", f"http://{LOOPBACK}/token", "http://[::1]:3000/token"])
def test_this_machine_may_be_asked_where_the_issuer_is_there(place: str) -> None:
    assert safe(place, f"http://{LOOPBACK}:3000") == place


LED = [
    *((name, place) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri") for place in (None, "http://login.example/x")),
    *((name, place) for name in ("token_endpoint", "jwks_uri") for place in (f"https://{METADATA}/x", f"https://{PRIVATE}/x")),
]


@pytest.mark.parametrize(("name", "place"), LED)
def test_a_document_that_leads_inside_is_not_followed(name: str, place: str | None) -> None:
    issuer = Issuer(document={name: place})
    provider = issuer.provider()
    with pytest.raises(ProviderError):
        address, errand = provider.begin("https://desk.example/sign-in/back", "/")
        brought = issuer.agrees(address)
        provider.finish(errand, brought["code"], NAME, dt.datetime.now(dt.UTC))
    assert {request.url.host for request in issuer.calls} == {"login.example"}


def test_what_is_too_much_or_packed_is_refused() -> None:
    with client([], lambda _request: httpx2.Response(200, content=b"x" * (MOST_BYTES + 1))) as asks, pytest.raises(ProviderError):
        asks.get(NAME)
    packed = httpx2.Response(200, headers={"content-encoding": "gzip"}, stream=httpx2.ByteStream(b"x"))
    with client([], lambda _request: packed) as asks, pytest.raises(ProviderError):
        asks.get(NAME)


def test_a_redirect_is_not_followed() -> None:
    issuer = Issuer(answers={"/.well-known/openid-configuration": httpx2.Response(302, headers={"location": "https://elsewhere.example"})})
    with pytest.raises(ProviderError, match="status 302"):
        issuer.provider().begin("https://desk.example/sign-in/back", "/")
    assert len(issuer.calls) == 1
