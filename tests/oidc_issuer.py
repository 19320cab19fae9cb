"""A small provider of OpenID Connect in memory, which can be made to lie."""

from __future__ import annotations

import base64
import hashlib
import time
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from pricesmith.adapters.oidc.provider import OidcProvider
from pricesmith.contracts.signing_in import OidcPolicy

NAME, CLIENT, SECRET = "https://login.example", "desk", "canary-0fb2c9d1-a-secret"
POLICY = OidcPolicy(issuer=NAME, client_id=CLIENT, roles={"pricing": "analyst", "heads": "approver", "it": "admin"})


@cache
def some_key() -> RSAKey:
    """Made once: the search for its primes takes a fifth of a second."""
    return RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})


@dataclass
class Issuer:
    """Signs with `signer`, publishes `key`. claims: replace those of an ID token, None takes one away; document: its own, replaced so."""

    key: Any = field(default_factory=some_key)
    signer: Any = None
    alg: str = "RS256"
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "u-1", "preferred_username": "Clara", "groups": ["staff", "heads"]})
    claims: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, httpx2.Response | Exception] = field(default_factory=dict)
    calls: list[httpx2.Request] = field(default_factory=list)
    codes: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def transport(self) -> httpx2.MockTransport:
        return httpx2.MockTransport(self.handle)

    def provider(self, policy: OidcPolicy = POLICY) -> OidcProvider:
        return OidcProvider(policy, SECRET, self.transport)

    def agrees(self, address: str) -> dict[str, str]:
        """The person says yes: what the browser brings back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked["nonce"], asked["code_challenge"]
        return {"code": code, "state": asked["state"], "iss": NAME, "session_state": "of its own"}

    def handle(self, request: httpx2.Request) -> httpx2.Response:
        self.calls.append(request)
        known = self.answers.get(request.url.path)
        if isinstance(known, Exception):
            raise known
        if known is not None:
            return known
        return {
            "/.well-known/openid-configuration": self._described,
            "/keys": lambda _request: httpx2.Response(200, json={"keys": [self.key.as_dict(private=False)]}),
            "/token": self._token,
            "/me": lambda _request: httpx2.Response(200, json={**self.person, **self.told}),
        }[request.url.path](request)

    def _described(self, _request: httpx2.Request) -> httpx2.Response:
        places = {"authorization_endpoint": "/auth", "token_endpoint": "/token", "jwks_uri": "/keys", "userinfo_endpoint": "/me"}
        return httpx2.Response(200, json={"issuer": NAME, **{name: NAME + place for name, place in places.items()}, **self.document})

    def _token(self, request: httpx2.Request) -> httpx2.Response:
        asked = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        named = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        assert request.headers["authorization"] == f"Basic {named}"
        nonce, challenge = self.codes.pop(asked["code"], ("", ""))
        proved = base64.urlsafe_b64encode(hashlib.sha256(asked["code_verifier"].encode()).digest()).decode().rstrip("=")
        if proved != challenge:
            return httpx2.Response(400, json={"error": "invalid_grant"})
        return httpx2.Response(200, json={"access_token": "a", "token_type": "Bearer", "id_token": self.signed(nonce)})

    def signed(self, nonce: str) -> str:
        now = int(time.time())
        usual = {"iss": NAME, "aud": CLIENT, "nonce": nonce, "iat": now, "exp": now + 300, **self.person, **self.claims}
        claims = {name: value for name, value in usual.items() if value is not None}
        key = self.signer or self.key
        return jwt.encode({"alg": self.alg, "kid": "one"}, claims, key, algorithms=[self.alg])


def stranger() -> RSAKey:
    """A key of somebody else, under the same name."""
    return RSAKey.generate_key(2048, {"kid": "one"})


def shared() -> OctKey:
    """The client's secret as a key, which whoever serves the client knows."""
    return OctKey.import_key(SECRET, {"kid": "one"})


def elliptic() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": "one", "use": "sig"})
